//! The four elements of the same matter, each with its own band; never one answer.
//!
//! Where they come from tokens or codes they are computed; only what an officer has found
//! can rule one out.

use std::collections::BTreeSet;

use super::{
    concordance::Concordance,
    evidence::{Contradiction, Evidence},
    score::Band,
    succession::Successions,
};
use crate::{confidentiality::facts::CountryCode, date::PartialDate, vocabulary::codes::codes};

codes! {
    /// Whether two communications are about the same individual.
    pub SameIndividual {
        /// The records speak for it; at most 5 of 1,000 strangers would.
        Likely => "LIKELY",
        /// The records allow it; at most 20 of 1,000 strangers would.
        Possible => "POSSIBLE",
        /// The records contradict it.
        No => "NO",
        /// The records do not say.
        Unknown => "UNKNOWN",
    }

    /// Whether two communications are against the same State.
    pub SameState {
        /// The same States.
        Yes => "YES",
        /// Some of the same States, or one that has succeeded another.
        Partly => "PARTLY",
        /// Different States.
        No => "NO",
        /// A State is not named.
        Unknown => "UNKNOWN",
    }

    /// Whether two communications are about the same facts.
    pub SameFacts {
        /// Time, place and kind of what happened agree, as far as both say it.
        Yes => "YES",
        /// Some agree, or too little is said.
        Partly => "PARTLY",
        /// None agrees.
        No => "NO",
        /// Nothing is said by both.
        Unknown => "UNKNOWN",
    }

    /// Whether two communications invoke the same substantive rights.
    pub SameRights {
        /// The same rights.
        Same => "SAME",
        /// Some of the same rights.
        Overlapping => "OVERLAPPING",
        /// Different rights.
        Different => "DIFFERENT",
        /// An article is in no concordance.
        Unknown => "UNKNOWN",
    }

    /// Who says so.
    pub FoundBy {
        /// The hub has computed it.
        Computed => "COMPUTED",
        /// An officer has found it, with both files open.
        Officer => "OFFICER",
    }

    /// Why an element has its band.
    pub ElementReason {
        /// The score of the tokens is that of the band.
        Score => "SCORE",
        /// Whole dates of birth differ.
        BirthDatesDiffer => "BIRTH_DATES_DIFFER",
        /// Years of birth lie apart.
        BirthYearsDiffer => "BIRTH_YEARS_DIFFER",
        /// The months or years of the event lie apart.
        EventsDiffer => "EVENTS_DIFFER",
        /// Somebody without the victim's authority lodged the earlier communication.
        WithoutAuthority => "WITHOUT_AUTHORITY",
        /// The sets of States are one.
        StatesEqual => "STATES_EQUAL",
        /// A State of one is a State of the other.
        StatesShared => "STATES_SHARED",
        /// A State of one has succeeded a State of the other.
        Succession => "SUCCESSION",
        /// The time agrees.
        TimeAgrees => "TIME_AGREES",
        /// The time does not agree.
        TimeDiffers => "TIME_DIFFERS",
        /// The place agrees.
        PlaceAgrees => "PLACE_AGREES",
        /// The place does not agree.
        PlaceDiffers => "PLACE_DIFFERS",
        /// A kind of violation is named by both.
        KindAgrees => "KIND_AGREES",
        /// No kind of violation is named by both.
        KindDiffers => "KIND_DIFFERS",
        /// A right is invoked by both.
        RightsShared => "RIGHTS_SHARED",
        /// A right is invoked by one alone.
        RightsApart => "RIGHTS_APART",
        /// An article is in no concordance.
        ArticleUnknown => "ARTICLE_UNKNOWN",
        /// The concordance has not been checked by a jurist.
        ConcordanceUnverified => "CONCORDANCE_UNVERIFIED",
    }
}

/// One element: its band, who says so, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element<B> {
    /// The band.
    pub band: B,
    /// Who says so.
    pub found_by: FoundBy,
    /// Why.
    pub reasons: BTreeSet<ElementReason>,
}

impl<B> Element<B> {
    /// What the hub has computed.
    pub fn computed(band: B, reasons: impl IntoIterator<Item = ElementReason>) -> Self {
        Self {
            band,
            found_by: FoundBy::Computed,
            reasons: reasons.into_iter().collect(),
        }
    }

    /// What an officer has found.
    pub const fn found(band: B) -> Self {
        Self {
            band,
            found_by: FoundBy::Officer,
            reasons: BTreeSet::new(),
        }
    }
}

/// The four elements of one victim of one communication against one of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Elements {
    /// The individual.
    pub individual: Element<SameIndividual>,
    /// The State.
    pub state: Element<SameState>,
    /// The facts.
    pub facts: Element<SameFacts>,
    /// The substantive rights.
    pub rights: Element<SameRights>,
}

/// The individual, from the band of the score and the contradictions.
///
/// No signal is not a no: two records may be of one person and share nothing.
pub fn individual(
    band: Band,
    evidence: Option<&Evidence>,
    without_authority: bool,
) -> Element<SameIndividual> {
    let mut reasons: BTreeSet<ElementReason> = evidence
        .iter()
        .flat_map(|evidence| &evidence.contradictions)
        .map(|contradiction| match contradiction {
            Contradiction::BirthDate => ElementReason::BirthDatesDiffer,
            Contradiction::BirthYear => ElementReason::BirthYearsDiffer,
            Contradiction::Event => ElementReason::EventsDiffer,
        })
        .collect();
    let birth = [
        ElementReason::BirthDatesDiffer,
        ElementReason::BirthYearsDiffer,
    ];
    let contradicted = birth.iter().any(|reason| reasons.contains(reason));
    let band = match band {
        Band::Likely => SameIndividual::Likely,
        Band::Possible => SameIndividual::Possible,
        Band::None if contradicted => SameIndividual::No,
        Band::None => SameIndividual::Unknown,
    };
    if matches!(band, SameIndividual::Likely | SameIndividual::Possible) {
        reasons.insert(ElementReason::Score);
    }
    if without_authority {
        reasons.insert(ElementReason::WithoutAuthority);
    }
    Element::computed(band, reasons)
}

/// The State, from the States that both communications are against.
pub fn state(
    one: &BTreeSet<CountryCode>,
    other: &BTreeSet<CountryCode>,
    successions: &Successions,
) -> Element<SameState> {
    if one.is_empty() || other.is_empty() {
        return Element::computed(SameState::Unknown, []);
    }
    if one == other {
        return Element::computed(SameState::Yes, [ElementReason::StatesEqual]);
    }
    let succeeded = one
        .iter()
        .any(|one| other.iter().any(|other| successions.between(*one, *other)));
    let mut reasons = Vec::new();
    if !one.is_disjoint(other) {
        reasons.push(ElementReason::StatesShared);
    }
    if succeeded {
        reasons.push(ElementReason::Succession);
    }
    let band = if reasons.is_empty() {
        SameState::No
    } else {
        SameState::Partly
    };
    Element::computed(band, reasons)
}

/// What is said of an event in codes. Free text is never compared.
#[derive(Clone, Copy, Debug, Default)]
pub struct Event<'a> {
    /// When it happened.
    pub happened: Option<&'a PartialDate>,
    /// Where, as a code.
    pub place: Option<&'a str>,
    /// Kinds of violation, as codes.
    pub kinds: &'a [&'a str],
}

/// The facts, from time, place and kind, as far as both say them.
pub fn facts(one: Event<'_>, other: Event<'_>) -> Element<SameFacts> {
    let time = one.happened.zip(other.happened).map(|(one, other)| {
        let agrees = !one.is_before(other) && !other.is_before(one);
        if agrees {
            ElementReason::TimeAgrees
        } else {
            ElementReason::TimeDiffers
        }
    });
    let place = one.place.zip(other.place).map(|(one, other)| {
        if one == other {
            ElementReason::PlaceAgrees
        } else {
            ElementReason::PlaceDiffers
        }
    });
    let said = !one.kinds.is_empty() && !other.kinds.is_empty();
    let kind = said.then(|| {
        let shared = one.kinds.iter().any(|kind| other.kinds.contains(kind));
        if shared {
            ElementReason::KindAgrees
        } else {
            ElementReason::KindDiffers
        }
    });
    let reasons: BTreeSet<ElementReason> = [time, place, kind].into_iter().flatten().collect();
    let agreeing = [
        ElementReason::TimeAgrees,
        ElementReason::PlaceAgrees,
        ElementReason::KindAgrees,
    ];
    let agree = agreeing
        .iter()
        .filter(|reason| reasons.contains(reason))
        .count();
    let band = match (agree, reasons.len()) {
        (_, 0) => SameFacts::Unknown,
        (0, _) => SameFacts::No,
        // One agreement alone, a month for instance, is no identity of facts.
        (agree, said) if agree == said && said >= 2 => SameFacts::Yes,
        (_, _) => SameFacts::Partly,
    };
    Element::computed(band, reasons)
}

/// The rights, from the articles that both invoke, by the concordance.
pub fn rights(one: &[&str], other: &[&str], concordance: &Concordance) -> Element<SameRights> {
    let (one, other) = (concordance.read(one), concordance.read(other));
    let mut reasons = Vec::new();
    let unknown = one.unknown || other.unknown;
    if unknown {
        reasons.push(ElementReason::ArticleUnknown);
    }
    if !(one.verified && other.verified) {
        reasons.push(ElementReason::ConcordanceUnverified);
    }
    let apart = one.clusters != other.clusters;
    let shared = !one.clusters.is_disjoint(&other.clusters);
    if shared {
        reasons.push(ElementReason::RightsShared);
    }
    if apart {
        reasons.push(ElementReason::RightsApart);
    }
    let empty = one.clusters.is_empty() || other.clusters.is_empty();
    let band = match (shared, apart, unknown || empty) {
        (true, false, false) => SameRights::Same,
        (true, _, _) => SameRights::Overlapping,
        (false, _, true) => SameRights::Unknown,
        (false, _, false) => SameRights::Different,
    };
    Element::computed(band, reasons)
}
