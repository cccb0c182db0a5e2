//! Where events and invitations lead to.

use super::super::{CalendarEvent, EventInvitation};
use crate::{
    activity::JointActivity,
    country::Country,
    edges,
    graphql::edges::topics,
    mechanism::Mechanism,
    organisation::Organisation,
    store::{
        page::Under,
        predicate::{Far, Via},
    },
    work_plan::WorkPlanItem,
};

edges! {
    /// Where an event leads to.
    CalendarEventEdges of CalendarEvent {
        one {
            /// The mechanism in whose calendar it stands.
            mechanism: Mechanism, by "mechanism_id";
            /// The State or territory in which it is held, which it need not concern.
            held_in: Country, by "held_in_id";
            /// The item of a work plan that it carries out.
            work_plan_item: WorkPlanItem, by "work_plan_item_id";
            /// The joint activity that it is.
            joint_activity: JointActivity, by "joint_activity_id";
        }
        many {
            /// The States that it concerns, such as the one that is visited.
            countries: Country, Under::Countries;
            /// Mechanisms that organise it.
            organisers: Mechanism, Under::Link("organisers");
            /// Organisations that organise it.
            other_organisers: Organisation, Under::Link("other_organisers");
            /// Mechanisms that take part.
            participants: Mechanism, Under::Link("participants");
            /// Organisations and categories of actors that take part.
            other_participants: Organisation, Under::Link("other_participants");
        }
        lists {
            /// Invitations to it: for the host, and each for who is invited.
            invitations: EventInvitation, Under::Key("calendar_event_id");
        }
        told {
            /// Codes of the themes that it concerns.
            themes: Vec<String>, |known, ctx| topics(ctx, known.id()).await.map(Some);
        }
    }
    texts { texts, translations }
    filters {
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
        held_in: Via::Key("held_in_id", Far::of::<Country>());
        countries: Via::Countries(Far::of::<Country>());
        themes: Via::Topics;
    }
}

edges! {
    /// Where an invitation leads to.
    EventInvitationEdges of EventInvitation {
        one {
            /// The event, where you may know of it.
            calendar_event: CalendarEvent, by "calendar_event_id";
            /// The mechanism that invites.
            host: Mechanism, by "host_id";
            /// The mechanism that is invited.
            mechanism: Mechanism, by "mechanism_id";
        }
        many {}
        lists {}
        told {}
    }
    filters {
        host: Via::Key("host_id", Far::of::<Mechanism>());
        mechanism: Via::Key("mechanism_id", Far::of::<Mechanism>());
    }
}
