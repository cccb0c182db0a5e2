//! What the schema shows of subjects of other issuers, to those who keep the holders.

use std::sync::Arc;

use async_graphql::{Context, InputObject, Object as GraphqlObject, Result, SimpleObject};

use crate::{
    clock::Moment,
    confidentiality::Level,
    graphql::{
        acts::{Outcome, UserError, perform},
        context::{Asking, failed},
        error::Code,
        given::{Given, GivenMoment},
        object::Told,
    },
    holder::mappings::{self, AskedMapping},
    identity::token::TokenAuthority,
    store::mappings::{KeptMapping, mapping_ref},
};

/// A subject of another issuer (OpenID Connect) who is a holder of your mechanism.
#[derive(SimpleObject)]
pub struct MappedSubject {
    /// The issuer.
    issuer: String,
    /// As whom it knows the holder (`sub`).
    subject: String,
    /// Name of the holder.
    holder: String,
    /// The client of this hub through which its tokens count as acting.
    client: String,
    /// What its tokens may do.
    scope: String,
    /// The highest level, whatever the scope says. `VICTIM` is reached by tokens alone that
    /// are bound to a key.
    cap: Told<Level>,
    /// Until when, where an end was set: afterwards the subject is nobody here.
    until: Option<Told<Moment>>,
    /// Whether a revocation, a suspension or its end has ended it: say it anew with
    /// `mapHolder`.
    ended: bool,
}

impl From<KeptMapping> for MappedSubject {
    fn from(kept: KeptMapping) -> Self {
        Self {
            issuer: kept.issuer,
            subject: kept.subject,
            holder: kept.holder,
            client: kept.client,
            scope: kept.scope,
            cap: Told(kept.cap),
            until: kept.until.map(Told),
            ended: kept.ended,
        }
    }
}

/// The subjects of other issuers that the asker keeps, or is.
///
/// # Errors
/// Fails where the database does.
pub async fn mapped(ctx: &Context<'_>) -> Result<Vec<MappedSubject>> {
    let kept = ctx.asked()?.reader.mappings().await.map_err(failed)?;
    Ok(kept.into_iter().map(MappedSubject::from).collect())
}

/// Whose holder a subject of another issuer is to be.
#[derive(InputObject)]
pub struct MapHolderInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The issuer, exactly as its tokens name it (`iss`).
    issuer: String,
    /// As whom it knows the holder, exactly as its tokens name them (`sub`).
    subject: String,
    /// The holder of your mechanism; yourself where nothing is said.
    holder: Option<String>,
    /// The client through which its tokens count as acting; yours where nothing is said.
    client: Option<String>,
    /// What its tokens may do: nothing that the token has not with which you say it.
    scope: String,
    /// The highest level, whatever the scope says.
    cap: Given<Level>,
    /// Until when, at most; until it is taken back where nothing is said.
    until: Option<GivenMoment>,
}

/// Which subject of another issuer is to be nobody here.
#[derive(InputObject)]
pub struct UnmapHolderInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// The issuer.
    issuer: String,
    /// As whom it knows the holder.
    subject: String,
}

/// What an act on a subject of another issuer answers.
pub struct MappingPayload(Outcome);

/// What an act on a subject of another issuer answers.
#[GraphqlObject]
impl MappingPayload {
    /// The subject as it is now; `null` where nothing was done, and where it is nobody now.
    async fn mapped(&self, ctx: &Context<'_>) -> Result<Option<MappedSubject>> {
        let Ok(id) = &self.0 else {
            return Ok(None);
        };
        let kept = ctx.asked()?.reader.mappings().await.map_err(failed)?;
        let mut kept = kept.into_iter();
        let found = kept.find(|kept| mapping_ref(&kept.issuer, &kept.subject) == *id);
        Ok(found.map(MappedSubject::from))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// Acts on the subjects of other issuers.
#[derive(Default)]
pub struct MappingActs;

#[GraphqlObject]
impl MappingActs {
    /// Says that a subject of another issuer is a holder of your mechanism, and up to what:
    /// as an officer with the role `ADMITS`, by a token with `token:issue`.
    async fn map_holder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: MapHolderInput,
    ) -> Result<MappingPayload> {
        let authority = ctx.data_opt::<Arc<TokenAuthority>>().cloned();
        let authority = authority.ok_or_else(|| Code::Internal.error())?;
        let asked = AskedMapping {
            issuer: input.issuer,
            subject: input.subject,
            holder: input.holder,
            client: input.client,
            scope: input.scope,
            cap: input.cap.0,
            until: input.until.map(|until| until.0),
        };
        let outcome = perform(ctx, "mapHolder", input.key.as_deref(), move |act| {
            Box::pin(async move { mappings::map(act, &authority, asked).await })
        });
        Ok(MappingPayload(outcome.await?))
    }

    /// Takes it back that a subject of another issuer is a holder of your mechanism. Its
    /// tokens are refused at once.
    async fn unmap_holder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: UnmapHolderInput,
    ) -> Result<MappingPayload> {
        let (issuer, subject) = (input.issuer, input.subject);
        let outcome = perform(ctx, "unmapHolder", input.key.as_deref(), move |act| {
            Box::pin(async move { act.unmap_holder(&issuer, &subject).await })
        });
        Ok(MappingPayload(outcome.await?))
    }
}
