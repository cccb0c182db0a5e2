//! Communications: their kinds, where they stand, why one is inadmissible.

use super::codes::codes;

codes! {
    /// What was submitted, in the words of the procedure it is under.
    pub CommunicationKind {
        /// A person's or group's claim before a treaty body or the ACHPR.
        IndividualCommunication => "INDIVIDUAL_COMMUNICATION",
        /// A State's claim against another State.
        InterStateCommunication => "INTER_STATE_COMMUNICATION",
        /// An inquiry into grave or systematic violations in a State.
        Inquiry => "INQUIRY",
        /// CED: a request to seek and find a disappeared person.
        UrgentAction => "URGENT_ACTION",
        /// Special procedures: a letter on a violation that is imminent or ongoing.
        UrgentAppeal => "URGENT_APPEAL",
        /// Special procedures: a letter on a violation said to have occurred.
        AllegationLetter => "ALLEGATION_LETTER",
        /// Special procedures: a letter on a law, policy or practice.
        OtherLetter => "OTHER_LETTER",
        /// IACHR: a petition against a State of the Organization.
        Petition => "PETITION",
        /// A request for precautionary measures, as the IACHR grants them.
        PrecautionaryMeasureRequest => "PRECAUTIONARY_MEASURE_REQUEST",
        /// An application to a court.
        Application => "APPLICATION",
        /// ECSR: a complaint by an organisation under the European Social Charter.
        CollectiveComplaint => "COLLECTIVE_COMPLAINT",
        /// WGAD: a detention submitted for an opinion.
        DetentionCase => "DETENTION_CASE",
        /// WGEID: a disappearance sent to the State for clarification.
        DisappearanceCase => "DISAPPEARANCE_CASE",
        /// An allegation of reprisals for cooperating with a mechanism.
        ReprisalCommunication => "REPRISAL_COMMUNICATION",
        /// A request to act before a situation becomes worse.
        EarlyWarning => "EARLY_WARNING",
        /// A consistent pattern of violations, before the HRC complaint procedure.
        PatternComplaint => "PATTERN_COMPLAINT",
    }

    /// Where a communication stands, in words common to all mechanisms.
    ///
    /// The mechanism's own word for it is told beside it.
    pub CommunicationStatus {
        /// Arrived at the secretariat, not yet screened.
        Received => "RECEIVED",
        /// The sender was asked for what is missing before it can be registered.
        InformationRequested => "INFORMATION_REQUESTED",
        /// Screened out: not entered in the docket.
        NotRegistered => "NOT_REGISTERED",
        /// Entered in the docket; the ACHPR says seized.
        Registered => "REGISTERED",
        /// Sent to the State concerned for its observations.
        TransmittedToState => "TRANSMITTED_TO_STATE",
        /// Awaits a decision on admissibility.
        AdmissibilityPending => "ADMISSIBILITY_PENDING",
        /// Admissibility is to be decided apart from the merits.
        AdmissibilitySplit => "ADMISSIBILITY_SPLIT",
        /// Declared admissible; the merits follow.
        Admissible => "ADMISSIBLE",
        /// Declared inadmissible; the ground is told beside it.
        Inadmissible => "INADMISSIBLE",
        /// Declared admissible for some claims and inadmissible for others.
        PartlyAdmissible => "PARTLY_ADMISSIBLE",
        /// Awaits a decision on the merits, and on admissibility where that was
        /// deferred to the merits (IACHR Rules of Procedure, Art. 36(3)).
        MeritsPending => "MERITS_PENDING",
        /// A hearing is set or was held.
        Hearing => "HEARING",
        /// Decided: the body found a violation.
        DecidedViolation => "DECIDED_VIOLATION",
        /// Decided: the body found no violation.
        DecidedNoViolation => "DECIDED_NO_VIOLATION",
        /// Decided: the body found a violation of some of the rights invoked.
        DecidedPartly => "DECIDED_PARTLY",
        /// Consideration ended, for instance because the claim became moot.
        Discontinued => "DISCONTINUED",
        /// Withdrawn by who submitted it.
        Withdrawn => "WITHDRAWN",
        /// Struck from the docket, for instance because it was not pursued.
        StruckOut => "STRUCK_OUT",
        /// Closed without a decision and kept in the archive.
        Archived => "ARCHIVED",
        /// Ended by a settlement between the parties.
        FriendlySettlement => "FRIENDLY_SETTLEMENT",
        /// Ended by a declaration in which the State acknowledges and redresses.
        UnilateralDeclaration => "UNILATERAL_DECLARATION",
        /// Submitted to the court of the same system.
        ReferredToCourt => "REFERRED_TO_COURT",
        /// Joined to another communication and considered with it.
        Joined => "JOINED",
        /// Consideration is suspended.
        Suspended => "SUSPENDED",
        /// The body follows up on its decision; the dialogue continues.
        FollowUpOngoing => "FOLLOW_UP_ONGOING",
        /// Follow-up closed: the decision was satisfactorily implemented.
        FollowUpClosedSatisfactory => "FOLLOW_UP_CLOSED_SATISFACTORY",
        /// Follow-up closed: the decision was implemented in part.
        FollowUpClosedPartial => "FOLLOW_UP_CLOSED_PARTIAL",
        /// Follow-up closed: implementation was not satisfactory.
        FollowUpClosedNonSatisfactory => "FOLLOW_UP_CLOSED_NON_SATISFACTORY",
        /// Follow-up is suspended.
        FollowUpSuspended => "FOLLOW_UP_SUSPENDED",
    }

    /// The stage of the procedure that a status belongs to.
    pub Stage {
        /// Arrival and screening by the secretariat.
        Intake => "INTAKE",
        /// In the docket.
        Registered => "REGISTERED",
        /// Before the State for its observations.
        Transmitted => "TRANSMITTED",
        /// Whether the body may consider it.
        Admissibility => "ADMISSIBILITY",
        /// Whether rights were violated.
        Merits => "MERITS",
        /// Ended, paused or joined otherwise than by a decision on the merits.
        OtherEnds => "OTHER_ENDS",
        /// After the decision: what the State does about it.
        After => "AFTER",
    }

    /// Why a body declared a communication inadmissible.
    pub InadmissibilityGround {
        /// The same matter is being examined by another international procedure.
        SameMatterPending => "SAME_MATTER_PENDING",
        /// The same matter has been examined by another international procedure.
        SameMatterExamined => "SAME_MATTER_EXAMINED",
        /// Remedies available in the State were not exhausted.
        DomesticRemediesNotExhausted => "DOMESTIC_REMEDIES_NOT_EXHAUSTED",
        /// Submitted too late.
        TimeLimit => "TIME_LIMIT",
        /// Brought by or against one whom the instrument does not cover.
        RationePersonae => "RATIONE_PERSONAE",
        /// About a right that the instrument does not protect.
        RationeMateriae => "RATIONE_MATERIAE",
        /// About facts outside the State's territory and jurisdiction.
        RationeLoci => "RATIONE_LOCI",
        /// About facts before the instrument bound the State.
        RationeTemporis => "RATIONE_TEMPORIS",
        /// Submitted without telling the body who submits it.
        Anonymous => "ANONYMOUS",
        /// An abuse of the right to submit.
        AbuseOfRight => "ABUSE_OF_RIGHT",
        /// Clearly without merit.
        ManifestlyIllFounded => "MANIFESTLY_ILL_FOUNDED",
        /// Not supported by sufficient facts or argument.
        InsufficientlySubstantiated => "INSUFFICIENTLY_SUBSTANTIATED",
        /// Incompatible with the provisions of the instrument.
        IncompatibleWithInstrument => "INCOMPATIBLE_WITH_INSTRUMENT",
        /// The person is not, or no longer, a victim of the acts complained of.
        NoVictimStatus => "NO_VICTIM_STATUS",
        /// The applicant suffered no significant disadvantage (ECtHR).
        NoSignificantDisadvantage => "NO_SIGNIFICANT_DISADVANTAGE",
        /// Written in disparaging or insulting language (African Charter, Art. 56(3)).
        InsultingLanguage => "INSULTING_LANGUAGE",
        /// Based on news from the mass media alone (African Charter, Art. 56(4)).
        MediaOnly => "MEDIA_ONLY",
        /// Settled by the States concerned under the principles of the United
        /// Nations or the African Union (African Charter, Art. 56(7)).
        SettledElsewhere => "SETTLED_ELSEWHERE",
    }

    /// From whom the secretariat has the information.
    pub SourceKind {
        /// The alleged victim.
        AllegedVictim => "ALLEGED_VICTIM",
        /// A relative of the alleged victim.
        Family => "FAMILY",
        /// Counsel, or another person who acts for the alleged victim.
        Representative => "REPRESENTATIVE",
        /// A civil society organisation.
        CivilSociety => "CIVIL_SOCIETY",
        /// A national human rights institution.
        Nhri => "NHRI",
        /// A national preventive mechanism.
        Npm => "NPM",
        /// A report in the media.
        Media => "MEDIA",
        /// Another source.
        Other => "OTHER",
    }
}

impl CommunicationStatus {
    /// The stage that this status belongs to.
    pub fn stage(self) -> Stage {
        match self {
            Self::Received | Self::InformationRequested | Self::NotRegistered => Stage::Intake,
            Self::Registered => Stage::Registered,
            Self::TransmittedToState => Stage::Transmitted,
            Self::AdmissibilityPending
            | Self::AdmissibilitySplit
            | Self::Admissible
            | Self::Inadmissible
            | Self::PartlyAdmissible => Stage::Admissibility,
            Self::MeritsPending
            | Self::Hearing
            | Self::DecidedViolation
            | Self::DecidedNoViolation
            | Self::DecidedPartly => Stage::Merits,
            Self::Discontinued
            | Self::Withdrawn
            | Self::StruckOut
            | Self::Archived
            | Self::FriendlySettlement
            | Self::UnilateralDeclaration
            | Self::ReferredToCourt
            | Self::Joined
            | Self::Suspended => Stage::OtherEnds,
            Self::FollowUpOngoing
            | Self::FollowUpClosedSatisfactory
            | Self::FollowUpClosedPartial
            | Self::FollowUpClosedNonSatisfactory
            | Self::FollowUpSuspended => Stage::After,
        }
    }
}
