//! A grant: one officer, one person's file, some fields, some purposes, some time.

use super::field::FieldSet;
use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    identity::purpose::PurposeCode,
    vocabulary::codes::codes,
};

/// Leave to open fields of one person's file.
///
/// Given by an officer of an owner with the role `GRANTS`, never to oneself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The person whose file it is.
    pub person: RecordId,
    /// The mechanism that the officer acted for when it was given.
    pub mechanism: MechanismId,
    /// Fields that it names.
    pub fields: FieldSet,
    /// Purposes that it names.
    pub purposes: Vec<PurposeCode>,
    /// First moment.
    pub from: Moment,
    /// End.
    pub until: Moment,
    /// What the person concerned has said on a disclosure to `mechanism`.
    pub consents: Vec<Consent>,
}

/// The latest word of the person concerned, for one recipient and one purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// To whom.
    pub recipient: MechanismId,
    /// What for.
    pub purpose: PurposeCode,
    /// Which fields.
    pub fields: FieldSet,
    /// On what basis.
    pub basis: ConsentBasis,
    /// From when.
    pub from: Moment,
    /// Until when.
    pub until: Moment,
}

codes! {
    /// On what a disclosure to another mechanism rests, or why it may not be.
    pub ConsentBasis {
        /// Given by the person.
        Given => "GIVEN",
        /// Given by the person's representative.
        GivenByRepresentative => "GIVEN_BY_REPRESENTATIVE",
        /// Nobody has asked.
        NotAsked => "NOT_ASKED",
        /// Refused.
        Refused => "REFUSED",
        /// Given once, and taken back.
        Withdrawn => "WITHDRAWN",
        /// Two officers have found that a life depends on it; for 72 hours.
        VitalInterestOverride => "VITAL_INTEREST_OVERRIDE",
    }
}

impl ConsentBasis {
    /// Whether a disclosure may rest on it.
    pub fn satisfies(self) -> bool {
        match self {
            Self::Given | Self::GivenByRepresentative | Self::VitalInterestOverride => true,
            Self::NotAsked | Self::Refused | Self::Withdrawn => false,
        }
    }
}

/// Seconds that an override lasts at most, whatever end its row names.
pub const OVERRIDE: i64 = 72 * 3_600;

impl Consent {
    /// Whether a disclosure may rest on it at `now`.
    fn holds(&self, now: Moment) -> bool {
        self.basis.satisfies() && self.from <= now && now < self.end()
    }

    fn end(&self) -> Moment {
        if self.is_override() {
            self.until.min(self.from.plus_seconds(OVERRIDE))
        } else {
            self.until
        }
    }

    /// Whether it is a finding of two officers, not a word of the person.
    pub fn is_override(&self) -> bool {
        self.basis == ConsentBasis::VitalInterestOverride
    }
}

impl Grant {
    /// Fields that the grant itself opens for `purpose` at `now`.
    pub fn fields_for(&self, purpose: PurposeCode, now: Moment) -> FieldSet {
        let named = planted!(SealedForAnyPurpose) || self.purposes.contains(&purpose);
        let live = self.from <= now && now < self.until && named;
        if live { self.fields } else { FieldSet::NONE }
    }

    /// Fields that the person's consent covers for `purpose` at `now`.
    pub fn consented(&self, purpose: PurposeCode, now: Moment) -> FieldSet {
        self.holding(purpose, now)
            .fold(FieldSet::NONE, |fields, consent| {
                fields.either(consent.fields)
            })
    }

    /// Whether the person's consent covers all of the grant at `now`.
    pub fn is_consented(&self, now: Moment) -> bool {
        let mut purposes = self.purposes.iter();
        purposes.all(|purpose| {
            let consented = self.consented(*purpose, now);
            self.fields.without(consented).is_empty()
        })
    }

    /// When the first of the consents ends on which the grant rests: the person's own words,
    /// and overrides for what these leave out.
    pub fn rests_until(&self, now: Moment) -> Option<Moment> {
        let ends = self.purposes.iter().flat_map(|purpose| {
            let words = self.holding(*purpose, now);
            let said = words.filter(|consent| !consent.is_override());
            let said = said.fold(FieldSet::NONE, |fields, word| fields.either(word.fields));
            let left = self.fields.without(said);
            self.holding(*purpose, now).filter(move |consent| {
                let of = if consent.is_override() {
                    left
                } else {
                    self.fields
                };
                !consent.fields.both(of).is_empty()
            })
        });
        ends.map(Consent::end).min()
    }

    /// Whether the person's consent covers some of it, now or later: the recipient is to have
    /// a copy of the person's key until it does not.
    pub fn may_rest(&self, now: Moment) -> bool {
        let covers = |consent: &Consent| {
            consent.recipient == self.mechanism
                && self.purposes.contains(&consent.purpose)
                && consent.basis.satisfies()
                && now < consent.end()
                && !consent.fields.both(self.fields).is_empty()
        };
        planted!(SealedWithoutConsent) || self.consents.iter().any(covers)
    }

    fn holding(&self, purpose: PurposeCode, now: Moment) -> impl Iterator<Item = &Consent> {
        self.consents.iter().filter(move |consent| {
            consent.recipient == self.mechanism && consent.purpose == purpose && consent.holds(now)
        })
    }
}
