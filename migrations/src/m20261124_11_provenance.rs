//! Provenance: which imported row a record has come from, by owner, provider and id.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // The owner comes first: what another mechanism has imported is not even looked at.
    NewTable::named(manager, "provenance")
        .id("owner", true)
        .text("provider", true)
        .text("external_id", true)
        .text("kind", true)
        .id("record", true)
        .bytes("content_hash", true)
        .number("imported_at", true)
        .text("file", true)
        .number("line", true)
        .keyed_by(&["owner", "provider", "external_id"])
        .create(manager, &[&["record"]])
        .await
});
