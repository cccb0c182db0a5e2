//! Feeds of the calendar: credentials of their own, of which the secret is kept as a keyed
//! hash alone.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "calendar_feed")
        .key("id")
        .text("subject", true)
        .id("mechanism", true)
        .text("client", true)
        .text("scope", true)
        .number("epoch", true)
        .text("name", true)
        .bytes("secret", true)
        .number("created_at", true)
        .number("until", true)
        .number("revoked_at", false)
        .create(manager, &[&["mechanism"], &["subject"], &["until"]])
        .await
});
