//! `Classified<T>`: a value on its way from storage to the gate.

use std::fmt;

use super::{field::FieldIndex, gate::Key};

/// A value as it comes from storage: closed until the gate compares levels.
///
/// It can't be printed, serialised, compared or cloned; the only way to the value
/// is [`Known::open`](super::gate::Known::open).
///
/// ```
/// fn shown(_: impl std::fmt::Debug) {}
/// let withheld: liaison::confidentiality::Disclosed<i64> =
///     liaison::confidentiality::Disclosed::Withheld;
/// assert!(withheld.is_withheld());
/// ```
///
/// It does not print its value, and is no text:
///
/// ```compile_fail
/// fn print(value: liaison::confidentiality::Classified<String>) -> String {
///     format!("{value}")
/// }
/// ```
///
/// It is not serialised:
///
/// ```compile_fail
/// fn send(value: liaison::confidentiality::Classified<String>) -> String {
///     serde_json::to_string(&value).unwrap_or_default()
/// }
/// ```
///
/// It is not copied out of the record that it belongs to:
///
/// ```compile_fail
/// fn copy<T: Clone>(value: &T) -> T { value.clone() }
/// fn keep(value: liaison::confidentiality::Classified<String>) {
///     copy(&value);
/// }
/// ```
///
/// It is no GraphQL output, so that a resolver can't return it unopened:
///
/// ```compile_fail
/// fn output(_: impl async_graphql::OutputType) {}
/// fn answer(value: liaison::confidentiality::Classified<String>) {
///     output(value);
/// }
/// ```
///
/// Its inside is private:
///
/// ```compile_fail
/// fn take(value: liaison::confidentiality::Classified<String>) -> Option<String> {
///     value.value
/// }
/// ```
pub struct Classified<T> {
    field: FieldIndex,
    value: Option<T>,
}

impl<T> Classified<T> {
    /// Closes a value under the field that it belongs to.
    ///
    /// `None` is a value that is absent, or that was not asked for.
    pub fn close(field: FieldIndex, value: Option<T>) -> Self {
        Self { field, value }
    }

    /// The field that the value belongs to.
    pub(super) fn field(&self) -> FieldIndex {
        self.field
    }

    /// The value itself: for the gate alone, which has the key.
    pub fn reveal(&self, _: &Key) -> Option<&T> {
        self.value.as_ref()
    }
}

impl<T> fmt::Debug for Classified<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Classified(field {})", self.field.0)
    }
}
