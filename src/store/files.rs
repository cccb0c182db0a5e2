//! Files: the sealed fields of a record, opened in this order and no other.
//!
//! Decide; read token, grants, consents and channels again in the transaction of the
//! log's entry, and decide again; make the entry durable; only then unwrap the key.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use sea_orm::ConnectionTrait;
use zeroize::Zeroizing;

use super::{
    StoreError,
    key_store::{Found, KeyStoreError},
    reader::{Reader, facts_of, take_fact},
    standing::{On, ViewerError},
};
use crate::{
    confidentiality::{
        Domain, FieldIndex, FieldSet, Known,
        declare::place,
        facts::Facts,
        permit::{Approved, Permit},
        reach::reach,
        sealed::{Place, Sealed},
        vault,
    },
    id::RecordId,
    identity::kind::Kind,
    journal::{Actor, Entry, EntryKind, LedgerError, Owned},
    vocabulary::codes::Coded,
};

/// How often a file is read again in which something looks tampered with.
const RACES: usize = 2;

/// What was opened of one file.
#[derive(Default)]
pub struct Opened {
    /// The fields that may be told: sealed, or never there.
    pub told: FieldSet,
    /// The fields whose seal is broken: what is stored is not what was sealed.
    pub broken: FieldSet,
    /// Each field as the text that was sealed.
    pub texts: HashMap<FieldIndex, Zeroizing<Vec<u8>>>,
}

/// Opens files for one viewer.
#[derive(Clone)]
pub struct Files {
    reader: Reader,
    openings: Arc<AtomicU64>,
    receipts: Arc<Mutex<Vec<String>>>,
    most: u64,
}

/// Why nothing was opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenFault {
    /// The request has opened as many as one request may.
    #[error("the request would open more sealed files than are allowed")]
    TooMany,
    /// The log did not take the entry: fail closed.
    #[error("the opening could not be put on record")]
    NotOnRecord(#[from] LedgerError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key store gave no key: fail closed.
    #[error(transparent)]
    KeyStore(#[from] KeyStoreError),
}

impl Files {
    /// Files as the reader's viewer may open them, `most` of them.
    pub fn of(reader: &Reader, most: u64) -> Self {
        Self {
            reader: reader.clone(),
            openings: Arc::default(),
            receipts: Arc::default(),
            most,
        }
    }

    /// The same count of files, for a viewer made anew.
    #[must_use]
    pub fn renewed(&self, reader: &Reader) -> Self {
        Self {
            reader: reader.clone(),
            openings: Arc::clone(&self.openings),
            receipts: Arc::clone(&self.receipts),
            most: self.most,
        }
    }

    /// A receipt for each opening so far: for who has opened, and nobody else.
    pub fn receipts(&self) -> Vec<String> {
        let receipts = self.receipts.lock();
        receipts.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Opens those of `fields` that the viewer may be told, with one entry for all.
    ///
    /// A field that is not in the answer is withheld, or was never there.
    ///
    /// # Errors
    /// Fails, and opens nothing, where the entry is not durable.
    pub async fn open<D: Domain>(
        &self,
        known: &Known<D>,
        fields: FieldSet,
    ) -> Result<Opened, OpenFault> {
        let Some(approved) = Approved::of(known, fields) else {
            return Ok(Opened::default());
        };
        // Before anything is on record or opened: the estimate of the request was a guess.
        if self.openings.fetch_add(1, Ordering::Relaxed) >= self.most {
            return Err(OpenFault::TooMany);
        }
        let Some((told, permit)) = self.put_on_record(known, approved).await? else {
            return Ok(Opened::default());
        };
        let mut opened = self.read(known, told, &permit).await?;
        // A correction between the reading of the one database and that of the other looks
        // like an old value put back: what was is read again, and stays what it is.
        for _ in 0..RACES {
            if opened.broken.is_empty() {
                break;
            }
            opened = self.read(known, told, &permit).await?;
        }
        if !opened.broken.is_empty() {
            tracing::error!(person = %known.id().0, "a sealed value was not opened: its seal is broken");
        }
        Ok(opened)
    }

    /// The entry, in a transaction that finds everything still as it was decided.
    async fn put_on_record<D: Domain>(
        &self,
        known: &Known<D>,
        approved: Approved<D>,
    ) -> Result<Option<(FieldSet, Permit<D>)>, OpenFault> {
        let viewer = known.viewer();
        let (Some(claims), Some(actor), Some(purpose)) =
            (viewer.claims(), Actor::of(viewer), viewer.purpose())
        else {
            return Ok(None);
        };
        let store = self.reader.store();
        let page = store.ledger().open_page().await?;
        let on = On {
            store,
            connection: page.transaction(),
        };
        let today = match on.viewer(claims, Some(purpose.clone()), viewer.now()).await {
            Ok(today) => today,
            // Revoked since the request began.
            Err(ViewerError::Refused(_)) => return Ok(None),
            Err(ViewerError::Store(error)) => return Err(error.into()),
        };
        let facts = facts_on::<D, _>(&on, known.id()).await?;
        let still = reach(&today, &facts).file;
        if !viewer.stands() || !approved.is_within(still) {
            return Ok(None);
        }
        let told = approved.fields();
        let owned = |owner| Owned {
            owner,
            kind: D::KIND,
            record: Some(approved.record()),
        };
        let entry = Entry {
            kind: EntryKind::OpenVictim,
            at: viewer.now(),
            actor,
            record: Some(approved.record()),
            fields: approved.field_names(),
            purpose: Some(purpose.code.code()),
            ground: approved.ground().code(),
            reason: Some(purpose.reason.clone()),
            person: (D::KIND == Kind::Person).then_some(approved.record()),
            by: viewer.mechanism(),
            owned: facts.owners.iter().copied().map(owned).collect(),
            erased: Vec::new(),
        };
        let receipt = page.commit(&[entry]).await?;
        let sealed = receipt.sealed(store.keys())?;
        let mut receipts = self.receipts.lock().unwrap_or_else(PoisonError::into_inner);
        receipts.push(sealed);
        drop(receipts);
        Ok(Some((told, approved.recorded(&receipt))))
    }

    /// Reads what is sealed, and then the key in the copy of the viewer's own mechanism: who
    /// has none opens nothing, whatever was decided.
    async fn read<D: Domain>(
        &self,
        known: &Known<D>,
        told: FieldSet,
        permit: &Permit<D>,
    ) -> Result<Opened, OpenFault> {
        let store = self.reader.store();
        let mut sql = store.sql();
        sql.push("SELECT field, version, blob FROM sealed_field WHERE record = ");
        sql.bind(known.id().0);
        let mut opened = Opened {
            told,
            ..Opened::default()
        };
        let rows = store.all(sql).await?;
        let Some(own) = known.viewer().mechanism() else {
            return Ok(Opened::default());
        };
        let found = store.key_store().file(known.id(), own).await?;
        if matches!(found, Found::Nothing) && !rows.is_empty() {
            // As to anyone who is not told: leave has ended since, or the file is erased.
            tracing::warn!("a file was not opened: the mechanism has no copy of its key");
            return Ok(Opened::default());
        }
        for row in rows {
            let name: String = row.try_get_by_index(0).map_err(StoreError::from)?;
            let field = place(D::RULES, &name);
            if !told.has(field) {
                continue;
            }
            let version = row.try_get_by_index(1).map_err(StoreError::from)?;
            let at = Place {
                record: known.id(),
                version,
                owners: known.facts().owners.clone(),
            };
            let blob = row.try_get_by_index(2).map_err(StoreError::from)?;
            let sealed = Sealed::<D>::stored(field, at, blob);
            let text = match &found {
                Found::Key(key, marks) if marks.are_of(key, (&name, version), &sealed) => {
                    vault::open(permit, key, &sealed).ok()
                }
                Found::Key(..) | Found::Broken | Found::Nothing => None,
            };
            match text {
                Some(text) => {
                    opened.texts.insert(field, text);
                }
                None => opened.broken = opened.broken.with(field),
            }
        }
        Ok(opened)
    }
}

/// The facts of one record, read inside a transaction.
async fn facts_on<D: Domain, C: ConnectionTrait>(
    on: &On<'_, C>,
    id: RecordId,
) -> Result<Facts, StoreError> {
    let mut facts = Facts::unknown(D::KIND, id);
    for row in on.all(facts_of::<D>(on.store.sql(), &[id.0], true)).await? {
        take_fact(&mut facts, &row)?;
    }
    Ok(facts)
}
