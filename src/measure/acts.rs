//! The acts on measures: requested, and taken along their course.

use sea_orm::Value;

use super::{InterimMeasure, course::Step};
use crate::{
    communication::{Communication, Person},
    confidentiality::{Known, Level},
    country,
    date::PartialDate,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    mechanism::{Mechanism, registered},
    store::{
        act::{Act, ActError, RefusalCode},
        values::{TEXT, line, text, topics},
        writer::NewRecord,
    },
    vocabulary::{MeasureKind, MeasureStatus, NotificationType, codes::Coded, measure_kind},
};

/// Beneficiaries that one act names at most.
const BENEFICIARIES: usize = 20;

/// A measure that is asked for.
pub struct NewMeasure {
    /// Its reference; one is drawn where none is given.
    pub reference: Option<String>,
    /// What it is called; the mechanism's own word where nothing is said.
    pub kind: Option<MeasureKind>,
    /// When it was asked for; today where nothing is said.
    pub requested_on: Option<PartialDate>,
    /// The communication in which it is asked for, where there is one: by its id.
    pub communication: Option<Option<RecordId>>,
    /// ISO alpha-3 codes of the States addressed; those of the communication where none is.
    pub countries: Vec<String>,
    /// Codes of the themes; those of the communication where none is named.
    pub themes: Vec<String>,
    /// Whom it protects.
    pub beneficiaries: Vec<Option<RecordId>>,
    /// What the State is to be asked to do.
    pub asked_of_state: Option<String>,
    /// The risk.
    pub risk: Option<String>,
    /// Whether it is left out of what a clause on measures opens.
    pub discreet: bool,
}

/// Enters a request for a measure in the docket of the viewer's own mechanism.
///
/// # Errors
/// Refuses values that are not valid, and communications and persons of others.
pub async fn request(act: &mut Act, new: NewMeasure) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let id = RecordId::random();
    let mut existence = if new.discreet {
        Level::Secretariat
    } else {
        // The secretariat's own, but where a clause names measures.
        Level::Channel
    };
    let mut record = NewRecord::of(id, vec![own], existence);
    record.countries = country::known(act, "countries", new.countries).await?;
    record.topics = topics("themes", new.themes)?;
    if let Some(communication) = new.communication {
        let communication = act.find::<Communication>(communication).await?;
        act.may_change(&*communication)?;
        existence = existence.max(communication.existence().unwrap_or(Level::Secretariat));
        record.existence = existence;
        record.owners = communication.facts().owners.clone();
        let (countries, topics) = act.concerns(communication.id()).await?;
        if record.countries.is_empty() {
            record.countries = countries;
        }
        if record.topics.is_empty() {
            record.topics = topics;
        }
        record
            .values
            .push(("communication_id", communication.id().0.into()));
    }
    record.links = beneficiaries(act, new.beneficiaries).await?;
    let today = PartialDate::of_day(act.reader().viewer().now());
    let requested = new.requested_on.unwrap_or_else(|| today.clone());
    if today.is_before(&requested) {
        return Err(ActError::invalid(
            "requestedOn",
            "it is a day that has come",
        ));
    }
    let kind = match new.kind {
        Some(kind) => kind,
        None => own_word(act, own).await?,
    };
    let reference = new.reference.unwrap_or_else(|| drawn(id, &today));
    record.values.extend([
        ("reference", line("reference", reference)?),
        ("kind", kind.code().into()),
        ("status", MeasureStatus::Requested.code().into()),
        ("requested_on", requested.as_str().into()),
        ("mechanism_id", own.0.into()),
    ]);
    for ((column, field), given) in [
        (("asked_of_state", "askedOfState"), new.asked_of_state),
        (("risk", "risk"), new.risk),
    ] {
        if let Some(given) = given {
            record.values.push((column, text(field, given, TEXT)?));
        }
    }
    act.add::<InterimMeasure>(record).await?;
    Ok(id)
}

/// A step as an officer takes it.
pub struct Taken {
    /// The measure.
    pub id: Option<RecordId>,
    /// The version at which the officer has read it.
    pub expected: Option<String>,
    /// The step.
    pub step: Step,
    /// When it was taken; today where nothing is said.
    pub on: Option<PartialDate>,
    /// The last day on which the measure is in force.
    pub until: Option<PartialDate>,
    /// What the State is asked to do.
    pub asked_of_state: Option<String>,
    /// Why it is lifted.
    pub reason: Option<String>,
}

/// Takes a step in the course of a measure of one's own mechanism.
///
/// # Errors
/// Refuses measures of others, a step that the course does not know from where it stands,
/// and values that are not valid.
pub async fn take(act: &mut Act, taken: Taken) -> Result<RecordId, ActError> {
    let measure = act.find::<InterimMeasure>(taken.id).await?;
    act.may_change(&*measure)?;
    act.may_change_field(&*measure, InterimMeasure::status)?;
    act.expect(&*measure, taken.expected.as_deref())?;
    let (from, step) = (status(&measure)?, taken.step);
    if !step.may_follow(from) {
        let (from, to) = (from.code(), step.leads_to().code());
        let sentence = format!("from `{from}` no step leads to `{to}`");
        return Err(RefusalCode::Conflict.says(sentence).into());
    }
    let mut values: Vec<(&'static str, Value)> = vec![("status", step.leads_to().code().into())];
    if step.decides() {
        let on = day(&measure, taken.on)?;
        values.push(("decided_on", on.as_str().into()));
    }
    if let Some(until) = taken.until {
        last_day(&measure, step, &until)?;
        values.push(("in_force_until", until.as_str().into()));
    }
    for ((column, field), given) in [
        (("asked_of_state", "askedOfState"), taken.asked_of_state),
        (("reason_for_lifting", "reasonForLifting"), taken.reason),
    ] {
        if let Some(given) = given {
            values.push((column, text(field, given, TEXT)?));
        }
    }
    act.writer().change(&*measure, values).await?;
    tell_other_owners(act, &measure).await?;
    Ok(measure.id())
}

/// Tells the other owners that a step was taken; never which.
async fn tell_other_owners(act: &mut Act, measure: &Known<InterimMeasure>) -> Result<(), ActError> {
    let own = measure.viewer().mechanism();
    for owner in &measure.facts().owners {
        if Some(*owner) != own {
            let about = (Kind::InterimMeasure, measure.id());
            let what = NotificationType::MeasureChanged;
            act.writer().notify((*owner, None), what, about).await?;
        }
    }
    Ok(())
}

/// Where a measure stands, which who takes a step has to be able to read.
fn status(measure: &Known<InterimMeasure>) -> Result<MeasureStatus, ActError> {
    let status = measure.open(|row| &row.status).visible().flatten();
    status.copied().ok_or_else(|| {
        let sentence = "your token does not let you read where it stands";
        RefusalCode::Forbidden.says(sentence).into()
    })
}

/// The day of a decision: not to come, and not before the measure was asked for.
fn day(measure: &Known<InterimMeasure>, on: Option<PartialDate>) -> Result<PartialDate, ActError> {
    let today = PartialDate::of_day(measure.viewer().now());
    let Some(on) = on else {
        return Ok(today);
    };
    if today.is_before(&on) {
        return Err(ActError::invalid("on", "it is a day that has come"));
    }
    let asked = measure.open(|row| &row.requested_on).visible().flatten();
    if asked.is_some_and(|asked| on.is_before(asked)) {
        let sentence = "it is not before the measure was asked for";
        return Err(ActError::invalid("on", sentence));
    }
    Ok(on)
}

/// Whether a day can be the last one: to come, no interval, and later than before where the
/// measure is extended.
fn last_day(
    measure: &Known<InterimMeasure>,
    step: Step,
    until: &PartialDate,
) -> Result<(), ActError> {
    let wrong = |sentence| Err(ActError::invalid("until", sentence));
    if until.as_str().contains('/') {
        return wrong("it is one day, month or year");
    }
    if until.is_before(&PartialDate::of_day(measure.viewer().now())) {
        return wrong("it is a day to come");
    }
    let before = measure.open(|row| &row.in_force_until).visible().flatten();
    if step == Step::Extend && before.is_some_and(|before| !before.is_before(until)) {
        return wrong("it is extended to a later day than before");
    }
    Ok(())
}

/// Persons of one's own files whom the measure protects.
async fn beneficiaries(
    act: &Act,
    ids: Vec<Option<RecordId>>,
) -> Result<Vec<(&'static str, RecordId)>, ActError> {
    if ids.len() > BENEFICIARIES {
        let sentence = format!("at most {BENEFICIARIES} persons are named at once");
        return Err(ActError::invalid("beneficiaries", sentence));
    }
    let mut links = Vec::new();
    for id in ids {
        let person = act.find::<Person>(id).await?;
        act.may_change(&*person)?;
        links.push(("beneficiaries", person.id()));
    }
    links.sort_unstable();
    links.dedup();
    Ok(links)
}

/// What the mechanism calls its measures.
async fn own_word(act: &Act, own: MechanismId) -> Result<MeasureKind, ActError> {
    let own = act.find::<Mechanism>(Some(own.into())).await?;
    let code = own.open(|row| &row.code).visible().flatten();
    let system = own.open(|row| &row.system).visible().flatten();
    Ok(measure_kind(
        code.map_or("", String::as_str),
        system.copied(),
    ))
}

/// A reference that tells neither how many there are nor in which order they came.
fn drawn(id: RecordId, today: &PartialDate) -> String {
    let year = today.as_str().get(..4).unwrap_or_default();
    let drawn = id.0.simple().to_string().to_uppercase();
    format!("M-{}-{year}", drawn.get(..8).unwrap_or_default())
}
