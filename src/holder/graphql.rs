//! What the schema shows of holders and tokens, to those who keep them.

use std::sync::Arc;

use async_graphql::{
    Context, ID, InputObject, Object as GraphqlObject, OneofObject, Result, SimpleObject,
};

use super::{
    acts,
    tokens::{self, AskedToken, Handed},
};
use crate::{
    clock::Moment,
    confidentiality::Level,
    graphql::{
        acts::{Outcome, UserError, perform},
        context::{Asking, failed},
        error::Code,
        given::Given,
        object::Told,
    },
    identity::{
        holder::{HolderKind, Proof, Role},
        token::TokenAuthority,
        watch::Revoked,
    },
    store::{
        holders::{HolderChange, KeptHolder, holder_ref},
        tokens::{KeptToken, token_ref},
    },
};

pub mod mappings;

/// A holder of tokens of your mechanism: an officer, a system, a display.
#[derive(SimpleObject)]
pub struct Holder {
    /// Its name, as tokens carry it.
    name: String,
    /// What sort of holder it is.
    kind: Told<HolderKind>,
    /// The highest level that it may be shown.
    clearance: Told<Level>,
    /// What it is charged with.
    roles: Vec<Told<Role>>,
    /// Whether it is suspended: none of its tokens is accepted.
    suspended: bool,
}

impl From<KeptHolder> for Holder {
    fn from(kept: KeptHolder) -> Self {
        Self {
            name: kept.subject,
            kind: Told(kept.kind),
            clearance: Told(kept.clearance),
            roles: kept.roles.into_iter().map(Told).collect(),
            suspended: kept.suspended,
        }
    }
}

/// A token that was issued; its text is nowhere but with its holder.
#[derive(SimpleObject)]
pub struct IssuedToken {
    /// The hash of its own id, as the log has it.
    id: ID,
    /// Name of its holder.
    holder: String,
    /// The client that carries it.
    client: String,
    /// What it was issued for.
    scope: String,
    /// When it was issued.
    issued_at: Told<Moment>,
    /// When it ends.
    expires_at: Told<Moment>,
    /// When it was revoked by itself; `null` where it was not.
    revoked_at: Option<Told<Moment>>,
}

impl From<KeptToken> for IssuedToken {
    fn from(kept: KeptToken) -> Self {
        Self {
            id: ID(kept.id),
            holder: kept.subject,
            client: kept.client,
            scope: kept.scope,
            issued_at: Told(kept.issued_at),
            expires_at: Told(kept.until),
            revoked_at: kept.revoked_at.map(Told),
        }
    }
}

/// The holders that the asker keeps.
///
/// # Errors
/// Fails where the database does.
pub async fn holders(ctx: &Context<'_>) -> Result<Vec<Holder>> {
    let kept = ctx.asked()?.reader.holders().await.map_err(failed)?;
    Ok(kept.into_iter().map(Holder::from).collect())
}

/// The tokens that the asker keeps, or has.
///
/// # Errors
/// Fails where the database does.
pub async fn issued(ctx: &Context<'_>, holder: Option<String>) -> Result<Vec<IssuedToken>> {
    let reader = &ctx.asked()?.reader;
    let kept = reader.tokens(holder.as_deref()).await.map_err(failed)?;
    Ok(kept.into_iter().map(IssuedToken::from).collect())
}

/// A holder to be admitted to your mechanism.
#[derive(InputObject)]
pub struct AdmitHolderInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Its name: your mechanism's code, a full stop, and a name of your choice.
    name: String,
    /// What sort of holder it is.
    kind: Given<HolderKind>,
    /// The highest level that it may be shown: not above your own.
    clearance: Given<Level>,
    /// What it is charged with: nothing that you are not. For officers alone.
    roles: Option<Vec<Given<Role>>>,
}

/// What is amended of a holder of your mechanism; what is left out stays.
#[derive(InputObject)]
pub struct AmendHolderInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Its name.
    name: String,
    /// The highest level that it may be shown: raised to your own at most.
    clearance: Option<Given<Level>>,
    /// All that it is charged with from now on.
    roles: Option<Vec<Given<Role>>>,
    /// Whether it is suspended: at once, and for good for the tokens that it has.
    suspended: Option<bool>,
}

/// What an act on a holder answers.
pub struct HolderPayload(Outcome);

/// What an act on a holder answers.
#[GraphqlObject]
impl HolderPayload {
    /// The holder as it is now; `null` where nothing was done.
    async fn holder(&self, ctx: &Context<'_>) -> Result<Option<Holder>> {
        let Ok(id) = &self.0 else {
            return Ok(None);
        };
        let kept = ctx.asked()?.reader.holders().await.map_err(failed)?;
        let found = kept
            .into_iter()
            .find(|kept| holder_ref(&kept.subject) == *id);
        Ok(found.map(Holder::from))
    }

    /// Why nothing was done; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// Acts on the holders of one's own mechanism.
#[derive(Default)]
pub struct HolderActs;

#[GraphqlObject]
impl HolderActs {
    /// Admits a holder to your mechanism: an officer, a partner system, a display.
    async fn admit_holder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AdmitHolderInput,
    ) -> Result<HolderPayload> {
        let new = KeptHolder {
            subject: input.name,
            kind: input.kind.0,
            clearance: input.clearance.0,
            roles: roles(input.roles).unwrap_or_default(),
            suspended: false,
        };
        let outcome = perform(ctx, "admitHolder", input.key.as_deref(), move |act| {
            Box::pin(acts::admit(act, new))
        });
        Ok(HolderPayload(outcome.await?))
    }

    /// Amends what a holder of your mechanism may do, or suspends it. At once, in what is
    /// being answered, too.
    async fn amend_holder(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: AmendHolderInput,
    ) -> Result<HolderPayload> {
        let change = HolderChange {
            clearance: input.clearance.map(|level| level.0),
            roles: roles(input.roles),
            suspended: input.suspended,
        };
        let name = input.name;
        let outcome = perform(ctx, "amendHolder", input.key.as_deref(), move |act| {
            Box::pin(async move { acts::amend(act, &name, change).await })
        });
        Ok(HolderPayload(outcome.await?))
    }
}

fn roles(given: Option<Vec<Given<Role>>>) -> Option<Vec<Role>> {
    let mut roles: Vec<Role> = given?.into_iter().map(|role| role.0).collect();
    roles.sort_unstable();
    roles.dedup();
    Some(roles)
}

/// A token to be issued, never more than the one with which you ask for it.
#[derive(InputObject)]
pub struct IssueTokenInput {
    /// What makes a second sending no second act; a token's text is shown once all the same.
    key: Option<String>,
    /// The holder of your mechanism whose token it is to be; yourself where nothing is said.
    holder: Option<String>,
    /// The client that is to carry it; the one that you use where nothing is said.
    client: Option<String>,
    /// What it is to be good for, such as `read:communication@CHANNEL st:KEN,UGA`.
    scope: String,
    /// Seconds that it lives: as long as its scope allows where nothing is said.
    seconds: Option<i64>,
    /// The key that it is bound to, by its SHA-256 thumbprint (RFC 7638): of no use without.
    thumbprint: Option<String>,
    /// Whether a refresh token comes with it: for eight hours, each use brings the next pair.
    #[graphql(default)]
    refresh: bool,
}

/// What is revoked: one of these.
#[derive(OneofObject)]
pub enum TokensOf {
    /// One token, by the id that `tokens` gives; with it what would bring the next.
    Token(ID),
    /// Every token of this holder of your mechanism, by name.
    Holder(String),
    /// Every token that this client carries for your mechanism.
    Client(String),
    /// Every token of your mechanism, by its code; yours, too.
    Mechanism(String),
    /// One token of another issuer.
    Elsewhere(TokenElsewhere),
}

/// A token of another issuer, by what it says of itself.
#[derive(InputObject)]
pub struct TokenElsewhere {
    /// Its issuer (`iss`).
    issuer: String,
    /// Its subject (`sub`), who is a holder of your mechanism.
    subject: String,
    /// Its own id (`jti`); for one that has none the SHA-256 of what is signed, its first two
    /// parts with the full stop between, in hexadecimal.
    token_id: String,
}

/// The tokens that are to be revoked.
#[derive(InputObject)]
pub struct RevokeTokensInput {
    /// What makes a second sending no second act: the same key and input, the same answer.
    key: Option<String>,
    /// Whose.
    of: TokensOf,
}

/// What the issue of a token answers.
pub struct TokenPayload {
    outcome: Outcome,
    handed: Handed,
}

/// What the issue of a token answers.
#[GraphqlObject]
impl TokenPayload {
    /// Its text, shown this once: keep it as you keep a key. `null` where nothing was
    /// issued, and at a second sending.
    async fn text(&self) -> Option<String> {
        let issued = self.outcome.is_ok();
        self.handed.access.get().filter(|_| issued).cloned()
    }

    /// The text of its refresh token, shown this once: send it to `POST /token` for the next
    /// pair. Sent twice it ends them all. `null` where none was asked for.
    async fn refresh_text(&self) -> Option<String> {
        let issued = self.outcome.is_ok();
        self.handed.refresh.get().filter(|_| issued).cloned()
    }

    /// What is kept of it; `null` where nothing was issued.
    async fn token(&self, ctx: &Context<'_>) -> Result<Option<IssuedToken>> {
        let Ok(id) = &self.outcome else {
            return Ok(None);
        };
        let kept = ctx.asked()?.reader.tokens(None).await.map_err(failed)?;
        let found = kept.into_iter().find(|kept| token_ref(&kept.id) == *id);
        Ok(found.map(IssuedToken::from))
    }

    /// Why nothing was issued; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.outcome)
    }
}

/// What a revocation answers.
pub struct RevokePayload(Outcome);

/// What a revocation answers.
#[GraphqlObject]
impl RevokePayload {
    /// Whether they are revoked.
    async fn revoked(&self) -> bool {
        self.0.is_ok()
    }

    /// Why nothing was revoked; empty where it was.
    async fn user_errors(&self) -> Vec<UserError> {
        UserError::all_of(&self.0)
    }
}

/// Acts on tokens.
#[derive(Default)]
pub struct TokenActs;

#[GraphqlObject]
impl TokenActs {
    /// Issues a token, with a token that has `token:issue`: to yourself, or as an officer
    /// with the role `ADMITS` to another holder of your mechanism.
    async fn issue_token(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: IssueTokenInput,
    ) -> Result<TokenPayload> {
        let authority = ctx.data_opt::<Arc<TokenAuthority>>().cloned();
        let authority = authority.ok_or_else(|| Code::Internal.error())?;
        let asked = AskedToken {
            holder: input.holder,
            client: input.client,
            scope: input.scope,
            life: input.seconds,
            thumbprint: input.thumbprint,
            refresh: input.refresh,
        };
        // As the hub asks of clients that say nothing.
        let proof = ctx.data_opt::<Proof>().copied().unwrap_or(Proof::Required);
        let handed = Handed::default();
        let to = handed.clone();
        let outcome = perform(ctx, "issueToken", input.key.as_deref(), move |act| {
            Box::pin(async move { tokens::issue(act, (&authority, proof), asked, to).await })
        });
        let outcome = outcome.await?;
        Ok(TokenPayload { outcome, handed })
    }

    /// Revokes tokens of your mechanism: yours, or as an officer with the role `ADMITS`
    /// anyone's. Whoever bears one is refused at once.
    async fn revoke_tokens(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What is to be done, and to what.")] input: RevokeTokensInput,
    ) -> Result<RevokePayload> {
        let asked = ctx.asked()?;
        let standing = asked.reader.viewer().standing();
        let mechanism = standing.map(|own| own.mechanism_code().to_owned());
        let whose = match input.of {
            TokensOf::Token(id) => Revoked::Token(id.0),
            TokensOf::Holder(name) => Revoked::Holder(name),
            TokensOf::Client(client) => Revoked::ClientOf {
                client,
                mechanism: mechanism.unwrap_or_default(),
            },
            TokensOf::Mechanism(code) => Revoked::Mechanism(code),
            TokensOf::Elsewhere(token) => {
                let outcome = perform(ctx, "revokeTokens", input.key.as_deref(), move |act| {
                    Box::pin(async move {
                        let (issuer, subject) = (&token.issuer, &token.subject);
                        act.revoke_elsewhere(issuer, subject, &token.token_id).await
                    })
                });
                return Ok(RevokePayload(outcome.await?));
            }
        };
        let outcome = perform(ctx, "revokeTokens", input.key.as_deref(), move |act| {
            Box::pin(act.revoke_tokens(whose))
        });
        Ok(RevokePayload(outcome.await?))
    }
}
