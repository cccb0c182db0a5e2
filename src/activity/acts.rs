//! The acts on a joint activity: propose, agree, decline, confirm, begin, put off, give up,
//! complete, publish.
//!
//! Each party speaks for itself. Who is named in a proposal owns it from the start, as the
//! parties of a draft agreement do; who declines it is an owner no more.

use std::sync::Arc;

use super::{JointActivity, terms};
use crate::{
    confidentiality::{FieldIndex, Known, Level},
    country,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::registered,
    store::{
        act::{Act, ActError, RefusalCode},
        values::{TEXT, dates_in_order, text, topics},
        writer::NewRecord,
    },
    vocabulary::{ActivityStatus as Status, NotificationType as What, codes::Coded},
};

/// Proposals of one mechanism that are open at most.
const PROPOSALS: i64 = 100;

pub(super) const PARTY: Edge = (JointActivity::parties, "parties");
pub(super) const AGREED: Edge = (JointActivity::agreed_by, "agreed_by");
pub(super) const PUBLIC: Edge = (
    JointActivity::publication_agreed_by,
    "publication_agreed_by",
);

pub(super) type Edge = (FieldIndex, &'static str);
type Own = (Arc<Known<JointActivity>>, MechanismId, Status);

/// An activity that is proposed.
pub struct NewActivity {
    /// Codes of the mechanisms that are to take part.
    pub parties: Vec<String>,
    /// ISO alpha-3 codes of the States that it concerns.
    pub countries: Vec<String>,
    /// Codes of the themes that it concerns.
    pub themes: Vec<String>,
    /// What is said of it.
    pub says: terms::Amendment,
}

/// Proposes an activity to others: its parties may know of it, and nobody else.
///
/// # Errors
/// Refuses values that are not valid, and more proposals than a mechanism may have open.
pub async fn propose(act: &mut Act, new: NewActivity) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let owners = terms::parties(act, own, &new.parties).await?;
    let open = act.open_proposals::<JointActivity>(("proposed_by_id", own), &[Status::Proposed]);
    if open.await? >= PROPOSALS {
        let sentence = "your mechanism has as many proposals open as it may; give some of them up";
        return Err(ActError::conflict(sentence));
    }
    let mut record = NewRecord::of(RecordId::random(), owners.clone(), Level::Secretariat);
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("themes", new.themes)?;
    dates_in_order((&new.says.starts_on, None), (&new.says.ends_on, None))?;
    record.values = terms::columns(new.says)?.values()?;
    record.values.extend([
        ("status", Status::Proposed.code().into()),
        ("proposed_by_id", own.0.into()),
    ]);
    record.links = owners
        .iter()
        .map(|party| (PARTY.1, (*party).into()))
        .collect();
    record.links.push((AGREED.1, own.into()));
    act.writer().add::<JointActivity>(&record).await?;
    tell(act, (&owners, own), record.id, What::ActivityProposed).await?;
    Ok(record.id)
}

/// Agrees to an activity for one's own mechanism; with the last party it is agreed.
///
/// # Errors
/// Refuses who is no party, and an activity that does not wait for it.
pub async fn agree(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if !matches!(status, Status::Proposed | Status::Ongoing) {
        return Err(ActError::conflict("only a proposal is agreed to"));
    }
    let mut agreed = act.writer().linked(&*activity, AGREED.1).await?;
    if agreed.contains(&own.into()) {
        return Err(ActError::conflict(
            "your mechanism has agreed to it already",
        ));
    }
    act.writer().link(&*activity, AGREED, own.into()).await?;
    agreed.push(own.into());
    if status == Status::Proposed && all(&activity.facts().owners, &agreed) {
        set(act, &activity, Status::Agreed).await?;
    }
    tell_others(act, &activity, own, What::ActivityAgreed).await?;
    Ok(activity.id())
}

/// Declines a proposal: one's own mechanism is no party and no owner of it any more.
///
/// # Errors
/// Refuses who is no party or has proposed it, and what is no proposal any more.
pub async fn decline(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if status != Status::Proposed {
        return Err(ActError::conflict("only a proposal is declined"));
    }
    if proposer(&activity) == Some(own) || activity.facts().owners.len() < 2 {
        let sentence = "it is your mechanism's own proposal: give it up instead";
        return Err(ActError::conflict(sentence));
    }
    let mut agreed = act.writer().linked(&*activity, AGREED.1).await?;
    agreed.retain(|party| *party != own.into());
    let mut left = activity.facts().owners.clone();
    left.retain(|party| *party != own);
    if left.len() < 2 {
        // Nobody is left to do it with.
        set(act, &activity, Status::Cancelled).await?;
    } else if all(&left, &agreed) {
        set(act, &activity, Status::Agreed).await?;
    }
    for edge in [PARTY, AGREED, PUBLIC] {
        act.writer().unlink(&*activity, edge, own.into()).await?;
    }
    tell_others(act, &activity, own, What::ActivityDeclined).await?;
    act.writer().leave(&*activity).await?;
    Ok(activity.id())
}

/// Confirms the date of an activity that every party has agreed to.
///
/// # Errors
/// Refuses who is no party, and an activity that is not agreed or has no date.
pub async fn confirm(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if status != Status::Agreed {
        return Err(ActError::conflict(
            "only what every party has agreed to is confirmed",
        ));
    }
    act.may_change_field(&*activity, JointActivity::starts_on)?;
    let begins = activity.open(|row| &row.starts_on).visible().flatten();
    if begins.is_none() {
        return Err(ActError::conflict("it has no date yet: amend it first"));
    }
    step(
        act,
        &activity,
        own,
        (Status::Confirmed, What::ActivityConfirmed),
    )
    .await
}

/// Says that a confirmed activity has begun.
///
/// # Errors
/// Refuses who is no party, and an activity that is not confirmed.
pub async fn begin(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if status != Status::Confirmed {
        return Err(ActError::conflict("only what is confirmed begins"));
    }
    step(act, &activity, own, (Status::Ongoing, What::ActivityBegun)).await
}

/// Puts off an activity that has not begun, as any of its parties.
///
/// # Errors
/// Refuses who is no party, and an activity that is not agreed or confirmed.
pub async fn postpone(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if !matches!(status, Status::Agreed | Status::Confirmed) {
        let sentence = "only what is agreed or confirmed is put off";
        return Err(ActError::conflict(sentence));
    }
    step(
        act,
        &activity,
        own,
        (Status::Postponed, What::ActivityPostponed),
    )
    .await
}

/// Gives an activity up: a proposal as who has made it, else as any of its parties.
///
/// # Errors
/// Refuses who may not, and an activity that has ended.
pub async fn cancel(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if ended(status) {
        return Err(ActError::conflict("it has ended already"));
    }
    let others = proposer(&activity).is_some_and(|proposer| proposer != own);
    if status == Status::Proposed && others {
        let sentence = "a proposal is taken back by who has made it; decline it instead";
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    step(
        act,
        &activity,
        own,
        (Status::Cancelled, What::ActivityCancelled),
    )
    .await
}

/// Says that an activity was carried out, and what has come of it.
///
/// # Errors
/// Refuses who is no party, and an activity that is neither confirmed nor under way.
pub async fn complete(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    outcome: Option<String>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if !matches!(status, Status::Confirmed | Status::Ongoing) {
        let sentence = "only what is confirmed or under way is completed";
        return Err(ActError::conflict(sentence));
    }
    let mut said = vec![("status", Status::Completed.code().into())];
    if let Some(outcome) = outcome {
        said.push(("outcome", text("outcome", outcome, TEXT)?));
    }
    let more = said.len() > 1;
    act.writer().change(&*activity, said).await?;
    if more {
        terms::unpublish(act, &activity).await?;
    }
    tell_others(act, &activity, own, What::ActivityCompleted).await?;
    Ok(activity.id())
}

/// Agrees that anyone is told of an activity; with the last owner, anyone is.
///
/// # Errors
/// Refuses who is no owner, an activity that not all have agreed to, and one that anyone is
/// told of.
pub async fn publish(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let (activity, own, status) = found(act, id, expected).await?;
    if !matches!(
        status,
        Status::Agreed | Status::Confirmed | Status::Ongoing | Status::Completed
    ) {
        let sentence = "only what every party has agreed to is published";
        return Err(ActError::conflict(sentence));
    }
    if activity.existence() == Some(Level::Public) {
        return Err(ActError::conflict("anyone is told of it already"));
    }
    let mut agreed = act.writer().linked(&*activity, PUBLIC.1).await?;
    if agreed.contains(&own.into()) {
        let sentence = "your mechanism has agreed to that already; others have not yet";
        return Err(ActError::conflict(sentence));
    }
    act.writer().link(&*activity, PUBLIC, own.into()).await?;
    agreed.push(own.into());
    let what = if all(&activity.facts().owners, &agreed) {
        act.writer()
            .set_existence(&*activity, Level::Public)
            .await?;
        What::ActivityPublished
    } else {
        What::ActivityPublicationAgreed
    };
    tell_others(act, &activity, own, what).await?;
    Ok(activity.id())
}

/// Whether nothing more is done of it.
pub(super) fn ended(status: Status) -> bool {
    matches!(status, Status::Completed | Status::Cancelled)
}

/// An activity of one's own mechanism, and where it stands.
pub(super) async fn found(
    act: &Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<Own, ActError> {
    let activity = act.find::<JointActivity>(id).await?;
    let own = activity.viewer().mechanism();
    let own = own.filter(|own| activity.facts().owners.contains(own));
    let own = own.ok_or_else(|| RefusalCode::Forbidden.says("this is for its parties"))?;
    act.may_change(&*activity)?;
    let unread = || {
        let sentence = "your token does not let you read where the activity stands";
        ActError::from(RefusalCode::Forbidden.says(sentence))
    };
    // What these say decides what may be done: it is for who may read it, too.
    let decisive = [JointActivity::status, JointActivity::proposed_by];
    for field in decisive.into_iter().chain([PARTY.0, AGREED.0, PUBLIC.0]) {
        act.may_change_field(&*activity, field)?;
        if !activity.sees(field) {
            return Err(unread());
        }
    }
    act.expect(&*activity, expected)?;
    let status = activity.open(|row| &row.status).visible().flatten();
    let status = status.copied().ok_or_else(unread)?;
    Ok((activity, own, status))
}

fn proposer(activity: &Known<JointActivity>) -> Option<MechanismId> {
    activity.key("proposed_by_id").map(MechanismId::from)
}

fn all(owners: &[MechanismId], agreed: &[RecordId]) -> bool {
    owners.iter().all(|owner| agreed.contains(&(*owner).into()))
}

pub(super) async fn set(
    act: &mut Act,
    activity: &Known<JointActivity>,
    status: Status,
) -> Result<(), ActError> {
    let status = vec![("status", status.code().into())];
    act.writer().change(activity, status).await
}

async fn step(
    act: &mut Act,
    activity: &Known<JointActivity>,
    own: MechanismId,
    (status, what): (Status, What),
) -> Result<RecordId, ActError> {
    set(act, activity, status).await?;
    tell_others(act, activity, own, what).await?;
    Ok(activity.id())
}

/// Tells the parties of an activity what one of them has done.
pub(super) async fn tell_others(
    act: &mut Act,
    activity: &Known<JointActivity>,
    own: MechanismId,
    what: What,
) -> Result<(), ActError> {
    let owners = &activity.facts().owners;
    tell(act, (owners, own), activity.id(), what).await
}

async fn tell(
    act: &mut Act,
    (parties, own): (&[MechanismId], MechanismId),
    activity: RecordId,
    what: What,
) -> Result<(), ActError> {
    let about = (Kind::JointActivity, activity);
    for party in parties.iter().filter(|party| **party != own) {
        act.writer().notify((*party, None), what, about).await?;
    }
    Ok(())
}
