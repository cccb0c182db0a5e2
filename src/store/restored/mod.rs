//! What a restore leaves to be looked at: until somebody has, it is told to nobody else.
//!
//! A backup knows nothing of what was done after it. The hub stays closed until the registrar
//! opens it; from then on records of a mechanism that has anything on the list are told to
//! their owners alone, until one of its officers confirms them. What is read here only ever
//! opens while a hub runs, so that a reading that is late denies.

mod acts;
mod list;
mod mend;
mod statistics;

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

pub(super) use self::mend::mend;
pub use self::{
    acts::Opened,
    list::Left,
    mend::Mended,
    statistics::{Approved, NotBack},
};
use sea_orm::ConnectionTrait;

use super::{Store, StoreError};
use crate::{id::MechanismId, identity::viewer::Withheld};

/// Whether the hub was restored, and what of it is not looked at yet.
#[derive(Clone, Debug, Default)]
pub struct Restored {
    at: i64,
    closed: bool,
    waiting: Arc<BTreeSet<MechanismId>>,
}

impl Restored {
    /// Whether nothing is answered but the act that confirms.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// The second of the last restore, or 0.
    pub fn at(&self) -> i64 {
        self.at
    }

    /// Whose records are told to their owners alone.
    pub fn withheld(&self) -> Withheld {
        if self.closed {
            Withheld::All
        } else if self.waiting.is_empty() {
            Withheld::Nobodys
        } else {
            Withheld::Of(Arc::clone(&self.waiting))
        }
    }
}

impl Store {
    /// Whether the hub was restored, as this process knows it.
    pub fn restored(&self) -> Restored {
        let known = self.inner.restored.read();
        known.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads whether the hub was restored, and what of it is not looked at yet.
    ///
    /// # Errors
    /// Fails where the database does; then what was known stays.
    pub async fn look_whether_restored(&self) -> Result<(), StoreError> {
        let mut sql = self.sql();
        sql.push(
            "SELECT r.at, r.opened_at, m.mechanism FROM restored r \
             LEFT JOIN restored_mechanism m ON m.confirmed_at IS NULL",
        );
        let mut found = Restored::default();
        let mut waiting = BTreeSet::new();
        for row in self.inner.read.query_all_raw(sql.into_statement()).await? {
            found.at = row.try_get_by_index(0)?;
            found.closed = row.try_get_by_index::<Option<i64>>(1)?.is_none();
            let mechanism: Option<uuid::Uuid> = row.try_get_by_index(2)?;
            waiting.extend(mechanism.map(MechanismId));
        }
        found.waiting = Arc::new(waiting);
        let mut known = self.inner.restored.write();
        match &mut known {
            Ok(known) => **known = found,
            Err(poisoned) => **poisoned.get_mut() = found,
        }
        Ok(())
    }
}
