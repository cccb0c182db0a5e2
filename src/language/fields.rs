//! Which fields are texts: words that can be said in another language.
//!
//! A code, a symbol, a name of a person, an address are none. What is sealed is none either:
//! it is told in its own way alone.

use crate::identity::kind::Kind;

/// The fields of a kind that are texts.
pub fn texts_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Organisation => &["name", "acronym"],
        Kind::Mechanism => &["name", "acronym", "working_methods", "note"],
        Kind::Mandate => &["title", "basis"],
        Kind::FocalPoint => &["title", "scope"],
        Kind::WorkPlan | Kind::Objective => &["title"],
        Kind::WorkPlanItem => &["activity", "timeline", "places_to_visit", "note"],
        Kind::Agreement => &["title", "scope"],
        Kind::Document => &["title", "note"],
        Kind::Communication => &["title", "outcome", "docket_note"],
        Kind::InterimMeasure => &["asked_of_state", "risk", "reason_for_lifting"],
        Kind::JointActivity => &["title", "summary", "place", "note", "outcome"],
        Kind::CalendarEvent => &["title", "city", "places_to_visit", "summary", "note"],
        Kind::Recommendation => &["text", "note", "internal_note"],
        Kind::Assessment => &["reasoning", "internal_note"],
        Kind::Evidence => &["summary", "internal_note"],
        Kind::RecommendationReference => &["remark"],
        // A country has the UN's six names in fields of their own.
        Kind::Country
        | Kind::Clause
        | Kind::CommunicationPerson
        | Kind::Person
        | Kind::StatisticRelease
        // What the host has chosen to say, and each in their own words.
        | Kind::EventInvitation => &[],
    }
}
