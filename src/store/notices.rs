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
    id::{MechanismId, RecordId},
    identity::kind::{Kind, Right},
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
    /// A part of the notifications to the viewer's own mechanism: what has happened to
    /// records of kinds of which the viewer reads all, and what is due in the viewer's view.
    /// `None` where `after` is none of them.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn notices(
        &self,
        after: Option<RecordId>,
        most: u32,
    ) -> Result<Option<Notices>, StoreError> {
        let due = self.due().await?;
        let place = match after {
            None => None,
            Some(after) => {
                let due = due.iter().find(|notice| notice.id == after);
                // At the same moment what has happened comes before what is due.
                let due = due.map(|notice| (notice.at, None));
                match due.or(self.happened_at(after).await?) {
                    None => return Ok(None),
                    place => place,
                }
            }
        };
        let mut notices = self.happened(place, most).await?;
        let later = due.into_iter().filter(|notice| match (place, after) {
            (Some((at, Some(_))), _) => notice.at <= at,
            (Some((at, None)), Some(after)) => {
                notice.at < at || (notice.at == at && notice.id > after)
            }
            (Some((at, None)), None) => notice.at < at,
            (None, _) => true,
        });
        notices.extend(later);
        // Stable: what has happened keeps its order, and its place before what is due.
        notices.sort_by_key(|notice| std::cmp::Reverse(notice.at));
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let more = notices.len() > most;
        notices.truncate(most);
        Ok(Some(Notices { notices, more }))
    }

    /// Where in the list something that has happened stands: its moment and its number.
    async fn happened_at(&self, id: RecordId) -> Result<Option<Place>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT at, n FROM notification");
        if !self.told_happenings(&mut sql) {
            return Ok(None);
        }
        sql.push(" AND id = ").bind(id.0);
        let rows = self.store().all(sql).await?;
        let read = |row: &QueryResult| {
            let at = Moment::from_seconds(row.try_get_by_index(0)?);
            Ok::<_, StoreError>((at, Some(row.try_get_by_index(1)?)))
        };
        rows.first().map(read).transpose()
    }

    /// What has happened, the latest first, and one more than `most`.
    async fn happened(&self, after: Option<Place>, most: u32) -> Result<Vec<Notice>, StoreError> {
        let mut sql = self.store().sql();
        sql.push("SELECT id, type, kind, record, at FROM notification");
        if !self.told_happenings(&mut sql) {
            return Ok(Vec::new());
        }
        if let Some((at, n)) = after {
            sql.push(" AND (at < ").bind(at.seconds());
            if let Some(n) = n {
                sql.push(" OR (at = ").bind(at.seconds());
                sql.push(" AND n < ").bind(n).push(")");
            }
            sql.push(")");
        }
        sql.push(" ORDER BY at DESC, n DESC LIMIT ");
        sql.bind(i64::from(most) + 1);
        let rows = self.store().all(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(read.into_iter().flatten().collect())
    }

    /// Adds which happenings the viewer is told; says whether there are any.
    fn told_happenings(&self, sql: &mut Sql) -> bool {
        let viewer = self.viewer();
        let (Some(own), Some(standing)) = (viewer.mechanism(), viewer.standing()) else {
            return false;
        };
        if !viewer.stands() {
            return false;
        }
        // Which States and topics a notification is about is not on it: who does not read
        // all of a kind is told of none of it.
        let kinds = Kind::ALL.into_iter();
        let kinds = kinds.filter(|kind| viewer.reads_all_of_own(*kind));
        let kinds: Vec<String> = kinds.map(|kind| kind.code().to_owned()).collect();
        if kinds.is_empty() {
            return false;
        }
        sql.push(" WHERE mechanism = ").bind(own.0);
        sql.push(" AND (holder IS NULL OR holder = ");
        sql.bind(standing.subject()).push(") AND kind IN ");
        sql.bind_all(kinds);
        if !standing.scopes().holds(Right::MatchAnswer) {
            sql.push(" AND type <> ");
            sql.bind(NotificationType::SameMatterSignal.code());
        }
        true
    }
}

/// A place in the list: a moment, and the number of what has happened then; none where it is
/// something that is due.
type Place = (Moment, Option<i64>);

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
