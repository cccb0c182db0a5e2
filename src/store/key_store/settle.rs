//! What a transaction of the main database owes the key store, and when it is paid.
//!
//! Two databases have no common commit. All of it is done **before** the commit of the main
//! database, within its turn to write, so that being cut off between the two errs on the side
//! of what is closed:
//!
//! - *A new file's key*: the other way round its text would be there without a key, and lost.
//!   Cut off, a key is there for nothing.
//! - *A recipient's copy, given*: cut off, it is there without a grant, and the gate denies, as
//!   it does to everyone without one. It is taken away by [`Store::mend_copies`].
//! - *A recipient's copy, taken away*: cut off, the grant still stands and opens nothing. It is
//!   given again by `mend_copies`. An opening that was decided before finds no copy any more.
//! - *All copies, of a file that is erased*: the other way round the key would outlive the
//!   file, and open it in every backup. Cut off, the file is there and opens to nobody, until
//!   it is erased again.
//!
//! [`Store::mend_copies`]: crate::store::Store::mend_copies

use std::collections::{BTreeSet, HashMap};

use super::{KeyStore, KeyStoreError, turn::Turn};
use crate::{
    clock::Moment,
    confidentiality::vault::{DataKey, chain::KeyCopy},
    id::{MechanismId, RecordId},
};

/// Rows that are written at once at most: each database has a limit of bound values.
const AT_ONCE: usize = 500;

/// What a transaction of the main database owes the key store.
#[derive(Default)]
pub(in crate::store) struct Owed {
    /// Keys of files that are new.
    pub(in crate::store) fresh: Vec<(RecordId, Vec<MechanismId>, DataKey)>,
    /// Persons on whose files somebody's leave has changed.
    pub(in crate::store) leave: BTreeSet<RecordId>,
    /// Persons whose files are erased.
    pub(in crate::store) erased: BTreeSet<RecordId>,
    /// What was sealed.
    pub(in crate::store) marks: Vec<Mark>,
}

/// What was sealed: person, field, version, and what binds the bytes to them.
#[derive(Clone)]
pub(in crate::store) struct Mark {
    pub(in crate::store) person: RecordId,
    pub(in crate::store) field: &'static str,
    pub(in crate::store) version: i64,
    pub(in crate::store) mark: [u8; 32],
}

/// The mechanisms that are to have a copy of the key of a person's file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::store) struct Entitled {
    /// Those that keep the file.
    pub(in crate::store) owners: BTreeSet<MechanismId>,
    /// Those whose officers have live grants under consent.
    pub(in crate::store) recipients: BTreeSet<MechanismId>,
}

impl Entitled {
    pub(super) fn has(&self, mechanism: &MechanismId) -> bool {
        self.owners.contains(mechanism) || self.recipients.contains(mechanism)
    }
}

impl Owed {
    pub(in crate::store) fn is_nothing(&self) -> bool {
        self.fresh.is_empty()
            && self.leave.is_empty()
            && self.erased.is_empty()
            && self.marks.is_empty()
    }
}

impl KeyStore {
    /// Pays what a transaction owes, whole or not at all.
    ///
    /// # Errors
    /// Fails where the key store or the provider of its root key does.
    pub(in crate::store) async fn settle(
        &self,
        owed: &Owed,
        entitled: &HashMap<RecordId, Entitled>,
        now: Moment,
    ) -> Result<(), KeyStoreError> {
        let mut turn = self.turn().await?;
        turn.keep_fresh(owed, now).await?;
        for marks in owed.marks.chunks(AT_ONCE) {
            turn.mark(marks).await?;
        }
        for (person, entitled) in entitled {
            turn.entitle(*person, entitled, now).await?;
        }
        for person in &owed.erased {
            turn.shred(*person).await?;
        }
        turn.commit().await
    }

    /// Forgets the marks of versions before those that were written, now that these stand.
    pub(in crate::store) async fn forget_earlier(
        &self,
        marks: &[Mark],
    ) -> Result<(), KeyStoreError> {
        let corrected: Vec<_> = marks.iter().filter(|mark| mark.version > 1).collect();
        if corrected.is_empty() {
            return Ok(());
        }
        let turn = self.turn().await?;
        for mark in corrected {
            turn.keep_mark(mark.person, mark.field, mark.version)
                .await?;
        }
        turn.commit().await
    }
}

impl Turn<'_> {
    async fn keep_fresh(&mut self, owed: &Owed, now: Moment) -> Result<(), KeyStoreError> {
        if owed.fresh.is_empty() {
            return Ok(());
        }
        let epoch = self.epoch(now).await?;
        for fresh in owed.fresh.chunks(AT_ONCE) {
            // What was left by a writing that never was: there is no such person yet.
            for table in ["person_key", "field_mark"] {
                let mut sql = self.sql();
                sql.push("DELETE FROM ").push(table);
                sql.push(" WHERE person IN ");
                sql.bind_all(fresh.iter().map(|(person, ..)| person.0));
                self.run(sql).await?;
            }
            let mut copies = Vec::with_capacity(fresh.len());
            for (person, owners, key) in fresh {
                for owner in owners {
                    copies.push(
                        self.mechanism_key(*owner, epoch)
                            .await?
                            .copy(*person, key)?,
                    );
                }
            }
            self.put(copies).await?;
        }
        Ok(())
    }

    async fn mark(&self, marks: &[Mark]) -> Result<(), KeyStoreError> {
        let mut sql = self.sql();
        sql.push("INSERT INTO field_mark (person, field, version, mark) VALUES ");
        sql.joined(", ", marks, |sql, mark| {
            sql.push("(").bind(mark.person.0);
            sql.push(", ").bind(mark.field);
            sql.push(", ").bind(mark.version);
            sql.push(", ").bind(mark.mark.to_vec()).push(")");
        });
        // That of the version before stays until the new one stands: cut off, either opens.
        sql.push(" ON CONFLICT (person, field, version) DO UPDATE SET mark = excluded.mark");
        self.run(sql).await?;
        Ok(())
    }

    /// Lets one version of a field alone be the last that was written.
    pub(super) async fn keep_mark(
        &self,
        person: RecordId,
        field: &str,
        version: i64,
    ) -> Result<(), KeyStoreError> {
        let mut sql = self.sql();
        sql.push("DELETE FROM field_mark WHERE person = ")
            .bind(person.0);
        sql.push(" AND field = ").bind(field);
        sql.push(" AND version <> ").bind(version);
        self.run(sql).await?;
        Ok(())
    }

    /// Gives copies to whom they are due, and takes them from everyone else.
    pub(super) async fn entitle(
        &mut self,
        person: RecordId,
        entitled: &Entitled,
        now: Moment,
    ) -> Result<(), KeyStoreError> {
        let there = self.copies(person).await?;
        let source = there
            .iter()
            .find(|copy| entitled.owners.contains(&copy.mechanism));
        // A file in which nothing was sealed, or that is erased. The last copies of a key are
        // taken by an erasure alone.
        let Some(source) = source else {
            return Ok(());
        };
        for copy in there.iter().filter(|copy| !entitled.has(&copy.mechanism)) {
            let mut sql = self.sql();
            sql.push("DELETE FROM person_key WHERE person = ")
                .bind(person.0);
            sql.push(" AND mechanism = ").bind(copy.mechanism.0);
            self.run(sql).await?;
        }
        let mut wanted = entitled.owners.iter().chain(&entitled.recipients);
        let has = |mechanism: &&MechanismId| there.iter().any(|copy| copy.mechanism == **mechanism);
        if wanted.clone().all(|mechanism| has(&mechanism)) {
            return Ok(());
        }
        let key = match self.opened(source).await {
            Err(KeyStoreError::Vault(error)) => {
                // Whoever has tampered with the copy hinders nobody from ending a grant.
                tracing::error!(cause = %error, "a person's key was not copied");
                return Ok(());
            }
            key => key?,
        };
        let epoch = self.epoch(now).await?;
        let mut copies = Vec::new();
        for mechanism in wanted.by_ref().filter(|mechanism| !has(mechanism)) {
            let above = self.mechanism_key(*mechanism, epoch).await?;
            copies.push(above.copy(person, &key)?);
        }
        Ok(self.put(copies).await?)
    }

    /// The key in a copy.
    pub(super) async fn opened(&mut self, copy: &KeyCopy) -> Result<DataKey, KeyStoreError> {
        let above = self.mechanism_key(copy.mechanism, copy.epoch).await?;
        Ok(above.open(copy)?)
    }

    /// Destroys every copy of a person's key.
    async fn shred(&self, person: RecordId) -> Result<(), KeyStoreError> {
        for table in ["person_key", "field_mark"] {
            let mut sql = self.sql();
            sql.push("DELETE FROM ").push(table);
            sql.push(" WHERE person = ").bind(person.0);
            self.run(sql).await?;
        }
        Ok(())
    }
}
