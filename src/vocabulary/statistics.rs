//! Statistics: by what persons are counted, and where a release stands.

use super::{CommunicationStatus, codes::codes};

codes! {
    /// By what a statistic counts.
    pub StatisticDimension {
        /// The State concerned, by its ISO alpha-3 code; `SEVERAL` where a communication
        /// concerns more than one.
        Country => "COUNTRY",
        /// The cluster of rights.
        Rights => "RIGHTS",
        /// The year of registration; of the decision where outcomes are counted.
        Year => "YEAR",
        /// The mechanism, by its code.
        Mechanism => "MECHANISM",
        /// The outcome: then only what was decided in the period is counted.
        Outcome => "OUTCOME",
    }

    /// Rights, by the themes of a communication.
    pub RightsCluster {
        /// Life and integrity of the person.
        Integrity => "INTEGRITY",
        /// Liberty and movement.
        Liberty => "LIBERTY",
        /// Justice and remedies.
        Justice => "JUSTICE",
        /// Expression, association, belief, privacy and participation.
        Freedoms => "FREEDOMS",
        /// Equality and protection from discrimination.
        Equality => "EQUALITY",
        /// Rights of women and girls.
        Women => "WOMEN",
        /// Rights of children and youth.
        Children => "CHILDREN",
        /// Migration, asylum, displacement and nationality.
        Migration => "MIGRATION",
        /// Slavery and trafficking.
        Slavery => "SLAVERY",
        /// Economic and social rights.
        Livelihood => "LIVELIHOOD",
        /// Culture, indigenous peoples and the environment.
        Culture => "CULTURE",
        /// Several of these.
        Several => "SEVERAL",
        /// None of these in particular.
        Other => "OTHER",
    }

    /// How communications ended.
    pub StatisticOutcome {
        /// A violation was found, in whole or in part.
        Violation => "VIOLATION",
        /// No violation was found.
        NoViolation => "NO_VIOLATION",
        /// It was inadmissible.
        Inadmissible => "INADMISSIBLE",
        /// It was settled.
        Settled => "SETTLED",
        /// It ended otherwise.
        Ended => "ENDED",
    }

    /// Where a release of statistics stands.
    pub ReleaseStatus {
        /// It waits for a second officer of each mechanism.
        Proposed => "PROPOSED",
        /// Anyone is told it, and it stays as it is.
        Released => "RELEASED",
        /// It was refused, or taken back.
        Refused => "REFUSED",
    }
}

impl RightsCluster {
    /// The cluster of the themes of one communication.
    pub fn of<'a>(themes: impl IntoIterator<Item = &'a str>) -> Self {
        let mut found = None;
        for cluster in themes.into_iter().map(Self::of_theme) {
            match found {
                _ if cluster == Self::Other => {}
                None => found = Some(cluster),
                Some(before) if before == cluster => {}
                Some(_) => return Self::Several,
            }
        }
        found.unwrap_or(Self::Other)
    }

    fn of_theme(theme: &str) -> Self {
        match theme {
            "children_in_armed_conflict"
            | "death_penalty"
            | "enforced_disappearances"
            | "extrajudicial_executions"
            | "humanitarian_law"
            | "prevention_of_genocide"
            | "torture_prevention" => Self::Integrity,
            "arbitrary_detention" | "counter_terrorism" | "freedom_of_movement" => Self::Liberty,
            "corruption"
            | "fair_trial"
            | "impunity"
            | "independence_of_judges"
            | "national_institutions" => Self::Justice,
            "civil_society"
            | "elections"
            | "freedom_of_assembly"
            | "freedom_of_expression"
            | "freedom_of_religion"
            | "human_rights_defenders"
            | "privacy"
            | "reprisals" => Self::Freedoms,
            "albinism"
            | "disability"
            | "minorities"
            | "older_persons"
            | "persons_of_african_descent"
            | "racial_discrimination"
            | "sexual_orientation" => Self::Equality,
            "womens_rights" => Self::Women,
            "rights_of_the_child" | "youth" => Self::Children,
            "internal_displacement" | "migration" | "refugees" | "statelessness" => Self::Migration,
            "slavery" | "trafficking" => Self::Slavery,
            "business" | "development" | "education" | "food" | "health" | "housing" | "labour"
            | "land" | "peasants" | "poverty" | "water" => Self::Livelihood,
            "cultural_rights" | "environment" | "indigenous_peoples" => Self::Culture,
            _ => Self::Other,
        }
    }
}

impl StatisticOutcome {
    /// The outcome that a status says; none where it is open.
    pub fn of(status: CommunicationStatus) -> Option<Self> {
        use CommunicationStatus as Status;
        match status {
            Status::DecidedViolation
            | Status::DecidedPartly
            | Status::FollowUpOngoing
            | Status::FollowUpClosedSatisfactory
            | Status::FollowUpClosedPartial
            | Status::FollowUpClosedNonSatisfactory
            | Status::FollowUpSuspended => Some(Self::Violation),
            Status::DecidedNoViolation => Some(Self::NoViolation),
            Status::Inadmissible => Some(Self::Inadmissible),
            Status::FriendlySettlement | Status::UnilateralDeclaration => Some(Self::Settled),
            Status::Discontinued
            | Status::Withdrawn
            | Status::StruckOut
            | Status::Archived
            | Status::ReferredToCourt => Some(Self::Ended),
            Status::Received
            | Status::InformationRequested
            | Status::NotRegistered
            | Status::Registered
            | Status::TransmittedToState
            | Status::AdmissibilityPending
            | Status::AdmissibilitySplit
            | Status::Admissible
            | Status::PartlyAdmissible
            | Status::MeritsPending
            | Status::Hearing
            | Status::Joined
            | Status::Suspended => None,
        }
    }
}
