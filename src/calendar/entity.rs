//! The tables of the joint calendar: events, and invitations to them.

use crate::{
    clock::Moment,
    date::PartialDate,
    domain,
    vocabulary::{EventKind, EventStatus, InvitationAnswer},
};

domain! {
    /// What stands in the calendar of a mechanism: a session, a hearing, a visit, a deadline,
    /// a meeting.
    CalendarEvent, kind CalendarEvent, table "calendar_event" {
        columns {
            /// What it is called.
            title: String [Public],
            /// What kind of event it is.
            kind: EventKind [Public],
            /// How firm it is.
            status: EventStatus [Public],
            /// When it begins, as far as that is known.
            starts_on: PartialDate [Public],
            /// When it ends; nothing where it is over on the day on which it begins.
            ends_on: PartialDate [Public],
            /// The moment at which it begins, where an hour is known.
            begins_at: Moment [Public],
            /// The moment at which it is over, where an hour is known.
            finishes_at: Moment [Public],
            /// The time zone of the place, such as `Africa/Banjul`, where an hour is known.
            time_zone: String [Public],
            /// The city in which it is held.
            city: String [Public],
            /// Places to visit, before they are announced: for the parties of a channel.
            places_to_visit: String [Channel, floor Public],
            /// Who is sent: offices, such as `two members of the Committee`, never persons by
            /// name.
            delegation: Vec<String> [Channel, floor Public],
            /// What it is about.
            summary: String [Public],
            /// A remark for the secretariat.
            note: String [Secretariat],
        }
        sealed {}
        edges {
            mechanism [Public],
            held_in [Public],
            work_plan_item [Public],
            joint_activity [Public],
            countries [Public],
            organisers [Public],
            other_organisers [Public],
            participants [Partner, floor Public],
            other_participants [Partner, floor Public],
            themes [Public],
        }
        lists { invitations, texts, translations }
        keys { mechanism_id, held_in_id, work_plan_item_id, joint_activity_id }
    }
}

domain! {
    /// An invitation of one mechanism to an event of another: known to these two alone. It
    /// says what the host has chosen to tell of the event, which the invited need not be
    /// able to see.
    EventInvitation, kind EventInvitation, table "event_invitation" {
        columns {
            /// What it is an invitation to.
            subject: String [Public],
            /// What kind of event that is.
            kind: EventKind [Public],
            /// How firm the event is.
            status: EventStatus [Public],
            /// When the event begins.
            starts_on: PartialDate [Public],
            /// When it ends.
            ends_on: PartialDate [Public],
            /// Where it is held.
            place: String [Public],
            /// What the host has written with it.
            message: String [Secretariat],
            /// What the invited has answered.
            answer: InvitationAnswer [Public],
            /// When it was answered.
            answered_on: PartialDate [Public],
            /// What the invited has written with the answer.
            answer_note: String [Secretariat],
        }
        sealed {}
        edges {
            calendar_event [Public],
            host [Public],
            mechanism [Public],
        }
        keys { calendar_event_id, host_id, mechanism_id }
    }
}
