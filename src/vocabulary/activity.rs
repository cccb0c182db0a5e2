//! What mechanisms do together: kinds of joint activities, and how far they are.

use super::codes::codes;

codes! {
    /// What mechanisms do together.
    pub ActivityKind {
        /// A visit to a State or a place.
        JointVisit => "JOINT_VISIT",
        /// A statement that several mechanisms make as one.
        JointStatement => "JOINT_STATEMENT",
        /// A press release in the name of several mechanisms.
        JointPressRelease => "JOINT_PRESS_RELEASE",
        /// A report that several mechanisms write.
        JointReport => "JOINT_REPORT",
        /// An urgent appeal of several mechanisms to a State.
        JointUrgentAppeal => "JOINT_URGENT_APPEAL",
        /// Precautionary measures that several mechanisms ask for together.
        JointPrecautionaryMeasure => "JOINT_PRECAUTIONARY_MEASURE",
        /// A declaration of several mechanisms.
        JointDeclaration => "JOINT_DECLARATION",
        /// Work on a standard, such as a general comment or guidelines.
        JointStandardSetting => "JOINT_STANDARD_SETTING",
        /// A meeting at which mechanisms tell each other of their work.
        Dialogue => "DIALOGUE",
        /// A meeting that settles who does what.
        CoordinationMeeting => "COORDINATION_MEETING",
        /// A meeting of focal points.
        FocalPointMeeting => "FOCAL_POINT_MEETING",
        /// Consulting each other, or others together.
        Consultation => "CONSULTATION",
        /// A workshop.
        Workshop => "WORKSHOP",
        /// An event beside a session or a conference.
        SideEvent => "SIDE_EVENT",
        /// Taking part in a hearing of another body.
        HearingParticipation => "HEARING_PARTICIPATION",
        /// Taking part in a session of another body.
        SessionParticipation => "SESSION_PARTICIPATION",
        /// Staff of one secretariat work at another for a time.
        StaffExchange => "STAFF_EXCHANGE",
        /// A training.
        Training => "TRAINING",
        /// Building up what others can do.
        CapacityBuilding => "CAPACITY_BUILDING",
        /// A visit that follows up on recommendations.
        FollowUpVisit => "FOLLOW_UP_VISIT",
        /// Speaking up for the same end.
        JointAdvocacy => "JOINT_ADVOCACY",
        /// A working group of several mechanisms.
        WorkingGroup => "WORKING_GROUP",
        /// A task force of several mechanisms.
        TaskForce => "TASK_FORCE",
        /// Support of a national preventive mechanism.
        NpmSupport => "NPM_SUPPORT",
        /// A campaign for the ratification of a treaty.
        RatificationCampaign => "RATIFICATION_CAMPAIGN",
        /// A seminar.
        Seminar => "SEMINAR",
    }

    /// How far a joint activity has come.
    pub ActivityStatus {
        /// Proposed by one party; not all have agreed to it as it stands.
        Proposed => "PROPOSED",
        /// Every party has agreed to it.
        Agreed => "AGREED",
        /// Agreed, and its date is settled.
        Confirmed => "CONFIRMED",
        /// Under way.
        Ongoing => "ONGOING",
        /// Carried out.
        Completed => "COMPLETED",
        /// Put off; new dates are agreed to anew.
        Postponed => "POSTPONED",
        /// Given up, or taken back before it was agreed to.
        Cancelled => "CANCELLED",
    }

    /// The stage of cooperation that a joint activity is at.
    pub ActivityStage {
        /// Deciding what is worth doing together.
        StrategicPlanning => "STRATEGIC_PLANNING",
        /// Preparing it.
        Planning => "PLANNING",
        /// Doing it.
        Implementation => "IMPLEMENTATION",
        /// Following up on it.
        FollowUp => "FOLLOW_UP",
    }
}
