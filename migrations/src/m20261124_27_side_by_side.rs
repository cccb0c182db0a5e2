//! Each side's word that an overlap may be looked at side by side.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "side_by_side")
        .id("signal", true)
        .id("mechanism", true)
        .text("subject", true)
        .text("basis", true)
        .number("at", true)
        .keyed_by(&["signal", "mechanism"])
        .create(manager, &[])
        .await
});
