//! Notifications: that something has happened to what concerns a mechanism, never what.

use sea_orm::{ConnectionTrait, QueryResult};

use super::{
    Reader, StoreError,
    act::ActError,
    sql::Sql,
    writer::{WriteError, Writer},
};
use crate::{
    clock::Moment,
    confidentiality::Level,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    vocabulary::{NotificationType, codes::Coded},
};

/// That something has happened.
#[derive(Clone, Debug)]
pub struct Notice {
    /// Its id.
    pub id: RecordId,
    /// What has happened.
    pub what: NotificationType,
    /// The kind of the record that it has happened to.
    pub kind: Kind,
    /// The record.
    pub record: RecordId,
    /// When.
    pub at: Moment,
}

/// Notifications, the latest first.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    /// The notifications.
    pub notices: Vec<Notice>,
    /// Whether there are earlier ones.
    pub more: bool,
}

impl Writer {
    /// Tells a mechanism, or one holder of it alone, in the transaction of the act.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn notify(
        &self,
        (mechanism, holder): (MechanismId, Option<&str>),
        what: NotificationType,
        (kind, record): (Kind, RecordId),
    ) -> Result<(), ActError> {
        let mut sql = self.sql();
        sql.push("SELECT COALESCE(MAX(n), 0) + 1 FROM notification WHERE mechanism = ")
            .bind(mechanism.0);
        let row = self
            .transaction()
            .query_one_raw(sql.into_statement())
            .await
            .map_err(WriteError::from)?;
        let n = row.map(|row| row.try_get_by_index::<i64>(0)).transpose();
        let n = n.map_err(WriteError::from)?.unwrap_or(1);
        let row = vec![
            RecordId::random().0.into(),
            mechanism.0.into(),
            holder.into(),
            what.code().into(),
            kind.code().into(),
            record.0.into(),
            self.at.seconds().into(),
            n.into(),
        ];
        let columns = [
            "id",
            "mechanism",
            "holder",
            "type",
            "kind",
            "record",
            "at",
            "n",
        ];
        Ok(self.insert("notification", &columns, row).await?)
    }
}

impl Reader {
    /// A part of the notifications to the viewer's own mechanism, about records of kinds
    /// that the viewer reads up to `SECRETARIAT`. `None` where `after` is none of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn notices(
        &self,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<Notices>, StoreError> {
        let viewer = self.viewer();
        let (Some(own), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
            return Ok(after.is_none().then(Notices::default));
        };
        if !viewer.stands() {
            return Ok(after.is_none().then(Notices::default));
        }
        let wide = viewer.limits().is_none_or(|limits| {
            // Which States and topics a notification is about is not on it: deny.
            let owners = limits.owners.as_ref();
            !limits.is_by_place()
                && limits.channels.is_none()
                && owners.is_none_or(|owners| owners.contains(&own))
        });
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| viewer.cap(*kind) >= Level::Secretariat);
        let kinds: Vec<String> = kinds.map(|kind| kind.code().to_owned()).collect();
        if kinds.is_empty() || !wide {
            return Ok(after.is_none().then(Notices::default));
        }
        let for_viewer = |sql: &mut Sql| {
            sql.push(" WHERE mechanism = ").bind(own.0);
            sql.push(" AND (holder IS NULL OR holder = ");
            sql.bind(standing.subject()).push(") AND kind IN ");
            sql.bind_all(kinds.clone());
        };
        if let Some(after) = after {
            let mut sql = self.store().sql();
            sql.push("SELECT 1 FROM notification");
            for_viewer(&mut sql);
            sql.push(" AND id = ").bind(after.0);
            if self.store().all(sql).await?.is_empty() {
                return Ok(None);
            }
        }
        let mut sql = self.store().sql();
        sql.push("SELECT id, type, kind, record, at FROM notification");
        for_viewer(&mut sql);
        if let Some(after) = after {
            sql.push(" AND n < (SELECT n FROM notification WHERE id = ");
            sql.bind(after.0).push(")");
        }
        let most = i64::from(most);
        sql.push(" ORDER BY n DESC LIMIT ").bind(most + 1);
        let rows = self.store().all(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut notices: Vec<Notice> = read.into_iter().flatten().collect();
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = notices.len() > most;
        notices.truncate(most);
        Ok(Some(Notices { notices, more }))
    }
}

/// What this hub does not know is not told.
fn read(row: &QueryResult) -> Result<Option<Notice>, sea_orm::DbErr> {
    let (what, kind): (String, String) = (row.try_get_by_index(1)?, row.try_get_by_index(2)?);
    let known = NotificationType::from_code(&what).zip(Kind::from_code(&kind));
    let Some((what, kind)) = known else {
        return Ok(None);
    };
    Ok(Some(Notice {
        id: RecordId(row.try_get_by_index(0)?),
        what,
        kind,
        record: RecordId(row.try_get_by_index(3)?),
        at: Moment::from_seconds(row.try_get_by_index(4)?),
    }))
}
