//! The acts of a mechanism on its own events: planned, confirmed, put off, given up, held,
//! published.

use std::sync::Arc;

use super::{CalendarEvent, invitations, terms};
use crate::{
    clock::Moment,
    confidentiality::{Known, Level},
    country,
    date::PartialDate,
    id::RecordId,
    mechanism::registered,
    store::{
        act::{Act, ActError, RefusalCode},
        values::topics,
        writer::NewRecord,
    },
    vocabulary::{EventStatus as Status, codes::Coded},
};

/// An event that is planned.
pub(super) struct NewEvent {
    /// ISO alpha-3 codes of the States that it concerns, such as the one that is visited.
    pub(super) countries: Vec<String>,
    /// Codes of the themes that it concerns.
    pub(super) themes: Vec<String>,
    /// The level at which it is known that the event is there.
    pub(super) existence: Option<Level>,
    /// What is said of it.
    pub(super) says: terms::Amendment,
}

/// An event that an act is about, and the version at which it was read.
pub(super) type Of<'a> = (Option<RecordId>, Option<&'a str>);

/// Plans an event of the viewer's own mechanism.
///
/// # Errors
/// Refuses values that are not valid, and one that anyone is told of from the start.
pub(super) async fn plan(act: &mut Act, new: NewEvent) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let existence = new.existence.unwrap_or(Level::Channel);
    if !(Level::Partner..=Level::Secretariat).contains(&existence) {
        let sentence = "it is `PARTNER`, `CHANNEL` or `SECRETARIAT`: anyone is told of it by \
                        publishing it";
        return Err(ActError::invalid("existence", sentence));
    }
    let mut record = NewRecord::of(RecordId::random(), vec![own], existence);
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("themes", new.themes)?;
    let says = terms::checked(act, new.says, None).await?;
    record.values = says.values.values()?;
    record.values.extend(says.keys);
    record.values.extend([
        ("status", Status::Planned.code().into()),
        ("mechanism_id", own.0.into()),
    ]);
    record.links = says
        .links
        .into_iter()
        .flat_map(|(_, links)| links)
        .collect();
    act.add::<CalendarEvent>(record).await
}

/// Confirms an event whose date is known.
///
/// # Errors
/// Refuses events of others, one that is neither planned nor put off, and one without a date.
pub(super) async fn confirm(act: &mut Act, of: Of<'_>) -> Result<RecordId, ActError> {
    let (event, status) = own(act, of).await?;
    if status != Status::Planned {
        let sentence = "only what is planned is confirmed; what was put off is given another \
                        date first";
        return Err(ActError::conflict(sentence));
    }
    if begins(act, &event)?.is_none() {
        return Err(ActError::conflict("it has no date yet: amend it first"));
    }
    step(act, &event, Status::Confirmed).await
}

/// Puts off an event that was planned or confirmed.
///
/// # Errors
/// Refuses events of others, and one that is neither.
pub(super) async fn postpone(act: &mut Act, of: Of<'_>) -> Result<RecordId, ActError> {
    let (event, status) = own(act, of).await?;
    if !matches!(status, Status::Planned | Status::Confirmed) {
        let sentence = "only what is planned or confirmed is put off";
        return Err(ActError::conflict(sentence));
    }
    step(act, &event, Status::Postponed).await
}

/// Gives up an event that has not ended.
///
/// # Errors
/// Refuses events of others, and one that has ended.
pub(super) async fn cancel(act: &mut Act, of: Of<'_>) -> Result<RecordId, ActError> {
    let (event, status) = own(act, of).await?;
    if ended(status) {
        return Err(ActError::conflict("it has ended already"));
    }
    step(act, &event, Status::Cancelled).await
}

/// Says that an event was held.
///
/// # Errors
/// Refuses events of others, one that was put off or has ended, and one whose day has not
/// come.
pub(super) async fn hold(act: &mut Act, of: Of<'_>) -> Result<RecordId, ActError> {
    let (event, status) = own(act, of).await?;
    if !matches!(status, Status::Planned | Status::Confirmed) {
        let sentence = "only what is planned or confirmed is held";
        return Err(ActError::conflict(sentence));
    }
    let today = PartialDate::of_day(act.reader().viewer().now());
    if begins(act, &event)?.is_none_or(|on| today.is_before(&on)) {
        return Err(ActError::conflict("its day has not come"));
    }
    step(act, &event, Status::Held).await
}

/// Publishes an event: anyone is told of it, at once or from a moment on.
///
/// # Errors
/// Refuses events of others, one that is public, and a moment that has passed.
pub(super) async fn publish(
    act: &mut Act,
    of: Of<'_>,
    from: Option<Moment>,
) -> Result<RecordId, ActError> {
    let (event, _) = own(act, of).await?;
    if event.existence() == Some(Level::Public) {
        return Err(ActError::conflict("anyone is told of it already"));
    }
    let now = act.reader().viewer().now();
    if from.is_some_and(|from| from <= now) {
        let sentence = "it is a moment that is to come; without one it is published at once";
        return Err(ActError::invalid("publicFrom", sentence));
    }
    act.writer().publish(&*event, from).await?;
    Ok(event.id())
}

/// Whether nothing more is done of it.
pub(super) fn ended(status: Status) -> bool {
    matches!(status, Status::Held | Status::Cancelled)
}

/// An event of one's own, and how firm it is.
///
/// # Errors
/// Refuses what is not there, and events of others.
pub(super) async fn own(
    act: &Act,
    (id, expected): Of<'_>,
) -> Result<(Arc<Known<CalendarEvent>>, Status), ActError> {
    let event = act.find::<CalendarEvent>(id).await?;
    act.may_change(&*event)?;
    // What it says decides what may be done: it is for who may read it, too.
    act.may_change_field(&*event, CalendarEvent::status)?;
    act.expect(&*event, expected)?;
    let status = event.open(|row| &row.status).visible().flatten();
    let status = status.copied().ok_or_else(|| {
        let sentence = "your token does not let you read how firm it is";
        RefusalCode::Forbidden.says(sentence)
    })?;
    Ok((event, status))
}

/// The date on which it begins, for who may read and write it.
fn begins(act: &Act, event: &Known<CalendarEvent>) -> Result<Option<PartialDate>, ActError> {
    act.may_change_field(event, CalendarEvent::starts_on)?;
    let begins = event.open(|row| &row.starts_on).visible().flatten();
    Ok(begins.cloned())
}

/// Sets how firm an event is, and lets invitations say so, too.
async fn step(
    act: &mut Act,
    event: &Known<CalendarEvent>,
    status: Status,
) -> Result<RecordId, ActError> {
    let status = vec![("status", status.code().into())];
    act.writer().change(event, status.clone()).await?;
    invitations::follow(act, event, status).await?;
    Ok(event.id())
}
