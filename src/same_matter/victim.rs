//! What the check compares of one alleged victim.

use crate::{confidentiality::facts::CountryCode, date::PartialDate};

/// One alleged victim of one communication, as it was when the check was asked for.
///
/// Group communications are compared victim by victim.
#[derive(Clone, Copy)]
pub struct Victim<'a> {
    /// The whole name, in each way in which it is written; the two least alike first.
    pub spellings: &'a [&'a str],
    /// The date of birth, as far as it is known.
    pub born: Option<&'a PartialDate>,
    /// When the event happened, as far as it is known.
    pub happened: Option<&'a PartialDate>,
    /// The States that the communication is against.
    pub countries: &'a [CountryCode],
}
