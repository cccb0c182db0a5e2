//! What others make of a recommendation: how far it is carried out, by which evidence, and
//! what it is to another.
//!
//! All are the saying mechanism's own. They stand with the secretariat until they are
//! published, and that takes a recommendation that anyone is told of: a grade would tell that
//! there is something to be graded.

use super::{Assessment, Evidence, Recommendation, RecommendationReference, acts::day, scale};
use crate::{
    confidentiality::{Domain, FieldIndex, Known, Level},
    date::PartialDate,
    document::Document,
    id::RecordId,
    mechanism::registered,
    store::{
        act::{Act, ActError},
        values::{TEXT, line, text},
        writer::NewRecord,
    },
    vocabulary::{RecommendationRelation, SourceKind, codes::Coded},
};

/// States and themes of a recommendation.
const CONCERNS: (FieldIndex, FieldIndex) = (Recommendation::countries, Recommendation::themes);

/// How far a recommendation is carried out, as an officer says it.
pub(super) struct NewAssessment {
    /// The recommendation.
    pub(super) recommendation: Option<RecordId>,
    /// Code of the scale.
    pub(super) scale: String,
    /// The grade.
    pub(super) value: String,
    /// When it was given; today where nothing is said.
    pub(super) on: Option<PartialDate>,
    /// What it rests on.
    pub(super) reasoning: Option<String>,
    /// A remark for the secretariat.
    pub(super) internal_note: Option<String>,
    /// The document that it rests on, by its id.
    pub(super) document: Option<Option<RecordId>>,
}

/// Assesses a recommendation for the viewer's own mechanism; for the secretariat alone, until
/// it is published.
///
/// # Errors
/// Refuses what is not there, a grade that the scale has not, and values that are not valid.
pub(super) async fn assess(act: &mut Act, new: NewAssessment) -> Result<RecordId, ActError> {
    let recommendation = act.find::<Recommendation>(new.recommendation).await?;
    scale::check(&new.scale, &new.value)?;
    let on = day(act, "on", new.on)?;
    let mut record = said_of(act, &recommendation, new.document).await?;
    record.values.extend([
        ("scale", new.scale.into()),
        ("value", new.value.into()),
        ("assessed_on", on.as_str().into()),
    ]);
    if let Some(given) = new.reasoning {
        let reasoning = text("reasoning", given, TEXT)?;
        record.values.push(("reasoning", reasoning));
    }
    remark(&mut record, new.internal_note)?;
    act.add::<Assessment>(record).await
}

/// What somebody has given to go by, as an officer records it.
pub(super) struct NewEvidence {
    /// The recommendation.
    pub(super) recommendation: Option<RecordId>,
    /// What it says.
    pub(super) summary: String,
    /// When it was given; today where nothing is said.
    pub(super) on: Option<PartialDate>,
    /// What kind of source has given it.
    pub(super) source_kind: Option<SourceKind>,
    /// Who has given it.
    pub(super) source_name: Option<String>,
    /// The document that it is, by its id.
    pub(super) document: Option<Option<RecordId>>,
    /// A remark for the secretariat.
    pub(super) internal_note: Option<String>,
}

/// Records evidence for the viewer's own mechanism; for the secretariat alone, until it is
/// published.
///
/// # Errors
/// Refuses what is not there, and values that are not valid.
pub(super) async fn record_evidence(act: &mut Act, new: NewEvidence) -> Result<RecordId, ActError> {
    let recommendation = act.find::<Recommendation>(new.recommendation).await?;
    let on = day(act, "on", new.on)?;
    let mut record = said_of(act, &recommendation, new.document).await?;
    record.values.extend([
        ("summary", text("summary", new.summary, TEXT)?),
        ("given_on", on.as_str().into()),
    ]);
    if let Some(kind) = new.source_kind {
        record.values.push(("source_kind", kind.code().into()));
    }
    if let Some(name) = new.source_name {
        record
            .values
            .push(("source_name", line("sourceName", name)?));
    }
    remark(&mut record, new.internal_note)?;
    act.add::<Evidence>(record).await
}

/// Publishes an assessment, or evidence, of the viewer's own mechanism: anyone is told of it.
///
/// # Errors
/// Refuses those of others, one that is public, and one of a recommendation that not
/// everybody is told of.
pub(super) async fn publish<D: Domain>(
    act: &mut Act,
    (id, expected): (Option<RecordId>, Option<&str>),
) -> Result<RecordId, ActError> {
    let said = act.find::<D>(id).await?;
    act.may_change(&*said)?;
    act.expect(&*said, expected)?;
    if said.existence() == Some(Level::Public) {
        return Err(ActError::conflict("anyone is told of it already"));
    }
    let of = act
        .find::<Recommendation>(said.key("recommendation_id"))
        .await?;
    if !is_public(&of) {
        let sentence = "not everybody is told of the recommendation: publish that first";
        return Err(ActError::conflict(sentence));
    }
    act.writer().set_existence(&*said, Level::Public).await?;
    Ok(said.id())
}

/// A record of the viewer's own mechanism on a recommendation, for its secretariat alone.
async fn said_of(
    act: &Act,
    recommendation: &Known<Recommendation>,
    document: Option<Option<RecordId>>,
) -> Result<NewRecord, ActError> {
    let own = registered(act).await?;
    let mut record = NewRecord::of(RecordId::random(), vec![own], Level::Secretariat);
    (record.countries, record.topics) = act.told_concerns(recommendation, CONCERNS).await?;
    record.values = vec![
        ("recommendation_id", recommendation.id().0.into()),
        ("mechanism_id", own.0.into()),
    ];
    if let Some(document) = document {
        let document = act.find::<Document>(document).await?;
        record.values.push(("document_id", document.id().0.into()));
    }
    Ok(record)
}

fn remark(record: &mut NewRecord, given: Option<String>) -> Result<(), ActError> {
    if let Some(given) = given {
        let note = text("internalNote", given, TEXT)?;
        record.values.push(("internal_note", note));
    }
    Ok(())
}

/// What one recommendation is to another, as an officer says it.
pub(super) struct NewReference {
    /// The one.
    pub(super) from: Option<RecordId>,
    /// The other.
    pub(super) to: Option<RecordId>,
    /// What the one is to the other.
    pub(super) relation: RecommendationRelation,
    /// Why.
    pub(super) remark: Option<String>,
    /// Whether it is kept to one's own secretariat.
    pub(super) discreet: bool,
}

/// Says what one recommendation is to another. Anyone is told where anyone is told of both,
/// and one's own secretariat alone where not.
///
/// # Errors
/// Refuses what is not there, one recommendation twice, and what was said before.
pub(super) async fn relate(act: &mut Act, new: NewReference) -> Result<RecordId, ActError> {
    let own = registered(act).await?;
    let from = act.find::<Recommendation>(new.from).await?;
    let to = act.find::<Recommendation>(new.to).await?;
    if from.id() == to.id() {
        let sentence = "it leads from one recommendation to another";
        return Err(ActError::invalid("to", sentence));
    }
    let existence = if is_public(&from) && is_public(&to) && !new.discreet {
        Level::Public
    } else {
        Level::Secretariat
    };
    let code = new.relation.code();
    let before = act
        .ids_under::<RecommendationReference>("from_recommendation_id", from.id())
        .await?;
    let said = act
        .reader()
        .by_ids::<RecommendationReference>(&before)
        .await?;
    let again = said.values().any(|one| {
        let relation = one.open(|row| &row.relation).visible().flatten();
        one.facts().owners.contains(&own)
            && one.key("to_recommendation_id") == Some(to.id())
            && relation.is_some_and(|relation| relation.code() == code)
    });
    if again {
        return Err(ActError::conflict("your mechanism has said so already"));
    }
    let mut record = NewRecord::of(RecordId::random(), vec![own], existence);
    (record.countries, record.topics) = act.told_concerns(&from, CONCERNS).await?;
    record.values = vec![
        ("relation", code.into()),
        ("from_recommendation_id", from.id().0.into()),
        ("to_recommendation_id", to.id().0.into()),
        ("mechanism_id", own.0.into()),
    ];
    if let Some(remark) = new.remark {
        record
            .values
            .push(("remark", text("remark", remark, TEXT)?));
    }
    act.add::<RecommendationReference>(record).await
}

fn is_public(recommendation: &Known<Recommendation>) -> bool {
    recommendation.existence() == Some(Level::Public)
}
