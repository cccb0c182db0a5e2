//! What the acts of the same-matter check answer.

use async_graphql::{Context, ID, Object as GraphqlObject, Result};

use super::told::{
    BlindMatter, MatterSide, SameMatterCheck, SameMatterSignal, blind_matters, same_matter_checks,
    same_matter_signals, sides,
};
use crate::{
    graphql::acts::{Outcome, UserError},
    id::RecordId,
};

/// What a question on the same matter answers.
pub struct CheckSameMatterPayload(pub(super) Outcome);

/// What a question on the same matter answers.
#[GraphqlObject]
impl CheckSameMatterPayload {
    /// The question, open until it is due; `null` where none was put.
    async fn check(&self, ctx: &Context<'_>) -> Result<Option<SameMatterCheck>> {
        let Some(id) = done(&self.0) else {
            return Ok(None);
        };
        let all = same_matter_checks(ctx).await?;
        Ok(all.into_iter().find(|check| check.id == id))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// What an answer to a signal answers.
pub struct AnswerSameMatterPayload(pub(super) Outcome);

/// What an answer to a signal answers.
#[GraphqlObject]
impl AnswerSameMatterPayload {
    /// The signal, as you are told it now; `null` where nothing was done.
    async fn signal(&self, ctx: &Context<'_>) -> Result<Option<SameMatterSignal>> {
        let Some(id) = done(&self.0) else {
            return Ok(None);
        };
        let all = same_matter_signals(ctx).await?;
        Ok(all.into_iter().find(|signal| signal.id == id))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// What a word that an overlap is looked at answers.
pub struct AgreeSideBySidePayload(pub(super) Outcome);

/// What a word that an overlap is looked at answers.
#[GraphqlObject]
impl AgreeSideBySidePayload {
    /// Whether it was given.
    async fn agreed(&self) -> bool {
        self.0.is_ok()
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// What is told of an overlap side by side.
pub struct OpenSideBySidePayload(pub(super) Outcome);

/// What is told of an overlap side by side.
#[GraphqlObject]
impl OpenSideBySidePayload {
    /// The two sides, your own first; empty where nothing was done.
    async fn sides(&self, ctx: &Context<'_>) -> Result<Vec<MatterSide>> {
        match self.0 {
            Ok(id) => sides(ctx, id).await,
            Err(_) => Ok(Vec::new()),
        }
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// What an act on a matter without names answers.
pub struct BlindMatterPayload(pub(super) Outcome);

/// What an act on a matter without names answers.
#[GraphqlObject]
impl BlindMatterPayload {
    /// The matter; `null` where nothing was done, or where it was taken away.
    async fn blind_matter(&self, ctx: &Context<'_>) -> Result<Option<BlindMatter>> {
        let Some(id) = done(&self.0) else {
            return Ok(None);
        };
        let all = blind_matters(ctx).await?;
        Ok(all.into_iter().find(|matter| matter.id == id))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// What the registering of a canary answers.
pub struct CanaryPayload(pub(super) Outcome);

/// What the registering of a canary answers.
#[GraphqlObject]
impl CanaryPayload {
    /// The canary's id, by which an alarm names it; `null` where nothing was done.
    async fn canary(&self) -> Option<ID> {
        done(&self.0)
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

fn done(outcome: &Outcome) -> Option<ID> {
    let id = outcome.as_ref().ok();
    id.map(|RecordId(id)| ID(id.to_string()))
}
