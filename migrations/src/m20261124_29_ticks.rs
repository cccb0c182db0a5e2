//! The outer tree of the log: one leaf a tick, whether the log has grown or not.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // `size` is that of the log then; nonce and words of the leaf are worked out again.
    NewTable::named(manager, "audit_tick")
        .number("n", true)
        .number("slot", true)
        .number("size", true)
        .bytes("leaf", true)
        .keyed_by(&["n"])
        .create(manager, &[&["size"]])
        .await?;
    NewTable::named(manager, "audit_tick_node")
        .number("level", true)
        .number("place", true)
        .bytes("hash", true)
        .keyed_by(&["level", "place"])
        .create(manager, &[])
        .await
});
