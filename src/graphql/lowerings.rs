//! Lowering many levels at once: what is imported closed is published by one request, and
//! one approval of each owner.

use std::collections::BTreeSet;

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};
use futures::future::BoxFuture;

use super::{
    acts::{Outcome, UserError, perform},
    context::{Asking, failed},
    given::Given,
    kinds::of_kind,
    labels::{Lowering, REASON, part},
    object::Shown,
};
use crate::{
    confidentiality::Level,
    id::{GlobalId, RecordId},
    journal::EntryKind,
    store::{
        act::{Act, ActError, RefusalCode, check_text, not_found, request_of},
        batch::ById,
        lowering::{Asked, Lowering as Request, places, version_of},
    },
};

/// Records of a batch at most.
const RECORDS: usize = 100;
/// Fields of each at most.
const FIELDS: usize = 20;

/// Levels that are to be lowered together, and why.
#[derive(InputObject)]
pub struct LowerLevelsInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The records' ids: 100 at most.
    ids: Vec<ID>,
    /// The fields' names, such as `outcome`, 20 at most; `existence` is the level at which it
    /// is known that the record is there.
    fields: Vec<String>,
    /// The level to which each is to be lowered. What is at it already, or below, stays.
    level: Given<Level>,
    /// Why.
    reason: String,
}

/// The batch of requests that is approved or refused.
#[derive(InputObject)]
pub struct LoweringBatchActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The batch's id.
    batch: ID,
    /// The batch's `version` as you have read it: what has changed since is not approved.
    expected_version: Option<String>,
}

/// Requests that were asked for together: those on records of your mechanism that you are
/// told of.
#[derive(SimpleObject)]
pub struct LoweringBatch {
    /// Its id, for those who approve or refuse it.
    id: ID,
    /// What tells two states of its records apart, as you are told of them.
    version: String,
    /// The requests, by record.
    lowerings: Vec<Lowering>,
}

/// What an act on a batch answers.
pub struct LoweringBatchPayload {
    outcome: Outcome,
}

/// What an act on a batch answers.
#[GraphqlObject]
impl LoweringBatchPayload {
    /// The batch, as you may be told of it now; `null` where nothing was done.
    async fn batch(&self, ctx: &Context<'_>) -> Result<Option<LoweringBatch>> {
        match &self.outcome {
            Ok(id) => batch(ctx, *id).await,
            Err(_) => Ok(None),
        }
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// A batch, as far as the viewer is told of it; none where nothing is left.
///
/// # Errors
/// Fails where the database does.
pub async fn lowering_batch(ctx: &Context<'_>, id: &str) -> Result<Option<LoweringBatch>> {
    match request_of(id) {
        Some(id) => batch(ctx, id).await,
        None => Ok(None),
    }
}

async fn batch(ctx: &Context<'_>, id: RecordId) -> Result<Option<LoweringBatch>> {
    let places = ctx.asked()?.reader.places_of(id).await.map_err(failed)?;
    let (mut lowerings, mut versions) = (Vec::new(), Vec::new());
    for (kind, record) in places {
        let told = of_kind!(kind, |D| told::<D>(ctx, record, id).await?, edge None);
        if let Some((version, told)) = told {
            versions.push((record, version));
            lowerings.extend(told);
        }
    }
    ctx.asked()?.count(lowerings.len())?;
    Ok((!lowerings.is_empty()).then(|| LoweringBatch {
        id: ID(id.0.to_string()),
        version: version_of(&versions),
        lowerings,
    }))
}

/// The requests of a batch on one record, with the record's version, where they are told.
async fn told<D: Shown>(
    ctx: &Context<'_>,
    record: RecordId,
    batch: RecordId,
) -> Result<Option<(String, Vec<Lowering>)>> {
    let asked = ctx.asked()?;
    let known = asked.loader.load_one(ById::<D>::new(record)).await;
    let Some(known) = known.map_err(failed)? else {
        return Ok(None);
    };
    let found = asked.reader.lowerings(&known, Some(batch)).await;
    let found: Vec<Lowering> = found
        .map_err(failed)?
        .into_iter()
        .map(Lowering::from)
        .collect();
    Ok((!found.is_empty()).then(|| (known.version(), found)))
}

/// Acts on the levels of many of one's own records at once.
#[derive(Default)]
pub struct LoweringActs;

#[GraphqlObject]
impl LoweringActs {
    /// Asks that levels of several records of your mechanism are lowered together, all or
    /// none: it takes one approval by a second officer of every owner. What identifies a
    /// person is never lowered.
    async fn lower_levels(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LowerLevelsInput,
    ) -> Result<LoweringBatchPayload> {
        let ids = input.ids.iter().map(|id| GlobalId::parse(id)).collect();
        let (fields, level, reason) = (input.fields, input.level.0, input.reason);
        let outcome = perform(ctx, "lowerLevels", input.key.as_deref(), move |act| {
            Box::pin(lower(act, ids, fields, (level, reason)))
        });
        let outcome = outcome.await?;
        Ok(LoweringBatchPayload { outcome })
    }

    /// Approves, as the second officer of your mechanism, what waits of a batch: all or none.
    async fn approve_lowerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LoweringBatchActInput,
    ) -> Result<LoweringBatchPayload> {
        let (batch, expected) = (request_of(&input.batch), input.expected_version);
        let outcome = perform(ctx, "approveLowerings", input.key.as_deref(), move |act| {
            answered(act, batch, (true, expected))
        });
        let outcome = outcome.await?;
        Ok(LoweringBatchPayload { outcome })
    }

    /// Refuses what waits of a batch, or takes your own back: all or none.
    async fn refuse_lowerings(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LoweringBatchActInput,
    ) -> Result<LoweringBatchPayload> {
        let (batch, expected) = (request_of(&input.batch), input.expected_version);
        let outcome = perform(ctx, "refuseLowerings", input.key.as_deref(), move |act| {
            answered(act, batch, (false, expected))
        });
        let outcome = outcome.await?;
        Ok(LoweringBatchPayload { outcome })
    }
}

async fn lower(
    act: &mut Act,
    ids: Vec<Option<GlobalId>>,
    fields: Vec<String>,
    (level, reason): (Level, String),
) -> std::result::Result<RecordId, ActError> {
    act.is_a(EntryKind::DeclassifyRequest);
    if ids.is_empty() || ids.len() > RECORDS {
        let sentence = format!("a batch has 1 to {RECORDS} records");
        return Err(ActError::invalid("ids", sentence));
    }
    if fields.is_empty() || fields.len() > FIELDS {
        let sentence = format!("it names 1 to {FIELDS} fields of each record");
        return Err(ActError::invalid("fields", sentence));
    }
    let names: BTreeSet<&str> = fields.iter().map(String::as_str).collect();
    if names.len() < fields.len() {
        return Err(ActError::invalid("fields", "a field is named once"));
    }
    let batch = RecordId::random();
    let asked = Asked {
        level,
        reason: &reason,
        batch: Some(batch),
    };
    let (mut seen, mut count) = (BTreeSet::new(), 0);
    for id in ids {
        let id = id.ok_or_else(not_found)?;
        if !seen.insert(id.id) {
            return Err(ActError::invalid("ids", "a record is named once"));
        }
        count += of_kind!(id.kind, |D| lower_one::<D>(act, id.id, &fields, asked).await?, edge return Err(not_found()));
    }
    if count == 0 {
        return Err(ActError::conflict(
            "all of it is at this level already, or below",
        ));
    }
    Ok(batch)
}

async fn lower_one<D: Shown>(
    act: &mut Act,
    id: RecordId,
    fields: &[String],
    asked: Asked<'_>,
) -> std::result::Result<usize, ActError> {
    let record = act.find::<D>(Some(id)).await?;
    let parts = fields.iter().map(|field| part::<D>(Some(field)));
    let parts = parts.collect::<std::result::Result<Vec<_>, _>>()?;
    check_text("reason", asked.reason, REASON)?;
    act.lower(&*record, &parts, asked).await
}

/// What is answered to a batch: whether it is approved, and the version that was read.
type Answer = (bool, Option<String>);

fn answered(
    act: &mut Act,
    batch: Option<RecordId>,
    (approved, expected): Answer,
) -> BoxFuture<'_, std::result::Result<RecordId, ActError>> {
    Box::pin(async move {
        let batch = batch.ok_or_else(not_found)?;
        act.is_a(if approved {
            EntryKind::DeclassifyApprove
        } else {
            EntryKind::DeclassifyRefuse
        });
        let lowerings = act.batch(batch).await?;
        let (mut versions, mut count) = (Vec::new(), 0);
        for (kind, record) in places(&lowerings) {
            let of_record: Vec<Request> = lowerings
                .iter()
                .filter(|lowering| lowering.record == record)
                .cloned()
                .collect();
            let done = of_kind!(
                kind,
                |D| answer_one::<D>(act, record, &of_record, approved).await?,
                edge None
            );
            if let Some((version, answered)) = done {
                versions.push((record, version));
                count += answered;
            }
        }
        if versions.is_empty() {
            return Err(not_found());
        }
        if expected.is_some_and(|expected| expected != version_of(&versions)) {
            let sentence = "a record of the batch has changed since you read it; read it again";
            return Err(RefusalCode::Conflict
                .says(sentence)
                .of("expectedVersion")
                .into());
        }
        if count == 0 {
            return Err(ActError::conflict("nothing of the batch waits any more"));
        }
        Ok(batch)
    })
}

/// Answers what waits on one record, and says its version and for how many; `None` where the
/// record, or who has asked what of it, is not told to the viewer.
async fn answer_one<D: Shown>(
    act: &mut Act,
    record: RecordId,
    lowerings: &[Request],
    approved: bool,
) -> std::result::Result<Option<(String, usize)>, ActError> {
    let record = match act.find::<D>(Some(record)).await {
        Ok(record) => record,
        Err(ActError::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    };
    match act.may_be_told_requests(&*record) {
        Ok(()) => {}
        Err(ActError::Refused(_)) => return Ok(None),
        Err(fault) => return Err(fault),
    }
    if record.sight().reach.level < Level::Secretariat {
        return Ok(None);
    }
    let waiting = act.waiting(&*record, lowerings).await?;
    if waiting.is_empty() {
        return Ok(Some((record.version(), 0)));
    }
    if approved {
        act.approve(&*record, &waiting).await?;
    } else {
        act.refuse(&*record, &waiting).await?;
    }
    Ok(Some((record.version(), waiting.len())))
}
