//! The joint calendar: kinds of events, how firm they are, and answers to invitations.

use super::codes::codes;

codes! {
    /// What kind of event stands in the calendar.
    pub EventKind {
        /// A session of a body.
        Session => "SESSION",
        /// A hearing.
        Hearing => "HEARING",
        /// A visit to a State.
        Visit => "VISIT",
        /// A visit that follows up on recommendations.
        FollowUpVisit => "FOLLOW_UP_VISIT",
        /// A day by which something is to be handed in or done.
        Deadline => "DEADLINE",
        /// A meeting of two mechanisms.
        BilateralMeeting => "BILATERAL_MEETING",
        /// A meeting of three mechanisms.
        TrilateralMeeting => "TRILATERAL_MEETING",
        /// A meeting that settles who does what.
        CoordinationMeeting => "COORDINATION_MEETING",
        /// A meeting that is held every year.
        AnnualMeeting => "ANNUAL_MEETING",
        /// A meeting of a body that several mechanisms have together.
        JointBodyMeeting => "JOINT_BODY_MEETING",
        /// A meeting at which mechanisms tell each other of their work.
        Dialogue => "DIALOGUE",
        /// A meeting at which others are consulted.
        Consultation => "CONSULTATION",
        /// A consultation in and on one region.
        RegionalConsultation => "REGIONAL_CONSULTATION",
        /// A briefing.
        Briefing => "BRIEFING",
        /// A discussion of a body on a theme.
        ThematicDiscussion => "THEMATIC_DISCUSSION",
        /// A day of general discussion of a treaty body.
        DayOfGeneralDiscussion => "DAY_OF_GENERAL_DISCUSSION",
        /// A panel.
        Panel => "PANEL",
        /// A debate.
        Debate => "DEBATE",
        /// A forum.
        Forum => "FORUM",
        /// A conference.
        Conference => "CONFERENCE",
        /// A workshop.
        Workshop => "WORKSHOP",
        /// A seminar.
        Seminar => "SEMINAR",
        /// An event beside a session or a conference.
        SideEvent => "SIDE_EVENT",
    }

    /// How firm an event is.
    pub EventStatus {
        /// Planned; it may still move.
        Planned => "PLANNED",
        /// Its date is settled.
        Confirmed => "CONFIRMED",
        /// Put off, until it has another date.
        Postponed => "POSTPONED",
        /// Given up.
        Cancelled => "CANCELLED",
        /// It was held.
        Held => "HELD",
    }

    /// How much is known of a date.
    pub DatePrecision {
        /// The day.
        Day => "DAY",
        /// The month, and no day.
        Month => "MONTH",
        /// The year alone.
        Year => "YEAR",
    }

    /// What a mechanism has answered to an invitation.
    pub InvitationAnswer {
        /// Nothing yet.
        Invited => "INVITED",
        /// It will take part.
        Accepted => "ACCEPTED",
        /// It will not.
        Declined => "DECLINED",
        /// Nothing more: the host has taken the invitation back.
        Withdrawn => "WITHDRAWN",
    }
}
