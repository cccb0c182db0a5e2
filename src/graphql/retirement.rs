//! Retirement, as the API takes and tells it: for the secretariat whose records they are.

use async_graphql::{Context, ID, InputObject, Object as GraphqlObject, Result, SimpleObject};

use super::{
    acts::{Outcome, UserError, perform},
    connection::size,
    context::{Asking, failed},
    error::Code,
    given::{Given, GivenMoment},
    kinds::of_kind,
    listing::{Listing, cursor_of},
    node::Node,
    object::{Shown, Told},
};
use crate::{
    clock::Moment,
    id::{GlobalId, RecordId},
    journal::EntryKind,
    store::{
        act::{Act, ActError, not_found},
        retirement::{Retirement as Found, Retiring},
    },
    vocabulary::RetirementReason,
};

/// A record that your mechanism has retired. It is in no other answer of this hub.
#[derive(SimpleObject)]
pub struct Retirement {
    /// The record's id, for those who bring it back.
    record: ID,
    /// What it is called, where records of its kind have a reference or a title.
    designation: Option<String>,
    /// Why it was retired.
    reason: Told<RetirementReason>,
    /// Why, in the officer's words.
    remark: String,
    /// The officer who has retired it.
    retired_by: String,
    /// When.
    retired_at: Told<Moment>,
    /// From when on the hub expunges it: it is gone then, for everybody and for good.
    keep_until: Told<Moment>,
    /// Why it is held back from being expunged, where it is.
    hold: Option<String>,
    /// How many records went with it, such as the items of a plan.
    parts: i64,
}

/// A part of a list of retired records.
pub type Retirements = Listing<Retirement>;

/// A part of the records that the viewer's mechanism has retired, the latest first.
///
/// # Errors
/// Refuses a page over the published limit, and a cursor that is not of this list.
pub async fn retirements(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Retirements> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let asked = ctx.asked()?;
    let found = asked.reader.retirements(after, most).await;
    let found = found.map_err(failed)?;
    let (found, more) = found.ok_or_else(|| Code::CursorInvalid.error())?;
    asked.count(found.len())?;
    let entries = found.into_iter().map(|one| (one.record, shown(one)));
    Ok(Retirements::of((after.is_some(), more), entries))
}

fn shown(found: Found) -> Retirement {
    let (kind, id) = (found.kind, found.record);
    Retirement {
        record: ID(GlobalId { kind, id }.to_string()),
        designation: found.designation,
        reason: Told(found.reason),
        remark: found.remark,
        retired_by: found.subject,
        retired_at: Told(found.at),
        keep_until: Told(found.keep_until),
        hold: found.hold,
        parts: found.parts,
    }
}

/// A record that is to be retired, and why.
#[derive(InputObject)]
pub struct RetireRecordInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// The record's `version` as you have read it: what has changed since is not retired.
    expected_version: Option<String>,
    /// Why.
    reason: Given<RetirementReason>,
    /// Why, in words for your colleagues; no person's name.
    remark: String,
    /// Until when it is kept: where nothing is said, as long as the reason asks for; never
    /// less.
    keep_until: Option<GivenMoment>,
}

/// A retired record that is to be brought back.
#[derive(InputObject)]
pub struct RestoreRecordInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// Why, in words for the log.
    remark: String,
}

/// A retired record that is to be held back from being expunged, or no longer.
#[derive(InputObject)]
pub struct HoldRecordInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The record's id.
    id: ID,
    /// Why it is held, such as a proceeding that needs it; where nothing is said, it is held
    /// no longer.
    hold: Option<String>,
}

/// What an act of retirement answers.
pub struct RetirementPayload {
    outcome: Outcome,
    id: ID,
}

/// What an act of retirement answers.
#[GraphqlObject]
impl RetirementPayload {
    /// The record, as you may be told of it now: nothing where it is retired.
    async fn record(&self, ctx: &Context<'_>) -> Result<Option<Node>> {
        match self.outcome {
            Ok(_) => Node::find(ctx, &self.id).await,
            Err(_) => Ok(None),
        }
    }

    /// The record among those that your mechanism has retired; nothing where it is not, or
    /// while it waits for the word of its other owners.
    async fn retirement(&self, ctx: &Context<'_>) -> Result<Option<Retirement>> {
        let (Ok(_), Some(id)) = (&self.outcome, GlobalId::parse(&self.id)) else {
            return Ok(None);
        };
        let asked = ctx.asked()?;
        let found = asked.reader.retirement(id.kind, id.id).await;
        Ok(found.map_err(failed)?.map(shown))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// Acts of retirement.
#[derive(Default)]
pub struct RetirementActs;

#[GraphqlObject]
impl RetirementActs {
    /// Retires a wrong or closed record of your mechanism, with what hangs on it: it is in no
    /// answer any more, to nobody, until it is brought back or expunged. A record of several
    /// owners takes the word of each, within 30 days.
    async fn retire_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RetireRecordInput,
    ) -> Result<RetirementPayload> {
        let id = GlobalId::parse(&input.id);
        let retiring = Retiring {
            reason: input.reason.0,
            remark: input.remark,
            keep_until: input.keep_until.map(|until| until.0),
        };
        let expected = input.expected_version;
        let outcome = perform(ctx, "retireRecord", input.key.as_deref(), move |act| {
            Box::pin(async move {
                let id = id.ok_or_else(not_found)?;
                let expected = expected.as_deref();
                of_kind!(id.kind, |D| retire::<D>(act, id.id, (expected, retiring)).await, edge Err(not_found()))
            })
        });
        Ok(RetirementPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Brings a retired record of your mechanism back, with what was retired with it. Who has
    /// retired it brings it back for your secretariat alone; a second officer who may approve
    /// that a level is lowered brings it back to whom it was told before, where no other
    /// mechanism owns it, too.
    async fn restore_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RestoreRecordInput,
    ) -> Result<RetirementPayload> {
        let (id, remark) = (GlobalId::parse(&input.id), input.remark);
        let outcome = perform(ctx, "restoreRecord", input.key.as_deref(), move |act| {
            Box::pin(async move {
                act.is_a(EntryKind::RecordRestore);
                let id = id.ok_or_else(not_found)?;
                act.restore((id.kind, id.id), remark).await?;
                Ok(id.id)
            })
        });
        Ok(RetirementPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }

    /// Holds a retired record of your mechanism back from being expunged, for a proceeding
    /// that needs it, or ends the hold.
    async fn hold_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: HoldRecordInput,
    ) -> Result<RetirementPayload> {
        let (id, why) = (GlobalId::parse(&input.id), input.hold);
        let outcome = perform(ctx, "holdRecord", input.key.as_deref(), move |act| {
            Box::pin(async move {
                act.is_a(EntryKind::RecordHold);
                let id = id.ok_or_else(not_found)?;
                act.hold((id.kind, id.id), why).await?;
                Ok(id.id)
            })
        });
        Ok(RetirementPayload {
            outcome: outcome.await?,
            id: input.id,
        })
    }
}

async fn retire<D: Shown>(
    act: &mut Act,
    id: RecordId,
    (expected, retiring): (Option<&str>, Retiring),
) -> std::result::Result<RecordId, ActError> {
    act.is_a(EntryKind::RecordRetire);
    let record = act.find::<D>(Some(id)).await?;
    act.expect(&*record, expected)?;
    act.retire(&*record, &retiring).await?;
    Ok(id)
}
