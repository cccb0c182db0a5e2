//! The edition of what is public, read once for all who ask for it together.
//!
//! An answer that is kept must not outlive what it rests on, so that each who asks is owed
//! a reading that begins after the question; many share one. It moves with what is public
//! alone: when it moved with every act, the time that an answer takes would tell of acts
//! that nobody may know of.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use sea_orm::{ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbErr, Statement};
use tokio::sync::Mutex;

use super::StoreError;

/// The shared reading.
#[derive(Debug, Default)]
pub(super) struct Edition {
    begun: AtomicU64,
    latest: Mutex<Reading>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    /// Its place among the readings, from 1 on.
    place: u64,
    number: i64,
}

impl Edition {
    /// The number as it was committed when this was called, or later.
    pub(super) async fn number(&self, on: &DatabaseConnection) -> Result<i64, StoreError> {
        // A reading under way may have looked before this question was put.
        let under_way = self.begun.load(SeqCst);
        let mut latest = self.latest.lock().await;
        if latest.place <= under_way {
            let place = self.begun.fetch_add(1, SeqCst) + 1;
            let number = read(on).await?;
            *latest = Reading { place, number };
        }
        Ok(latest.number)
    }
}

async fn read(on: &DatabaseConnection) -> Result<i64, StoreError> {
    let now = "SELECT public FROM edition";
    let statement = Statement::from_string(on.get_database_backend(), now);
    let row = on.query_one_raw(statement).await?;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("edition".to_owned()))?;
    Ok(row.try_get_by_index(0)?)
}

/// Begins the next edition, in the transaction of what makes it another.
pub(super) async fn next(within: &DatabaseTransaction) -> Result<(), DbErr> {
    let next = "UPDATE edition SET public = public + 1";
    within.execute_unprepared(next).await.map(|_| ())
}
