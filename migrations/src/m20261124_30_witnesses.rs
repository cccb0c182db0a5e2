//! The institutions that witness the log, and what each has signed last.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "audit_witness")
        .text_key("name")
        // As `name+hash+key`, and whose it is.
        .text("key", true)
        .text("mechanism", true)
        .number("since", true)
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "audit_cosignature")
        .text_key("witness")
        .number("size", true)
        .number("at", true)
        .text("note", true)
        .create(manager, &[])
        .await
});
