//! To whom an entry is told: the owners of the record that it is about, each in a sequence of
//! its own.

use sea_orm::{ConnectionTrait, Statement, Value};
use uuid::Uuid;

use super::{LedgerError, entry::keyed};
use crate::{
    id::{MechanismId, RecordId},
    identity::kind::Kind,
    keys::SecretKey,
};

/// An owner of what an entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Owned {
    /// The owner.
    pub owner: MechanismId,
    /// The kind of the record.
    pub kind: Kind,
    /// The record; none where the entry is about several of the kind.
    pub record: Option<RecordId>,
}

/// Who has acted, as an owner may be told.
pub(super) struct Doer<'a> {
    pub(super) mechanism: Option<MechanismId>,
    pub(super) subject: &'a str,
}

/// Puts an entry into the sequence of each owner.
pub(super) async fn put<C: ConnectionTrait>(
    connection: &C,
    (n, owned): (i64, &[Owned]),
    doer: Doer<'_>,
    key: &SecretKey,
) -> Result<(), LedgerError> {
    let backend = connection.get_database_backend();
    for one in owned {
        let owner = one.owner.0;
        let last = connection
            .query_one_raw(Statement::from_sql_and_values(
                backend,
                "SELECT COALESCE(MAX(seq), 0) FROM audit_entry WHERE owner = $1",
                [owner.into()],
            ))
            .await?;
        let last = last.map(|row| row.try_get_by_index::<i64>(0)).transpose()?;
        let seq = last.unwrap_or(0) + 1;
        // Of the owner's own sequence alone, and opaque: it stands in cursors.
        let place = [owner.as_bytes().as_slice(), &seq.to_be_bytes()].concat();
        let hash = keyed(key, "entry", &place);
        let id = Uuid::from_bytes(hash.first_chunk::<16>().copied().unwrap_or_default());
        let own = doer.mechanism == Some(one.owner);
        let values: [Value; 8] = [
            id.into(),
            owner.into(),
            seq.into(),
            n.into(),
            one.kind.code().into(),
            one.record.map(|record| record.0).into(),
            doer.mechanism.map(|mechanism| mechanism.0).into(),
            own.then_some(doer.subject).into(),
        ];
        connection
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO audit_entry (id, owner, seq, n, kind, record, actor, subject) \
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                values,
            ))
            .await?;
    }
    Ok(())
}
