//! How a text has come to be in a language.

use super::codes::codes;

codes! {
    /// How a text has come to be in a language.
    pub TranslationStatus {
        /// It is the text itself, in the language in which it was written or adopted.
        Original => "ORIGINAL",
        /// A translation that the body, or its organisation, has issued as its own.
        Official => "OFFICIAL",
        /// A translation that somebody has made, and no body has issued.
        Unofficial => "UNOFFICIAL",
        /// A translation that a machine has made.
        Machine => "MACHINE",
    }
}
