//! `Sealed<D>`: ciphertext of one field of one record, as it lies in storage.

use std::{fmt, marker::PhantomData};

use super::{declare::Domain, field::FieldIndex};
use crate::id::{MechanismId, RecordId};

/// A sealed value: bytes that only the vault can open, and only with a permit.
///
/// It can't be printed, serialised, compared or cloned, and is no GraphQL output:
///
/// ```compile_fail
/// fn send<D: liaison::confidentiality::Domain>(
///     value: liaison::confidentiality::sealed::Sealed<D>,
/// ) -> String {
///     serde_json::to_string(&value).unwrap_or_default()
/// }
/// ```
///
/// ```compile_fail
/// fn show<D: liaison::confidentiality::Domain>(
///     value: liaison::confidentiality::sealed::Sealed<D>,
/// ) -> String {
///     format!("{value}")
/// }
/// ```
///
/// ```compile_fail
/// fn output(_: impl async_graphql::OutputType) {}
/// fn answer<D: liaison::confidentiality::Domain>(
///     value: liaison::confidentiality::sealed::Sealed<D>,
/// ) {
///     output(value);
/// }
/// ```
pub struct Sealed<D> {
    pub(super) field: FieldIndex,
    pub(super) place: Place,
    pub(super) blob: Vec<u8>,
    domain: PhantomData<fn() -> D>,
}

/// Where a sealed value lies: what its ciphertext is bound to, with field and level.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The record.
    pub record: RecordId,
    /// The version of the value.
    pub version: i64,
    /// The owners of the record, in order.
    pub owners: Vec<MechanismId>,
}

impl<D: Domain> Sealed<D> {
    /// A value as it lies in storage.
    pub fn stored(field: FieldIndex, place: Place, blob: Vec<u8>) -> Self {
        Self {
            field,
            place,
            blob,
            domain: PhantomData,
        }
    }
}

impl<D: Domain> fmt::Debug for Sealed<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Sealed({})",
            D::rule(self.field).map_or("?", |rule| rule.name)
        )
    }
}
