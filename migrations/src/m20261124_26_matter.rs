//! Whether another secretariat holds the same matter: questions, signals, and matters whose
//! names are never on the hub.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "blind_matter")
        .key("id")
        .id("mechanism", true)
        .text("handle", true)
        .text("countries", true)
        .text("registered_on", false)
        .text("subject", true)
        .number("at", true)
        .create(manager, &[&["mechanism"]])
        .await?;
    // The snapshot is what was asked with: it is never changed.
    NewTable::named(manager, "same_matter_check")
        .key("id")
        .id("mechanism", true)
        .id("communication", false)
        .id("matter", false)
        .number("version", true)
        .text("snapshot", true)
        .number("tokens", true)
        .text("holder", true)
        .number("asked_at", true)
        .number("due_at", true)
        .number("compared_at", false)
        .create(
            manager,
            &[
                &["mechanism", "asked_at"],
                &["communication"],
                &["matter"],
                &["compared_at"],
            ],
        )
        .await?;
    // The owner's: who has asked is in the check alone.
    NewTable::named(manager, "same_matter_signal")
        .key("id")
        .id("check_id", true)
        .id("mechanism", true)
        .id("probe", true)
        .id("element", true)
        .id("communication", false)
        .id("person", false)
        .id("matter", false)
        .text("signal", true)
        .number("raised_at", true)
        .number("due_at", true)
        .text("answer", false)
        .text("told", false)
        .text("holder", false)
        .number("answered_at", false)
        .create(
            manager,
            &[
                &["check_id"],
                &["mechanism", "raised_at"],
                &["communication"],
                &["person"],
                &["matter"],
            ],
        )
        .await
});
