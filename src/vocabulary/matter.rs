//! The same-matter check: how tokens are made, and what is answered.

use super::codes::codes;

codes! {
    /// How the tokens of a matter are made, and who can see names while they are.
    pub MatchMode {
        /// The hub makes them, and sees the names in its memory while it does.
        HubTrusted => "M1",
        /// The mechanism's own client makes them: the hub never sees a name.
        Blind => "M2",
    }

    /// What the owner of a matter answers to a signal.
    pub OwnersAnswer {
        /// It is not the same matter.
        NotSame => "NOT_SAME",
        /// The matters overlap: who has asked is told so at the due date.
        Overlap => "OVERLAP",
        /// It can't be said.
        CannotSay => "CANNOT_SAY",
    }

    /// Where a question whether another mechanism holds the same matter stands.
    pub SameMatterStatus {
        /// Until its due date, whatever has been found or answered.
        Open => "OPEN",
        /// No overlap was reported: that is not to say that there is none.
        NoOverlapReported => "NO_OVERLAP_REPORTED",
        /// Another mechanism has confirmed an overlap.
        OverlapConfirmed => "OVERLAP_CONFIRMED",
    }

    /// Where a signal stands.
    pub SignalStatus {
        /// It waits for an answer.
        Waiting => "WAITING",
        /// It was answered.
        Answered => "ANSWERED",
        /// Its due date has passed without an answer.
        Over => "OVER",
    }
}
