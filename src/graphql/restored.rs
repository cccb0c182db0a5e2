//! The act that confirms what came back with a restore, as the API takes it.

use async_graphql::{Context, InputObject, Object as GraphqlObject, Result};

use super::{
    acts::{Outcome, UserError, perform},
    context::{Asking, failed},
};

/// What your mechanism has looked at after the hub was restored from a backup.
#[derive(InputObject)]
pub struct ConfirmRestoredInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// How many entries the list has that the registrar has handed to you.
    entries: i32,
}

/// What the act that confirms a restore answers.
pub struct ConfirmRestoredPayload {
    outcome: Outcome,
}

/// What the act that confirms a restore answers.
#[GraphqlObject]
impl ConfirmRestoredPayload {
    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// Acts after a restore.
#[derive(Default)]
pub struct RestoredActs;

#[GraphqlObject]
impl RestoredActs {
    /// Confirms, after the hub was restored from a backup, that your mechanism has looked at
    /// what was done since and is undone: until then its records are told to their owners
    /// alone. It takes the right `declassify:approve`, by a token that nothing limits.
    async fn confirm_restored(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What was looked at.")] input: ConfirmRestoredInput,
    ) -> Result<ConfirmRestoredPayload> {
        let entries = i64::from(input.entries);
        let outcome = perform(ctx, "confirmRestored", input.key.as_deref(), move |act| {
            Box::pin(async move { act.confirm_restored(entries).await })
        });
        let outcome = outcome.await?;
        if outcome.is_ok() {
            let asked = ctx.asked()?;
            let looked = asked.reader.store().look_whether_restored().await;
            looked.map_err(failed)?;
        }
        Ok(ConfirmRestoredPayload { outcome })
    }
}
