//! Saying whose holder a subject of another issuer is.

use std::sync::Arc;

use super::tokens::for_another;
use crate::{
    clock::Moment,
    confidentiality::{Level, warrant::WriteRefused},
    id::RecordId,
    identity::{
        elsewhere::is_subject, holder::entitlement, kind::Right, scope::Scopes,
        token::TokenAuthority,
    },
    store::{
        act::{Act, ActError, RefusalCode},
        mappings::NewMapping,
    },
};

/// What is to be said of a subject of another issuer.
pub struct AskedMapping {
    /// The issuer, exactly as its tokens name it.
    pub issuer: String,
    /// As whom it knows the holder.
    pub subject: String,
    /// The holder; oneself where nothing is said.
    pub holder: Option<String>,
    /// The client through which its tokens count as acting; the one that asks where nothing
    /// is said.
    pub client: Option<String>,
    /// What its tokens may do.
    pub scope: String,
    /// The highest level, whatever the scope says.
    pub cap: Level,
    /// Until when; until it is taken back where nothing is said.
    pub until: Option<Moment>,
}

/// Says that a subject of another issuer is a holder of one's own mechanism.
///
/// # Errors
/// Refuses who does not keep the list of holders, an issuer whose tokens are not accepted
/// for the mechanism, and whatever could not be issued to the holder as a token.
pub async fn map(
    act: &mut Act,
    authority: &TokenAuthority,
    asked: AskedMapping,
) -> Result<RecordId, ActError> {
    let (_, code) = act.keeps_holders()?;
    let viewer = Arc::clone(act.reader().viewer());
    let own = viewer.standing().ok_or(WriteRefused::TokenNeeded)?;
    let (issuer, subject) = (asked.issuer.as_str(), asked.subject.as_str());
    if !authority.issuers().knows(issuer, &code) {
        let sentence = "tokens of this issuer are not accepted for your mechanism";
        return Err(ActError::invalid("issuer", sentence));
    }
    if !is_subject(subject) {
        let sentence = "it has 1 to 255 bytes, and no control characters";
        return Err(ActError::invalid("subject", sentence));
    }
    if asked.until.is_some_and(|until| until <= viewer.now()) {
        let sentence = "it is until a moment to come";
        return Err(ActError::invalid("until", sentence));
    }
    let scopes = scopes(&asked.scope).map_err(|why| ActError::invalid("scope", why))?;
    if let Some(item) = scopes.excess(own.scopes()) {
        let sentence = format!("`{item}` is more than the token has that you do this with");
        return Err(RefusalCode::Forbidden.says(sentence).of("scope").into());
    }
    let name = asked.holder.as_deref().unwrap_or(own.subject());
    if name != own.subject() {
        for_another(act, name, &scopes).await?;
    }
    let client = asked.client.as_deref().unwrap_or(own.client());
    let known = act.reader().store().holder(name, client, viewer.now());
    let Some((holder, client)) = known.await? else {
        return Err(ActError::invalid("client", "no client has this name"));
    };
    if holder.suspended {
        let sentence = "the holder is suspended";
        return Err(RefusalCode::Conflict.says(sentence).of("holder").into());
    }
    if let Some(item) = scopes.excess(&entitlement(&holder, &client)) {
        let sentence = format!("`{item}` is more than this holder may have");
        return Err(ActError::invalid("scope", sentence));
    }
    let (holder, client, scopes) = (&holder, &client, &scopes);
    let new = NewMapping {
        issuer,
        subject,
        holder,
        client,
        scopes,
        cap: asked.cap,
        until: asked.until,
    };
    act.map_holder(new).await
}

/// A scope that a token of another issuer can have: what is issued here is issued with a
/// token of this hub's own.
///
/// # Errors
/// Says what is wrong with it.
pub fn scopes(text: &str) -> Result<Scopes, String> {
    let scopes: Scopes = text.parse().map_err(|error| format!("{error}"))?;
    if scopes.holds(Right::TokenIssue) {
        let right = Right::TokenIssue;
        return Err(format!("`{right}` takes a token of this hub's own"));
    }
    Ok(scopes)
}
