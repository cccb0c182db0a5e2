//! The table of joint activities.

use crate::{
    date::PartialDate,
    domain,
    vocabulary::{ActivityKind, ActivityStage, ActivityStatus, CooperationArea},
};

domain! {
    /// What mechanisms do together: a visit, a statement, a meeting.
    JointActivity, kind JointActivity, table "joint_activity" {
        columns {
            /// What it is called.
            title: String [Public],
            /// What is done.
            kind: ActivityKind [Public],
            /// How far it is.
            status: ActivityStatus [Public],
            /// The stage of cooperation that it is at.
            stage: ActivityStage [Public],
            /// The area of cooperation that it belongs to.
            area: CooperationArea [Public],
            /// When it begins.
            starts_on: PartialDate [Public],
            /// When it ends.
            ends_on: PartialDate [Public],
            /// What it is about.
            summary: String [Public],
            /// The city or place, for the parties of a channel.
            place: String [Channel, floor Public],
            /// A remark for the secretariats that take part.
            note: String [Secretariat],
            /// What has come of it.
            outcome: String [Public],
        }
        sealed {}
        edges {
            parties [Public],
            proposed_by [Secretariat, floor Public],
            agreed_by [Secretariat, floor Public],
            publication_agreed_by [Secretariat, floor Public],
            countries [Public],
            themes [Public],
        }
        lists { texts, translations }
        keys { proposed_by_id }
    }
}
