//! That two mechanisms plan to visit the same State, where neither is told of the other's
//! plan: a release that both have opted into, by a clause `VISIT_OVERLAP` to each other.
//!
//! The hub looks once a week and at no other time, so that when something is told says
//! nothing of when it was written. Of the plans it tells the State and the quarter, the same
//! to both, once for an agreement; never whose plan, which days, or how many. What is not told
//! up to the clause's cap, such as a plan that was raised, signals nothing.

mod plans;
mod round;

pub use self::round::follow;

use sea_orm::QueryResult;

use super::{Reader, StoreError};
use crate::{clock::Moment, id::RecordId, identity::kind::Kind};

/// Signals that are told at once at most.
const TOLD: i64 = 200;

/// A signal, as one of the two is told of it.
#[derive(Clone, Debug)]
pub struct VisitOverlap {
    /// Its id.
    pub id: RecordId,
    /// The agreement whose clauses let it be told.
    pub agreement: RecordId,
    /// ISO alpha-3 code of the State.
    pub country: String,
    /// The quarter, such as `2027-Q1`.
    pub quarter: String,
    /// When it was told.
    pub told_at: Moment,
}

impl Reader {
    /// The signals to the viewer's own mechanism, the latest first, of quarters that are not
    /// over: for who reads all of its events and agreements.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn visit_overlaps(&self) -> Result<Vec<VisitOverlap>, StoreError> {
        let viewer = self.viewer();
        let reads_all = [Kind::CalendarEvent, Kind::Agreement]
            .into_iter()
            .all(|kind| viewer.reads_all_of_own(kind));
        let Some(own) = viewer.mechanism().filter(|_| reads_all && viewer.stands()) else {
            return Ok(Vec::new());
        };
        let mut sql = self.store().sql();
        sql.push("SELECT id, agreement, country, quarter, told_at FROM visit_overlap");
        sql.push(" WHERE mechanism = ").bind(own.0);
        sql.push(" AND quarter >= ")
            .bind(round::quarter(viewer.now()));
        sql.push(" ORDER BY told_at DESC, id LIMIT ").bind(TOLD);
        let rows = self.store().all(sql).await?;
        rows.iter().map(read).collect()
    }
}

fn read(row: &QueryResult) -> Result<VisitOverlap, StoreError> {
    Ok(VisitOverlap {
        id: RecordId(row.try_get_by_index(0)?),
        agreement: RecordId(row.try_get_by_index(1)?),
        country: row.try_get_by_index(2)?,
        quarter: row.try_get_by_index(3)?,
        told_at: Moment::from_seconds(row.try_get_by_index(4)?),
    })
}
