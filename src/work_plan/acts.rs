//! The acts on work plans: draft, amend, publish, complete; objectives and items in them.
//!
//! A draft is for partners. It is published as a whole: what its author has kept at a
//! higher level stays there.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::{Objective, WorkPlan, WorkPlanItem};
use crate::{
    confidentiality::{Domain, Known, Level},
    country,
    date::PartialDate,
    id::RecordId,
    mechanism::{Mechanism, registered},
    store::{
        act::{Act, ActError, RefusalCode},
        values::{Amended, LIST, TEXT, line, text, topics},
        writer::NewRecord,
    },
    vocabulary::{CooperationArea, WorkPlanItemStatus, WorkPlanStatus, codes::Coded},
};

/// A plan that is drafted.
pub struct NewPlan {
    /// What it is called.
    pub title: String,
    /// The period that it is for.
    pub period: PartialDate,
}

/// What a plan is to say; what is undefined is left as it is.
#[derive(Default)]
pub struct PlanAmendment {
    /// What it is called.
    pub title: MaybeUndefined<String>,
    /// The period that it is for.
    pub period: MaybeUndefined<PartialDate>,
}

/// An item that is added to an objective.
pub struct NewItem {
    /// What is to be done.
    pub activity: String,
    /// The mechanisms that are responsible; one's own where none is named.
    pub responsible: Vec<Option<RecordId>>,
    /// The mechanisms that take part.
    pub associated: Vec<Option<RecordId>>,
    /// ISO alpha-3 codes of the States that it concerns.
    pub countries: Vec<String>,
    /// Codes of the themes that it concerns.
    pub themes: Vec<String>,
    /// The level at which the item exists, where that is above its plan's.
    pub existence: Option<Level>,
    /// What else is said of it.
    pub details: ItemAmendment,
}

/// What an item is to say; what is undefined is left as it is.
#[derive(Default)]
pub struct ItemAmendment {
    /// What is to be done.
    pub activity: MaybeUndefined<String>,
    /// When, in the plan's own words.
    pub timeline: MaybeUndefined<String>,
    /// When it is due.
    pub due: MaybeUndefined<PartialDate>,
    /// How far it is.
    pub status: MaybeUndefined<WorkPlanItemStatus>,
    /// The area of cooperation that it belongs to.
    pub area: MaybeUndefined<CooperationArea>,
    /// Places to visit, before they are announced.
    pub places_to_visit: MaybeUndefined<String>,
    /// A remark on the entry.
    pub note: MaybeUndefined<String>,
}

/// Drafts a plan of one's own mechanism, for partners to know.
///
/// # Errors
/// Refuses values that are not valid.
pub async fn draft(act: &mut Act, new: NewPlan) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let mut record = NewRecord::of(RecordId::random(), vec![own], Level::Partner);
    record.values = vec![
        ("title", line("title", new.title)?),
        ("period", new.period.as_str().into()),
        ("status", WorkPlanStatus::Draft.code().into()),
        ("mechanism_id", own.0.into()),
    ];
    act.writer().add::<WorkPlan>(&record).await?;
    Ok(record.id)
}

/// Amends a plan that is not completed.
///
/// # Errors
/// Refuses plans of others, one that is completed, and values that are not valid.
pub async fn amend(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    amendment: PlanAmendment,
) -> Result<RecordId, ActError> {
    let plan = open(act, id, expected).await?;
    let mut amended = Amended::default();
    amended.needed(("title", "title"), amendment.title, line)?;
    amended.needed(("period", "period"), amendment.period, |_, period| {
        Ok(period.as_str().into())
    })?;
    act.writer().change(&*plan, amended.values()?).await?;
    Ok(plan.id())
}

/// Publishes a draft with those of its objectives and items that are at its level.
///
/// # Errors
/// Refuses plans of others, and one that is no draft.
pub async fn publish(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let plan = open(act, id, expected).await?;
    if status(&plan)? != WorkPlanStatus::Draft {
        return Err(ActError::conflict("only a draft is published"));
    }
    let before = plan.existence();
    let published = vec![("status", WorkPlanStatus::Published.code().into())];
    act.writer().change(&*plan, published).await?;
    lower(act, &*plan, before).await?;
    let objectives = parts::<Objective>(act, "work_plan_id", plan.id()).await?;
    number(act, &objectives, before).await?;
    for objective in objectives {
        lower(act, &*objective, before).await?;
        for item in parts::<WorkPlanItem>(act, "objective_id", objective.id()).await? {
            lower(act, &*item, before).await?;
        }
    }
    Ok(plan.id())
}

/// Numbers what is published without a gap: one would tell of what is not.
async fn number(
    act: &mut Act,
    objectives: &[Arc<Known<Objective>>],
    published: Option<Level>,
) -> Result<(), ActError> {
    let mut placed: Vec<_> = objectives
        .iter()
        .filter(|objective| objective.existence() == published)
        .map(|objective| (position(objective), objective))
        .collect();
    placed.sort_by_key(|(position, objective)| (*position, objective.id()));
    for (place, (position, objective)) in (1_i64..).zip(placed) {
        if position != place {
            let place = vec![("position", place.into())];
            act.writer().change(&**objective, place).await?;
        }
    }
    Ok(())
}

/// The place of an objective in its plan; the last where it is not told.
fn position(objective: &Known<Objective>) -> i64 {
    let told = objective.open(|row| &row.position).visible().flatten();
    told.copied().unwrap_or(i64::MAX)
}

/// Completes a published plan: its period is over.
///
/// # Errors
/// Refuses plans of others, and one that is not published.
pub async fn complete(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<RecordId, ActError> {
    let plan = open(act, id, expected).await?;
    if status(&plan)? != WorkPlanStatus::Published {
        return Err(ActError::conflict("only a published plan is completed"));
    }
    let completed = vec![("status", WorkPlanStatus::Completed.code().into())];
    act.writer().change(&*plan, completed).await?;
    Ok(plan.id())
}

/// Adds an objective to a plan that is not completed.
///
/// # Errors
/// Refuses plans of others, and a title that is not valid.
pub async fn add_objective(
    act: &mut Act,
    plan: Option<RecordId>,
    title: String,
) -> Result<RecordId, ActError> {
    let plan = open(act, plan, None).await?;
    let mut record = part(&*plan, None)?;
    // What fewer know of takes no number of what more know of.
    let before = parts::<Objective>(act, "work_plan_id", plan.id()).await?;
    let known = before
        .iter()
        .filter(|other| other.existence() <= Some(record.existence))
        .count();
    let before = i64::try_from(known).unwrap_or(i64::MAX - 1);
    record.values = vec![
        ("title", line("title", title)?),
        ("position", (before + 1).into()),
        ("work_plan_id", plan.id().0.into()),
    ];
    act.writer().add::<Objective>(&record).await?;
    Ok(record.id)
}

/// Adds an item to an objective of a plan that is not completed.
///
/// # Errors
/// Refuses objectives of others, mechanisms and States that are not known, and values that
/// are not valid.
pub async fn add_item(
    act: &mut Act,
    objective: Option<RecordId>,
    new: NewItem,
) -> Result<RecordId, ActError> {
    let objective = act.find::<Objective>(objective).await?;
    act.may_change(&*objective)?;
    open(act, objective.key("work_plan_id"), None).await?;
    let mut record = part(&*objective, new.existence)?;
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("themes", new.themes)?;
    let own = act.reader().viewer().mechanism().map(RecordId::from);
    let responsible = if new.responsible.is_empty() {
        vec![own]
    } else {
        new.responsible
    };
    record.links = linked(act, "responsible", responsible).await?;
    let associated = linked(act, "associated", new.associated).await?;
    record.links.extend(associated);
    record.values = vec![
        ("activity", text("activity", new.activity, TEXT)?),
        ("objective_id", objective.id().0.into()),
    ];
    let mut details = new.details;
    if details.status.is_undefined() {
        details.status = MaybeUndefined::Value(WorkPlanItemStatus::Planned);
    }
    record.values.extend(columns(details)?.values()?);
    act.add::<WorkPlanItem>(record).await
}

/// Amends an item, and says how far it is.
///
/// # Errors
/// Refuses items of others, and values that are not valid.
pub async fn amend_item(
    act: &mut Act,
    id: Option<RecordId>,
    expected: Option<&str>,
    amendment: ItemAmendment,
) -> Result<RecordId, ActError> {
    let item = act.find::<WorkPlanItem>(id).await?;
    act.may_change(&*item)?;
    act.expect(&*item, expected)?;
    let values = columns(amendment)?.values()?;
    act.writer().change(&*item, values).await?;
    Ok(item.id())
}

/// A plan of one's own mechanism that is not completed.
async fn open(
    act: &Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<Arc<Known<WorkPlan>>, ActError> {
    let plan = act.find::<WorkPlan>(id).await?;
    act.may_change(&*plan)?;
    act.may_change_field(&*plan, WorkPlan::status)?;
    act.expect(&*plan, expected)?;
    if status(&plan)? == WorkPlanStatus::Completed {
        return Err(ActError::conflict("the plan is completed"));
    }
    Ok(plan)
}

fn status(plan: &Known<WorkPlan>) -> Result<WorkPlanStatus, ActError> {
    let status = plan.open(|row| &row.status).visible().flatten();
    status.copied().ok_or_else(|| {
        let sentence = "your token does not let you read where the plan stands";
        RefusalCode::Forbidden.says(sentence).into()
    })
}

/// Makes a part of a plan public where it stands at the plan's own level.
async fn lower<D: Domain>(
    act: &mut Act,
    part: &Known<D>,
    before: Option<Level>,
) -> Result<(), ActError> {
    if part.existence() == before && before.is_some_and(|level| level <= Level::Channel) {
        act.writer().set_existence(part, Level::Public).await?;
    }
    Ok(())
}

/// The parts of a record that the viewer may change.
async fn parts<D: Domain>(
    act: &Act,
    key: &'static str,
    of: RecordId,
) -> Result<Vec<Arc<Known<D>>>, ActError> {
    let ids = act.ids_under::<D>(key, of).await?;
    let mut found = act.reader().by_ids::<D>(&ids).await?;
    let parts = ids.iter().filter_map(|id| found.remove(id));
    Ok(parts
        .filter(|part| act.may_change(&**part).is_ok())
        .collect())
}

/// A new part of a record: its owners', and no lower than it.
fn part<D: Domain>(of: &Known<D>, existence: Option<Level>) -> Result<NewRecord, ActError> {
    let least = of.existence().unwrap_or(Level::Secretariat);
    let existence = existence.unwrap_or(least);
    if existence < least || existence > Level::Secretariat {
        let sentence = format!("it exists at `{least}` or above, up to `SECRETARIAT`");
        return Err(ActError::invalid("existence", sentence));
    }
    let owners = of.facts().owners.clone();
    Ok(NewRecord::of(RecordId::random(), owners, existence))
}

async fn linked(
    act: &Act,
    name: &'static str,
    ids: Vec<Option<RecordId>>,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    if ids.len() > LIST {
        let sentence = format!("it names at most {LIST} mechanisms");
        return Err(ActError::invalid(name, sentence));
    }
    let known: Vec<RecordId> = ids.iter().flatten().copied().collect();
    let found = act.reader().by_ids::<Mechanism>(&known).await?;
    if known.len() < ids.len() || !known.iter().all(|id| found.contains_key(id)) {
        return Err(ActError::invalid(name, "there is no such mechanism"));
    }
    let mut links: Vec<_> = known.into_iter().map(|id| (name, id)).collect();
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

fn columns(amendment: ItemAmendment) -> Result<Amended, ActError> {
    let mut amended = Amended::default();
    let long = |field, given| text(field, given, TEXT);
    amended.needed(("activity", "activity"), amendment.activity, long)?;
    amended.take(("timeline", "timeline"), amendment.timeline, line)?;
    amended.take(("due", "due"), amendment.due, |_, due| {
        Ok(due.as_str().into())
    })?;
    amended.needed(("status", "status"), amendment.status, |_, status| {
        Ok(status.code().into())
    })?;
    amended.take(("area", "area"), amendment.area, |_, area| {
        Ok(area.code().into())
    })?;
    let places = ("places_to_visit", "placesToVisit");
    amended.take(places, amendment.places_to_visit, long)?;
    amended.take(("note", "note"), amendment.note, long)?;
    Ok(amended)
}
