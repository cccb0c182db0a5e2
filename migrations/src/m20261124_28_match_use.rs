//! How many blinded elements each mechanism has had evaluated, day by day.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "match_use")
        .id("mechanism", true)
        .number("day", true)
        .number("elements", true)
        .keyed_by(&["mechanism", "day"])
        .create(manager, &[])
        .await
});
