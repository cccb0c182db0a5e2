//! The list of what was done after the backup, for the registrar to hand to each mechanism.

use super::super::{Store, StoreError};
use crate::{
    clock::Moment,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};

/// An act of which the backup knows nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// Code of the mechanism whose it is; empty for the registrar.
    pub mechanism: String,
    /// Its number in the log.
    pub n: i64,
    /// When it was done.
    pub at: Moment,
    /// What was done.
    pub kind: String,
    /// What it was done to, where the backup has it.
    pub record: Option<GlobalId>,
    /// On which fields.
    pub fields: String,
    /// Whether the restore has done it again, or more than it.
    pub done: bool,
}

impl Store {
    /// What was done after the backup, by mechanism; of one mechanism, where its code is given.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn left_by_restore(&self, of: Option<&str>) -> Result<Vec<Left>, StoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT COALESCE(i.code, ''), e.n, e.at, e.kind, e.record_kind, e.record, e.fields, \
             e.done FROM restored_entry e LEFT JOIN institution i ON i.mechanism = e.mechanism",
        );
        if let Some(code) = of {
            sql.push(" WHERE i.code = ").bind(code);
        }
        sql.push(" ORDER BY 1, e.n");
        let mut left = Vec::new();
        for row in self.all(sql).await? {
            let kind: Option<String> = row.try_get_by_index(4)?;
            let kind = kind.as_deref().and_then(Kind::from_code);
            let id: Option<uuid::Uuid> = row.try_get_by_index(5)?;
            left.push(Left {
                mechanism: row.try_get_by_index(0)?,
                n: row.try_get_by_index(1)?,
                at: Moment::from_seconds(row.try_get_by_index(2)?),
                kind: row.try_get_by_index(3)?,
                record: kind.zip(id).map(|(kind, id)| GlobalId {
                    kind,
                    id: RecordId(id),
                }),
                fields: row.try_get_by_index(6)?,
                done: row.try_get_by_index::<i64>(7)? != 0,
            });
        }
        Ok(left)
    }
}
