//! What an officer says in the acts on the calendar.

use async_graphql::{ID, InputObject, MaybeUndefined};

use super::super::{acts::NewEvent, terms::Amendment};
use crate::{
    confidentiality::Level,
    graphql::{
        acts::ChosenLevelInput,
        given::{Given, GivenDate, GivenMoment},
    },
    id::RecordId,
    identity::kind::Kind,
    store::act::id_of,
    vocabulary::EventKind,
};

/// An event that is planned.
#[derive(InputObject)]
pub struct PlanCalendarEventInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// What it is called.
    title: String,
    /// What kind of event it is.
    kind: Given<EventKind>,
    /// When it begins, as far as that is known: never a day that nobody knows.
    starts_on: MaybeUndefined<GivenDate>,
    /// When it ends; nothing where it is over on the day on which it begins.
    ends_on: MaybeUndefined<GivenDate>,
    /// The moment at which it begins, where an hour is known.
    begins_at: MaybeUndefined<GivenMoment>,
    /// The moment at which it is over, where an hour is known.
    finishes_at: MaybeUndefined<GivenMoment>,
    /// The time zone of the place, such as `Africa/Banjul`.
    time_zone: MaybeUndefined<String>,
    /// The city in which it is held.
    city: MaybeUndefined<String>,
    /// ISO alpha-3 code of the State or territory in which it is held.
    held_in: Option<String>,
    /// Places to visit, before they are announced: for the parties of a channel.
    places_to_visit: MaybeUndefined<String>,
    /// Who is sent: offices, such as `two members of the Committee`, never persons by name.
    delegation: MaybeUndefined<Vec<String>>,
    /// What it is about.
    summary: MaybeUndefined<String>,
    /// A remark for the secretariat.
    note: MaybeUndefined<String>,
    /// Id of the item of a work plan that it carries out.
    work_plan_item: Option<ID>,
    /// Id of the joint activity that it is.
    joint_activity: Option<ID>,
    /// Ids of the mechanisms that organise it.
    organisers: Option<Vec<ID>>,
    /// Ids of the organisations that organise it.
    other_organisers: Option<Vec<ID>>,
    /// Ids of the mechanisms that take part.
    participants: Option<Vec<ID>>,
    /// Ids of the organisations and categories of actors that take part.
    other_participants: Option<Vec<ID>>,
    /// ISO alpha-3 codes of the States that it concerns, such as the one that is visited.
    #[graphql(default)]
    countries: Vec<String>,
    /// Codes of the themes that it concerns, such as `torture_prevention`.
    #[graphql(default)]
    themes: Vec<String>,
    /// The level at which it is known that the event is there: `CHANNEL` where nothing is
    /// said, `PARTNER`, or `SECRETARIAT`.
    existence: Option<Given<Level>>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// What an event is to say; what is left out stays, `null` takes away.
#[derive(InputObject)]
pub struct AmendCalendarEventInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The event's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// What it is called.
    title: MaybeUndefined<String>,
    /// What kind of event it is.
    kind: MaybeUndefined<Given<EventKind>>,
    /// When it begins; another date is confirmed anew.
    starts_on: MaybeUndefined<GivenDate>,
    /// When it ends.
    ends_on: MaybeUndefined<GivenDate>,
    /// The moment at which it begins, where an hour is known.
    begins_at: MaybeUndefined<GivenMoment>,
    /// The moment at which it is over, where an hour is known.
    finishes_at: MaybeUndefined<GivenMoment>,
    /// The time zone of the place, such as `Africa/Banjul`.
    time_zone: MaybeUndefined<String>,
    /// The city in which it is held.
    city: MaybeUndefined<String>,
    /// Places to visit, before they are announced: for the parties of a channel.
    places_to_visit: MaybeUndefined<String>,
    /// Who is sent: offices, such as `two members of the Committee`, never persons by name.
    delegation: MaybeUndefined<Vec<String>>,
    /// What it is about.
    summary: MaybeUndefined<String>,
    /// A remark for the secretariat.
    note: MaybeUndefined<String>,
    /// Ids of all mechanisms that organise it, in the place of those before.
    organisers: Option<Vec<ID>>,
    /// Ids of all organisations that organise it, in the place of those before.
    other_organisers: Option<Vec<ID>>,
    /// Ids of all mechanisms that take part, in the place of those before.
    participants: Option<Vec<ID>>,
    /// Ids of all organisations and categories of actors that take part, in the place of
    /// those before.
    other_participants: Option<Vec<ID>>,
    /// ISO alpha-3 codes of all States that it concerns, in the place of those before.
    pub(super) countries: Option<Vec<String>>,
    /// Codes of all themes that it concerns, in the place of those before.
    pub(super) themes: Option<Vec<String>>,
    /// Levels above their own for what the act writes, chosen in the same act.
    #[graphql(default)]
    levels: Vec<ChosenLevelInput>,
}

/// The event, or the invitation, that an act is about.
#[derive(InputObject)]
pub struct CalendarEventActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The record's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
}

/// An event that is published.
#[derive(InputObject)]
pub struct PublishCalendarEventInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The event's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// From when on anyone is told of it; at once where nothing is said. Until then it is
    /// known to your secretariat alone.
    pub(super) public_from: Option<GivenMoment>,
}

/// An invitation to an event.
#[derive(InputObject)]
pub struct InviteToCalendarEventInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The event's id.
    pub(super) id: ID,
    /// The `version` at which you have read the event: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// Code of the mechanism that is invited.
    pub(super) mechanism: String,
    /// What you write with it, for the secretariat that is invited.
    pub(super) message: Option<String>,
}

/// The answer to an invitation.
#[derive(InputObject)]
pub struct AnswerEventInvitationInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    pub(super) key: Option<String>,
    /// The invitation's id.
    pub(super) id: ID,
    /// The `version` at which you have read it: refused where it has changed since.
    pub(super) expected_version: Option<String>,
    /// Whether your mechanism will take part.
    pub(super) accepted: bool,
    /// What you write with it, for the secretariat that has invited.
    pub(super) note: Option<String>,
}

fn ids(kind: Kind, ids: Option<Vec<ID>>) -> Option<Vec<Option<RecordId>>> {
    Some(ids?.iter().map(|id| id_of(kind, id)).collect())
}

/// The parts of an input that both a new event and an amended one have.
macro_rules! amendment {
    ($input:ident, $title:expr, $kind:expr, $($more:tt)*) => {
        Amendment {
            title: $title,
            kind: $kind,
            starts_on: $input.starts_on.map_value(|date| date.0),
            ends_on: $input.ends_on.map_value(|date| date.0),
            begins_at: $input.begins_at.map_value(|moment| moment.0),
            finishes_at: $input.finishes_at.map_value(|moment| moment.0),
            time_zone: $input.time_zone,
            city: $input.city,
            places_to_visit: $input.places_to_visit,
            delegation: $input.delegation,
            summary: $input.summary,
            note: $input.note,
            organisers: ids(Kind::Mechanism, $input.organisers),
            other_organisers: ids(Kind::Organisation, $input.other_organisers),
            participants: ids(Kind::Mechanism, $input.participants),
            other_participants: ids(Kind::Organisation, $input.other_participants),
            $($more)*
        }
    };
}

impl From<PlanCalendarEventInput> for (NewEvent, Vec<ChosenLevelInput>) {
    fn from(input: PlanCalendarEventInput) -> Self {
        let one = |kind, id: Option<ID>| id.map(|id| id_of(kind, &id));
        let says = amendment! {
            input, MaybeUndefined::Value(input.title), MaybeUndefined::Value(input.kind.0),
            held_in: input.held_in,
            work_plan_item: one(Kind::WorkPlanItem, input.work_plan_item),
            joint_activity: one(Kind::JointActivity, input.joint_activity),
        };
        let new = NewEvent {
            countries: input.countries,
            themes: input.themes,
            existence: input.existence.map(|level| level.0),
            says,
        };
        (new, input.levels)
    }
}

impl From<AmendCalendarEventInput> for (Amendment, Vec<ChosenLevelInput>) {
    fn from(input: AmendCalendarEventInput) -> Self {
        let kind = input.kind.map_value(|code| code.0);
        let says = amendment! {
            input, input.title, kind,
            held_in: None, work_plan_item: None, joint_activity: None,
        };
        (says, input.levels)
    }
}
