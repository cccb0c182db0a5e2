//! The act of importing: what the rows say becomes records of the viewer's own mechanism.
//!
//! One act, and so one transaction: it is done whole or never was. What others hold is
//! not looked at but as the viewer may know of it, so that a report tells nothing of it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use super::{
    mapping::Mapping,
    plan::{Datum, Job, Link, Said, Value, code_of},
    report::{FindingCode, RowOutcome},
    targets::Kept,
};
use crate::{
    calendar::CalendarEvent,
    communication::{Communication, may_follow, persons_follow},
    confidentiality::{Domain, FieldIndex, FieldSet, Known, Level, declare::place, stored::Shape},
    country::Country,
    document::Document,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    language::{LanguageTag, fields::texts_of},
    mechanism::Mechanism,
    organisation::Organisation,
    recommendation::Recommendation,
    store::{
        act::{Act, ActError, RefusalCode},
        page::{ListQuery, Under, Window},
        predicate::{Predicate, Scalar, Test},
        provenance::{Arrival, Imported},
        texts::NewTranslation,
        writer::NewRecord,
    },
    vocabulary::TranslationStatus,
};

/// Records that one look-up asks for.
const BATCH: usize = 100;

/// States, and themes, that a record is about.
type Concerns = (Vec<String>, Vec<String>);

/// Whether a job may be committed after [`run`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Run {
    /// Everything that was to be written is written, and waits for the commit.
    Written,
    /// Nothing was written: something is refused, and all of it was to be done or nothing.
    Refused,
}

/// Writes a job. Where rows are refused, nothing is written unless `partial` is said; then
/// the others are.
///
/// # Errors
/// Refuses what the token does not allow at all; fails where the database does.
pub async fn run(
    act: &mut Act,
    job: &mut Job,
    partial: bool,
    progress: &mut (dyn FnMut() + Send),
) -> Result<Run, ActError> {
    match job.mapping.kind {
        Kind::Country => import::<Country>(act, job, partial, progress).await,
        Kind::Organisation => import::<Organisation>(act, job, partial, progress).await,
        Kind::Mechanism => import::<Mechanism>(act, job, partial, progress).await,
        Kind::Document => import::<Document>(act, job, partial, progress).await,
        Kind::Communication => import::<Communication>(act, job, partial, progress).await,
        Kind::Recommendation => import::<Recommendation>(act, job, partial, progress).await,
        Kind::CalendarEvent => import::<CalendarEvent>(act, job, partial, progress).await,
        Kind::Mandate
        | Kind::FocalPoint
        | Kind::WorkPlan
        | Kind::Objective
        | Kind::WorkPlanItem
        | Kind::JointActivity
        | Kind::Agreement
        | Kind::Clause
        | Kind::InterimMeasure
        | Kind::CommunicationPerson
        | Kind::StatisticRelease
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        | Kind::EventInvitation
        | Kind::Person => {
            let sentence = "records of this kind are not imported";
            Err(RefusalCode::Invalid.says(sentence).of("kind").into())
        }
    }
}

/// What is to be done with a row.
enum Step<D> {
    Create,
    /// The record that is there; whether its provenance is noted already.
    Change(Arc<Known<D>>, bool),
}

async fn import<D: Domain>(
    act: &mut Act,
    job: &mut Job,
    partial: bool,
    progress: &mut (dyn FnMut() + Send),
) -> Result<Run, ActError> {
    act.may_import::<D>(job.mapping.highest())?;
    // What becomes of a row tells what was imported before: to who reads all of it anyway.
    if !act.reader().viewer().reads_all_of_own(D::KIND) {
        let sentence = format!(
            "an import takes a token that reads all that your mechanism keeps of this kind: \
             `read:{}@{}`, without limits",
            D::KIND,
            Level::Secretariat
        );
        return Err(RefusalCode::Forbidden.says(sentence).into());
    }
    if job.is_fatal() {
        return Ok(Run::Refused);
    }
    let codes = linked(act, job).await?;
    let own = own_mechanism::<D>(act, &job.mapping).await?;
    let mut steps = steps::<D>(act, job).await?;
    if job.counts().refused > 0 && !partial {
        return Ok(Run::Refused);
    }
    let context = Context {
        owner: act.own()?,
        before: own,
        codes,
    };
    for place in 0..job.rows.len() {
        progress();
        let Some(step) = steps.remove(&place) else {
            continue;
        };
        let Some(outcome) = write::<D>(act, job, place, &context, step).await? else {
            continue;
        };
        if let Some(row) = job.rows.get_mut(place) {
            row.outcome = Some(outcome);
        }
    }
    Ok(Run::Written)
}

/// What the records of a run have in common.
struct Context {
    owner: MechanismId,
    /// The mechanism before which communications are, where a mapping names none.
    before: Option<RecordId>,
    /// Ids of what the rows lead to, by kind and code.
    codes: HashMap<(Kind, String), RecordId>,
}

async fn write<D: Domain>(
    act: &mut Act,
    job: &Job,
    place: usize,
    context: &Context,
    step: Step<D>,
) -> Result<Option<RowOutcome>, ActError> {
    let Some(row) = job.rows.get(place) else {
        return Ok(None);
    };
    let (Some(said), Some(file)) = (&row.said, job.files.get(row.file)) else {
        return Ok(None);
    };
    let record = record::<D>(&job.mapping, said, context);
    let hash = act.fingerprint(&row.canonical);
    let arrival = Arrival {
        record: &record,
        provider: &job.mapping.provider,
        external_id: &row.id,
        file: &file.name,
        line: i64::try_from(row.line).unwrap_or(i64::MAX),
        hash: &hash,
        says_countries: says_countries(&job.mapping) || D::KIND == Kind::Country,
        says_topics: says_topics(&job.mapping),
        says_texts: &says_texts::<D>(&job.mapping),
    };
    Ok(Some(match step {
        Step::Create => {
            act.import_new::<D>(&arrival).await?;
            RowOutcome::Created
        }
        Step::Change(known, noted) => {
            let id = known.id();
            let moved = moved::<D>(act, &job.mapping, said, id).await?;
            act.import_again::<D>(&known, &arrival, noted).await?;
            if let Some((before, after)) = moved {
                persons_follow(act, id, &before, &after).await?;
            }
            RowOutcome::Changed
        }
    }))
}

fn says_countries(mapping: &Mapping) -> bool {
    let mut fields = mapping.fields.iter();
    fields.any(|field| matches!(field.target.kept, Kept::Countries))
}

fn says_topics(mapping: &Mapping) -> bool {
    let mut fields = mapping.fields.iter();
    fields.any(|field| matches!(field.target.kept, Kept::Topics))
}

/// Which fields the rows of a mapping say in which languages, and whether that is the
/// language of the original.
fn says_texts<D: Domain>(mapping: &Mapping) -> Vec<(&'static str, LanguageTag, bool)> {
    let mut says = Vec::new();
    for field in &mapping.fields {
        match (field.target.kept, &field.target.language, &mapping.language) {
            (Kept::Text(column), Some(language), _) => {
                says.push((column, language.clone(), false));
            }
            (Kept::Column(column, _), _, Some(own)) if texts_of(D::KIND).contains(&column) => {
                says.push((column, own.clone(), true));
            }
            _ => {}
        }
    }
    says
}

/// What the texts of a row are in other languages, and in which they are themselves.
fn texts<D: Domain>(mapping: &Mapping, said: &Said) -> Vec<(&'static str, NewTranslation)> {
    let new = |language: &LanguageTag, status, text| NewTranslation {
        language: language.clone(),
        status,
        text,
        made_by: None,
        made_on: None,
    };
    let others = said.texts.iter().filter_map(|text| {
        let words = text.text.clone()?;
        Some((text.column, new(&text.language, text.status, Some(words))))
    });
    let mut texts: Vec<_> = others.collect();
    if let Some(own) = &mapping.language {
        let mut values = said
            .values
            .iter()
            .filter(|value| value.datum != Datum::None);
        while let Some(value) = values.find(|value| texts_of(D::KIND).contains(&value.column)) {
            texts.push((value.column, new(own, TranslationStatus::Original, None)));
        }
    }
    texts
}

/// What a communication is about before a row and after it, where that changes: the records
/// of the persons concerned follow it.
async fn moved<D: Domain>(
    act: &Act,
    mapping: &Mapping,
    said: &Said,
    id: RecordId,
) -> Result<Option<(Concerns, Concerns)>, ActError> {
    let says = (says_countries(mapping), says_topics(mapping));
    if D::KIND != Kind::Communication || says == (false, false) {
        return Ok(None);
    }
    let before = act.concerns(id).await?;
    let mut after = before.clone();
    for (says, said, after) in [
        (says.0, &said.countries, &mut after.0),
        (says.1, &said.topics, &mut after.1),
    ] {
        if says {
            after.clone_from(said);
            after.sort_unstable();
            after.dedup();
        }
    }
    Ok((before != after).then_some((before, after)))
}

/// The record that a row says.
fn record<D: Domain>(mapping: &Mapping, said: &Said, context: &Context) -> NewRecord {
    let mut record = NewRecord::of(RecordId::random(), vec![context.owner], mapping.existence);
    for field in &mapping.fields {
        if let (Some(level), Some(rule)) = (field.level, field.target.rule)
            && level != rule.level
        {
            record.overrides.push((rule.name, level));
        }
    }
    record.values = said.values.iter().map(sql).collect();
    let mut before = context.before.map(|id| ("mechanism_id", id));
    for Link {
        column, kind, code, ..
    } in &said.links
    {
        let id = code
            .clone()
            .and_then(|code| context.codes.get(&(*kind, code)));
        record.values.push((column, id.map(|id| id.0).into()));
        before = before.filter(|(known, _)| known != column);
    }
    record
        .values
        .extend(before.map(|(column, id)| (column, id.0.into())));
    record.countries = said.countries.clone();
    record.topics = said.topics.clone();
    record.texts = texts::<D>(mapping, said);
    if D::KIND == Kind::Country {
        let code = said.values.iter().find(|value| value.column == "code");
        if let Some(Datum::Text(code)) = code.map(|value| &value.datum) {
            record.countries = vec![code.clone()];
        }
    }
    record
}

fn sql(value: &Value) -> (&'static str, sea_orm::Value) {
    let bound = match (&value.datum, value.shape) {
        (Datum::None, Shape::Flag) => sea_orm::Value::Bool(None),
        (Datum::None, Shape::Number | Shape::Time) => sea_orm::Value::BigInt(None),
        (Datum::None, Shape::Text | Shape::Date | Shape::Code(_) | Shape::List) => {
            sea_orm::Value::String(None)
        }
        (Datum::Flag(flag), _) => (*flag).into(),
        (Datum::Number(number), _) => (*number).into(),
        (Datum::Text(text), _) => text.clone().into(),
        (Datum::List(list), _) => serde_json::json!(list).to_string().into(),
    };
    (value.column, bound)
}

/// Ids of what the rows lead to; rows that lead to nothing that may be known are refused.
async fn linked(act: &Act, job: &mut Job) -> Result<HashMap<(Kind, String), RecordId>, ActError> {
    let mut codes: HashMap<(Kind, String), RecordId> = HashMap::new();
    for kind in [Kind::Mechanism, Kind::Organisation] {
        let wanted: HashSet<String> = links(job)
            .filter(|(_, link)| link.kind == kind)
            .filter_map(|(_, link)| link.code.clone())
            .collect();
        let wanted: Vec<String> = wanted.into_iter().collect();
        let found = if kind == Kind::Mechanism {
            ids(by_code::<Mechanism>(act, Mechanism::code, &wanted).await?)
        } else {
            ids(by_code::<Organisation>(act, Organisation::code, &wanted).await?)
        };
        codes.extend(found.map(|(code, id)| ((kind, code), id)));
    }
    let missing: Vec<(usize, Link)> = links(job)
        .filter(|(_, link)| {
            let code = link.code.clone();
            code.is_some_and(|code| !codes.contains_key(&(link.kind, code)))
        })
        .map(|(place, link)| (place, link.clone()))
        .collect();
    for (place, link) in missing {
        let kind = link.kind;
        let sentence = format!("there is no {kind} with this code, or none that you may know of");
        let finding = FindingCode::NotFound.says(sentence);
        let finding = finding.of(link.code.as_deref().unwrap_or_default());
        job.refuse(place, finding.in_column(&link.from));
    }
    Ok(codes)
}

fn links(job: &Job) -> impl Iterator<Item = (usize, &Link)> {
    let rows = job.rows.iter().enumerate();
    let waiting = rows.filter(|(_, row)| row.outcome.is_none());
    let said = waiting.filter_map(|(place, row)| Some((place, row.said.as_ref()?)));
    said.flat_map(|(place, said)| said.links.iter().map(move |link| (place, link)))
}

type ByCode<D> = HashMap<String, Arc<Known<D>>>;

fn ids<D: Domain>(found: ByCode<D>) -> std::vec::IntoIter<(String, RecordId)> {
    let ids: Vec<_> = found
        .into_iter()
        .map(|(code, known)| (code, known.id()))
        .collect();
    ids.into_iter()
}

/// Records with these codes, as far as the viewer may know of them.
async fn by_code<D: Domain>(
    act: &Act,
    field: FieldIndex,
    codes: &[String],
) -> Result<ByCode<D>, ActError> {
    let mut found: ByCode<D> = HashMap::new();
    for codes in codes.chunks(BATCH) {
        let wanted = codes.iter().cloned().map(Scalar::Text).collect();
        let query = ListQuery {
            under: Under::Root,
            predicate: Predicate::Column(field, Test::In(wanted)),
            order: Vec::new(),
            window: Window {
                // A code may be on the list twice: its first, by id, is the one.
                size: 1_000,
                backward: false,
                after: None,
                before: None,
            },
            columns: FieldSet::ALL,
        };
        let own = act.own()?;
        for placed in act.reader().list::<D>(&query).await?.rows {
            let known = placed.known;
            let Some(async_graphql::Value::String(code)) = known.tell(field).visible() else {
                continue;
            };
            let is_own = |known: &Known<D>| known.facts().owners.contains(&own);
            let better = found
                .get(&code)
                .is_none_or(|before| is_own(&known) && !is_own(before));
            if better {
                found.insert(code, known);
            }
        }
    }
    Ok(found)
}

/// One's own mechanism, for communications of which a mapping does not say before whom.
async fn own_mechanism<D: Domain>(
    act: &Act,
    mapping: &Mapping,
) -> Result<Option<RecordId>, ActError> {
    let named = mapping.fields.iter().any(|f| f.target.name == "mechanism");
    if D::KIND != Kind::Communication || named {
        return Ok(None);
    }
    let own = RecordId::from(act.own()?);
    let found = act.reader().by_ids::<Mechanism>(&[own]).await?;
    if !found.contains_key(&own) {
        let sentence = "your mechanism is not on the list yet: register it first";
        return Err(ActError::conflict(sentence));
    }
    Ok(Some(own))
}

/// What is to be done with each row; those that say nothing new, or can't be written, are
/// told so.
async fn steps<D: Domain>(act: &Act, job: &mut Job) -> Result<HashMap<usize, Step<D>>, ActError> {
    let waiting: Vec<usize> = (0..job.rows.len())
        .filter(|place| {
            let row = job.rows.get(*place);
            row.is_some_and(|row| row.outcome.is_none() && row.said.is_some())
        })
        .collect();
    let row_ids: Vec<&str> = waiting
        .iter()
        .filter_map(|place| job.rows.get(*place).map(|row| row.id.as_str()))
        .collect();
    let before = act.imported(&job.mapping.provider, &row_ids).await?;
    // Only what has changed is looked at: most of a file that comes again has not.
    let changed = waiting.iter().filter_map(|place| {
        let row = job.rows.get(*place)?;
        let imported = before.get(&row.id)?;
        (imported.hash != act.fingerprint(&row.canonical)).then_some(imported.record)
    });
    let there: Vec<RecordId> = changed.collect();
    let mut known = HashMap::new();
    let mut retired = HashSet::new();
    for ids in there.chunks(BATCH) {
        known.extend(act.reader().by_ids::<D>(ids).await?);
        retired.extend(act.reader().retired_among(ids).await?);
    }
    let coded = with_codes::<D>(act, job, &waiting).await?;
    let owner = act.own()?;
    let mut steps = HashMap::new();
    for place in waiting {
        let Some(row) = job.rows.get(place) else {
            continue;
        };
        let code = code_of(row);
        let listed = code.as_ref().and_then(|code| coded.get(code));
        let refuse = match before.get(&row.id) {
            Some(Imported { kind, .. }) if *kind != D::KIND.code() => {
                let sentence = format!("you have imported this id as a record of kind `{kind}`");
                FindingCode::IdOfAnotherKind.says(sentence).of(&row.id)
            }
            Some(imported) => {
                if imported.hash == act.fingerprint(&row.canonical) {
                    if let Some(row) = job.rows.get_mut(place) {
                        row.outcome = Some(RowOutcome::Unchanged);
                    }
                    continue;
                }
                let taken = listed.is_some_and(|listed| listed.id() != imported.record);
                match known.get(&imported.record) {
                    Some(_) if taken => taken_code(code),
                    Some(known) if renames(known, code.as_deref()) => {
                        let sentence = "a mechanism keeps its code: it is found by it";
                        FindingCode::CodeTaken.says(sentence).of(&row.id)
                    }
                    Some(known) => {
                        let moved = match &row.said {
                            Some(said) => moved::<D>(act, &job.mapping, said, known.id()).await?,
                            None => None,
                        };
                        if moved.is_none() || may_follow(act).is_ok() {
                            steps.insert(place, Step::Change(Arc::clone(known), true));
                            continue;
                        }
                        let level = Level::Secretariat;
                        let sentence = format!(
                            "the row changes what a communication is about, and with it the files \
                             of persons; take a token that reads and writes \
                             communication_person@{level} and person@{level}, without limits"
                        );
                        FindingCode::BeyondToken.says(sentence)
                    }
                    None if retired.contains(&imported.record) => {
                        let sentence = "the row changes a record that your mechanism has retired: \
                                        bring it back first, or take the row out";
                        FindingCode::Retired.says(sentence).of(&row.id)
                    }
                    None => {
                        let sentence = format!(
                            "the row changes a record that your token does not let you read; take \
                             one with read:{}@{}",
                            D::KIND,
                            Level::Secretariat
                        );
                        FindingCode::BeyondToken.says(sentence)
                    }
                }
            }
            None => match listed {
                None => {
                    steps.insert(place, Step::Create);
                    continue;
                }
                Some(listed) if listed.facts().owners.contains(&owner) => {
                    steps.insert(place, Step::Change(Arc::clone(listed), false));
                    continue;
                }
                Some(_) => taken_code(code),
            },
        };
        job.refuse(place, refuse);
    }
    Ok(steps)
}

/// Whether a row would have a mechanism called by another's code.
fn renames<D: Domain>(known: &Known<D>, code: Option<&str>) -> bool {
    let field = place(D::RULES, "code");
    let before = known.tell(field).visible();
    let kept = matches!((&before, code), (Some(async_graphql::Value::String(before)), Some(code)) if before == code);
    D::KIND == Kind::Mechanism && code.is_some() && !kept
}

fn taken_code(code: Option<String>) -> super::report::Finding {
    let sentence = "a record with this code is on the list, and is not the one that the row is \
                    for";
    let finding = FindingCode::CodeTaken.says(sentence);
    finding.of(&code.unwrap_or_default())
}

/// Records on the list with the codes of the rows, where the kind has codes.
async fn with_codes<D: Domain>(
    act: &Act,
    job: &Job,
    waiting: &[usize],
) -> Result<ByCode<D>, ActError> {
    let field = place(D::RULES, "code");
    if usize::from(field.0) >= D::COLUMNS.len() {
        return Ok(HashMap::new());
    }
    let rows = waiting.iter().filter_map(|place| job.rows.get(*place));
    let codes: Vec<String> = rows.filter_map(code_of).collect();
    by_code::<D>(act, field, &codes).await
}
