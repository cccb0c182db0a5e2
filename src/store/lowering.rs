//! Requests to lower levels that were asked for together, and are answered together.
//!
//! A batch is no record and has no label: to each viewer it is what it holds of records that
//! the viewer's mechanism owns and the viewer is told of. Where nothing is left, it is not
//! there.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    Reader, StoreError,
    act::{Act, ActError},
    labels::{Lowering, SELECT, read},
    sql::Sql,
    writer::WriteError,
};
use crate::{
    confidentiality::{Domain, Known},
    id::RecordId,
    identity::kind::Kind,
    vocabulary::LoweringStatus,
};

/// The records that a batch is about, for the gate to look at.
pub type Place = (Kind, RecordId);

impl Reader {
    /// The records that a batch is about; whether they may be known of, and their requests
    /// told, is for the caller to ask.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn places_of(&self, batch: RecordId) -> Result<Vec<Place>, StoreError> {
        let rows = self
            .store()
            .all(of_batch(self.store().sql(), batch))
            .await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let lowerings: Vec<Lowering> = read.into_iter().flatten().collect();
        Ok(places(&lowerings))
    }
}

impl Act {
    /// The requests of a batch; whether their records may be known of is for the caller to
    /// ask.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn batch(&self, batch: RecordId) -> Result<Vec<Lowering>, ActError> {
        let sql = of_batch(self.writer.sql(), batch);
        let rows = self.rows(sql).await?;
        let read = rows.iter().map(read).collect::<Result<Vec<_>, _>>();
        Ok(read
            .map_err(WriteError::from)?
            .into_iter()
            .flatten()
            .collect())
    }

    /// Those that wait for the viewer's mechanism.
    ///
    /// # Errors
    /// Refuses who does not own the record; fails where the database does.
    pub async fn waiting<D: Domain>(
        &self,
        record: &Known<D>,
        lowerings: &[Lowering],
    ) -> Result<Vec<Lowering>, ActError> {
        let own = self.owns(record)?;
        let mut waiting = Vec::new();
        for lowering in lowerings {
            let pending = lowering.status == LoweringStatus::Pending;
            if pending && !self.approved(lowering.id).await?.contains(&own) {
                waiting.push(lowering.clone());
            }
        }
        Ok(waiting)
    }
}

fn of_batch(mut sql: Sql, batch: RecordId) -> Sql {
    sql.push(SELECT).push(" WHERE batch = ").bind(batch.0);
    sql.push(" ORDER BY kind, record, field");
    sql
}

/// The records that requests are about, each once.
pub fn places(lowerings: &[Lowering]) -> Vec<Place> {
    let mut places: Vec<Place> = Vec::new();
    for lowering in lowerings {
        let place = (lowering.kind, lowering.record);
        if places.last() != Some(&place) {
            places.push(place);
        }
    }
    places
}

/// What tells two states of the records of a batch apart for this viewer.
pub fn version_of(records: &[(RecordId, String)]) -> String {
    let mut hash = Sha256::new();
    for (id, version) in records {
        hash.update(id.0.as_bytes());
        hash.update(version);
        hash.update(b"\n");
    }
    let hash = hash.finalize();
    URL_SAFE_NO_PAD.encode(hash.get(..16).unwrap_or(&hash))
}
