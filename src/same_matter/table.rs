//! How the tables of rules are read: whole, or not at all.

use serde::de::DeserializeOwned;
use thiserror::Error;

use crate::date::PartialDate;

/// Why a table is refused.
#[derive(Debug, Error)]
pub enum TableError {
    /// It is no such table.
    #[error("the table `{0}` is malformed: {1}")]
    Malformed(&'static str, csv::Error),
    /// A value of a row is none of its column.
    #[error("the row `{0}` has no valid `{1}`")]
    Value(String, &'static str),
    /// A row is called verified and does not say what it rests on.
    #[error("the row `{0}` is called verified without a day, a beginning or a source")]
    Unfounded(String),
    /// Two rows have one id.
    #[error("two rows are called `{0}`")]
    Twice(String),
}

/// The rows of a table with a header.
pub(super) fn read<T: DeserializeOwned>(
    name: &'static str,
    text: &str,
) -> Result<Vec<T>, TableError> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.deserialize();
    rows.collect::<Result<_, _>>()
        .map_err(|fault| TableError::Malformed(name, fault))
}

/// Who has checked a row against its text, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// Who.
    pub by: String,
    /// On which day.
    pub on: PartialDate,
}

impl Verification {
    /// `None` where nobody has; a refusal where somebody has and it is not said what.
    pub(super) fn parse(
        id: &str,
        by: &str,
        on: &str,
        begins: &str,
        source: &str,
    ) -> Result<Option<Self>, TableError> {
        let unfounded = || TableError::Unfounded(id.to_owned());
        if by.trim().is_empty() {
            return if on.is_empty() {
                Ok(None)
            } else {
                Err(unfounded())
            };
        }
        let on = PartialDate::parse(on).ok_or_else(unfounded)?;
        if source.trim().is_empty() || PartialDate::parse(begins).is_none() {
            return Err(unfounded());
        }
        Ok(Some(Self {
            by: by.to_owned(),
            on,
        }))
    }
}

/// A date of a column that may be empty.
pub(super) fn date(
    id: &str,
    column: &'static str,
    text: &str,
) -> Result<Option<PartialDate>, TableError> {
    match text {
        "" => Ok(None),
        text => PartialDate::parse(text)
            .map(Some)
            .ok_or_else(|| TableError::Value(id.to_owned(), column)),
    }
}
