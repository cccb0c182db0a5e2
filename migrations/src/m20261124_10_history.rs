//! What records said before, what is asked of their owners, and what holders are told of.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "history")
        .key("id")
        .id("record", true)
        .number("at", true)
        .number("n", true)
        .text("field", true)
        .number("level", true)
        .text("before", false)
        .text("after", false)
        .text("subject", true)
        .create(manager, &[&["record", "n"]])
        .await?;
    NewTable::named(manager, "lowering")
        .key("id")
        .id("record", true)
        .text("kind", true)
        .text("field", true)
        .number("level", true)
        .text("reason", true)
        .text("status", true)
        .text("subject", true)
        .number("asked_at", true)
        .create(manager, &[&["record"]])
        .await?;
    NewTable::named(manager, "lowering_approval")
        .id("lowering", true)
        .id("mechanism", true)
        .text("subject", true)
        .number("at", true)
        .keyed_by(&["lowering", "mechanism"])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "notification")
        .key("id")
        .id("mechanism", true)
        .text("holder", false)
        .text("type", true)
        .text("kind", true)
        .id("record", true)
        .number("at", true)
        .number("n", true)
        .create(manager, &[&["mechanism", "n"]])
        .await
});
