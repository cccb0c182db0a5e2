//! Identifiers: of records, of mechanisms, and the opaque ids that the API shows.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use uuid::Uuid;

use crate::identity::kind::Kind;

/// The id of a record, of whatever kind.
///
/// Random, so that it tells neither when a record was made nor how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordId(pub Uuid);

/// The id of a mechanism, where it stands for an owner, a party or an employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MechanismId(pub Uuid);

impl RecordId {
    /// A new random id.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where ids are drawn"
    )]
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }

    /// The id that a stable key of a provider always has in this hub.
    ///
    /// For public reference data and the demo only: it can be computed by anyone
    /// who knows the key.
    pub fn derived(kind: Kind, key: &str) -> Self {
        const SPACE: Uuid = Uuid::from_u128(0x6c69_6169_736f_6e2d_7265_636f_7264_7301);
        Self(Uuid::new_v5(
            &SPACE,
            format!("{}:{key}", kind.code()).as_bytes(),
        ))
    }
}

impl From<RecordId> for MechanismId {
    fn from(id: RecordId) -> Self {
        Self(id.0)
    }
}

impl From<MechanismId> for RecordId {
    fn from(id: MechanismId) -> Self {
        Self(id.0)
    }
}

/// An id as the API shows it: the kind and the record's id, opaque to callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct GlobalId {
    /// What kind of record it names.
    pub kind: Kind,
    /// Which one.
    pub id: RecordId,
}

impl GlobalId {
    /// Parses what [`fmt::Display`] writes; anything else is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        // 17 bytes are 23 characters: longer input need not be decoded.
        if text.len() != 23 {
            return None;
        }
        let bytes: [u8; 17] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (kind, id) = bytes.split_first()?;
        Some(Self {
            kind: *Kind::ALL.get(usize::from(*kind))?,
            id: RecordId(Uuid::from_slice(id).ok()?),
        })
    }
}

impl fmt::Display for GlobalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut bytes = [0u8; 17];
        if let Some((kind, id)) = bytes.split_first_mut() {
            *kind = self.kind as u8;
            id.copy_from_slice(self.id.0.as_bytes());
        }
        f.write_str(&URL_SAFE_NO_PAD.encode(bytes))
    }
}
