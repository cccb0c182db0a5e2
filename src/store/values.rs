//! Values that an act writes, checked as they are given.

use async_graphql::MaybeUndefined;
use sea_orm::Value;

use super::act::{ActError, RefusalCode, check_text};
use crate::{
    date::PartialDate,
    vocabulary::{is_theme, no_theme},
};

/// Bytes of a line at most.
pub const LINE: usize = 300;
/// Bytes of a text at most.
pub const TEXT: usize = 20_000;
/// Entries of a list at most.
pub const LIST: usize = 100;

/// A line of text.
///
/// # Errors
/// Refuses one that is empty or too long.
pub fn line(field: &'static str, given: String) -> Result<Value, ActError> {
    text(field, given, LINE)
}

/// A text of so many bytes at most.
///
/// # Errors
/// Refuses one that is empty or too long.
pub fn text(field: &'static str, given: String, most: usize) -> Result<Value, ActError> {
    check_text(field, &given, most)?;
    Ok(given.into())
}

/// A list of lines.
///
/// # Errors
/// Refuses one that is too long, and a line as [`line()`].
pub fn list(field: &'static str, lines: Vec<String>) -> Result<Value, ActError> {
    if lines.len() > LIST {
        let sentence = format!("it has at most {LIST} entries");
        return Err(ActError::invalid(field, sentence));
    }
    for line in &lines {
        check_text(field, line, LINE)?;
    }
    Ok(serde_json::json!(lines).to_string().into())
}

/// A theme, by its code.
///
/// # Errors
/// Refuses what is no theme.
pub fn theme(field: &'static str, code: String) -> Result<Value, ActError> {
    topics(field, vec![code.clone()])?;
    Ok(code.into())
}

/// Codes of themes, each once.
///
/// # Errors
/// Refuses what is no theme, and too many.
pub fn topics(field: &'static str, mut codes: Vec<String>) -> Result<Vec<String>, ActError> {
    codes.sort_unstable();
    codes.dedup();
    if let Some(unknown) = codes.iter().find(|code| !is_theme(code)) {
        return Err(ActError::invalid(field, told(unknown)));
    }
    Ok(codes)
}

/// What is said of a text that is no theme: a long one is not said again.
pub fn told(unknown: &str) -> String {
    let sentence = no_theme(unknown);
    match unknown.len() {
        0..=100 => format!("`{unknown}` is {sentence}"),
        _ => format!("it is {sentence}"),
    }
}

/// A date as an amendment has it, and as it was before.
type Given<'a> = (&'a MaybeUndefined<PartialDate>, Option<&'a PartialDate>);

/// Refuses what ends before it begins, as far as the dates are told.
///
/// # Errors
/// Names the field.
pub fn dates_in_order(begins: Given<'_>, ends: Given<'_>) -> Result<(), ActError> {
    let after = |(given, before): Given<'_>, field: &'static str| {
        let date = match given {
            MaybeUndefined::Undefined => before.cloned(),
            MaybeUndefined::Null => None,
            MaybeUndefined::Value(date) => Some(date.clone()),
        };
        match date {
            Some(date) if date.as_str().contains('/') => {
                let sentence = "it is one date: give the other as the other end";
                Err(ActError::invalid(field, sentence))
            }
            date => Ok(date),
        }
    };
    let (Some(begins), Some(ends)) = (after(begins, "startsOn")?, after(ends, "endsOn")?) else {
        return Ok(());
    };
    // A month may end an activity that begins on a day of it.
    let shared = begins.as_str().len().min(ends.as_str().len());
    if begins.as_str().get(..shared) > ends.as_str().get(..shared) {
        return Err(ActError::invalid(
            "endsOn",
            "it does not end before it begins",
        ));
    }
    Ok(())
}

/// Columns to be amended: what is undefined stays, `null` takes away.
#[derive(Default)]
pub struct Amended(Vec<(&'static str, Value)>);

impl Amended {
    /// A column that a record has to have.
    ///
    /// # Errors
    /// Refuses to take it away, and values that are not valid.
    pub fn needed<T>(
        &mut self,
        (column, field): (&'static str, &'static str),
        given: MaybeUndefined<T>,
        check: impl FnOnce(&'static str, T) -> Result<Value, ActError>,
    ) -> Result<(), ActError> {
        if given.is_null() {
            return Err(ActError::invalid(field, "it can't be taken away"));
        }
        self.take((column, field), given, check)
    }

    /// A column.
    ///
    /// # Errors
    /// Refuses values that are not valid.
    pub fn take<T>(
        &mut self,
        (column, field): (&'static str, &'static str),
        given: MaybeUndefined<T>,
        check: impl FnOnce(&'static str, T) -> Result<Value, ActError>,
    ) -> Result<(), ActError> {
        match given {
            MaybeUndefined::Undefined => {}
            MaybeUndefined::Null => self.0.push((column, Value::String(None))),
            MaybeUndefined::Value(value) => self.0.push((column, check(field, value)?)),
        }
        Ok(())
    }

    /// A column of moments, which are numbers.
    ///
    /// # Errors
    /// Refuses values that are not valid.
    pub fn take_number<T>(
        &mut self,
        (column, field): (&'static str, &'static str),
        given: MaybeUndefined<T>,
        check: impl FnOnce(&'static str, T) -> Result<Value, ActError>,
    ) -> Result<(), ActError> {
        if given.is_null() {
            // The databases keep an absent number as one of its own type.
            self.0.push((column, Value::BigInt(None)));
            return Ok(());
        }
        self.take((column, field), given, check)
    }

    /// Takes a yes or no, or takes it away.
    pub fn flag(&mut self, column: &'static str, given: MaybeUndefined<bool>) {
        if !given.is_undefined() {
            self.0.push((column, given.value().copied().into()));
        }
    }

    /// What is to be written, where it may be nothing.
    pub fn all(self) -> Vec<(&'static str, Value)> {
        self.0
    }

    /// Whether nothing is to be written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is to be written.
    ///
    /// # Errors
    /// Refuses an amendment of nothing.
    pub fn values(self) -> Result<Vec<(&'static str, Value)>, ActError> {
        if self.0.is_empty() {
            return Err(RefusalCode::Invalid.says("nothing is to be amended").into());
        }
        Ok(self.0)
    }
}
