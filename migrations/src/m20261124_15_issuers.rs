//! Subjects of other issuers, each a holder here by an officer's word.
//!
//! A row is its mechanism's own: that another mechanism has one for the same subject shows
//! to nobody. Of two the earlier counts.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "mapping")
        .text("issuer", true)
        .text("subject", true)
        .text("holder", true)
        .id("mechanism", true)
        .text("client", true)
        .text("scope", true)
        .text("cap", true)
        // That of the day: what is revoked since has ended the row.
        .number("epoch", true)
        .number("place", true)
        .keyed_by(&["issuer", "subject", "mechanism"])
        .create(manager, &[&["mechanism"], &["holder"]])
        .await
});
