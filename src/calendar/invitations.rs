//! Invitations to an event: what the invited is told of it, and what it answers.

use std::sync::Arc;

use sea_orm::Value;

use super::{
    CalendarEvent, EventInvitation,
    acts::{Of, ended, own},
};
use crate::{
    confidentiality::{Known, Level},
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::{institution, registered},
    store::{
        act::{Act, ActError, RefusalCode, check_text},
        values::{TEXT, text},
        writer::NewRecord,
    },
    vocabulary::{InvitationAnswer as Answer, NotificationType as What, codes::Coded},
};

/// Mechanisms that are invited to one event at most.
const INVITED: usize = 100;
/// Columns of an event that its invitations tell, by the names that they have there.
const TOLD: [(&str, &str); 6] = [
    ("title", "subject"),
    ("kind", "kind"),
    ("status", "status"),
    ("starts_on", "starts_on"),
    ("ends_on", "ends_on"),
    ("city", "place"),
];

/// Invites a mechanism to an event of one's own: it is told title, kind, dates and city,
/// whatever else it may know of the event.
///
/// # Errors
/// Refuses events of others, one that has ended, and who is invited already, is no mechanism
/// of the hub, or is the host.
pub(super) async fn invite(
    act: &mut Act,
    of: Of<'_>,
    (code, message): (String, Option<String>),
) -> Result<RecordId, ActError> {
    let host = registered(act).await?;
    let (event, status) = own(act, of).await?;
    if ended(status) {
        return Err(ActError::conflict(
            "it has ended: nobody is invited any more",
        ));
    }
    check_text("mechanism", &code, 100)?;
    let invited = institution(act, &code).await?;
    let invited = invited.filter(|invited| !event.facts().owners.contains(invited));
    let invited = invited.ok_or_else(|| {
        let sentence = format!("no other mechanism has the code `{code}`");
        ActError::invalid("mechanism", sentence)
    })?;
    let before = sent(act, &event, host).await?;
    if before.len() >= INVITED {
        let sentence = format!("at most {INVITED} are invited to one event");
        return Err(RefusalCode::Conflict.says(sentence).into());
    }
    let again = before.iter().any(|invitation| {
        invitation.key("mechanism_id") == Some(invited.into()) && answer(invitation) != WITHDRAWN
    });
    if again {
        return Err(ActError::conflict("it is invited already"));
    }
    let owners = vec![host, invited];
    let mut record = NewRecord::of(RecordId::random(), owners, Level::Secretariat);
    let edges = (CalendarEvent::countries, CalendarEvent::themes);
    (record.countries, record.topics) = act.told_concerns(&event, edges).await?;
    record.values = told(&event)?;
    record.values.extend([
        ("answer", Answer::Invited.code().into()),
        ("calendar_event_id", event.id().0.into()),
        ("host_id", host.0.into()),
        ("mechanism_id", invited.0.into()),
    ]);
    if let Some(message) = message {
        record
            .values
            .push(("message", text("message", message, TEXT)?));
    }
    let id = act.add::<EventInvitation>(record).await?;
    notify(act, invited, What::EventInvitation, id).await?;
    Ok(id)
}

/// Answers an invitation for the mechanism that is invited; another answer may follow until
/// the event has ended.
///
/// # Errors
/// Refuses who is not invited, what was taken back or has ended, and a note that is not valid.
pub(super) async fn respond(
    act: &mut Act,
    of: Of<'_>,
    (accepted, note): (bool, Option<String>),
) -> Result<RecordId, ActError> {
    let (invitation, host, invited) = found(act, of).await?;
    if invitation.viewer().mechanism() != Some(invited) {
        let sentence = "it is answered by the mechanism that is invited";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let status = invitation.open(|row| &row.status).visible().flatten();
    if status.is_some_and(|status| ended(*status)) {
        return Err(ActError::conflict("the event has ended"));
    }
    let said = if accepted {
        Answer::Accepted
    } else {
        Answer::Declined
    };
    let today = PartialDate::of_day(act.reader().viewer().now());
    let mut values = vec![
        ("answer", said.code().into()),
        ("answered_on", today.as_str().into()),
    ];
    if let Some(note) = note {
        values.push(("answer_note", text("note", note, TEXT)?));
    }
    act.writer().change(&*invitation, values).await?;
    notify(act, host, What::EventInvitationAnswered, invitation.id()).await?;
    Ok(invitation.id())
}

/// Takes an invitation back, as the mechanism that has sent it.
///
/// # Errors
/// Refuses who has not sent it, and what was taken back before.
pub(super) async fn withdraw(act: &mut Act, of: Of<'_>) -> Result<RecordId, ActError> {
    let (invitation, host, invited) = found(act, of).await?;
    if invitation.viewer().mechanism() != Some(host) {
        let sentence = "it is taken back by the mechanism that has sent it";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let withdrawn = vec![("answer", Answer::Withdrawn.code().into())];
    act.writer().change(&*invitation, withdrawn).await?;
    notify(act, invited, What::EventInvitationChanged, invitation.id()).await?;
    Ok(invitation.id())
}

const WITHDRAWN: Option<Answer> = Some(Answer::Withdrawn);

/// Lets the invitations that one has sent say what has changed of their event.
///
/// # Errors
/// Refuses a token that does not write invitations, where there are any.
pub(super) async fn follow(
    act: &mut Act,
    event: &Known<CalendarEvent>,
    values: Vec<(&'static str, Value)>,
) -> Result<(), ActError> {
    let told = values.into_iter().filter_map(|(column, value)| {
        let (_, name) = TOLD.iter().find(|(of_event, _)| *of_event == column)?;
        Some((*name, value))
    });
    let told: Vec<(&'static str, Value)> = told.collect();
    let (Some(host), false) = (event.viewer().mechanism(), told.is_empty()) else {
        return Ok(());
    };
    for invitation in sent(act, event, host).await? {
        let said = answer(&invitation);
        if said == WITHDRAWN {
            continue;
        }
        act.writer().change(&*invitation, told.clone()).await?;
        let invited = invitation.key("mechanism_id").map(MechanismId::from);
        if let Some(invited) = invited.filter(|_| said != Some(Answer::Declined)) {
            notify(act, invited, What::EventInvitationChanged, invitation.id()).await?;
        }
    }
    Ok(())
}

/// The invitations to an event that a mechanism has sent.
async fn sent(
    act: &Act,
    event: &Known<CalendarEvent>,
    host: MechanismId,
) -> Result<Vec<Arc<Known<EventInvitation>>>, ActError> {
    let ids = act
        .ids_under::<EventInvitation>("calendar_event_id", event.id())
        .await?;
    let mut found = act.reader().by_ids::<EventInvitation>(&ids).await?;
    let all = ids.iter().filter_map(|id| found.remove(id));
    Ok(all
        .filter(|invitation| invitation.key("host_id") == Some(host.into()))
        .collect())
}

/// An invitation that one may write to, its host and who is invited.
async fn found(
    act: &Act,
    (id, expected): Of<'_>,
) -> Result<(Arc<Known<EventInvitation>>, MechanismId, MechanismId), ActError> {
    let invitation = act.find::<EventInvitation>(id).await?;
    act.may_change(&*invitation)?;
    for field in [EventInvitation::answer, EventInvitation::status] {
        act.may_change_field(&*invitation, field)?;
        if !invitation.sees(field) {
            let sentence = "your token does not let you read where the invitation stands";
            return Err(RefusalCode::Forbidden.says(sentence).into());
        }
    }
    act.expect(&*invitation, expected)?;
    if answer(&invitation) == WITHDRAWN {
        return Err(ActError::conflict("it was taken back"));
    }
    let key = |name| invitation.key(name).map(MechanismId::from);
    match (key("host_id"), key("mechanism_id")) {
        (Some(host), Some(invited)) => Ok((invitation, host, invited)),
        (None, Some(_)) | (Some(_) | None, None) => Err(ActError::conflict(
            "one of the two is not on the hub any more",
        )),
    }
}

fn answer(invitation: &Known<EventInvitation>) -> Option<Answer> {
    let said = invitation.open(|row| &row.answer).visible().flatten();
    said.copied()
}

/// What an invitation tells of its event, as far as who invites is told of it.
fn told(event: &Known<CalendarEvent>) -> Result<Vec<(&'static str, Value)>, ActError> {
    let date = |date: Option<&PartialDate>| date.map(|date| Value::from(date.as_str()));
    let said = [
        (
            "subject",
            event
                .open(|row| &row.title)
                .visible()
                .flatten()
                .map(|title| title.as_str().into()),
        ),
        (
            "kind",
            event
                .open(|row| &row.kind)
                .visible()
                .flatten()
                .map(|kind| kind.code().into()),
        ),
        (
            "status",
            event
                .open(|row| &row.status)
                .visible()
                .flatten()
                .map(|status| status.code().into()),
        ),
        (
            "starts_on",
            date(event.open(|row| &row.starts_on).visible().flatten()),
        ),
        (
            "ends_on",
            date(event.open(|row| &row.ends_on).visible().flatten()),
        ),
        (
            "place",
            event
                .open(|row| &row.city)
                .visible()
                .flatten()
                .map(|city| city.as_str().into()),
        ),
    ];
    if !event.sees(CalendarEvent::title) {
        let sentence = "your token does not let you read what the event is called";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    let told = said.into_iter();
    Ok(told
        .filter_map(|(name, value)| Some((name, value?)))
        .collect())
}

async fn notify(
    act: &mut Act,
    mechanism: MechanismId,
    what: What,
    invitation: RecordId,
) -> Result<(), ActError> {
    let about = (Kind::EventInvitation, invitation);
    act.writer().notify((mechanism, None), what, about).await
}
