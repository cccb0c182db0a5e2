//! The key of one person's file, as one mechanism has it.

use sea_orm::QueryResult;

use super::{
    KeyStore, KeyStoreError, ProviderError,
    turn::{COPY, copy},
};
use crate::{
    confidentiality::{
        Domain,
        sealed::Sealed,
        vault::{DataKey, VaultError, chain::EpochKey},
    },
    id::{MechanismId, RecordId},
};

/// What a mechanism has of the key of a person's file.
pub(in crate::store) enum Found {
    /// No copy: it was never given one, or has none any more.
    Nothing,
    /// A copy that is not what was stored.
    Broken,
    /// The key, and what was written of the person last.
    Key(DataKey, Marks),
}

/// What the key store says was written last, field by field.
pub(in crate::store) struct Marks(Vec<(String, i64, Vec<u8>)>);

impl Marks {
    /// Whether a value is the one that was written last, and not an earlier one put back.
    pub(in crate::store) fn are_of<D: Domain>(
        &self,
        key: &DataKey,
        (field, version): (&str, i64),
        sealed: &Sealed<D>,
    ) -> bool {
        let of = |(name, at, _): &&(String, i64, Vec<u8>)| name == field && *at == version;
        let mut marks = self.0.iter().filter(of);
        marks.any(|(.., mark)| key.is_mark(sealed, mark))
    }
}

impl KeyStore {
    /// The key of a person's file in the copy of a mechanism; of the others' copies none.
    ///
    /// # Errors
    /// Fails where the key store or the provider of its root key does: nothing opens then.
    pub(in crate::store) async fn file(
        &self,
        person: RecordId,
        mechanism: MechanismId,
    ) -> Result<Found, KeyStoreError> {
        match self.read_file(person, mechanism).await {
            // The root was changed between the reading and the unwrapping: read again, it is
            // under the next.
            Err(KeyStoreError::Provider(ProviderError::UnknownRoot(_))) => {
                self.read_file(person, mechanism).await
            }
            read => read,
        }
    }

    async fn read_file(
        &self,
        person: RecordId,
        mechanism: MechanismId,
    ) -> Result<Found, KeyStoreError> {
        let mut sql = self.sql();
        // One statement, so that a copy and the keys above it are of one moment, whatever is
        // being wrapped anew beside it.
        sql.push(COPY).push(
            ", e.root, e.wrapped, m.wrapped, f.field, f.version, f.mark FROM person_key p \
             LEFT JOIN key_epoch e ON e.id = p.epoch \
             LEFT JOIN mechanism_key m ON m.mechanism = p.mechanism AND m.epoch = p.epoch \
             LEFT JOIN field_mark f ON f.person = p.person WHERE p.person = ",
        );
        sql.bind(person.0).push(" AND p.mechanism = ");
        sql.bind(mechanism.0);
        let rows = self.all(sql).await?;
        let Some(first) = rows.first() else {
            return Ok(Found::Nothing);
        };
        let key = match self.unwrapped(first) {
            Err(KeyStoreError::Vault(_) | KeyStoreError::Provider(ProviderError::DoesNotOpen)) => {
                return Ok(Found::Broken);
            }
            key => key?,
        };
        let mut marks = Vec::with_capacity(rows.len());
        for row in &rows {
            let field: Option<String> = row.try_get_by_index(9)?;
            let version: Option<i64> = row.try_get_by_index(10)?;
            let mark: Option<Vec<u8>> = row.try_get_by_index(11)?;
            let mark = field.zip(version).zip(mark);
            marks.extend(mark.map(|((field, version), mark)| (field, version, mark)));
        }
        Ok(Found::Key(key, Marks(marks)))
    }

    /// The key of a copy, down from the root.
    fn unwrapped(&self, row: &QueryResult) -> Result<DataKey, KeyStoreError> {
        let copy = copy(row)?;
        let root: Option<String> = row.try_get_by_index(6)?;
        let epoch: Option<Vec<u8>> = row.try_get_by_index(7)?;
        let mechanism: Option<Vec<u8>> = row.try_get_by_index(8)?;
        let (Some((root, epoch)), Some(mechanism)) = (root.zip(epoch), mechanism) else {
            return Err(VaultError::DoesNotOpen.into());
        };
        let bound = EpochKey::binding(copy.epoch);
        let key = self.inner.provider.unwrap(&root, &epoch, &bound)?;
        let epoch = EpochKey::unwrapped(copy.epoch, key);
        let mechanism = epoch.mechanism(copy.mechanism, &mechanism)?;
        Ok(mechanism.open(&copy)?)
    }
}
