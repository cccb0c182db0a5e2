//! Epochs, the keys of mechanisms in them, and each mechanism's copy of a person's key.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "key_epoch")
        .key("id")
        .number("n", true)
        .text("month", true)
        .number("started_at", true)
        .number("emptied_at", false)
        .text("root", true)
        .bytes("wrapped", true)
        .create(manager, &[&["n"]])
        .await?;
    NewTable::named(manager, "mechanism_key")
        .id("mechanism", true)
        .points_to("epoch", "key_epoch", true)
        .bytes("wrapped", true)
        .keyed_by(&["mechanism", "epoch"])
        .create(manager, &[&["epoch"]])
        .await?;
    NewTable::named(manager, "person_key")
        .id("person", true)
        .id("mechanism", true)
        .id("key_id", true)
        .points_to("epoch", "key_epoch", true)
        .bytes("wrapped", true)
        .bytes("commitment", true)
        .keyed_by(&["person", "mechanism"])
        .create(manager, &[&["epoch"]])
        .await?;
    NewTable::named(manager, "field_mark")
        .id("person", true)
        .text("field", true)
        .number("version", true)
        .bytes("mark", true)
        .keyed_by(&["person", "field", "version"])
        .create(manager, &[])
        .await
});
