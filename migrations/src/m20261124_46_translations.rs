//! Texts of records in other languages, and in which language the original is.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    // It has no label of its own: a text is told where the field is that it says in another
    // language. Where `text` is absent, the row says in which language the field itself is.
    NewTable::named(manager, "translation")
        .id("record", true)
        .text("field", true)
        .text("language", true)
        .text("status", true)
        .text("text", false)
        .text("made_by", false)
        .text("made_on", false)
        // A hash of the original that was translated: another one is out of date.
        .text("of", false)
        .number("at", true)
        .keyed_by(&["record", "field", "language"])
        .create(manager, &[])
        .await
});
