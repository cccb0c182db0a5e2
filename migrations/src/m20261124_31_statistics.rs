//! Releases of statistics, and their cells: one without a number is withheld.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "statistic_release")
        .texts(&["status", "dimensions", "first_quarter", "last_quarter"])
        .texts(&["algorithm", "code_version", "counted_on", "released_on"])
        .number("threshold", false)
        .number("retired_at", false)
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "statistic_cell")
        .points_to("release", "statistic_release", true)
        .number("place", true)
        .text("coordinates", true)
        .number("persons", false)
        .keyed_by(&["release", "place"])
        .create(manager, &[])
        .await
});
