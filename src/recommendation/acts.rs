//! The acts of a mechanism on its own recommendations: prepared, adopted, published, closed.

use std::sync::Arc;

use async_graphql::MaybeUndefined;

use super::Recommendation;
use crate::{
    confidentiality::{Known, Level},
    country,
    date::PartialDate,
    document::Document,
    id::RecordId,
    mechanism::{Mechanism, registered},
    organisation::Organisation,
    store::{
        act::{Act, ActError, RefusalCode},
        values::{Amended, LIST, TEXT, line, list, text, topics},
        writer::NewRecord,
    },
    vocabulary::{
        AffectedGroup, MeasureScope, RecommendationSource, RecommendationStatus as Status,
        RecommendedActionKind, StatePosition, codes::Coded,
    },
};

/// Months within which a body asks what was done.
const MONTHS: std::ops::RangeInclusive<i32> = 1..=60;

/// A recommendation that is prepared.
pub(super) struct NewRecommendation {
    /// ISO alpha-3 codes of the States that it is addressed to.
    pub(super) countries: Vec<String>,
    /// Mechanisms that it is addressed to.
    pub(super) addressees: Vec<Option<RecordId>>,
    /// Organisations and categories of actors that it is addressed to.
    pub(super) other_addressees: Vec<Option<RecordId>>,
    /// Codes of the themes that it concerns.
    pub(super) themes: Vec<String>,
    /// Whether it is left out of what a clause on recommendations opens.
    pub(super) discreet: bool,
    /// What is said of it.
    pub(super) says: Amendment,
}

/// What a recommendation is to say; what is undefined is left as it is.
#[derive(Default)]
pub(super) struct Amendment {
    pub(super) reference: MaybeUndefined<String>,
    pub(super) text: MaybeUndefined<String>,
    pub(super) made_in: MaybeUndefined<RecommendationSource>,
    pub(super) session: MaybeUndefined<String>,
    pub(super) action: MaybeUndefined<RecommendedActionKind>,
    pub(super) scope: MaybeUndefined<MeasureScope>,
    pub(super) affected_groups: MaybeUndefined<Vec<AffectedGroup>>,
    pub(super) rights: MaybeUndefined<Vec<String>>,
    pub(super) sdg_targets: MaybeUndefined<Vec<String>>,
    pub(super) note: MaybeUndefined<String>,
    pub(super) internal_note: MaybeUndefined<String>,
    /// The document that it stands in, by its id.
    pub(super) document: Option<Option<RecordId>>,
}

/// Prepares a recommendation of the viewer's own mechanism.
///
/// # Errors
/// Refuses values that are not valid.
pub(super) async fn draft(act: &mut Act, new: NewRecommendation) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    // The secretariat's own, but where a clause names recommendations.
    let existence = if new.discreet {
        Level::Secretariat
    } else {
        Level::Channel
    };
    let mut record = NewRecord::of(RecordId::random(), vec![own], existence);
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("themes", new.themes)?;
    record.links = to_mechanisms(act, new.addressees).await?;
    let others = to_organisations(act, new.other_addressees).await?;
    record.links.extend(others);
    record.values = vec![
        ("status", Status::Draft.code().into()),
        ("position", StatePosition::Pending.code().into()),
        ("mechanism_id", own.0.into()),
    ];
    let mut says = new.says;
    if let Some(document) = says.document.take() {
        let document = act.find::<Document>(document).await?;
        record.values.push(("document_id", document.id().0.into()));
    }
    record.values.extend(columns(says)?.values()?);
    act.add::<Recommendation>(record).await
}

/// Amends a recommendation that is being prepared; of an adopted one, what was noted on it.
///
/// # Errors
/// Refuses recommendations of others, the words of one that was adopted, and values that are
/// not valid.
pub(super) async fn amend(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
    amendment: Amendment,
) -> Result<RecordId, ActError> {
    let (recommendation, status) = own(act, id, expected).await?;
    let words = !amendment.text.is_undefined() || !amendment.made_in.is_undefined();
    if words && status != Status::Draft {
        let sentence = "it is adopted: its words stay as they are";
        return Err(ActError::conflict(sentence));
    }
    let values = columns(amendment)?.values()?;
    act.writer().change(&*recommendation, values).await?;
    Ok(recommendation.id())
}

/// When a recommendation was adopted, and by when it is followed up.
pub(super) struct Adoption {
    /// The day; today where nothing is said.
    pub(super) on: Option<PartialDate>,
    /// Months within which the State is to say what it has done.
    pub(super) follow_up_within: Option<i32>,
}

/// Adopts a recommendation that was prepared. It is not published by that.
///
/// # Errors
/// Refuses recommendations of others, one that is no draft, and days that are not valid.
pub(super) async fn adopt(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
    adoption: Adoption,
) -> Result<RecordId, ActError> {
    let (recommendation, status) = own(act, id, expected).await?;
    if status != Status::Draft {
        return Err(ActError::conflict("it is adopted already"));
    }
    let on = day(act, "on", adoption.on)?;
    let mut values = vec![
        ("status", Status::Adopted.code().into()),
        ("adopted_on", on.as_str().into()),
    ];
    if let Some(months) = adoption.follow_up_within {
        if !MONTHS.contains(&months) {
            let sentence = format!("it is {} to {} months", MONTHS.start(), MONTHS.end());
            return Err(ActError::invalid("followUpWithin", sentence));
        }
        let due = after(&on, months).ok_or_else(|| {
            let sentence = "it is reckoned from a day or a month of adoption";
            ActError::invalid("followUpWithin", sentence)
        })?;
        values.push(("follow_up_due", due.as_str().into()));
    }
    act.writer().change(&*recommendation, values).await?;
    Ok(recommendation.id())
}

/// Publishes an adopted recommendation: anyone is told of it.
///
/// # Errors
/// Refuses recommendations of others, a draft, and one that is public.
pub(super) async fn publish(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
) -> Result<RecordId, ActError> {
    let (recommendation, status) = own(act, id, expected).await?;
    if status == Status::Draft {
        return Err(ActError::conflict("only what is adopted is published"));
    }
    if recommendation.existence() == Some(Level::Public) {
        return Err(ActError::conflict("anyone is told of it already"));
    }
    act.writer()
        .set_existence(&*recommendation, Level::Public)
        .await?;
    Ok(recommendation.id())
}

/// Records what the State has said of an adopted recommendation.
///
/// # Errors
/// Refuses recommendations of others, a draft, and a day that is not valid.
pub(super) async fn record_position(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
    (position, on): (StatePosition, Option<PartialDate>),
) -> Result<RecordId, ActError> {
    let (recommendation, status) = own(act, id, expected).await?;
    if status == Status::Draft {
        let sentence = "a State says what it thinks of what was adopted: adopt it first";
        return Err(ActError::conflict(sentence));
    }
    let on = day(act, "on", on)?;
    let values = vec![
        ("position", position.code().into()),
        ("position_on", on.as_str().into()),
    ];
    act.writer().change(&*recommendation, values).await?;
    Ok(recommendation.id())
}

/// Ends the follow-up of an adopted recommendation.
///
/// # Errors
/// Refuses recommendations of others, and one that is not followed up.
pub(super) async fn close(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
) -> Result<RecordId, ActError> {
    let (recommendation, status) = own(act, id, expected).await?;
    if status != Status::Adopted {
        return Err(ActError::conflict("only what is adopted is closed"));
    }
    let closed = vec![("status", Status::Closed.code().into())];
    act.writer().change(&*recommendation, closed).await?;
    Ok(recommendation.id())
}

/// A recommendation of one's own, and how far it has come.
async fn own(
    act: &Act,
    id: Option<RecordId>,
    expected: Option<&str>,
) -> Result<(Arc<Known<Recommendation>>, Status), ActError> {
    let recommendation = act.find::<Recommendation>(id).await?;
    act.may_change(&*recommendation)?;
    // What it says decides what may be done: it is for who may read it, too.
    act.may_change_field(&*recommendation, Recommendation::status)?;
    act.expect(&*recommendation, expected)?;
    let status = recommendation.open(|row| &row.status).visible().flatten();
    let status = status.copied().ok_or_else(|| {
        let sentence = "your token does not let you read how far it has come";
        RefusalCode::Forbidden.says(sentence)
    })?;
    Ok((recommendation, status))
}

/// A day that has come; today where none is given.
pub(super) fn day(
    act: &Act,
    field: &'static str,
    given: Option<PartialDate>,
) -> Result<PartialDate, ActError> {
    let today = PartialDate::of_day(act.reader().viewer().now());
    let given = given.unwrap_or_else(|| today.clone());
    if today.is_before(&given) {
        return Err(ActError::invalid(field, "it is a day that has come"));
    }
    Ok(given)
}

/// The month that comes so many after a date's; none where its month is not known.
fn after(date: &PartialDate, months: i32) -> Option<PartialDate> {
    let (year, month) = date.as_str().get(..7)?.split_once('-')?;
    let (year, month): (i32, i32) = (year.parse().ok()?, month.parse().ok()?);
    let count = year
        .checked_mul(12)?
        .checked_add(month - 1)?
        .checked_add(months)?;
    PartialDate::parse(&format!("{:04}-{:02}", count / 12, count % 12 + 1))
}

async fn to_mechanisms(
    act: &Act,
    ids: Vec<Option<RecordId>>,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    let known: Vec<RecordId> = named("addressees", &ids)?;
    let found = act.reader().by_ids::<Mechanism>(&known).await?;
    links(("addressees", "addressees"), known, ids.len(), |id| {
        found.contains_key(id)
    })
}

async fn to_organisations(
    act: &Act,
    ids: Vec<Option<RecordId>>,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    let known: Vec<RecordId> = named("otherAddressees", &ids)?;
    let found = act.reader().by_ids::<Organisation>(&known).await?;
    let name = ("other_addressees", "otherAddressees");
    links(name, known, ids.len(), |id| found.contains_key(id))
}

fn named(field: &'static str, ids: &[Option<RecordId>]) -> Result<Vec<RecordId>, ActError> {
    if ids.len() > LIST {
        let sentence = format!("it names at most {LIST} addressees");
        return Err(ActError::invalid(field, sentence));
    }
    Ok(ids.iter().flatten().copied().collect())
}

fn links(
    (name, field): (&'static str, &'static str),
    known: Vec<RecordId>,
    asked: usize,
    is_there: impl Fn(&RecordId) -> bool,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    if known.len() < asked || !known.iter().all(is_there) {
        return Err(ActError::invalid(field, "there is no such addressee"));
    }
    let mut links: Vec<_> = known.into_iter().map(|id| (name, id)).collect();
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

fn columns(amendment: Amendment) -> Result<Amended, ActError> {
    let mut amended = Amended::default();
    let long = |field, given| text(field, given, TEXT);
    amended.take(("reference", "reference"), amendment.reference, line)?;
    amended.needed(("text", "text"), amendment.text, long)?;
    amended.needed(("made_in", "madeIn"), amendment.made_in, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("session", "session"), amendment.session, line)?;
    amended.take(("action", "action"), amendment.action, |_, code| {
        Ok(code.code().into())
    })?;
    amended.take(("scope", "scope"), amendment.scope, |_, code| {
        Ok(code.code().into())
    })?;
    let groups = ("affected_groups", "affectedGroups");
    amended.take(groups, amendment.affected_groups, |_, mut groups| {
        groups.sort_unstable();
        groups.dedup();
        let codes: Vec<&str> = groups.into_iter().map(Coded::code).collect();
        Ok(serde_json::json!(codes).to_string().into())
    })?;
    amended.take(("rights", "rights"), amendment.rights, list)?;
    let targets = ("sdg_targets", "sdgTargets");
    amended.take(targets, amendment.sdg_targets, sdg_targets)?;
    amended.take(("note", "note"), amendment.note, long)?;
    let note = ("internal_note", "internalNote");
    amended.take(note, amendment.internal_note, long)?;
    Ok(amended)
}

/// Codes of goals and targets of the 2030 Agenda, such as `16` and `16.3`.
fn sdg_targets(field: &'static str, codes: Vec<String>) -> Result<sea_orm::Value, ActError> {
    let is_target = |code: &String| {
        let (goal, target) = code.split_once('.').unwrap_or((code, "1"));
        let goal: Option<u8> = goal.parse().ok();
        let target = target.len() <= 2 && target.bytes().all(|byte| byte.is_ascii_alphanumeric());
        target && goal.is_some_and(|goal| (1..=17).contains(&goal))
    };
    if let Some(unknown) = codes.iter().find(|code| !is_target(code)) {
        let sentence = format!(
            "`{}` is no goal or target of the 2030 Agenda, such as `16.3`",
            unknown.chars().take(20).collect::<String>()
        );
        return Err(ActError::invalid(field, sentence));
    }
    list(field, codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn follow_up_is_due_so_many_months_after_the_month_of_adoption() {
        let due = |on: &str, months| {
            let on = PartialDate::parse(on).unwrap();
            after(&on, months).map(|due| due.as_str().to_owned())
        };
        assert_eq!(due("2026-11-26", 12).as_deref(), Some("2027-11"));
        assert_eq!(due("2026-11", 2).as_deref(), Some("2027-01"));
        assert_eq!(due("2026-12", 12).as_deref(), Some("2027-12"));
        assert_eq!(due("2026", 12), None);
    }

    #[test]
    fn goals_and_targets_are_those_of_the_2030_agenda() {
        let ok = |code: &str| sdg_targets("sdgTargets", vec![code.to_owned()]).is_ok();
        assert!(ok("16") && ok("16.3") && ok("5.c") && ok("1.4"));
        assert!(!ok("18.1") && !ok("0") && !ok("x") && !ok("16.333"));
    }
}
