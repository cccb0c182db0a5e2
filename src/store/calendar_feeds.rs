//! Feeds of the calendar: who may fetch one, and as whom.
//!
//! A calendar program keeps a password for years and can do nothing else. So a feed is a
//! credential of its own: it reads events alone, at most at `PARTNER`, never more than its
//! holder may today, and whatever ends its holder's tokens ends it.

use std::sync::Arc;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sea_orm::{ConnectionTrait, QueryResult};
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{
    Reader, Store, StoreError,
    act::{Act, ActError, RefusalCode},
    sql::Sql,
    standing::ViewerError,
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::warrant::{WriteRefused, admits},
    id::RecordId,
    identity::{
        holder::{Standing, epoch},
        token::{Said, TokenAuthority, TokenRequest},
        viewer::Viewer,
    },
    journal::EntryKind,
};

/// Seconds that a feed lives.
const LIFE: i64 = 366 * 24 * 3_600;
/// Seconds for which the viewer of one fetch is good.
const FETCH: i64 = 60;
/// Feeds of one holder in force at most.
const MOST: usize = 20;
/// Feeds that are listed at most, the latest first.
const LISTED: i64 = 100;
/// With what the secret begins, so that a search for lost secrets finds it.
const PREFIX: &str = "liaison-feed_";

/// A feed as it is listed.
#[derive(Clone, Debug)]
pub struct KeptFeed {
    /// Its id: the name in HTTP Basic.
    pub id: RecordId,
    /// Whose it is.
    pub subject: String,
    /// What its holder calls it.
    pub name: String,
    /// What it may read.
    pub scope: String,
    /// When it was made.
    pub created_at: Moment,
    /// When it ends.
    pub until: Moment,
    /// When it was revoked.
    pub revoked_at: Option<Moment>,
}

/// What is kept of a feed to know its bearer by.
struct Bearer {
    subject: String,
    client: String,
    scope: String,
    epoch: i64,
    secret: Vec<u8>,
    live: bool,
}

impl Reader {
    /// The feeds of the viewer, and of other holders for who keeps the list of them; not
    /// those that are over.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn feeds(&self) -> Result<Vec<KeptFeed>, StoreError> {
        let viewer = self.viewer();
        let own = viewer.mechanism().zip(viewer.standing());
        let Some((own, standing)) = own.filter(|_| viewer.stands()) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push("SELECT id, subject, name, scope, created_at, until, revoked_at");
        sql.push(" FROM calendar_feed WHERE mechanism = ")
            .bind(own.0);
        of_holder(&mut sql, standing);
        sql.push(" AND until > ").bind(viewer.now().seconds());
        sql.push(" ORDER BY created_at DESC, id LIMIT ")
            .bind(LISTED);
        let rows = self.store().all(sql).await?;
        rows.iter().map(kept).collect()
    }
}

/// The feeds that a holder is told of: the mechanism's, where it keeps its holders; else its
/// own.
fn of_holder(sql: &mut Sql, standing: &Standing) {
    if !admits(standing) {
        sql.push(" AND subject = ").bind(standing.subject());
    }
}

fn kept(row: &QueryResult) -> Result<KeptFeed, StoreError> {
    let revoked: Option<i64> = row.try_get_by_index(6)?;
    Ok(KeptFeed {
        id: RecordId(row.try_get_by_index(0)?),
        subject: row.try_get_by_index(1)?,
        name: row.try_get_by_index(2)?,
        scope: row.try_get_by_index(3)?,
        created_at: Moment::from_seconds(row.try_get_by_index(4)?),
        until: Moment::from_seconds(row.try_get_by_index(5)?),
        revoked_at: revoked.map(Moment::from_seconds),
    })
}

impl Act {
    /// Makes a feed of what is asked for; says its id and its secret, which is kept nowhere.
    ///
    /// # Errors
    /// Refuses a token without `token:issue`, and more feeds than a holder may have.
    pub async fn create_feed(
        &mut self,
        request: &TokenRequest,
        name: &str,
    ) -> Result<(RecordId, Zeroizing<String>), ActError> {
        self.writer.may_issue()?;
        let own = request.subject();
        let kept = self.reader().feeds().await?;
        let live = kept
            .iter()
            .filter(|feed| feed.subject == own && feed.revoked_at.is_none());
        if live.count() >= MOST {
            let sentence = "you have as many feeds as a holder may; revoke one that nobody uses";
            return Err(ActError::conflict(sentence));
        }
        let mut bytes = Zeroizing::new([0_u8; 32]);
        getrandom::fill(bytes.as_mut()).map_err(|_| WriteError::NoRandomness)?;
        let secret = PREFIX.to_owned() + &URL_SAFE_NO_PAD.encode(bytes.as_ref());
        let secret = Zeroizing::new(secret);
        let hash = self.reader.store().tag("feed", &secret);
        let id = self.writer.enter_feed(request, name, hash).await?;
        Ok((id, secret))
    }

    /// Revokes a feed: one's own, or as who keeps the mechanism's holders anyone's.
    ///
    /// # Errors
    /// Refuses what is not there, and one that was revoked before.
    pub async fn revoke_feed(&mut self, id: Option<RecordId>) -> Result<RecordId, ActError> {
        let standing = self.reader().viewer().standing().cloned();
        standing.ok_or(WriteRefused::TokenNeeded)?;
        let kept = self.reader().feeds().await?;
        let found = kept.into_iter().find(|feed| Some(feed.id) == id);
        let feed = found.ok_or_else(|| {
            let sentence = "there is no such record, or none that you may know of";
            RefusalCode::NotFound.says(sentence)
        })?;
        if feed.revoked_at.is_some() {
            return Err(ActError::conflict("it was revoked before"));
        }
        self.writer.end_feed(&feed).await?;
        Ok(feed.id)
    }
}

impl Writer {
    async fn enter_feed(
        &mut self,
        request: &TokenRequest,
        name: &str,
        hash: Vec<u8>,
    ) -> Result<RecordId, WriteError> {
        let id = RecordId::random();
        let scope = request.scopes().to_string();
        let columns = [
            "id",
            "subject",
            "mechanism",
            "client",
            "scope",
            "epoch",
            "name",
            "secret",
            "created_at",
            "until",
        ];
        let row = vec![
            id.0.into(),
            request.subject().into(),
            request.mechanism_id().into(),
            request.client().into(),
            scope.as_str().into(),
            request.epoch().into(),
            name.into(),
            hash.into(),
            self.at.seconds().into(),
            self.at.plus_seconds(LIFE).seconds().into(),
        ];
        let mut sql = self.sql();
        sql.push("DELETE FROM calendar_feed WHERE until < ")
            .bind(self.at.seconds());
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.insert("calendar_feed", &columns, row).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::TokenIssue,
            to: id,
            fields: vec!["calendarFeed"],
            sealed: format!("a feed of holder `{}`: {scope}", request.subject()),
        });
        Ok(id)
    }

    async fn end_feed(&mut self, feed: &KeptFeed) -> Result<(), WriteError> {
        let mut sql = self.sql();
        sql.push("UPDATE calendar_feed SET revoked_at = ")
            .bind(self.at.seconds());
        sql.push(" WHERE id = ").bind(feed.id.0);
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::TokenRevoke,
            to: feed.id,
            fields: vec!["calendarFeed"],
            sealed: format!("a feed of holder `{}`", feed.subject),
        });
        Ok(())
    }
}

impl Store {
    /// The viewer of a feed, by its id and its secret: its holder as they stand today, within
    /// the feed's scope. `None` is every refusal: the same reads are made for each of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn viewer_of_feed(
        &self,
        authority: &TokenAuthority,
        (id, secret): (&str, &str),
        now: Moment,
    ) -> Result<Option<Viewer>, StoreError> {
        let id = Uuid::try_parse(id).unwrap_or_default();
        let bearer = self.bearer(id, now).await?;
        let given = self.tag("feed", secret);
        let good = bearer.as_ref().is_some_and(|bearer| {
            // Both at once, whichever is wrong.
            is_same(&bearer.secret, &given) & bearer.live
        });
        let Some(bearer) = bearer.filter(|_| good) else {
            let nobody = Said {
                subject: String::new(),
                client: String::new(),
                token: String::new(),
            };
            self.look_for(&nobody, now).await?;
            return Ok(None);
        };
        let known = self.holder(&bearer.subject, &bearer.client, now).await?;
        let Some((holder, client)) = known else {
            return Ok(None);
        };
        let Ok(scopes) = bearer.scope.parse() else {
            return Ok(None);
        };
        if epoch(&holder, &client) != Some(bearer.epoch) {
            return Ok(None);
        }
        // A token like any other, which is handed to nobody: what is no longer the holder's
        // is not issued again.
        let Ok(request) = TokenRequest::new(&holder, &client, scopes, FETCH) else {
            return Ok(None);
        };
        let Ok(issued) = authority.issue(&request, now) else {
            return Ok(None);
        };
        let Ok(claims) = authority.verify(&issued.token, now) else {
            return Ok(None);
        };
        match self.viewer(&Arc::clone(&claims), None, now).await {
            Ok(viewer) => Ok(Some(viewer)),
            Err(ViewerError::Refused(_)) => Ok(None),
            Err(ViewerError::Store(error)) => Err(error),
        }
    }

    async fn bearer(&self, id: Uuid, now: Moment) -> Result<Option<Bearer>, StoreError> {
        let mut sql = self.sql();
        sql.push("SELECT subject, client, scope, epoch, secret, until, revoked_at");
        sql.push(" FROM calendar_feed WHERE id = ").bind(id);
        let rows = self.all(sql).await?;
        let read = |row: &QueryResult| {
            let until: i64 = row.try_get_by_index(5)?;
            let revoked: Option<i64> = row.try_get_by_index(6)?;
            Ok::<_, StoreError>(Bearer {
                subject: row.try_get_by_index(0)?,
                client: row.try_get_by_index(1)?,
                scope: row.try_get_by_index(2)?,
                epoch: row.try_get_by_index(3)?,
                secret: row.try_get_by_index(4)?,
                live: revoked.is_none() && now.seconds() < until,
            })
        };
        rows.first().map(read).transpose()
    }
}

/// Whether two hashes are one, found out in the same time whatever they are.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differ = one
        .iter()
        .zip(other)
        .fold(0, |differ, (a, b)| differ | (a ^ b));
    one.len() == other.len() && differ == 0
}
