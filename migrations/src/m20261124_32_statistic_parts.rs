//! What a release of statistics is counted from, frozen with it, and who has agreed to it.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // Told to nobody: only tables of it are, with what is small withheld.
    NewTable::named(manager, "statistic_part")
        .points_to("release", "statistic_release", true)
        .id("mechanism", true)
        .text("quarter", true)
        .text("country", true)
        .text("rights", true)
        .text("outcome", true)
        .number("persons", true)
        .number("largest", true)
        .keyed_by(&[
            "release",
            "mechanism",
            "quarter",
            "country",
            "rights",
            "outcome",
        ])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "statistic_word")
        .points_to("release", "statistic_release", true)
        .id("mechanism", true)
        .text("subject", true)
        .number("at", true)
        .flag("proposes", true)
        .keyed_by(&["release", "mechanism", "proposes"])
        .create(manager, &[])
        .await
});
