//! How mechanisms work together: focal points, work plans, agreements.

use super::codes::codes;

codes! {
    /// What a focal point is there for.
    pub FocalPointRole {
        /// Cooperation with other mechanisms in general.
        Cooperation => "COOPERATION",
        /// Cooperation with the mechanisms of one region.
        Region => "REGION",
        /// Cooperation on one theme.
        Theme => "THEME",
        /// A State or territory: desk officer or country rapporteur.
        CountryDesk => "COUNTRY_DESK",
        /// Individual communications, petitions and applications.
        Petitions => "PETITIONS",
        /// The Universal Periodic Review.
        Upr => "UPR",
        /// National preventive mechanisms.
        Npm => "NPM",
        /// Protection of personal data and of those who gave it.
        DataProtection => "DATA_PROTECTION",
    }

    /// Whether a focal point is in function.
    pub FocalPointStatus {
        /// In function.
        Appointed => "APPOINTED",
        /// Recommended or announced, not yet appointed.
        Proposed => "PROPOSED",
        /// No longer in function, or replaced by another.
        Relieved => "RELIEVED",
    }

    /// How far a work plan has come.
    pub WorkPlanStatus {
        /// Under discussion; told to other mechanisms, not to the public.
        Draft => "DRAFT",
        /// Adopted and made public.
        Published => "PUBLISHED",
        /// Its period is over and its items are closed.
        Completed => "COMPLETED",
    }

    /// How far an activity of a work plan has come.
    pub WorkPlanItemStatus {
        /// Suggested by one mechanism or by a meeting.
        Proposed => "PROPOSED",
        /// Being considered by the mechanisms concerned.
        UnderConsideration => "UNDER_CONSIDERATION",
        /// Agreed by the mechanisms concerned, without a date.
        Agreed => "AGREED",
        /// Agreed and dated, not yet begun.
        Planned => "PLANNED",
        /// Under way.
        Ongoing => "ONGOING",
        /// Carried out.
        Completed => "COMPLETED",
        /// Put off to a later date.
        Postponed => "POSTPONED",
        /// Given up.
        Cancelled => "CANCELLED",
    }

    /// The area of cooperation that an activity belongs to.
    pub CooperationArea {
        /// Sharing information between mechanisms.
        InformationSharing => "INFORMATION_SHARING",
        /// Doing something together, such as a visit, a statement or a workshop.
        JointActivities => "JOINT_ACTIVITIES",
        /// Following up on recommendations and decisions.
        FollowUp => "FOLLOW_UP",
    }

    /// The form in which mechanisms agreed to cooperate.
    pub AgreementForm {
        /// A memorandum of understanding on cooperation in general.
        GeneralMou => "GENERAL_MOU",
        /// A memorandum of understanding on one subject or activity.
        SpecificMou => "SPECIFIC_MOU",
        /// A roadmap of steps to be taken together.
        Roadmap => "ROADMAP",
        /// An amendment of rules of procedure that provides for cooperation.
        RulesOfProcedureAmendment => "RULES_OF_PROCEDURE_AMENDMENT",
        /// Letters in which each side confirms what was agreed.
        ExchangeOfLetters => "EXCHANGE_OF_LETTERS",
        /// A practice agreed between secretariats, without a signed text.
        InformalArrangement => "INFORMAL_ARRANGEMENT",
        /// Conclusions or recommendations adopted by a meeting.
        OutcomeDocument => "OUTCOME_DOCUMENT",
    }

    /// Where an agreement stands; only one in force opens a channel.
    pub AgreementStatus {
        /// A text that one side proposes.
        Draft => "DRAFT",
        /// Being negotiated by the parties.
        UnderNegotiation => "UNDER_NEGOTIATION",
        /// Signed or adopted by the parties, not yet in force.
        Signed => "SIGNED",
        /// In force: its clauses open the channels they name.
        InForce => "IN_FORCE",
        /// Suspended by a party; its channels are closed.
        Suspended => "SUSPENDED",
        /// Its term has ended.
        Expired => "EXPIRED",
        /// Ended by a party before its term.
        Terminated => "TERMINATED",
    }

    /// The kind of information that a clause of an agreement lets through.
    ///
    /// A clause covers what it names; a kind that is not named is not shared.
    pub InformationKind {
        /// Mechanisms and their mandates, with methods of work.
        WorkingMethods => "WORKING_METHODS",
        /// Focal points, with the contacts of the persons in function.
        Contacts => "CONTACTS",
        /// Work plans, their objectives and their items, joint activities and events of the
        /// calendar, with places to visit.
        WorkPlans => "WORK_PLANS",
        /// Agreements and their clauses.
        Agreements => "AGREEMENTS",
        /// Documents, with those not yet published.
        Documents => "DOCUMENTS",
        /// The list of communications that are pending.
        PendingList => "PENDING_LIST",
        /// Interim, provisional and precautionary measures, with what is asked of the State.
        InterimMeasures => "INTERIM_MEASURES",
        /// Who the persons concerned are; needs consent and a grant as well.
        Identities => "IDENTITIES",
        /// Countries, organisations and other reference data.
        Reference => "REFERENCE",
        /// Recommendations, with those that are being prepared, and what is made of them.
        Recommendations => "RECOMMENDATIONS",
        /// That both plan to visit the same State, and in which quarter; no record is opened by
        /// it, and it is told where each has such a clause to the other.
        VisitOverlap => "VISIT_OVERLAP",
        /// Whether the same matter is before both; no record is opened by it.
        SameMatter => "SAME_MATTER",
    }

    /// What the receiving mechanism may use shared information for.
    pub ClausePurpose {
        /// To find out whether the same matter is before another body.
        SameMatterCheck => "SAME_MATTER_CHECK",
        /// To protect a person at risk without delay.
        UrgentProtection => "URGENT_PROTECTION",
        /// To prepare and coordinate visits.
        VisitPlanning => "VISIT_PLANNING",
        /// To prepare the review of a State.
        CountryReview => "COUNTRY_REVIEW",
        /// To follow up on recommendations.
        RecommendationFollowUp => "RECOMMENDATION_FOLLOW_UP",
        /// To keep case law consistent between bodies.
        Jurisprudence => "JURISPRUDENCE",
        /// To publish, jointly or alone.
        Publication => "PUBLICATION",
        /// To compile statistics that name nobody.
        Statistics => "STATISTICS",
        /// To check how shared information was used.
        Audit => "AUDIT",
    }
}
