//! What a document is.

use super::codes::codes;

codes! {
    /// What a document is, in the words of the procedure it comes from.
    pub DocumentKind {
        /// UPR: the report of the State under review.
        NationalReport => "NATIONAL_REPORT",
        /// UPR: the compilation of United Nations information by OHCHR.
        UnCompilation => "UN_COMPILATION",
        /// UPR: the summary of stakeholders' submissions by OHCHR.
        StakeholderSummary => "STAKEHOLDER_SUMMARY",
        /// UPR: a submission by one stakeholder.
        StakeholderSubmission => "STAKEHOLDER_SUBMISSION",
        /// UPR: a submission by several stakeholders together.
        JointSubmission => "JOINT_SUBMISSION",
        /// UPR: a submission by a national human rights institution.
        /// That of an A-status institution has a section of its own in the summary.
        NhriSubmission => "NHRI_SUBMISSION",
        /// UPR: a submission by a regional mechanism.
        RegionalMechanismSubmission => "REGIONAL_MECHANISM_SUBMISSION",
        /// UPR: a question put to the State before its review.
        AdvanceQuestion => "ADVANCE_QUESTION",
        /// UPR: the report of the Working Group on one review.
        WorkingGroupReport => "WORKING_GROUP_REPORT",
        /// UPR: the State's position on the recommendations it received.
        Addendum => "ADDENDUM",
        /// UPR: a voluntary report between two reviews.
        MidTermReport => "MID_TERM_REPORT",

        /// Treaty bodies: a report of a State party under a treaty.
        StateReport => "STATE_REPORT",
        /// Treaty bodies: the part of a State's reports common to all treaties.
        CommonCoreDocument => "COMMON_CORE_DOCUMENT",
        /// Treaty bodies: issues sent to the State after it reported.
        ListOfIssues => "LIST_OF_ISSUES",
        /// Treaty bodies: a list of issues prior to reporting.
        Loipr => "LOIPR",
        /// Treaty bodies: the State's replies to a list of issues.
        Replies => "REPLIES",
        /// Treaty bodies: a report by others than the State (shadow report).
        AlternativeReport => "ALTERNATIVE_REPORT",
        /// Treaty bodies: concerns and recommendations after a review.
        ConcludingObservations => "CONCLUDING_OBSERVATIONS",
        /// Treaty bodies: the State's report on chosen recommendations.
        FollowUpReport => "FOLLOW_UP_REPORT",
        /// Treaty bodies: a follow-up report by others than the State.
        AlternativeFollowUpReport => "ALTERNATIVE_FOLLOW_UP_REPORT",
        /// A committee's reading of a provision of its treaty.
        GeneralComment => "GENERAL_COMMENT",

        /// The report of a visit to a country or a place of detention.
        MissionReport => "MISSION_REPORT",
        /// The terms on which a visit, group or study takes place.
        TermsOfReference => "TERMS_OF_REFERENCE",
        /// The places that a visit is to see; never public before the visit.
        VisitPlacesList => "VISIT_PLACES_LIST",
        /// A text for the media.
        PressRelease => "PRESS_RELEASE",
        /// A statement or declaration by several mechanisms together.
        JointStatement => "JOINT_STATEMENT",
        /// Conclusions adopted by a meeting or consultation.
        OutcomeDocument => "OUTCOME_DOCUMENT",
        /// A resolution of a political or expert organ.
        Resolution => "RESOLUTION",
        /// A mechanism's report on one year of its work.
        AnnualReport => "ANNUAL_REPORT",
        /// An opinion on a matter submitted to a body.
        Opinion => "OPINION",
        /// A judgment of a court.
        Judgment => "JUDGMENT",
        /// A third party's submission on a matter before a body.
        AmicusBrief => "AMICUS_BRIEF",

        /// A treaty, convention, covenant or protocol to one of these.
        Treaty => "TREATY",
        /// The record of what was said and agreed at a consultation.
        Protocol => "PROTOCOL",
        /// A declaration of principles adopted by States or a conference.
        Declaration => "DECLARATION",
        /// A report of a kind not named above.
        Report => "REPORT",
        /// Guidelines for those who take part in a procedure.
        Guidelines => "GUIDELINES",
        /// A note that explains how to apply rules in practice.
        GuidanceNote => "GUIDANCE_NOTE",
        /// A plan of steps that mechanisms take together.
        Roadmap => "ROADMAP",
        /// Recommendations adopted by a meeting or a working group.
        Recommendations => "RECOMMENDATIONS",
        /// A letter.
        Letter => "LETTER",
        /// A note that sets out the idea of a meeting or project.
        ConceptNote => "CONCEPT_NOTE",
        /// The programme of a meeting.
        Programme => "PROGRAMME",
        /// A paper prepared for a meeting or hearing.
        Paper => "PAPER",
        /// A draft law, directive or regulation.
        DraftLegislation => "DRAFT_LEGISLATION",
    }
}
