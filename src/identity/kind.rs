//! The words of the hub's scopes: kinds of record, actions and rights.

/// Declares an enum of ours whose variants are written as fixed codes.
macro_rules! coded {
    ($(#[$doc:meta])+ $name:ident { $($(#[$variant_doc:meta])+ $variant:ident = $code:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name {
            $($(#[$variant_doc])+ $variant,)+
        }

        impl $name {
            /// All of them, in the order in which they are written.
            pub const ALL: [Self; [$($code),+].len()] = [$(Self::$variant),+];

            /// The code, as it is written.
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$variant => $code,)+
                }
            }

            /// The one of this code, exactly as `code` writes it.
            pub fn from_code(code: &str) -> Option<Self> {
                match code {
                    $($code => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.code())
            }
        }
    };
}
pub(super) use coded;

coded! {
    /// A kind of record: a domain type of the schema.
    ///
    /// Scopes name kinds by their code, which is the type's name in snake case.
    /// Anything that is not in this list refuses the whole token.
    Kind {
        /// A State or territory with its ISO code and official names.
        Country = "country",
        /// An organisation or a category of actors that is no mechanism.
        Organisation = "organisation",
        /// A human rights mechanism.
        Mechanism = "mechanism",
        /// What a mechanism is charged with, and by which act.
        Mandate = "mandate",
        /// Whom to turn to at a mechanism.
        FocalPoint = "focal_point",
        /// A plan of work of a mechanism.
        WorkPlan = "work_plan",
        /// An aim within a work plan.
        Objective = "objective",
        /// An activity within an objective.
        WorkPlanItem = "work_plan_item",
        /// An agreement between mechanisms.
        Agreement = "agreement",
        /// What an agreement lets pass, from whom to whom.
        Clause = "clause",
        /// A published document.
        Document = "document",
        /// A case, appeal, letter or request for measures.
        Communication = "communication",
        /// What a person is in a communication.
        CommunicationPerson = "communication_person",
        /// A person concerned by a communication.
        Person = "person",
        /// A measure that protects while a matter is considered.
        InterimMeasure = "interim_measure",
        /// What mechanisms do together.
        JointActivity = "joint_activity",
        /// A release of statistics.
        StatisticRelease = "statistic_release",
        /// What a mechanism, or a State under the UPR, asks of States and others.
        Recommendation = "recommendation",
        /// How far a recommendation is carried out, as one mechanism sees it.
        Assessment = "assessment",
        /// What others have given to go by in the follow-up of a recommendation.
        Evidence = "evidence",
        /// What one recommendation is to another.
        RecommendationReference = "recommendation_reference",
        /// What stands in the calendar of a mechanism: a session, a visit, a deadline.
        CalendarEvent = "calendar_event",
        /// An invitation of one mechanism to an event of another.
        EventInvitation = "event_invitation",
    }
}

impl Kind {
    /// The kind as the schema names its type.
    pub const fn type_name(self) -> &'static str {
        match self {
            Self::Country => "Country",
            Self::Organisation => "Organisation",
            Self::Mechanism => "Mechanism",
            Self::Mandate => "Mandate",
            Self::FocalPoint => "FocalPoint",
            Self::WorkPlan => "WorkPlan",
            Self::Objective => "Objective",
            Self::WorkPlanItem => "WorkPlanItem",
            Self::Agreement => "Agreement",
            Self::Clause => "Clause",
            Self::Document => "Document",
            Self::Communication => "Communication",
            Self::InterimMeasure => "InterimMeasure",
            Self::CommunicationPerson => "CommunicationPerson",
            Self::Person => "Person",
            Self::JointActivity => "JointActivity",
            Self::StatisticRelease => "StatisticRelease",
            Self::Recommendation => "Recommendation",
            Self::Assessment => "Assessment",
            Self::Evidence => "Evidence",
            Self::RecommendationReference => "RecommendationReference",
            Self::CalendarEvent => "CalendarEvent",
            Self::EventInvitation => "EventInvitation",
        }
    }

    /// The place in `ALL`, for tables with one entry a kind.
    pub const fn index(self) -> usize {
        self as usize
    }
}

coded! {
    /// What may be done to a record of a kind, up to a level.
    Action {
        /// Reading fields.
        Read = "read",
        /// Writing fields.
        Write = "write",
        /// Changing the label of a record.
        Label = "label",
    }
}

coded! {
    /// What may be done beyond reading, writing and labelling.
    Right {
        /// Asking whether another secretariat holds the same matter.
        MatchQuery = "match:query",
        /// Answering such a question.
        MatchAnswer = "match:answer",
        /// Proposing to lower a level.
        DeclassifyRequest = "declassify:request",
        /// Approving it, as the second officer.
        DeclassifyApprove = "declassify:approve",
        /// Recording consent of a person concerned.
        ConsentWrite = "consent:write",
        /// Reading the audit entries on one's own records.
        AuditRead = "audit:read",
        /// Releasing a statistic.
        StatsRelease = "stats:release",
        /// Issuing tokens.
        TokenIssue = "token:issue",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_the_type_names_in_snake_case() {
        for (place, kind) in Kind::ALL.into_iter().enumerate() {
            let mut snake = String::new();
            for letter in kind.type_name().chars() {
                if letter.is_uppercase() && !snake.is_empty() {
                    snake.push('_');
                }
                snake.extend(letter.to_lowercase());
            }
            assert_eq!(kind.code(), snake);
            assert_eq!(Kind::from_code(kind.code()), Some(kind));
            assert_eq!(kind.index(), place);
        }
    }

    #[test]
    fn no_kind_is_matched_by_a_part_of_its_code() {
        for code in [
            "",
            "communicatio",
            "communications",
            "Communication",
            "person ",
            "*",
        ] {
            assert_eq!(Kind::from_code(code), None, "{code}");
        }
    }
}
