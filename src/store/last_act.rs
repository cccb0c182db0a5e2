//! The number of the last act, read once for all who ask for it together.
//!
//! An answer that is kept must not outlive what it rests on, so that each who asks is owed
//! a reading that begins after the question; many share one.

use std::sync::atomic::{AtomicU64, Ordering::SeqCst};

use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use tokio::sync::Mutex;

use super::StoreError;

/// The shared reading.
#[derive(Debug, Default)]
pub(super) struct LastAct {
    begun: AtomicU64,
    latest: Mutex<Reading>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Reading {
    /// Its place among the readings, from 1 on.
    place: u64,
    number: i64,
}

impl LastAct {
    /// The number of the last act that was committed before this was called, or of a later
    /// one; 0 where there is none.
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
    let last = "SELECT n FROM audit_leaf ORDER BY n DESC LIMIT 1";
    let statement = Statement::from_string(on.get_database_backend(), last);
    let row = on.query_one_raw(statement).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}
