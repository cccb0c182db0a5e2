//! To whom an entry of the log is told, and the key by which a person finds the own ones.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // Each owner counts its own entries: a number of all would tell of others'.
    NewTable::named(manager, "audit_entry")
        .key("id")
        .id("owner", true)
        .number("seq", true)
        .number("n", true)
        .text("kind", true)
        .id("record", false)
        .id("actor", false)
        // The officer, where it is the owner's own.
        .text("subject", false)
        .create(manager, &[&["owner", "seq"], &["record"]])
        .await?;
    // Empty once the person's file was erased: no entry is theirs any more.
    NewTable::named(manager, "audit_subject")
        .key("person")
        .bytes("sealed", true)
        .create(manager, &[])
        .await
});
