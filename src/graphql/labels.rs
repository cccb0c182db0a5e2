//! The acts on labels: raising a level, and asking to have one lowered.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};
use futures::future::BoxFuture;

use super::{
    acts::{Outcome, UserError, perform},
    context::{Asking, failed},
    given::{Given, GivenMoment},
    kinds::of_kind,
    node::Node,
    object::{Shown, Told},
};
use crate::{
    clock::Moment,
    confidentiality::{Level, scalar::camel},
    id::{GlobalId, RecordId},
    journal::EntryKind,
    mechanism,
    store::{
        act::{Act, ActError, check_text, not_found, request_of},
        batch::ById,
        labels::Part,
        lowering::{self, Asked},
    },
    vocabulary::LoweringStatus,
};

/// Bytes of a reason at most.
pub(super) const REASON: usize = 2_000;

/// A level that is to be raised.
#[derive(InputObject)]
pub struct RaiseLevelInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// The field's name, such as `outcome`; where none is given, the level at which it is
    /// known that the record is there.
    field: Option<String>,
    /// The level to which it is raised.
    level: Given<Level>,
}

/// A level that is to be lowered, and why.
#[derive(InputObject)]
pub struct LowerLevelInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// The field's name, such as `outcome`; where none is given, the level at which it is
    /// known that the record is there.
    field: Option<String>,
    /// The level to which it is to be lowered.
    level: Given<Level>,
    /// Why.
    reason: String,
}

/// The request to lower a level that is approved or refused.
#[derive(InputObject)]
pub struct LoweringActInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    record: ID,
    /// The request's id.
    lowering: ID,
    /// The record's `version` as you have read it: what has changed since is not approved.
    expected_version: Option<String>,
}

/// The mechanism that is named on a record.
#[derive(InputObject)]
pub struct NameMechanismInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// Code of the mechanism.
    mechanism: String,
    /// Until when it is named.
    until: GivenMoment,
}

/// The mechanism whose name is taken off a record.
#[derive(InputObject)]
pub struct EndNamingInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// Code of the mechanism.
    mechanism: String,
}

/// What an act on a level answers.
pub struct LevelPayload {
    outcome: Outcome,
    id: ID,
}

/// What an act on a level answers.
#[GraphqlObject]
impl LevelPayload {
    /// The record, as you may be told of it now; `null` where nothing was done.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        match self.outcome {
            Ok(_) => Node::find(ctx, &self.id).await,
            Err(_) => Ok(None),
        }
    }

    /// The requests to lower a level of the record, the latest first.
    async fn lowerings(&self, ctx: &Context<'_>) -> Result<Vec<Lowering>> {
        match self.outcome {
            Ok(_) => lowerings(ctx, &self.id).await,
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// A request to lower a level of a record, for the secretariat that owns it.
#[derive(SimpleObject)]
pub struct Lowering {
    /// Its id, for those who approve or refuse it.
    id: ID,
    /// The record's id.
    record: ID,
    /// The batch that it was asked for with, for those who approve or refuse it whole.
    batch: Option<ID>,
    /// The field, or `existence` for the level at which it is known that the record is there.
    field: String,
    /// The level to which it is to be lowered.
    level: Told<Level>,
    /// Why.
    reason: String,
    /// Where it stands.
    status: Told<LoweringStatus>,
    /// The officer who has asked.
    asked_by: String,
    /// When.
    asked_at: Told<Moment>,
}

impl From<lowering::Lowering> for Lowering {
    fn from(lowering: lowering::Lowering) -> Self {
        Self {
            id: ID(lowering.id.0.to_string()),
            record: ID(GlobalId {
                kind: lowering.kind,
                id: lowering.record,
            }
            .to_string()),
            batch: lowering.batch.map(|batch| ID(batch.0.to_string())),
            field: camel(&lowering.field),
            level: Told(lowering.level),
            reason: lowering.reason,
            status: Told(lowering.status),
            asked_by: lowering.subject,
            asked_at: Told(lowering.asked_at),
        }
    }
}

/// The requests to lower a level of a record, the latest first; none for who is no owner.
///
/// # Errors
/// Fails where the database does.
pub async fn lowerings(ctx: &Context<'_>, id: &str) -> Result<Vec<Lowering>> {
    let Some(id) = GlobalId::parse(id) else {
        return Ok(Vec::new());
    };
    of_kind!(id.kind, |D| asked_of::<D>(ctx, id.id).await, edge Ok(Vec::new()))
}

async fn asked_of<D: Shown>(ctx: &Context<'_>, id: RecordId) -> Result<Vec<Lowering>> {
    let asked = ctx.asked()?;
    let known = asked.loader.load_one(ById::<D>::new(id)).await;
    let Some(known) = known.map_err(failed)? else {
        return Ok(Vec::new());
    };
    let found = asked.reader.lowerings(&known, None).await.map_err(failed)?;
    asked.count(found.len())?;
    Ok(found.into_iter().map(Lowering::from).collect())
}

/// Acts on the levels of one's own records.
#[derive(Default)]
pub struct LabelActs;

#[GraphqlObject]
impl LabelActs {
    /// Raises a level on a record of your mechanism, at once: who reaches less is told
    /// nothing more of it, its history included.
    async fn raise_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RaiseLevelInput,
    ) -> Result<LevelPayload> {
        let (id, level) = (GlobalId::parse(&input.id), input.level.0);
        let field = input.field;
        let outcome = perform(ctx, "raiseLevel", input.key.as_deref(), move |act| {
            Box::pin(async move {
                let id = id.ok_or_else(not_found)?;
                let field = field.as_deref();
                of_kind!(id.kind, |D| raise::<D>(act, id.id, field, level).await, edge Err(not_found()))
            })
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Asks that a level on a record of your mechanism is lowered: it takes the approval of a
    /// second officer of every owner. What identifies a person is never lowered.
    async fn lower_level(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LowerLevelInput,
    ) -> Result<LevelPayload> {
        let (id, level) = (GlobalId::parse(&input.id), input.level.0);
        let (field, reason) = (input.field, input.reason);
        let outcome = perform(ctx, "lowerLevel", input.key.as_deref(), move |act| {
            Box::pin(async move {
                let id = id.ok_or_else(not_found)?;
                let field = field.as_deref();
                of_kind!(id.kind, |D| lower::<D>(act, id.id, field, (level, reason)).await, edge Err(not_found()))
            })
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Approves, as the second officer of your mechanism, that a level is lowered.
    async fn approve_lowering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LoweringActInput,
    ) -> Result<LevelPayload> {
        let asked = (GlobalId::parse(&input.record), request_of(&input.lowering));
        let answer = (true, input.expected_version);
        let outcome = perform(ctx, "approveLowering", input.key.as_deref(), move |act| {
            answered(act, asked, answer)
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.record,
        })
    }

    /// Refuses that a level is lowered, or takes your own request back.
    async fn refuse_lowering(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: LoweringActInput,
    ) -> Result<LevelPayload> {
        let asked = (GlobalId::parse(&input.record), request_of(&input.lowering));
        let answer = (false, input.expected_version);
        let outcome = perform(ctx, "refuseLowering", input.key.as_deref(), move |act| {
            answered(act, asked, answer)
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.record,
        })
    }

    /// Names a mechanism on a record of your mechanism until a moment: as long as a clause
    /// of the cap `SECRETARIAT` between you covers the record, it is told what your
    /// secretariat knows of it; never what is in a person's file.
    async fn name_mechanism(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: NameMechanismInput,
    ) -> Result<LevelPayload> {
        let id = GlobalId::parse(&input.id);
        let named = (input.mechanism, Some(input.until.0));
        let outcome = perform(ctx, "nameMechanism", input.key.as_deref(), move |act| {
            naming(act, id, named)
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Takes the name of a mechanism off a record of your mechanism, at once.
    async fn end_naming(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: EndNamingInput,
    ) -> Result<LevelPayload> {
        let id = GlobalId::parse(&input.id);
        let named = (input.mechanism, None);
        let outcome = perform(ctx, "endNaming", input.key.as_deref(), move |act| {
            naming(act, id, named)
        });
        Ok(LevelPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }
}

fn naming(
    act: &mut Act,
    id: Option<GlobalId>,
    named: (String, Option<Moment>),
) -> BoxFuture<'_, std::result::Result<RecordId, ActError>> {
    Box::pin(async move {
        let id = id.ok_or_else(not_found)?;
        of_kind!(id.kind, |D| name::<D>(act, id.id, named).await, edge Err(not_found()))
    })
}

/// Names a mechanism on a record until a moment, or not any more.
async fn name<D: Shown>(
    act: &mut Act,
    id: RecordId,
    (code, until): (String, Option<Moment>),
) -> std::result::Result<RecordId, ActError> {
    let record = act.find::<D>(Some(id)).await?;
    act.may_name(&*record)?;
    let mechanism = mechanism::institution(act, &code).await?;
    let mechanism = mechanism.filter(|named| !record.facts().owners.contains(named));
    let mechanism = mechanism
        .ok_or_else(|| ActError::invalid("mechanism", "no other mechanism has this code"))?;
    match until {
        Some(until) => {
            act.is_a(EntryKind::LabelName);
            if until <= record.viewer().now() {
                return Err(ActError::invalid(
                    "until",
                    "it is named until a moment to come",
                ));
            }
            act.name(&*record, mechanism, until).await?;
        }
        None => {
            act.is_a(EntryKind::LabelUnname);
            if !act.unname(&*record, mechanism).await? {
                return Err(ActError::conflict("it is not named on the record"));
            }
        }
    }
    Ok(id)
}

async fn raise<D: Shown>(
    act: &mut Act,
    id: RecordId,
    field: Option<&str>,
    level: Level,
) -> std::result::Result<RecordId, ActError> {
    act.is_a(EntryKind::LabelRaise);
    let record = act.find::<D>(Some(id)).await?;
    let part = part::<D>(field)?;
    act.raise(&*record, part, level).await?;
    Ok(id)
}

async fn lower<D: Shown>(
    act: &mut Act,
    id: RecordId,
    field: Option<&str>,
    (level, reason): (Level, String),
) -> std::result::Result<RecordId, ActError> {
    act.is_a(EntryKind::DeclassifyRequest);
    let record = act.find::<D>(Some(id)).await?;
    let part = part::<D>(field)?;
    check_text("reason", &reason, REASON)?;
    let asked = Asked {
        level,
        reason: &reason,
        batch: None,
    };
    match act.lower(&*record, &[part], asked).await? {
        0 => Err(ActError::conflict("it is at this level already, or below")),
        _ => Ok(id),
    }
}

fn answered(
    act: &mut Act,
    (record, lowering): (Option<GlobalId>, Option<RecordId>),
    (approved, expected): (bool, Option<String>),
) -> BoxFuture<'_, std::result::Result<RecordId, ActError>> {
    Box::pin(async move {
        let (Some(record), Some(lowering)) = (record, lowering) else {
            return Err(not_found());
        };
        of_kind!(
            record.kind,
            |D| answer::<D>(act, record.id, lowering, (approved, expected.as_deref())).await,
            edge Err(not_found())
        )
    })
}

async fn answer<D: Shown>(
    act: &mut Act,
    record: RecordId,
    lowering: RecordId,
    (approved, expected): (bool, Option<&str>),
) -> std::result::Result<RecordId, ActError> {
    let record = act.find::<D>(Some(record)).await?;
    // Who does not own the record learns of no request.
    act.may_be_told_requests(&*record)?;
    let lowering = act.lowering(lowering).await?;
    let lowering = lowering.filter(|asked| asked.kind == D::KIND && asked.record == record.id());
    let lowering = lowering.ok_or_else(not_found)?;
    act.expect(&*record, expected)?;
    if approved {
        act.is_a(EntryKind::DeclassifyApprove);
        act.approve(&*record, &[lowering]).await?;
    } else {
        act.is_a(EntryKind::DeclassifyRefuse);
        act.refuse(&*record, &[lowering]).await?;
    }
    Ok(record.id())
}

/// The part of a record that the API's name of a field stands for.
pub(super) fn part<D: Shown>(field: Option<&str>) -> std::result::Result<Part, ActError> {
    let Some(field) = field else {
        return Part::of::<D>(None);
    };
    let place = D::shown_names().iter().position(|shown| shown == field);
    let rule = place.and_then(|place| D::RULES.get(place));
    Part::of::<D>(Some(rule.map_or(field, |rule| rule.name)))
}
