//! A channel: the clause of an agreement, as far as it decides.

use std::collections::BTreeSet;

use super::{
    facts::{CountryCode, Facts},
    level::Level,
};
use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    vocabulary::InformationKind,
};

/// What a clause names: listed values, or expressly all of them.
///
/// An empty list names nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named<T: Ord> {
    /// Every value, and records that have none.
    All,
    /// These only; a record is covered when all of its values are among them.
    Only(BTreeSet<T>),
}

impl<T: Ord> Named<T> {
    /// Whether a record with these values lies wholly inside.
    ///
    /// A record without a value lies inside `All` alone: in doubt, outside.
    pub fn covers<'a>(&self, values: impl IntoIterator<Item = &'a T>) -> bool
    where
        T: 'a,
    {
        match self {
            Self::All => true,
            Self::Only(set) => {
                let mut some = false;
                values.into_iter().all(|value| {
                    some = true;
                    set.contains(value)
                }) && some
            }
        }
    }
}

/// One direction of information from one party of an agreement to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The agreement that opens it.
    pub agreement: RecordId,
    /// Whose records it covers.
    pub from: MechanismId,
    /// Who may see them.
    pub to: MechanismId,
    /// Kinds of record that its kinds of information cover.
    pub kinds: BTreeSet<Kind>,
    /// States that it names; a record's must all be among them.
    pub countries: Named<CountryCode>,
    /// Topics that it names, likewise.
    pub topics: Named<Box<str>>,
    /// The highest level that it opens.
    pub cap: Level,
    /// Whether the agreement is signed by all, in force and not suspended.
    pub in_force: bool,
    /// First moment of the clause and of the agreement, the later of the two.
    pub from_moment: Moment,
    /// End of the clause and of the agreement, the earlier of the two.
    pub until_moment: Moment,
}

impl Channel {
    /// Whether it is in force at `now`; expiry is evaluated when read.
    pub fn is_active(&self, now: Moment) -> bool {
        let in_force = self.in_force || planted!(SuspendedChannelOpens);
        let in_time = now < self.until_moment || planted!(ExpiredChannelOpens);
        in_force && self.from_moment <= now && in_time
    }

    /// Whether it runs from an owner of the record and names what the record is.
    pub fn covers(&self, facts: &Facts) -> bool {
        facts.owners.contains(&self.from)
            && self.kinds.contains(&facts.kind)
            && facts
                .countries
                .as_ref()
                .is_some_and(|all| self.countries.covers(all))
            && self.topics.covers(&facts.topics)
    }
}

/// The kinds of record that a kind of information covers.
pub fn kinds_of(information: InformationKind) -> &'static [Kind] {
    match information {
        InformationKind::WorkingMethods => &[Kind::Mechanism, Kind::Mandate],
        InformationKind::Contacts => &[Kind::FocalPoint],
        // What mechanisms are going to do together is planned work, with its places.
        InformationKind::WorkPlans => &[
            Kind::WorkPlan,
            Kind::Objective,
            Kind::WorkPlanItem,
            Kind::JointActivity,
            Kind::CalendarEvent,
        ],
        InformationKind::Agreements => &[Kind::Agreement, Kind::Clause],
        InformationKind::Documents => &[Kind::Document],
        InformationKind::PendingList => &[Kind::Communication],
        InformationKind::InterimMeasures => &[Kind::InterimMeasure],
        // With what others make of them: each its own owner's.
        InformationKind::Recommendations => &[
            Kind::Recommendation,
            Kind::Assessment,
            Kind::Evidence,
            Kind::RecommendationReference,
        ],
        InformationKind::Identities => &[Kind::Person, Kind::CommunicationPerson],
        InformationKind::Reference => &[Kind::Country, Kind::Organisation],
        // The hub compares, and tells both alike: see `store::visit_overlap`.
        InformationKind::VisitOverlap => &[],
        // The hub compares, and tells the owner first: see `store::matter`.
        InformationKind::SameMatter => &[],
    }
}
