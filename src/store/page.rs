//! Pages: where one begins and ends, and the cursors that say so.
//!
//! A cursor is sealed, so that no value shows in it; deterministically, so that the
//! same place always has the same cursor; and bound to the query and to the viewer's
//! mechanism, so that it is of no use elsewhere.

use aes_gcm_siv::{
    Aes256GcmSiv, KeyInit, Nonce,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::predicate::{Direction, Predicate, Scalar};
use crate::{
    confidentiality::{FieldIndex, FieldSet},
    id::RecordId,
    identity::viewer::Viewer,
};

/// A place in an ordered list: the values that it is ordered by, and the record's id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Position {
    /// One value for each order; absent and withheld are one and the same.
    pub values: Vec<Option<Scalar>>,
    /// Ties are broken by the id.
    pub id: RecordId,
}

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Window {
    /// At most so many; never over the published limit.
    pub size: u32,
    /// From the end of the list.
    pub backward: bool,
    /// Only what comes after this place.
    pub after: Option<Position>,
    /// Only what comes before this place.
    pub before: Option<Position>,
}

/// How the records of a list hang on the record that they are listed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Under {
    /// On none: the list is of all records of its type.
    Root,
    /// Their own key column points to it.
    Key(&'static str),
    /// It links to them under this name.
    Link(&'static str),
    /// They link to it under this name.
    Linked(&'static str),
    /// They are the countries that it concerns.
    Countries,
}

/// A list, as a caller asks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListQuery {
    /// What the records hang on.
    pub under: Under,
    /// Which of them.
    pub predicate: Predicate,
    /// In what order; ties are broken by id.
    pub order: Vec<(FieldIndex, Direction)>,
    /// Which part.
    pub window: Window,
    /// The columns that are asked for.
    pub columns: FieldSet,
}

/// A cursor that is not one of this list.
#[derive(Debug, thiserror::Error)]
#[error("the cursor is not one of this list")]
pub struct ForeignCursor;

/// Seals and opens the cursors of one list, for one viewer.
pub struct Cursors {
    cipher: Aes256GcmSiv,
    binding: [u8; 32],
}

impl Cursors {
    /// The cursors of the list `name` with these filters and orders.
    pub fn new(
        key: &[u8; 32],
        viewer: &Viewer,
        name: &str,
        predicate: &Predicate,
        order: &[(FieldIndex, Direction)],
    ) -> Self {
        let mut binding = Sha256::new();
        binding.update(format!("{name}\n{predicate:?}\n{order:?}\n"));
        binding.update(
            viewer
                .mechanism()
                .map_or([0; 16], |mechanism| *mechanism.0.as_bytes()),
        );
        Self {
            cipher: Aes256GcmSiv::new(key.into()),
            binding: binding.finalize().into(),
        }
    }

    /// The cursor of a place; empty where the cipher fails, which it does not.
    pub fn seal(&self, position: &Position) -> String {
        let plain = serde_json::to_vec(&(&position.values, position.id.0)).unwrap_or_default();
        let payload = Payload {
            msg: &plain,
            aad: &self.binding,
        };
        self.cipher
            .encrypt(&Nonce::default(), payload)
            .map(|sealed| URL_SAFE_NO_PAD.encode(sealed))
            .unwrap_or_default()
    }

    /// The place of a cursor.
    ///
    /// # Errors
    /// Refuses what was not sealed here, for this list and this viewer's mechanism.
    pub fn open(&self, cursor: &str, orders: usize) -> Result<Position, ForeignCursor> {
        let sealed = URL_SAFE_NO_PAD.decode(cursor).map_err(|_| ForeignCursor)?;
        let payload = Payload {
            msg: &sealed,
            aad: &self.binding,
        };
        let plain = self
            .cipher
            .decrypt(&Nonce::default(), payload)
            .map_err(|_| ForeignCursor)?;
        let (values, id): (Vec<Option<Scalar>>, Uuid) =
            serde_json::from_slice(&plain).map_err(|_| ForeignCursor)?;
        if values.len() != orders {
            return Err(ForeignCursor);
        }
        Ok(Position {
            values,
            id: RecordId(id),
        })
    }
}
