//! The record of disclosures and acts.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "audit_leaf")
        .number("n", true)
        .number("time", true)
        .text("kind", true)
        .text("body", true)
        .bytes("leaf", true)
        .bytes("chain", true)
        .keyed_by(&["n"])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "audit_reason")
        .number("n", true)
        .bytes("sealed", true)
        .keyed_by(&["n"])
        .create(manager, &[])
        .await
});
