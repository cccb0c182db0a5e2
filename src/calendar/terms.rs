//! What an event says: its texts, its dates, where it leads to; and how that is amended.

use async_graphql::MaybeUndefined;
use sea_orm::Value;

use super::{
    CalendarEvent,
    acts::{Of, ended, own},
    invitations, when,
};
use crate::{
    activity::JointActivity,
    clock::Moment,
    confidentiality::{Domain, FieldIndex, Known},
    country::{self, Country},
    date::PartialDate,
    id::RecordId,
    mechanism::Mechanism,
    organisation::Organisation,
    store::{
        act::{Act, ActError},
        page::ListQuery,
        predicate::{Predicate, Scalar, Test},
        values::{Amended, LIST, TEXT, line, list, text, topics},
    },
    vocabulary::{EventKind, EventStatus as Status, codes::Coded},
    work_plan::WorkPlanItem,
};

/// The longest name of a time zone.
const ZONE: usize = 64;

/// What an event is to say; what is undefined is left as it is.
#[derive(Default)]
pub(super) struct Amendment {
    pub(super) title: MaybeUndefined<String>,
    pub(super) kind: MaybeUndefined<EventKind>,
    pub(super) starts_on: MaybeUndefined<PartialDate>,
    pub(super) ends_on: MaybeUndefined<PartialDate>,
    pub(super) begins_at: MaybeUndefined<Moment>,
    pub(super) finishes_at: MaybeUndefined<Moment>,
    pub(super) time_zone: MaybeUndefined<String>,
    pub(super) city: MaybeUndefined<String>,
    pub(super) places_to_visit: MaybeUndefined<String>,
    pub(super) delegation: MaybeUndefined<Vec<String>>,
    pub(super) summary: MaybeUndefined<String>,
    pub(super) note: MaybeUndefined<String>,
    /// ISO alpha-3 code of the State in which it is held, for a new event.
    pub(super) held_in: Option<String>,
    /// The item of a work plan that it carries out, by its id, for a new event.
    pub(super) work_plan_item: Option<Option<RecordId>>,
    /// The joint activity that it is, by its id, for a new event.
    pub(super) joint_activity: Option<Option<RecordId>>,
    /// Mechanisms that organise it.
    pub(super) organisers: Option<Vec<Option<RecordId>>>,
    /// Organisations that organise it.
    pub(super) other_organisers: Option<Vec<Option<RecordId>>>,
    /// Mechanisms that take part.
    pub(super) participants: Option<Vec<Option<RecordId>>>,
    /// Organisations and categories of actors that take part.
    pub(super) other_participants: Option<Vec<Option<RecordId>>>,
}

/// An edge of an event, by its name in the database.
type Edge = (FieldIndex, &'static str);
/// Links under one name.
type Links = Vec<(&'static str, RecordId)>;

const ORGANISERS: Edge = (CalendarEvent::organisers, "organisers");
const PARTICIPANTS: Edge = (CalendarEvent::participants, "participants");
const OTHER_ORGANISERS: Edge = (CalendarEvent::other_organisers, "other_organisers");
const OTHER_PARTICIPANTS: Edge = (CalendarEvent::other_participants, "other_participants");

/// What was found valid of an amendment.
pub(super) struct Checked {
    pub(super) values: Amended,
    pub(super) keys: Vec<(&'static str, Value)>,
    pub(super) links: Vec<(Edge, Links)>,
}

/// Amends an event: other dates make a confirmed one, or one that was put off, a planned one.
///
/// # Errors
/// Refuses events of others, dates of one that has ended, and values that are not valid.
pub(super) async fn amend(
    act: &mut Act,
    of: Of<'_>,
    amendment: Amendment,
    (countries, themes): (Option<Vec<String>>, Option<Vec<String>>),
) -> Result<RecordId, ActError> {
    let (event, status) = own(act, of).await?;
    let moved = !amendment.starts_on.is_undefined() || !amendment.ends_on.is_undefined();
    if moved && ended(status) {
        return Err(ActError::conflict(
            "it has ended: its dates stay as they are",
        ));
    }
    let says = checked(act, amendment, Some(&event)).await?;
    let concerned = countries.is_some() || themes.is_some();
    let mut values = says.values.all();
    if values.is_empty() && says.links.is_empty() && !concerned {
        Amended::default().values()?;
    }
    if moved && matches!(status, Status::Confirmed | Status::Postponed) {
        values.push(("status", Status::Planned.code().into()));
    }
    if concerned {
        let countries = match countries {
            Some(codes) => {
                let codes = country::known(act, "countries", codes).await?;
                Some((CalendarEvent::countries, codes))
            }
            None => None,
        };
        let themes = themes.map(|codes| topics("themes", codes)).transpose()?;
        let themes = themes.map(|codes| (CalendarEvent::themes, codes));
        act.writer()
            .concern_anew(&*event, countries, themes)
            .await?;
    }
    if !values.is_empty() {
        act.writer().change(&*event, values.clone()).await?;
    }
    for (edge, links) in says.links {
        act.writer().unlink_others(&*event, edge, None).await?;
        for (_, target) in links {
            act.writer().link(&*event, edge, target).await?;
        }
    }
    invitations::follow(act, &event, values).await?;
    Ok(event.id())
}

/// What is to be written of an amendment, of an event that is there or of a new one.
///
/// # Errors
/// Refuses values that are not valid, and what they lead to where it is not there.
pub(super) async fn checked(
    act: &Act,
    says: Amendment,
    before: Option<&Known<CalendarEvent>>,
) -> Result<Checked, ActError> {
    when::check(&says, before)?;
    let mut keys = Vec::new();
    if let Some(code) = &says.held_in {
        keys.push(("held_in_id", state(act, code).await?.0.into()));
    }
    if let Some(item) = says.work_plan_item {
        let item = act.find::<WorkPlanItem>(item).await?;
        keys.push(("work_plan_item_id", item.id().0.into()));
    }
    if let Some(activity) = says.joint_activity {
        let activity = act.find::<JointActivity>(activity).await?;
        keys.push(("joint_activity_id", activity.id().0.into()));
    }
    let mut links = Vec::new();
    let mechanisms = [
        (ORGANISERS, "organisers", &says.organisers),
        (PARTICIPANTS, "participants", &says.participants),
    ];
    for (edge, field, ids) in mechanisms {
        if let Some(ids) = ids {
            links.push((edge, named::<Mechanism>(act, (edge.1, field), ids).await?));
        }
    }
    let others = [
        (OTHER_ORGANISERS, "otherOrganisers", &says.other_organisers),
        (
            OTHER_PARTICIPANTS,
            "otherParticipants",
            &says.other_participants,
        ),
    ];
    for (edge, field, ids) in others {
        if let Some(ids) = ids {
            links.push((
                edge,
                named::<Organisation>(act, (edge.1, field), ids).await?,
            ));
        }
    }
    let values = columns(says)?;
    Ok(Checked {
        values,
        keys,
        links,
    })
}

/// The records that an edge is to lead to, as far as the viewer may know of them.
async fn named<D: Domain>(
    act: &Act,
    (edge, field): (&'static str, &'static str),
    ids: &[Option<RecordId>],
) -> Result<Links, ActError> {
    if ids.len() > LIST {
        let sentence = format!("it names at most {LIST}");
        return Err(ActError::invalid(field, sentence));
    }
    let mut known: Vec<RecordId> = ids.iter().flatten().copied().collect();
    known.sort_unstable();
    known.dedup();
    let found = act.reader().by_ids::<D>(&known).await?;
    if ids.contains(&None) || !known.iter().all(|id| found.contains_key(id)) {
        let sentence = "there is no such record, or none that you may know of";
        return Err(ActError::invalid(field, sentence));
    }
    Ok(known.into_iter().map(|id| (edge, id)).collect())
}

/// The State in which an event is held.
async fn state(act: &Act, code: &str) -> Result<RecordId, ActError> {
    let codes = country::known(act, "heldIn", vec![code.to_owned()]).await?;
    let is = Test::In(codes.into_iter().map(Scalar::Text).collect());
    let query = ListQuery::one(Predicate::Column(Country::code, is));
    let found = act.reader().list::<Country>(&query).await?.rows;
    let found = found.first().map(|placed| placed.known.id());
    found.ok_or_else(|| ActError::invalid("heldIn", "there is no such State"))
}

fn columns(says: Amendment) -> Result<Amended, ActError> {
    let mut amended = Amended::default();
    let long = |field, given| text(field, given, TEXT);
    let date = |_, date: PartialDate| Ok(date.as_str().into());
    let moment = |_, moment: Moment| Ok(moment.seconds().into());
    amended.needed(("title", "title"), says.title, line)?;
    amended.needed(("kind", "kind"), says.kind, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("starts_on", "startsOn"), says.starts_on, date)?;
    amended.take(("ends_on", "endsOn"), says.ends_on, date)?;
    amended.take_number(("begins_at", "beginsAt"), says.begins_at, moment)?;
    amended.take_number(("finishes_at", "finishesAt"), says.finishes_at, moment)?;
    amended.take(("time_zone", "timeZone"), says.time_zone, zone)?;
    amended.take(("city", "city"), says.city, line)?;
    let places = ("places_to_visit", "placesToVisit");
    amended.take(places, says.places_to_visit, long)?;
    amended.take(("delegation", "delegation"), says.delegation, list)?;
    amended.take(("summary", "summary"), says.summary, long)?;
    amended.take(("note", "note"), says.note, long)?;
    Ok(amended)
}

/// A time zone by its name in the IANA database: of its shape, as the list itself changes
/// several times a year.
fn zone(field: &'static str, given: String) -> Result<Value, ActError> {
    let part = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte))
    };
    if given.len() > ZONE || !given.split('/').all(part) {
        let sentence = "it is a name such as `Africa/Banjul` or `UTC`";
        return Err(ActError::invalid(field, sentence));
    }
    Ok(given.into())
}
