//! Feeds of changes: what was written, and what each view held when it was last looked at.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // In the transaction of what is written; without a record, anything may have changed.
    NewTable::named(manager, "outbox")
        .key("id")
        .number("n", true)
        .text("kind", false)
        .id("record", false)
        .create(manager, &[&["n"]])
        .await?;
    // A view: what viewers who may see the same are told. Its name is a hash of what makes it.
    NewTable::named(manager, "feed_view")
        .text_key("view")
        .id("mechanism", false)
        // How often it was begun anew, and how often it was looked at.
        .number("begun", true)
        .number("looked", true)
        // The number of its last change.
        .number("last", true)
        // Up to where in the outbox it was looked at, when, and when time alone changes it.
        .number("n", true)
        .number("at", true)
        .number("until", true)
        .text("standing", true)
        .create(manager, &[])
        .await?;
    // For how long a view has held a record: from one change of the view to another.
    NewTable::named(manager, "feed_record")
        .text("view", true)
        .text("kind", true)
        .id("record", true)
        .number("appeared", true)
        .number("changed", true)
        .number("gone", false)
        .text("told", true)
        .keyed_by(&["view", "record", "appeared"])
        .create(manager, &[&["view", "changed"], &["view", "gone"]])
        .await
});
