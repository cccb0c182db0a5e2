//! Tokens that were issued: who bears them, through what, until when; never their text.

use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};

use super::{
    Reader, StoreError,
    holders::first_half,
    sql::Sql,
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::warrant::admits,
    id::{MechanismId, RecordId},
    identity::{
        holder::Standing,
        kind::Right,
        token::{Issued, TokenRequest},
        watch::token_hash,
    },
    journal::EntryKind,
};

/// Tokens that are listed at most, the latest first.
const LISTED: i64 = 100;
/// Seconds for which a token is listed after its end.
const KEPT: i64 = 24 * 3_600;

/// A token as it is listed.
#[derive(Clone, Debug)]
pub struct KeptToken {
    /// The hash of its id, as the log has it.
    pub id: String,
    /// Its holder.
    pub subject: String,
    /// The client that carries it.
    pub client: String,
    /// What it was issued for.
    pub scope: String,
    /// When it was issued.
    pub issued_at: Moment,
    /// When it ends.
    pub until: Moment,
    /// When it was revoked by itself.
    pub revoked_at: Option<Moment>,
}

/// By what the log's tags and the keys of acts know a token: from the hash of its id.
pub fn token_ref(hash: &str) -> RecordId {
    RecordId(first_half(&Sha256::digest(hash)))
}

const COLUMNS: &str = "SELECT id, subject, client, scope, issued_at, until, revoked_at FROM token";

impl Reader {
    /// The tokens that are in force of the viewer's own mechanism, for who keeps the list of
    /// its holders; for any other holder the own ones.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn tokens(&self, holder: Option<&str>) -> Result<Vec<KeptToken>, StoreError> {
        let viewer = self.viewer();
        let own = viewer.mechanism().zip(viewer.standing());
        let Some((own, standing)) = own.filter(|_| viewer.stands()) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push(COLUMNS).push(" WHERE until > ");
        sql.bind(viewer.now().seconds());
        sql.push(" AND mechanism = ").bind(own.0);
        of_bearer(&mut sql, standing);
        if let Some(holder) = holder {
            sql.push(" AND subject = ").bind(holder);
        }
        sql.push(" ORDER BY issued_at DESC, id LIMIT ").bind(LISTED);
        let rows = self.store().all(sql).await?;
        rows.iter().map(kept).collect()
    }

    /// One of these, by the hash of its id, in force or not.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn token(&self, hash: &str) -> Result<Option<KeptToken>, StoreError> {
        let viewer = self.viewer();
        let Some((own, standing)) = viewer.mechanism().zip(viewer.standing()) else {
            return Ok(None);
        };
        let mut sql = self.store().sql();
        sql.push(COLUMNS).push(" WHERE id = ").bind(hash);
        sql.push(" AND mechanism = ").bind(own.0);
        of_bearer(&mut sql, standing);
        let rows = self.store().all(sql).await?;
        rows.first().map(kept).transpose()
    }
}

impl super::Store {
    /// The tokens in force on this hub: for who administers its machine, and sees no record.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn tokens_in_force(
        &self,
        holder: Option<&str>,
        now: Moment,
    ) -> Result<Vec<KeptToken>, StoreError> {
        let mut sql = self.sql();
        sql.push(COLUMNS)
            .push(" WHERE until > ")
            .bind(now.seconds());
        if let Some(holder) = holder {
            sql.push(" AND subject = ").bind(holder);
        }
        sql.push(" ORDER BY issued_at DESC, id");
        let rows = self.all(sql).await?;
        rows.iter().map(kept).collect()
    }
}

/// The tokens that a bearer is told of: the mechanism's, where it keeps its holders; its
/// holder's, where it could issue such; else itself alone.
fn of_bearer(sql: &mut Sql, standing: &Standing) {
    if admits(standing) {
        return;
    }
    sql.push(" AND subject = ").bind(standing.subject());
    if !standing.scopes().holds(Right::TokenIssue) {
        sql.push(" AND id = ").bind(token_hash(standing.token_id()));
    }
}

fn kept(row: &QueryResult) -> Result<KeptToken, StoreError> {
    let revoked: Option<i64> = row.try_get_by_index(6)?;
    Ok(KeptToken {
        id: row.try_get_by_index(0)?,
        subject: row.try_get_by_index(1)?,
        client: row.try_get_by_index(2)?,
        scope: row.try_get_by_index(3)?,
        issued_at: Moment::from_seconds(row.try_get_by_index(4)?),
        until: Moment::from_seconds(row.try_get_by_index(5)?),
        revoked_at: revoked.map(Moment::from_seconds),
    })
}

impl Writer {
    /// Records a token that was signed; it is handed out when this is committed, and not
    /// before.
    ///
    /// # Errors
    /// Refuses a warrant that issues no tokens; fails where the database does.
    pub async fn record_token(
        &mut self,
        request: &TokenRequest,
        issued: &Issued,
    ) -> Result<RecordId, WriteError> {
        self.warrant.may_issue()?;
        self.enter_token(request, issued, None).await
    }

    /// The same, without asking who does it.
    pub(super) async fn enter_token(
        &mut self,
        request: &TokenRequest,
        issued: &Issued,
        family: Option<uuid::Uuid>,
    ) -> Result<RecordId, WriteError> {
        let hash = token_hash(&issued.id);
        let scope = request.scopes().to_string();
        let mut sql = self.sql();
        sql.push("DELETE FROM token WHERE until < ");
        sql.bind(self.at.plus_seconds(-KEPT).seconds());
        self.transaction().execute_raw(sql.into_statement()).await?;
        let columns = [
            "id",
            "subject",
            "mechanism",
            "client",
            "scope",
            "issued_at",
            "until",
            "family",
        ];
        let row = vec![
            hash.as_str().into(),
            request.subject().into(),
            MechanismId(request.mechanism_id()).0.into(),
            request.client().into(),
            scope.as_str().into(),
            self.at.seconds().into(),
            issued.expires.seconds().into(),
            family.into(),
        ];
        self.insert("token", &columns, row).await?;
        let to = token_ref(&hash);
        self.told = Some(ToldAct {
            kind: EntryKind::TokenIssue,
            to,
            fields: Vec::new(),
            sealed: format!(
                "token {hash} of holder `{}` through client `{}`: {scope}",
                request.subject(),
                request.client(),
            ),
        });
        Ok(to)
    }
}
