//! Issuing tokens to oneself and to the holders of one's own mechanism.

use std::sync::{Arc, OnceLock};

use crate::{
    confidentiality::{Level, warrant::WriteRefused},
    id::RecordId,
    identity::{
        claims::{is_thumbprint, longest_life},
        holder::Proof,
        kind::{Action, Kind, Right},
        scope::Scopes,
        token::{IssueError, TokenAuthority, TokenRequest},
    },
    store::act::{Act, ActError, RefusalCode},
};

/// A token that is asked for.
pub struct AskedToken {
    /// Whose it is to be; one's own where nothing is said.
    pub holder: Option<String>,
    /// The client that is to carry it; the one that asks where nothing is said.
    pub client: Option<String>,
    /// What it is to be good for.
    pub scope: String,
    /// Seconds that it is to live; as long as its scope allows where nothing is said.
    pub life: Option<i64>,
    /// The thumbprint of the key that it is bound to.
    pub thumbprint: Option<String>,
    /// Whether a refresh token comes with it.
    pub refresh: bool,
}

/// The texts of tokens on their way to whom they were issued: shown once, written nowhere.
#[derive(Clone, Default)]
pub struct Handed {
    /// The access token's.
    pub access: Arc<OnceLock<String>>,
    /// The refresh token's, where there is one.
    pub refresh: Arc<OnceLock<String>>,
}

/// Issues a token; its text is in `handed`, for when the act is committed. `proof` is what
/// the hub asks of clients that say nothing.
///
/// # Errors
/// Refuses a token without `token:issue`, what goes beyond that token or the holder, and for
/// others of the mechanism who does not keep the list of its holders.
pub async fn issue(
    act: &mut Act,
    (authority, proof): (&TokenAuthority, Proof),
    asked: AskedToken,
    handed: Handed,
) -> Result<RecordId, ActError> {
    act.writer().may_issue()?;
    let viewer = Arc::clone(act.reader().viewer());
    let own = viewer.standing().ok_or(WriteRefused::TokenNeeded)?;
    let scopes: Scopes = match asked.scope.parse() {
        Ok(scopes) => scopes,
        Err(error) => return Err(ActError::invalid("scope", format!("{error}"))),
    };
    if let Some(item) = scopes.excess(own.scopes()) {
        let sentence = format!("`{item}` is more than the token has that you issue it with");
        return Err(RefusalCode::Forbidden.says(sentence).of("scope").into());
    }
    let subject = asked.holder.as_deref().unwrap_or(own.subject());
    if subject != own.subject() {
        for_another(act, subject, &scopes).await?;
    }
    let client = asked.client.as_deref().unwrap_or(own.client());
    let known = act.reader().store().holder(subject, client, viewer.now());
    let Some((holder, client)) = known.await? else {
        return Err(ActError::invalid("client", "no client has this name"));
    };
    // What comes of a token that is bound to a key is bound to that key, or to another.
    let own_key = viewer.claims().and_then(|claims| claims.thumbprint());
    let bound = asked.thumbprint.or(own_key.map(str::to_owned));
    if bound.as_deref().is_some_and(|text| !is_thumbprint(text)) {
        let sentence = "it is a key's SHA-256 thumbprint (RFC 7638): 43 characters";
        return Err(ActError::invalid("thumbprint", sentence));
    }
    let life = asked.life.unwrap_or_else(|| longest_life(&scopes));
    let request = TokenRequest::new(&holder, &client, scopes, life).map_err(refused)?;
    let request = request.bound_to(bound);
    request.is_of_use(&client, proof).map_err(refused)?;
    let issued = authority.issue(&request, viewer.now()).map_err(refused)?;
    let to = if asked.refresh {
        let (to, refresh) = act.writer().record_pair(&request, &issued).await?;
        // It was empty: an act hands out one pair.
        let _ = handed.refresh.set(refresh.to_string());
        to
    } else {
        act.writer().record_token(&request, &issued).await?
    };
    let _ = handed.access.set(issued.token);
    Ok(to)
}

/// What is issued to another is seen by who issues it, and could be used by them. So it never
/// opens or writes a file, and is good for nothing that takes a second officer: no right is
/// in it, and its holder is charged with nothing. Those have their tokens of the hub itself,
/// or of a token of their own.
pub(super) async fn for_another(act: &Act, subject: &str, scopes: &Scopes) -> Result<(), ActError> {
    act.keeps_holders()?;
    let holder = act.reader().kept_holder(subject).await?;
    let holder = holder.ok_or_else(|| {
        let sentence = "there is no such record, or none that you may know of";
        RefusalCode::NotFound.says(sentence).of("holder")
    })?;
    let writes_files = scopes.level(Action::Write, Kind::Person).is_some();
    if scopes.gravest() == Level::Victim || writes_files {
        let sentence = "what opens or writes persons' files is issued to oneself alone";
        return Err(RefusalCode::Forbidden.says(sentence).of("scope").into());
    }
    if let Some(right) = Right::ALL.into_iter().find(|right| scopes.holds(*right)) {
        let sentence = format!(
            "`{right}` is issued to oneself alone: a second officer is another than the first"
        );
        return Err(RefusalCode::Forbidden.says(sentence).of("scope").into());
    }
    if !holder.roles.is_empty() {
        let sentence = "an officer with a role has tokens of the hub itself, or of their own";
        return Err(RefusalCode::Forbidden.says(sentence).of("holder").into());
    }
    Ok(())
}

fn refused(error: IssueError) -> ActError {
    let sentence = error.to_string();
    match error {
        IssueError::BeyondHolder { .. } => ActError::invalid("scope", sentence),
        IssueError::Unbound { .. } | IssueError::Bound { .. } => {
            ActError::invalid("thumbprint", sentence)
        }
        IssueError::Life { .. } => ActError::invalid("seconds", sentence),
        IssueError::Suspended => RefusalCode::Conflict.says(sentence).of("holder").into(),
        IssueError::Unnameable | IssueError::Unsignable => {
            RefusalCode::Invalid.says(sentence).into()
        }
    }
}
