//! Refresh tokens: each is used once, for a next pair. One that comes again was in two hands,
//! and ends its whole family.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::ConnectionTrait;
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Store, StoreError,
    holders::holder_ref,
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::warrant::Warrant,
    id::RecordId,
    identity::{
        holder::epoch,
        token::{Issued, TokenAuthority, TokenRequest},
    },
    journal::{Actor, EntryKind},
};

/// Seconds that a family lives: a working day, however often it is used.
pub const FAMILY: i64 = 8 * 3_600;
/// Seconds for which an ended family is kept, so that a late use of it is known for one.
const KEPT: i64 = 24 * 3_600;
/// With what the text begins, so that a search for lost secrets finds it.
const PREFIX: &str = "liaison-refresh_";
const TEXT: usize = PREFIX.len() + 43;

/// A pair of tokens. The texts are handed out once and kept nowhere.
pub struct Pair {
    /// The access token.
    pub issued: Issued,
    /// The refresh token that brings the next pair.
    pub refresh: Zeroizing<String>,
    /// What the access token is good for.
    pub scope: String,
    /// Whether it is bound to a key.
    pub bound: bool,
    /// Seconds that the access token lives.
    pub life: i64,
}

/// A family as it stands.
struct Family {
    id: Uuid,
    subject: String,
    client: String,
    scope: String,
    life: i64,
    epoch: i64,
    thumbprint: Option<String>,
    until: i64,
    ended: bool,
    used: bool,
}

/// The only form in which a refresh token is kept.
fn hashed(text: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(text))
}

fn drawn() -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut()).ok()?;
    Some(Zeroizing::new(
        PREFIX.to_owned() + &URL_SAFE_NO_PAD.encode(bytes.as_ref()),
    ))
}

impl Writer {
    /// Records a token that was signed, and begins a family of refresh tokens with it.
    ///
    /// # Errors
    /// As [`Writer::record_token`]; fails without randomness.
    pub async fn record_pair(
        &mut self,
        request: &TokenRequest,
        issued: &Issued,
    ) -> Result<(RecordId, Zeroizing<String>), WriteError> {
        self.may_issue()?;
        let family = RecordId::random().0;
        self.forget_families().await?;
        let columns = [
            "id",
            "subject",
            "mechanism",
            "client",
            "scope",
            "life",
            "epoch",
            "thumbprint",
            "until",
        ];
        let row = vec![
            family.into(),
            request.subject().into(),
            request.mechanism_id().into(),
            request.client().into(),
            request.scopes().to_string().into(),
            request.life().into(),
            request.epoch().into(),
            request.thumbprint().into(),
            self.at.plus_seconds(FAMILY).seconds().into(),
        ];
        self.insert("token_family", &columns, row).await?;
        let refresh = self.next_of(family).await?;
        let to = self.enter_token(request, issued, Some(family)).await?;
        Ok((to, refresh))
    }

    async fn next_of(&mut self, family: Uuid) -> Result<Zeroizing<String>, WriteError> {
        let text = drawn().ok_or(WriteError::NoRandomness)?;
        let row = vec![hashed(&text).into(), family.into()];
        self.insert("refresh_token", &["hash", "family"], row)
            .await?;
        Ok(text)
    }

    async fn forget_families(&mut self) -> Result<(), WriteError> {
        let over = self.at.plus_seconds(-KEPT).seconds();
        let mut sql = self.sql();
        sql.push("DELETE FROM refresh_token WHERE family IN (SELECT id FROM token_family");
        sql.push(" WHERE until < ").bind(over).push(")");
        self.transaction().execute_raw(sql.into_statement()).await?;
        let mut sql = self.sql();
        sql.push("DELETE FROM token_family WHERE until < ")
            .bind(over);
        self.transaction().execute_raw(sql.into_statement()).await?;
        Ok(())
    }

    async fn family_of(&self, hash: &str) -> Result<Option<Family>, WriteError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT f.id, f.subject, f.client, f.scope, f.life, f.epoch, f.thumbprint, f.until, \
             f.ended_at, r.used_at FROM refresh_token r JOIN token_family f ON f.id = r.family \
             WHERE r.hash = ",
        );
        sql.bind(hash);
        let row = self.transaction().query_one_raw(sql.into_statement());
        let Some(row) = row.await? else {
            return Ok(None);
        };
        let (ended, used): (Option<i64>, Option<i64>) =
            (row.try_get_by_index(8)?, row.try_get_by_index(9)?);
        Ok(Some(Family {
            id: row.try_get_by_index(0)?,
            subject: row.try_get_by_index(1)?,
            client: row.try_get_by_index(2)?,
            scope: row.try_get_by_index(3)?,
            life: row.try_get_by_index(4)?,
            epoch: row.try_get_by_index(5)?,
            thumbprint: row.try_get_by_index(6)?,
            until: row.try_get_by_index(7)?,
            ended: ended.is_some(),
            used: used.is_some(),
        }))
    }
}

impl Store {
    /// Uses a refresh token up for the next pair. `proven` says whether the sender has the
    /// key of a thumbprint, where the family is bound to one. `None` is every refusal: they
    /// are all told alike.
    ///
    /// # Errors
    /// Fails where the database does; then nothing was used up.
    pub async fn refresh(
        &self,
        authority: &TokenAuthority,
        text: &str,
        client: Option<&str>,
        proven: impl FnOnce(&str) -> bool + Send,
        now: Moment,
    ) -> Result<Option<Pair>, WriteError> {
        let hash = hashed(text);
        if text.len() != TEXT || !self.is_refresh(&hash).await? {
            // Before the one place where acts queue: a stranger does not stand in it.
            return Ok(None);
        }
        let nobody = Actor {
            mechanism: String::new(),
            subject: String::new(),
            token: None,
        };
        let mut writer = self.begin(Warrant::to_issue(nobody), now).await?;
        let Some(family) = writer.family_of(&hash).await? else {
            return Ok(None);
        };
        let live = !family.ended && now.seconds() < family.until;
        if !live || client.is_some_and(|client| client != family.client) {
            return Ok(None);
        }
        let bound = family.thumbprint.as_deref();
        if bound.is_some_and(|thumbprint| !proven(thumbprint)) {
            return Ok(None);
        }
        let known = self.holder(&family.subject, &family.client, now).await?;
        let Some((holder, client)) = known else {
            return Ok(None);
        };
        if family.used {
            writer.end_family(family.id).await?;
            let actor = Actor {
                mechanism: holder.mechanism_code.clone(),
                subject: holder.subject.clone(),
                token: None,
            };
            writer.warrant = Warrant::to_issue(actor);
            writer.told = Some(ToldAct {
                kind: EntryKind::TokenRevoke,
                to: holder_ref(&family.subject),
                fields: vec!["refreshReused"],
                sealed: format!("a refresh token of `{}` came a second time", family.subject),
            });
            writer.commit().await?;
            return Ok(None);
        }
        if epoch(&holder, &client) != Some(family.epoch) {
            return Ok(None);
        }
        let Ok(scopes) = family.scope.parse() else {
            return Ok(None);
        };
        // What is no longer the holder's is not issued again.
        let Ok(request) = TokenRequest::new(&holder, &client, scopes, family.life) else {
            return Ok(None);
        };
        let request = request.bound_to(family.thumbprint.clone());
        let Ok(issued) = authority.issue(&request, now) else {
            return Ok(None);
        };
        let bearer = Actor::bearing(&holder.mechanism_code, &holder.subject, &issued.id);
        writer.warrant = Warrant::to_issue(bearer);
        let mut sql = writer.sql();
        sql.push("UPDATE refresh_token SET used_at = ")
            .bind(now.seconds());
        sql.push(" WHERE hash = ").bind(hash);
        writer
            .transaction()
            .execute_raw(sql.into_statement())
            .await?;
        let refresh = writer.next_of(family.id).await?;
        writer
            .enter_token(&request, &issued, Some(family.id))
            .await?;
        writer.commit().await?;
        Ok(Some(Pair {
            issued,
            refresh,
            scope: family.scope,
            bound: request.thumbprint().is_some(),
            life: family.life,
        }))
    }

    async fn is_refresh(&self, hash: &str) -> Result<bool, StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT 1 FROM refresh_token WHERE hash = ")
            .bind(hash);
        Ok(!self.all(sql).await?.is_empty())
    }
}
