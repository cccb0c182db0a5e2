//! The acts by which what came back is opened: an officer's, and the registrar's.

use sea_orm::ConnectionTrait;

use super::super::{
    Store, StoreError, Writer,
    act::{Act, ActError},
    sql::Sql,
    writer::WriteError,
};
use crate::{
    clock::Moment,
    confidentiality::warrant::{Warrant, WriteRefused},
    id::{MechanismId, RecordId},
    identity::{kind::Right, viewer::Narrowing},
    journal::EntryKind,
};

/// What the registrar has opened, and what waits for others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opened {
    /// Codes of the mechanisms that have to confirm.
    pub waiting: Vec<String>,
}

impl Act {
    /// Confirms that the viewer's mechanism has looked at what came back with a restore: its
    /// records are told again to whom the rules tell them.
    ///
    /// How many entries there are on its list is said with it, so that nobody confirms a list
    /// that has not been seen.
    ///
    /// # Errors
    /// Refuses a token without the right `declassify:approve`, or that is limited, a mechanism
    /// that has nothing to confirm, and another number.
    pub async fn confirm_restored(&mut self, entries: i64) -> Result<RecordId, ActError> {
        self.is_a(EntryKind::RestoreConfirm);
        self.writer.warrant.may(Right::DeclassifyApprove)?;
        let viewer = self.reader().viewer().clone();
        let own = viewer.mechanism().ok_or(WriteRefused::TokenNeeded)?;
        let wide = viewer
            .limits()
            .is_none_or(|limits| *limits == Narrowing::default());
        if !wide {
            return Err(WriteRefused::BeyondLimits.into());
        }
        let mut sql = self.writer.sql();
        sql.push("SELECT COUNT(*) FROM restored_mechanism WHERE confirmed_at IS NULL");
        sql.push(" AND mechanism = ").bind(own.0);
        if self.writer.how_many(sql).await? == 0 {
            return Err(ActError::conflict("your mechanism has nothing to confirm"));
        }
        let mut sql = self.writer.sql();
        sql.push("SELECT COUNT(*) FROM restored_entry WHERE mechanism = ");
        sql.bind(own.0);
        if self.writer.how_many(sql).await? != entries {
            let sentence = "the list has another number of entries; ask the registrar for it";
            return Err(ActError::conflict(sentence));
        }
        self.writer.confirm(own).await?;
        Ok(own.into())
    }
}

impl Writer {
    async fn how_many(&self, sql: Sql) -> Result<i64, WriteError> {
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await?;
        let many = row.map(|row| row.try_get_by_index(0)).transpose()?;
        Ok(many.unwrap_or(0))
    }

    async fn confirm(&mut self, mechanism: MechanismId) -> Result<(), WriteError> {
        let mut sql = self.sql();
        sql.push("UPDATE restored_mechanism SET confirmed_at = ");
        sql.bind(self.at.seconds()).push(", subject = ");
        sql.bind(self.warrant.actor().subject.as_str());
        sql.push(" WHERE mechanism = ").bind(mechanism.0);
        self.transaction().execute_raw(sql.into_statement()).await?;
        // What anyone may see is more, from now on.
        self.public = true;
        Ok(())
    }

    async fn open_restored(&mut self) -> Result<bool, WriteError> {
        let mut sql = self.sql();
        sql.push("UPDATE restored SET opened_at = ")
            .bind(self.at.seconds());
        sql.push(" WHERE opened_at IS NULL");
        let done = self.transaction().execute_raw(sql.into_statement()).await?;
        self.public = true;
        Ok(done.rows_affected() > 0)
    }
}

impl Store {
    /// Opens a hub that was restored: mechanisms with nothing on the list are told of again.
    /// `None` where there is nothing to open.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn open_restored(&self, now: Moment) -> Result<Option<Opened>, WriteError> {
        let mut writer = self.begin(Warrant::to_confirm_restored(), now).await?;
        if !writer.open_restored().await? {
            return Ok(None);
        }
        writer.commit().await?;
        self.look_whether_restored().await?;
        let waiting = self.waiting_for(false).await?;
        Ok(Some(Opened { waiting }))
    }

    /// Confirms for a mechanism that has no officer who could; `false` where it has one, or
    /// nothing to confirm.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn confirm_for(&self, code: &str, now: Moment) -> Result<bool, WriteError> {
        let mut sql = self.sql();
        sql.push("SELECT i.mechanism FROM institution i WHERE i.code = ")
            .bind(code);
        sql.push(
            " AND NOT EXISTS (SELECT 1 FROM holder h WHERE h.mechanism = i.mechanism \
             AND h.kind = 'OFFICER') AND EXISTS (SELECT 1 FROM restored_mechanism m \
             WHERE m.mechanism = i.mechanism AND m.confirmed_at IS NULL)",
        );
        let rows = self.all(sql).await?;
        let Some(row) = rows.first() else {
            return Ok(false);
        };
        let mechanism = MechanismId(row.try_get_by_index(0)?);
        let mut writer = self.begin(Warrant::to_confirm_restored(), now).await?;
        writer.confirm(mechanism).await?;
        writer.deed.record = Some(mechanism.into());
        writer.commit().await?;
        self.look_whether_restored().await?;
        Ok(true)
    }

    /// Codes of the mechanisms that have to confirm; `idle` where they have no officer.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn waiting_for(&self, idle: bool) -> Result<Vec<String>, StoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT i.code FROM restored_mechanism m JOIN institution i \
             ON i.mechanism = m.mechanism WHERE m.confirmed_at IS NULL",
        );
        if idle {
            sql.push(
                " AND NOT EXISTS (SELECT 1 FROM holder h WHERE h.mechanism = i.mechanism \
                 AND h.kind = 'OFFICER')",
            );
        }
        sql.push(" ORDER BY i.code");
        let rows = self.all(sql).await?;
        let codes = rows.iter().map(|row| row.try_get_by_index(0));
        Ok(codes.collect::<Result<_, _>>()?)
    }
}
