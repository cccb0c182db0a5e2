//! The rules on the same matter, by procedure and by State: dated rows with a source.

use std::collections::BTreeSet;

use super::{
    row,
    table::{TableError, Verification},
};
use crate::{
    confidentiality::facts::CountryCode,
    date::PartialDate,
    vocabulary::{codes::codes, mechanism::MechanismKind},
};

codes! {
    /// What a rule says to a question of yes or no.
    pub Said {
        /// It says yes.
        Yes => "YES",
        /// It says no.
        No => "NO",
        /// It says nothing, or sources conflict.
        Unclear => "UNCLEAR",
    }

    /// What another procedure must have come to for a concluded matter to bar.
    pub ConcludedMeans {
        /// It was examined.
        Examined => "EXAMINED",
        /// It was settled.
        Settled => "SETTLED",
        /// It was decided.
        Decided => "DECIDED",
        /// It was submitted there, whatever became of it.
        Submitted => "SUBMITTED",
    }

    /// Whether a body asks for the same substantive rights.
    pub RightsTest {
        /// Other rights are another matter.
        Decisive => "DECISIVE",
        /// Other rights do not make another matter.
        NotDecisive => "NOT_DECISIVE",
        /// The body has not said.
        Unclear => "UNCLEAR",
    }

    /// Whether a mechanism is another procedure of international investigation or settlement.
    pub Counts {
        /// It is one.
        Yes => "YES",
        /// It is none.
        No => "NO",
        /// It is disputed.
        Disputed => "DISPUTED",
    }

    /// What a reservation is limited to.
    pub ReservationLimit {
        /// Nothing.
        None => "",
        /// Matters that the former European Commission of Human Rights has examined.
        FormerEuropeanCommission => "FORMER_EUROPEAN_COMMISSION",
    }
}

/// What a row rests on, and when it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The name of the row, by which it is cited.
    pub id: String,
    /// The provision.
    pub provision: String,
    /// The state of knowledge: the rule as of this date.
    pub as_of: Option<PartialDate>,
    /// From when on it is in force; `None` is not established.
    pub from: Option<PartialDate>,
    /// Until when; `None` is still.
    pub until: Option<PartialDate>,
    /// Where it was read.
    pub source: String,
    /// The address of the source.
    pub source_uri: String,
    /// Who has checked it; an unchecked row decides nothing.
    pub verified: Option<Verification>,
    /// What else is to be known of it.
    pub note: String,
}

impl Basis {
    fn in_force(&self, on: &PartialDate) -> bool {
        let begun = self.from.as_ref().is_none_or(|from| !on.is_before(from));
        begun && self.until.as_ref().is_none_or(|until| on.is_before(until))
    }
}

/// The rule of one procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcedureRule {
    /// What it rests on.
    pub basis: Basis,
    /// The body whose rule it is.
    pub procedure: String,
    /// Whether a pending matter elsewhere bars.
    pub bars_pending: Said,
    /// Whether a concluded matter elsewhere bars.
    pub bars_concluded: Said,
    /// What concluded means.
    pub concluded_means: ConcludedMeans,
    /// Whether only a procedure of the same nature counts.
    pub same_nature_required: Said,
    /// Whether relevant new information lifts the bar.
    pub new_information_exception: Said,
    /// Whether a matter that the body itself has examined counts.
    pub own_body_too: Said,
    /// Whether a case of a third party without a mandate does not count.
    pub third_party_exception: Said,
    /// Whether the same rights are asked for.
    pub rights_test: RightsTest,
}

/// What a State's reservation makes of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// What it rests on.
    pub basis: Basis,
    /// The State.
    pub country: CountryCode,
    /// The body whose rule it changes.
    pub procedure: String,
    /// Whether a pending matter elsewhere bars.
    pub bars_pending: Said,
    /// Whether a concluded matter elsewhere bars.
    pub bars_concluded: Said,
    /// What it is limited to.
    pub limited_to: ReservationLimit,
}

/// Whether a mechanism counts as another procedure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherProcedureRule {
    /// What it rests on.
    pub basis: Basis,
    /// The body for whose rule it counts; `None` is any.
    pub procedure: Option<String>,
    /// The mechanism; `None` is any of the kind.
    pub mechanism: Option<String>,
    /// The kind of mechanism; `None` where one is named.
    pub kind: Option<MechanismKind>,
    /// Whether it counts.
    pub counts: Counts,
}

/// All rules that the engine goes by.
#[derive(Clone, Debug)]
pub struct Rules {
    procedures: Vec<ProcedureRule>,
    reservations: Vec<Reservation>,
    others: Vec<OtherProcedureRule>,
}

impl Rules {
    /// Those that the hub is delivered with.
    ///
    /// # Errors
    /// Where they are malformed; a test shows that they are not.
    pub fn shipped() -> Result<Self, TableError> {
        Self::parse(
            include_str!("rules/procedures.csv"),
            include_str!("rules/reservations.csv"),
            include_str!("rules/other_procedures.csv"),
        )
    }

    /// Those of three tables.
    ///
    /// # Errors
    /// Where a row is malformed, named twice, or called verified without what it rests on.
    pub fn parse(procedures: &str, reservations: &str, others: &str) -> Result<Self, TableError> {
        let rules = Self {
            procedures: row::procedures(procedures)?,
            reservations: row::reservations(reservations)?,
            others: row::others(others)?,
        };
        let mut ids = BTreeSet::new();
        let bases = (rules.procedures.iter().map(|rule| &rule.basis))
            .chain(rules.reservations.iter().map(|rule| &rule.basis))
            .chain(rules.others.iter().map(|rule| &rule.basis));
        for basis in bases {
            if !ids.insert(&basis.id) {
                return Err(TableError::Twice(basis.id.clone()));
            }
        }
        Ok(rules)
    }

    /// The rule of a procedure that is in force on a day.
    pub fn procedure(&self, procedure: &str, on: &PartialDate) -> Option<&ProcedureRule> {
        let mut rules = self.procedures.iter();
        rules.rfind(|rule| rule.procedure == procedure && rule.basis.in_force(on))
    }

    /// The reservation of a State to the rule of a procedure that is in force on a day.
    pub fn reservation(
        &self,
        procedure: &str,
        country: CountryCode,
        on: &PartialDate,
    ) -> Option<&Reservation> {
        self.reservations.iter().rfind(|reservation| {
            reservation.procedure == procedure
                && reservation.country == country
                && reservation.basis.in_force(on)
        })
    }

    /// Whether a mechanism counts for a procedure: what names both comes before what names
    /// the mechanism, and that before what names its kind.
    pub fn other(
        &self,
        procedure: &str,
        mechanism: &str,
        kind: MechanismKind,
        on: &PartialDate,
    ) -> Option<&OtherProcedureRule> {
        let matches = self.others.iter().filter(|other| {
            other
                .procedure
                .as_deref()
                .is_none_or(|named| named == procedure)
                && other
                    .mechanism
                    .as_deref()
                    .is_none_or(|named| named == mechanism)
                && other.kind.is_none_or(|named| named == kind)
                && other.basis.in_force(on)
        });
        matches.max_by_key(|other| (other.mechanism.is_some(), other.procedure.is_some()))
    }
}
