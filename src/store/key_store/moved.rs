//! The way here from a main database that had the keys itself.
//!
//! The copies are durable in the key store before a key is deleted where it was. Cut off
//! anywhere, it is begun again, and finds the same keys.

use std::collections::BTreeSet;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend};
use uuid::Uuid;

use super::{KeyProvider, KeyStore, KeyStoreError, Owed, settle::Mark};
use crate::{
    clock::Moment,
    communication::Person,
    confidentiality::{
        Domain,
        declare::place,
        sealed::{Place, Sealed},
        vault::{DataKey, WrappedKey},
    },
    id::{MechanismId, RecordId},
    keys::SecretKey,
    store::sql::Sql,
};

/// Persons whose keys are moved in one transaction.
const AT_ONCE: i64 = 200;

/// How many keys a main database still has itself.
pub(in crate::store) async fn left_in(main: &DatabaseConnection) -> Result<i64, KeyStoreError> {
    if !super::has_table(main, "data_key").await? {
        return Ok(0);
    }
    let mut sql = Sql::new(main.get_database_backend());
    sql.push("SELECT COUNT(*) FROM data_key");
    let row = main.query_one_raw(sql.into_statement()).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get_by_index(0))?)
}

impl KeyStore {
    /// Moves the keys of persons out of a main database: to the owners of each file here, and to
    /// recipients by [`crate::store::Store::mend_copies`].
    ///
    /// # Errors
    /// Fails where one of the databases does, and where a key does not open: it is not deleted
    /// then.
    pub(in crate::store) async fn take_over(
        &self,
        main: &DatabaseConnection,
        root: &SecretKey,
        now: Moment,
    ) -> Result<usize, KeyStoreError> {
        let mut moved = 0;
        loop {
            let some = some_keys(main, root).await?;
            if some.is_empty() {
                break;
            }
            let mut owed = Owed::default();
            let persons: Vec<Uuid> = some.iter().map(|(person, _)| person.0).collect();
            for (person, key) in some {
                let owners = owners(main, person).await?;
                owed.marks.extend(marks(main, person, &owners, &key).await?);
                owed.fresh.push((person, owners, key));
            }
            self.settle(&owed, &Default::default(), now).await?;
            let mut sql = Sql::new(main.get_database_backend());
            sql.push("DELETE FROM data_key WHERE person IN ")
                .bind_all(persons);
            main.execute_raw(sql.into_statement()).await?;
            moved += owed.fresh.len();
        }
        if moved > 0 && main.get_database_backend() == DbBackend::Sqlite {
            // They are in the journal of writes until that is emptied.
            main.execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
                .await?;
        }
        Ok(moved)
    }
}

async fn some_keys(
    main: &DatabaseConnection,
    root: &SecretKey,
) -> Result<Vec<(RecordId, DataKey)>, KeyStoreError> {
    let mut sql = Sql::new(main.get_database_backend());
    sql.push("SELECT id, person, wrapped, commitment FROM data_key ORDER BY person LIMIT ");
    sql.bind(AT_ONCE);
    let rows = main.query_all_raw(sql.into_statement()).await?;
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let stored = WrappedKey {
            id: row.try_get_by_index(0)?,
            person: RecordId(row.try_get_by_index(1)?),
            wrapped: row.try_get_by_index(2)?,
            commitment: row.try_get_by_index(3)?,
        };
        keys.push((stored.person, DataKey::moved(root, &stored)?));
    }
    Ok(keys)
}

async fn owners(
    main: &DatabaseConnection,
    person: RecordId,
) -> Result<Vec<MechanismId>, KeyStoreError> {
    let mut sql = Sql::new(main.get_database_backend());
    sql.push("SELECT mechanism FROM record_owner WHERE record = ")
        .bind(person.0);
    sql.push(" ORDER BY mechanism");
    let rows = main.query_all_raw(sql.into_statement()).await?;
    let owners: BTreeSet<MechanismId> = rows
        .iter()
        .map(|row| row.try_get_by_index(0).map(MechanismId))
        .collect::<Result<_, _>>()?;
    Ok(owners.into_iter().collect())
}

/// The marks of what is sealed, taken as it is found: nothing says what was there before.
async fn marks(
    main: &DatabaseConnection,
    person: RecordId,
    owners: &[MechanismId],
    key: &DataKey,
) -> Result<Vec<Mark>, KeyStoreError> {
    let mut sql = Sql::new(main.get_database_backend());
    sql.push("SELECT field, version, blob FROM sealed_field WHERE record = ")
        .bind(person.0);
    let mut marks = Vec::new();
    for row in main.query_all_raw(sql.into_statement()).await? {
        let name: String = row.try_get_by_index(0)?;
        let field = place(Person::RULES, &name);
        let Some(rule) = Person::rule(field) else {
            continue;
        };
        let version = row.try_get_by_index(1)?;
        let at = Place {
            record: person,
            version,
            owners: owners.to_vec(),
        };
        let sealed = Sealed::<Person>::stored(field, at, row.try_get_by_index(2)?);
        marks.push(Mark {
            person,
            field: rule.name,
            version,
            mark: key.mark(&sealed),
        });
    }
    Ok(marks)
}

/// What a main database needs that still has keys itself: where to, and from under which.
pub struct Moving<'a> {
    /// The root key of the key file, under which they lie.
    pub root: &'a SecretKey,
    /// The provider of the root key of the key store.
    pub provider: std::sync::Arc<dyn KeyProvider>,
}
