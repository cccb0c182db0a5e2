//! Places of a docket where nobody can be, as each mechanism has said it: known to whoever
//! knows its procedure, and so to who works figures out.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // A list stays as it was loaded; the latest of a mechanism is in force.
    NewTable::named(manager, "statistic_zero_list")
        .key("id")
        .id("mechanism", true)
        .number("n", true)
        .text("version", true)
        .text("subject", true)
        .number("at", true)
        .create(manager, &[&["mechanism", "n"]])
        .await?;
    NewTable::named(manager, "statistic_zero")
        .points_to("list", "statistic_zero_list", true)
        .number("row", true)
        .text("country", false)
        .text("rights", false)
        .text("outcome", false)
        .text("first_quarter", false)
        .text("last_quarter", false)
        .keyed_by(&["list", "row"])
        .create(manager, &[])
        .await
});
