//! Bringing what is remembered of a view up to date, in one transaction.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DatabaseTransaction};

use super::kept::{IDLE, Looked, ToLookAt};
use crate::{
    id::RecordId,
    identity::kind::Kind,
    store::{Reader, StoreError, reader::BATCH, sql::Sql},
};

/// Rows of one statement.
const ROWS: usize = 200;

/// What a view holds: a hash of what is told of each record.
type Held = HashMap<RecordId, String>;

/// A view that is being brought up to date.
pub(super) struct Keeping<'a> {
    pub(super) reader: &'a Reader,
    pub(super) on: &'a DatabaseTransaction,
    pub(super) view: &'a str,
}

impl Keeping<'_> {
    fn sql(&self) -> Sql {
        self.reader.store().sql()
    }

    async fn run(&self, sql: Sql) -> Result<u64, StoreError> {
        let done = self.on.execute_raw(sql.into_statement()).await?;
        Ok(done.rows_affected())
    }

    /// Whether nobody else has looked at the view since; from here on nobody does.
    pub(super) async fn is_next(&self, before: &Looked) -> Result<bool, StoreError> {
        let mut sql = self.sql();
        sql.push("UPDATE feed_view SET looked = looked + 1 WHERE view = ")
            .bind(self.view);
        sql.push(" AND looked = ").bind(before.looked);
        sql.push(" AND begun = ").bind(before.begun);
        Ok(self.run(sql).await? == 1)
    }

    pub(super) async fn held(&self, looked_at: &ToLookAt) -> Result<Held, StoreError> {
        let parts: Vec<Option<&[RecordId]>> = match looked_at {
            ToLookAt::Nothing => Vec::new(),
            ToLookAt::All => vec![None],
            ToLookAt::Records(records) => {
                let all = records.values().flat_map(|ids| ids.chunks(BATCH));
                all.map(Some).collect()
            }
        };
        let mut held = Held::new();
        for ids in parts {
            let mut sql = self.sql();
            sql.push("SELECT record, told FROM feed_record WHERE gone IS NULL AND view = ");
            sql.bind(self.view);
            if let Some(ids) = ids {
                sql.push(" AND record").among(ids.iter().map(|id| id.0));
            }
            for row in self.on.query_all_raw(sql.into_statement()).await? {
                let id = RecordId(row.try_get_by_index(0)?);
                held.insert(id, row.try_get_by_index(1)?);
            }
        }
        Ok(held)
    }

    pub(super) async fn appear(
        &self,
        all: &[(i64, (Kind, RecordId), &String)],
    ) -> Result<(), StoreError> {
        for some in all.chunks(ROWS) {
            let mut sql = self.sql();
            sql.push(
                "INSERT INTO feed_record (view, kind, record, appeared, changed, told) VALUES ",
            );
            sql.joined(", ", some, |sql, (at, (kind, id), told)| {
                sql.push("(").bind(self.view).push(", ").bind(kind.code());
                sql.push(", ")
                    .bind(id.0)
                    .push(", ")
                    .bind(*at)
                    .push(", ")
                    .bind(*at);
                sql.push(", ").bind(told.as_str()).push(")");
            });
            self.run(sql).await?;
        }
        Ok(())
    }

    pub(super) async fn change(
        &self,
        (at, id): (i64, RecordId),
        told: &str,
    ) -> Result<(), StoreError> {
        let mut sql = self.sql();
        sql.push("UPDATE feed_record SET changed = ").bind(at);
        sql.push(", told = ")
            .bind(told)
            .push(" WHERE gone IS NULL AND view = ");
        sql.bind(self.view).push(" AND record = ").bind(id.0);
        self.run(sql).await.map(|_| ())
    }

    pub(super) async fn end(&self, (at, id): (i64, RecordId)) -> Result<(), StoreError> {
        let mut sql = self.sql();
        sql.push("UPDATE feed_record SET gone = ").bind(at);
        sql.push(" WHERE gone IS NULL AND view = ").bind(self.view);
        sql.push(" AND record = ").bind(id.0);
        self.run(sql).await.map(|_| ())
    }

    pub(super) async fn note(&self, next: &Looked) -> Result<(), StoreError> {
        let mut sql = self.sql();
        sql.push("UPDATE feed_view SET last = ").bind(next.last);
        sql.push(", n = ")
            .bind(next.n)
            .push(", at = ")
            .bind(next.at);
        sql.push(", until = ").bind(next.until);
        sql.push(", standing = ").bind(next.standing.as_str());
        sql.push(" WHERE view = ").bind(self.view);
        self.run(sql).await?;
        // What every view has been brought up to is needed no more.
        let mut sql = self.sql();
        sql.push("DELETE FROM outbox WHERE n <= (SELECT MIN(n) FROM feed_view WHERE at > ");
        sql.bind(next.at - IDLE).push(")");
        self.run(sql).await.map(|_| ())
    }
}
