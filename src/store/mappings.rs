//! Subjects of other issuers who are holders here: who says so, and who takes it back.

use sea_orm::{ConnectionTrait, QueryResult};
use sha2::{Digest, Sha256};

use super::{
    Reader, Store, StoreError,
    act::{Act, ActError, not_found},
    holders::first_half,
    writer::{ToldAct, WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::{
        Level,
        warrant::{WriteRefused, admits},
    },
    id::{MechanismId, RecordId},
    identity::{
        holder::{Client, Holder, epoch},
        scope::Scopes,
        watch::{Ended, Revoked, token_hash},
    },
    journal::EntryKind,
};

/// Rows that one mechanism lists at most.
const LISTED: i64 = 500;
/// Seconds for which a token of another issuer is known to be revoked: longer than any may
/// be used.
const LONGEST: i64 = 25 * 3_600;

/// A subject of another issuer, and whose holder it is.
#[derive(Clone, Debug)]
pub struct KeptMapping {
    /// The issuer.
    pub issuer: String,
    /// As whom it knows the holder.
    pub subject: String,
    /// The holder.
    pub holder: String,
    /// The client through which its tokens count as acting.
    pub client: String,
    /// What they may do.
    pub scope: String,
    /// The highest level, whatever the scope says.
    pub cap: Level,
    /// Until when, where an end was set.
    pub until: Option<Moment>,
    /// Whether a revocation, a suspension, or its end, has ended it.
    pub ended: bool,
}

/// What is to be written of a subject of another issuer.
#[derive(Clone, Copy, Debug)]
pub struct NewMapping<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// As whom it knows the holder.
    pub subject: &'a str,
    /// The holder, as it stands.
    pub holder: &'a Holder,
    /// The client, as it stands.
    pub client: &'a Client,
    /// What its tokens may do.
    pub scopes: &'a Scopes,
    /// The highest level, whatever the scope says.
    pub cap: Level,
    /// Until when, where it is not until it is taken back.
    pub until: Option<Moment>,
}

/// By what the log and the keys of acts know a row: nothing that tells the names.
pub fn mapping_ref(issuer: &str, subject: &str) -> RecordId {
    let hash = Sha256::new()
        .chain_update(b"mapping\0")
        .chain_update(issuer)
        .chain_update(b"\0")
        .chain_update(subject)
        .finalize();
    RecordId(first_half(&hash))
}

const ROWS: &str = "SELECT m.issuer, m.subject, m.holder, m.client, m.scope, m.cap, m.epoch, \
                    h.epoch, i.epoch, c.epoch, e.epoch, h.suspended, m.until \
                    FROM mapping m \
                    JOIN holder h ON h.subject = m.holder \
                    JOIN institution i ON i.mechanism = m.mechanism \
                    JOIN client c ON c.id = m.client \
                    LEFT JOIN client_epoch e ON e.client = c.id AND e.mechanism = m.mechanism";

fn kept(row: &QueryResult, now: Moment) -> Result<KeptMapping, StoreError> {
    let cap: String = row.try_get_by_index(5)?;
    let number = |index| -> Result<i64, StoreError> {
        let number: Option<i64> = row.try_get_by_index(index)?;
        Ok(number.unwrap_or(0))
    };
    let suspended: bool = row.try_get_by_index(11)?;
    let mut today = 0_i64;
    for index in 7..=10 {
        today = today.saturating_add(number(index)?);
    }
    let until: Option<i64> = row.try_get_by_index(12)?;
    let until = until.map(Moment::from_seconds);
    let over = until.is_some_and(|until| until <= now);
    Ok(KeptMapping {
        issuer: row.try_get_by_index(0)?,
        subject: row.try_get_by_index(1)?,
        holder: row.try_get_by_index(2)?,
        client: row.try_get_by_index(3)?,
        scope: row.try_get_by_index(4)?,
        // What this hub does not know opens nothing.
        cap: Level::from_code(&cap).unwrap_or(Level::Public),
        until,
        ended: over || suspended || number(6)? != today,
    })
}

impl Reader {
    /// The subjects of other issuers who are holders of the viewer's own mechanism, for who
    /// keeps the list of its holders; for any other holder the own ones.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn mappings(&self) -> Result<Vec<KeptMapping>, StoreError> {
        let viewer = self.viewer();
        let own = viewer.mechanism().zip(viewer.standing());
        let Some((own, standing)) = own.filter(|_| viewer.stands()) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push(ROWS).push(" WHERE m.mechanism = ").bind(own.0);
        if !admits(standing) {
            sql.push(" AND m.holder = ").bind(standing.subject());
        }
        sql.push(" ORDER BY m.holder, m.issuer, m.subject LIMIT ");
        sql.bind(LISTED);
        let rows = self.store().all(sql).await?;
        rows.iter().map(|row| kept(row, viewer.now())).collect()
    }

    /// One of these.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn mapping(
        &self,
        issuer: &str,
        subject: &str,
    ) -> Result<Option<KeptMapping>, StoreError> {
        let all = self.mappings().await?;
        let mut all = all.into_iter();
        Ok(all.find(|one| one.issuer == issuer && one.subject == subject))
    }
}

impl Store {
    /// Every subject of another issuer who is a holder here: for who administers the hub's
    /// machine, and sees no record.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn all_mappings(&self, now: Moment) -> Result<Vec<KeptMapping>, StoreError> {
        let mut sql = self.sql();
        sql.push(ROWS);
        sql.push(" ORDER BY m.holder, m.issuer, m.subject");
        let rows = self.all(sql).await?;
        rows.iter().map(|row| kept(row, now)).collect()
    }
}

impl Writer {
    /// Writes whose holder a subject of another issuer is, in the place of what its mechanism
    /// has written before.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn map_subject(&mut self, new: NewMapping<'_>) -> Result<(), WriteError> {
        self.registrars_act()?;
        self.enter_mapping(new).await
    }

    /// Takes it back; says whether there was a row.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn unmap_subject(&mut self, issuer: &str, subject: &str) -> Result<bool, WriteError> {
        self.registrars_act()?;
        Ok(self.end_mapping(issuer, subject, None).await?.is_some())
    }

    /// Revokes one token of another issuer, by the names that it has there; says whether its
    /// subject is a holder here.
    ///
    /// # Errors
    /// Refuses anyone but the registrar; fails where the database does.
    pub async fn revoke_elsewhere(
        &mut self,
        issuer: &str,
        subject: &str,
        jti: &str,
    ) -> Result<bool, WriteError> {
        self.registrars_act()?;
        self.end_elsewhere(issuer, subject, jti, None).await
    }

    async fn enter_mapping(&mut self, new: NewMapping<'_>) -> Result<(), WriteError> {
        let own = MechanismId(new.holder.mechanism_id);
        // Who is being answered by the row before is so no more; its place among those of
        // other mechanisms stays.
        let before = self.end_mapping(new.issuer, new.subject, Some(own)).await?;
        let place = match before {
            Some(place) => place,
            None => self.next_place().await?,
        };
        let scope = new.scopes.to_string();
        let (holder, client) = (new.holder, new.client);
        let columns = [
            "issuer",
            "subject",
            "holder",
            "mechanism",
            "client",
            "scope",
            "cap",
            "epoch",
            "place",
            "until",
        ];
        let row = vec![
            new.issuer.into(),
            new.subject.into(),
            holder.subject.as_str().into(),
            own.0.into(),
            client.id.as_str().into(),
            scope.as_str().into(),
            new.cap.code().into(),
            // Counts that are none match no epoch, ever.
            epoch(holder, client).unwrap_or(-1).into(),
            place.into(),
            new.until.map(Moment::seconds).into(),
        ];
        let end = new.until.map(|until| format!(" until {until}"));
        self.insert("mapping", &columns, row).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::HolderMap,
            to: mapping_ref(new.issuer, new.subject),
            fields: vec!["cap", "client", "holder", "scope", "until"],
            sealed: format!(
                "`{}` of `{}` is holder `{}` through client `{}` up to {}{}: {scope}",
                new.subject,
                new.issuer,
                holder.subject,
                client.id,
                new.cap,
                end.unwrap_or_default(),
            ),
        });
        Ok(())
    }

    /// After all rows that are there: of two mechanisms' rows the earlier counts.
    async fn next_place(&self) -> Result<i64, WriteError> {
        let mut sql = self.sql();
        sql.push("SELECT MAX(place) FROM mapping");
        let last = self.transaction().query_one_raw(sql.into_statement());
        let last: Option<i64> = match last.await? {
            Some(row) => row.try_get_by_index(0)?,
            None => None,
        };
        Ok(last.unwrap_or(0).saturating_add(1))
    }

    /// Ends the row of a mechanism, or of all; says in which place it stood.
    async fn end_mapping(
        &mut self,
        issuer: &str,
        subject: &str,
        of: Option<MechanismId>,
    ) -> Result<Option<i64>, WriteError> {
        let which = |sql: &mut super::Sql, table: &'static str| {
            sql.push(table).push(" FROM mapping WHERE issuer = ");
            sql.bind(issuer).push(" AND subject = ").bind(subject);
            if let Some(of) = of {
                sql.push(" AND mechanism = ").bind(of.0);
            }
        };
        let mut sql = self.sql();
        which(&mut sql, "SELECT holder, place");
        let rows = self.transaction().query_all_raw(sql.into_statement());
        let mut place = None;
        for row in rows.await? {
            place = place.max(Some(row.try_get_by_index(1)?));
            self.note(Ended::Mapping {
                issuer: issuer.to_owned(),
                subject: subject.to_owned(),
                holder: row.try_get_by_index(0)?,
            })
            .await?;
        }
        let mut sql = self.sql();
        which(&mut sql, "DELETE");
        self.transaction().execute_raw(sql.into_statement()).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::HolderUnmap,
            to: mapping_ref(issuer, subject),
            fields: Vec::new(),
            sealed: format!("`{subject}` of `{issuer}` is nobody here"),
        });
        Ok(place)
    }

    async fn end_elsewhere(
        &mut self,
        issuer: &str,
        subject: &str,
        jti: &str,
        of: Option<MechanismId>,
    ) -> Result<bool, WriteError> {
        let mut sql = self.sql();
        sql.push("SELECT holder, mechanism, client FROM mapping WHERE issuer = ");
        sql.bind(issuer).push(" AND subject = ").bind(subject);
        if let Some(of) = of {
            sql.push(" AND mechanism = ").bind(of.0);
        }
        sql.push(" ORDER BY place, mechanism");
        let found = self.transaction().query_one_raw(sql.into_statement());
        let Some(row) = found.await? else {
            return Ok(false);
        };
        let (holder, client): (String, String) =
            (row.try_get_by_index(0)?, row.try_get_by_index(2)?);
        let mechanism: uuid::Uuid = row.try_get_by_index(1)?;
        let hash = token_hash(&crate::identity::elsewhere::id_of(issuer, subject, jti));
        let until: Moment = self.at.plus_seconds(LONGEST);
        let columns = [
            "id",
            "subject",
            "mechanism",
            "client",
            "scope",
            "issued_at",
            "until",
            "revoked_at",
        ];
        let row = vec![
            hash.as_str().into(),
            holder.into(),
            mechanism.into(),
            client.into(),
            format!("of {issuer}").into(),
            self.at.seconds().into(),
            until.seconds().into(),
            self.at.seconds().into(),
        ];
        self.admit("token", "id", &columns, row).await?;
        self.note(Ended::Tokens(Revoked::Token(hash))).await?;
        self.told = Some(ToldAct {
            kind: EntryKind::TokenRevoke,
            to: mapping_ref(issuer, subject),
            fields: Vec::new(),
            sealed: format!("the token `{jti}` of `{subject}` of `{issuer}`"),
        });
        Ok(true)
    }
}

impl Act {
    /// Writes whose holder of the viewer's own mechanism a subject of another issuer is.
    ///
    /// # Errors
    /// Refuses who does not keep the list of holders, and a holder of another mechanism.
    pub async fn map_holder(&mut self, new: NewMapping<'_>) -> Result<RecordId, ActError> {
        let (own, _) = self.keeps_holders()?;
        if new.holder.mechanism_id != own.0 {
            return Err(not_found());
        }
        self.writer.enter_mapping(new).await?;
        Ok(mapping_ref(new.issuer, new.subject))
    }

    /// Takes it back, at once.
    ///
    /// # Errors
    /// Refuses who does not keep the list of holders; a row of another mechanism is not
    /// there.
    pub async fn unmap_holder(
        &mut self,
        issuer: &str,
        subject: &str,
    ) -> Result<RecordId, ActError> {
        let (own, _) = self.keeps_holders()?;
        let found = self.reader().mapping(issuer, subject).await?;
        found.ok_or_else(not_found)?;
        let own = Some(own);
        self.writer.end_mapping(issuer, subject, own).await?;
        Ok(mapping_ref(issuer, subject))
    }

    /// Revokes one token of another issuer: the viewer's own, or for who keeps the list of
    /// holders one of the own mechanism.
    ///
    /// # Errors
    /// Refuses a subject who is nobody here, or another mechanism's, alike.
    pub async fn revoke_elsewhere(
        &mut self,
        issuer: &str,
        subject: &str,
        jti: &str,
    ) -> Result<RecordId, ActError> {
        let found = self.reader().mapping(issuer, subject).await?;
        found.ok_or_else(not_found)?;
        let own = self.reader().viewer().mechanism();
        let own = own.ok_or(WriteRefused::TokenNeeded)?;
        let ended = self.writer.end_elsewhere(issuer, subject, jti, Some(own));
        ended.await?;
        Ok(mapping_ref(issuer, subject))
    }
}
