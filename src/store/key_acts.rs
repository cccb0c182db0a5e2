//! Acts on the keys that wrap others: each is on record, durably, before it is done.
//!
//! An act that failed after its entry has one all the same, and is run again.

use sha2::{Digest, Sha256};

use super::{
    Store,
    holders::first_half,
    key_store::Rotation,
    writer::{ToldAct, WriteError},
};
use crate::{clock::Moment, confidentiality::warrant::Warrant, id::RecordId, journal::EntryKind};

/// What is about to be done to the keys; names of keys, never a key.
#[derive(Clone, Copy, Debug)]
pub enum KeyAct<'a> {
    /// A next epoch begins.
    Epoch,
    /// A next root key is made.
    Root,
    /// The root key goes over from one provider to another.
    Provider {
        /// From which.
        from: &'a str,
        /// To which.
        to: &'a str,
    },
    /// The keys are split among keepers.
    Escrow {
        /// Among how many.
        shares: u8,
        /// How many of them are needed.
        needed: u8,
    },
    /// A former root key is destroyed.
    Destroy {
        /// Its name.
        root: &'a str,
    },
}

impl KeyAct<'_> {
    fn kind(self) -> EntryKind {
        match self {
            Self::Epoch => EntryKind::KeyEpoch,
            Self::Root => EntryKind::KeyRoot,
            Self::Provider { .. } => EntryKind::KeyProvider,
            Self::Escrow { .. } => EntryKind::KeyEscrow,
            Self::Destroy { .. } => EntryKind::KeyDestroy,
        }
    }

    /// The act in words, which are sealed beside the entry.
    fn words(self, root: &str) -> String {
        match self {
            Self::Epoch => format!("a next epoch is begun under the root key `{root}`"),
            Self::Root => format!("another root key takes the place of `{root}`"),
            Self::Provider { from, to } => {
                format!("the root key goes over from `{from}` to `{to}`")
            }
            Self::Escrow { shares, needed } => {
                format!("the keys are split into {shares} shares, of which {needed} are needed")
            }
            Self::Destroy { root } => format!("the former root key `{root}` is destroyed"),
        }
    }
}

impl Store {
    /// Puts an act on keys on record; only then may it be done.
    ///
    /// # Errors
    /// Fails where the log does: nothing is done then.
    pub async fn put_key_act_on_record(
        &self,
        act: KeyAct<'_>,
        now: Moment,
    ) -> Result<(), WriteError> {
        // Of a provider that takes over there is no root key yet.
        let root = self.key_store().provider().root().unwrap_or_default();
        let about = match act {
            KeyAct::Destroy { root } => root,
            KeyAct::Epoch | KeyAct::Root | KeyAct::Provider { .. } | KeyAct::Escrow { .. } => &root,
        };
        let mut writer = self.begin(Warrant::to_change_keys(), now).await?;
        writer.told = Some(ToldAct {
            kind: act.kind(),
            to: root_ref(about),
            fields: Vec::new(),
            sealed: act.words(&root),
        });
        writer.commit().await?;
        Ok(())
    }

    /// Begins an epoch where the month has turned, with its entry before it; goes on with a
    /// rotation that was cut off.
    ///
    /// # Errors
    /// As [`super::key_store::KeyStore::turn_month`], and where the log fails.
    pub async fn turn_month(&self, now: Moment) -> Result<Rotation, WriteError> {
        if self.key_store().month_has_turned(now).await? {
            self.put_key_act_on_record(KeyAct::Epoch, now).await?;
        }
        Ok(self.key_store().turn_month(now).await?)
    }
}

/// By what the log knows a root key.
fn root_ref(name: &str) -> RecordId {
    let hash = Sha256::new()
        .chain_update(b"root-key\0")
        .chain_update(name)
        .finalize();
    RecordId(first_half(&hash))
}
