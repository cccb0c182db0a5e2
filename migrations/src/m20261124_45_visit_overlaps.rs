//! Signals that two mechanisms plan to visit one State, and how far the hub has looked.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // Of the plans nothing is kept: a State and a quarter, and who was told.
    NewTable::named(manager, "visit_overlap")
        .key("id")
        .id("agreement", true)
        .id("mechanism", true)
        .text("country", true)
        .text("quarter", true)
        .number("told_at", true)
        .create(manager, &[&["agreement"], &["mechanism"]])
        .await?;
    NewTable::named(manager, "visit_overlap_round")
        .number("n", true)
        .keyed_by(&["n"])
        .create(manager, &[])
        .await
});
