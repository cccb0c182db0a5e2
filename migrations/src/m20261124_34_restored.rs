//! What a restore has left to be looked at, and who has looked.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // One row, where the hub was ever restored.
    NewTable::named(manager, "restored")
        .text_key("id")
        .number("at", true)
        .number("opened_at", false)
        .create(manager, &[])
        .await?;
    // Mechanisms of whose records nobody but their owners is told until an officer has looked.
    NewTable::named(manager, "restored_mechanism")
        .key("mechanism")
        .number("at", true)
        .number("confirmed_at", false)
        .text("subject", false)
        .create(manager, &[])
        .await?;
    // What the log has of the time since the backup, for each mechanism whose it is; without
    // one, for the registrar.
    NewTable::named(manager, "restored_entry")
        .key("id")
        .id("mechanism", false)
        .number("n", true)
        .number("at", true)
        .text("kind", true)
        .text("record_kind", false)
        .id("record", false)
        .text("fields", true)
        .number("done", true)
        .create(manager, &[&["mechanism", "n"]])
        .await
});
