//! Overrides of consent for a vital interest, which two officers find.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // In force, it is a consent under the same id.
    NewTable::named(manager, "vital_interest")
        .key("id")
        .points_to("person", "person", true)
        .id("recipient", true)
        .text("purpose", true)
        .text("fields", true)
        .text("reason", true)
        .text("subject", true)
        .number("asked_at", true)
        .text("confirmed_by", false)
        .number("confirmed_at", false)
        .create(manager, &[&["person"]])
        .await
});
