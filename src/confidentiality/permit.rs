//! `Approved` (decided) and `Permit` (decided and on record); neither can be forged.

use std::marker::PhantomData;

use super::{
    declare::Domain,
    field::{FieldIndex, FieldSet},
    gate::Known,
    verdict::Ground,
};
use crate::{id::RecordId, journal::Receipt};

/// A decision to open sealed fields of one record. It opens nothing yet.
///
/// ```compile_fail
/// fn forge<D: liaison::confidentiality::Domain>() -> liaison::confidentiality::permit::Approved<D> {
///     liaison::confidentiality::permit::Approved { }
/// }
/// ```
#[derive(Debug)]
pub struct Approved<D> {
    record: RecordId,
    fields: FieldSet,
    ground: Ground,
    domain: PhantomData<fn() -> D>,
}

/// Leave to open sealed fields of one record, given when the record of it was durable.
///
/// It is used up by the opening:
///
/// ```compile_fail
/// fn twice<D: liaison::confidentiality::Domain>(permit: liaison::confidentiality::permit::Permit<D>) {
///     let again = permit.clone();
/// }
/// ```
///
/// and is made by the receipt of the ledger alone:
///
/// ```compile_fail
/// fn forge<D: liaison::confidentiality::Domain>() -> liaison::confidentiality::permit::Permit<D> {
///     liaison::confidentiality::permit::Permit { }
/// }
/// ```
#[derive(Debug)]
pub struct Permit<D> {
    record: RecordId,
    fields: FieldSet,
    domain: PhantomData<fn() -> D>,
}

impl<D: Domain> Approved<D> {
    /// Approves those of `fields` that the gate tells the viewer of this record.
    ///
    /// `None` where there are none: nothing to record, nothing to open.
    pub fn of(known: &Known<D>, fields: FieldSet) -> Option<Self> {
        let first = D::RULES.len() - D::SEALED.len() - edges::<D>();
        let told = (0u8..)
            .take(D::RULES.len())
            .map(FieldIndex)
            .filter(|field| {
                let place = usize::from(field.0);
                (first..first + D::SEALED.len()).contains(&place)
                    && fields.has(*field)
                    && known.sees(*field)
            })
            .fold(FieldSet::NONE, FieldSet::with);
        (!told.is_empty()).then(|| Self {
            record: known.id(),
            fields: told,
            ground: known.sight().reach.ground,
            domain: PhantomData,
        })
    }

    /// The approved fields.
    pub fn fields(&self) -> FieldSet {
        self.fields
    }

    /// Whether all of it is still among the fields that the file is open for.
    pub fn is_within(&self, open: FieldSet) -> bool {
        self.fields.without(open).is_empty()
    }

    /// The record.
    pub fn record(&self) -> RecordId {
        self.record
    }

    /// Names of the approved fields, for the entry in the log.
    pub fn field_names(&self) -> Vec<&'static str> {
        (0u8..)
            .zip(D::RULES)
            .filter(|(index, _)| self.fields.has(FieldIndex(*index)))
            .map(|(_, rule)| rule.name)
            .collect()
    }

    /// The condition that it rests on.
    pub fn ground(&self) -> Ground {
        self.ground
    }

    /// Turns the decision into a permit, now that it is on record.
    pub fn recorded(self, _: &Receipt) -> Permit<D> {
        Permit {
            record: self.record,
            fields: self.fields,
            domain: PhantomData,
        }
    }
}

impl<D: Domain> Permit<D> {
    /// Whether it is for this field of this record.
    pub(super) fn allows(&self, record: RecordId, field: FieldIndex) -> bool {
        self.record == record && self.fields.has(field)
    }
}

/// How many of the fields are edges: all that is neither column nor sealed.
const fn edges<D: Domain>() -> usize {
    D::RULES.len() - D::COLUMNS.len() - D::SEALED.len()
}
