//! The vault: seals and opens the fields of one person, under that person's key.
//!
//! XChaCha20-Poly1305 with random nonces. Each person has a data key of their own, of which
//! each authorised mechanism has a wrapped copy ([`chain`]); destroying all copies makes the
//! person's fields unreadable. A field's ciphertext is bound to table, column, record,
//! version, level and owners, so that it opens nowhere else and under no lowered label.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use uuid::Uuid;
use zeroize::Zeroizing;

pub mod chain;

use super::{
    declare::Domain,
    field::FieldIndex,
    level::Level,
    permit::Permit,
    sealed::{Place, Sealed},
};
use crate::{id::RecordId, keys::SecretKey};

const VERSION: u8 = 1;
const XCHACHA20_POLY1305: u8 = 1;
const HEADER: usize = 2 + 16;
const NONCE: usize = 24;
const BUCKET: usize = 32;
/// Ends the text, before the zeros that fill its bucket (ISO/IEC 7816-4).
const END: u8 = 0x80;

/// Why something did not seal or open. Never what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The permit is for another field or record.
    #[error("no permit for this field of this record")]
    NotPermitted,
    /// The ciphertext, its place or its key is not what was sealed.
    #[error("the sealed value does not open")]
    DoesNotOpen,
    /// The system has no randomness to give.
    #[error("no randomness")]
    NoRandomness,
}

/// The data key of one person.
pub struct DataKey {
    id: Uuid,
    key: Zeroizing<[u8; 32]>,
}

/// A data key as the main database had it, before there was a key store.
#[derive(Clone, Debug)]
pub struct WrappedKey {
    /// Its id, which each blob names.
    pub id: Uuid,
    /// The person whose key it is.
    pub person: RecordId,
    /// The key, under the key of the key file.
    pub wrapped: Vec<u8>,
    /// Binds the bytes of the key, since the cipher does not commit to its key.
    pub commitment: Vec<u8>,
}

impl DataKey {
    /// A new key for a person.
    ///
    /// # Errors
    /// Fails without randomness.
    pub fn fresh() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0u8; 32]);
        random(key.as_mut())?;
        let mut id = [0u8; 16];
        random(&mut id)?;
        Ok(Self {
            id: Uuid::from_bytes(id),
            key,
        })
    }

    /// The key that the main database had, to be moved to the key store.
    ///
    /// # Errors
    /// Refuses a key that is not what was stored.
    pub fn moved(root: &SecretKey, stored: &WrappedKey) -> Result<Self, VaultError> {
        let bytes = decrypt(
            root.bytes(),
            &wrapping(stored.id, stored.person),
            &stored.wrapped,
        )?;
        Self::committed(stored.id, chain::whole(&bytes)?, &stored.commitment)
    }

    fn committed(
        id: Uuid,
        key: Zeroizing<[u8; 32]>,
        commitment: &[u8],
    ) -> Result<Self, VaultError> {
        let key = Self { id, key };
        if key.commitment().as_slice() == commitment {
            Ok(key)
        } else {
            Err(VaultError::DoesNotOpen)
        }
    }

    /// Whether a value is what was sealed, in its place and under this key.
    pub fn holds<D: Domain>(&self, sealed: &Sealed<D>) -> bool {
        self.unseal(sealed).is_ok()
    }

    fn commitment(&self) -> [u8; 16] {
        derive(&self.key, "commit")
    }

    /// Seals the text of a field for its place.
    ///
    /// # Errors
    /// Fails without randomness.
    pub fn seal<D: Domain>(
        &self,
        field: FieldIndex,
        place: Place,
        text: &[u8],
    ) -> Result<Sealed<D>, VaultError> {
        let mut padded = Zeroizing::new(Vec::with_capacity(text.len() + BUCKET));
        padded.extend_from_slice(text);
        padded.push(END);
        // The length of a name is information, too.
        let whole = padded.len().next_multiple_of(BUCKET);
        padded.resize(whole, 0);
        let sealed = encrypt(
            &self.field_key::<D>(field),
            &binding::<D>(field, &place, self.id),
            &padded,
        )?;
        let mut blob = vec![VERSION, XCHACHA20_POLY1305];
        blob.extend_from_slice(self.id.as_bytes());
        blob.extend_from_slice(&sealed);
        Ok(Sealed::stored(field, place, blob))
    }

    fn unseal<D: Domain>(&self, sealed: &Sealed<D>) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let (header, body) = sealed
            .blob
            .split_at_checked(HEADER)
            .ok_or(VaultError::DoesNotOpen)?;
        let mut expected = vec![VERSION, XCHACHA20_POLY1305];
        expected.extend_from_slice(self.id.as_bytes());
        if header != expected {
            return Err(VaultError::DoesNotOpen);
        }
        let aad = binding::<D>(sealed.field, &sealed.place, self.id);
        let mut text = decrypt(&self.field_key::<D>(sealed.field), &aad, body)?;
        let end = text
            .iter()
            .rposition(|byte| *byte != 0)
            .ok_or(VaultError::DoesNotOpen)?;
        if text.get(end) != Some(&END) {
            return Err(VaultError::DoesNotOpen);
        }
        text.truncate(end);
        Ok(text)
    }

    /// What the key store keeps of a sealed value, so that an earlier one put back is found
    /// out: it binds the bytes to record, field and version.
    pub fn mark<D: Domain>(&self, sealed: &Sealed<D>) -> [u8; 32] {
        let blob = Sha256::digest(&sealed.blob);
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(derive(&self.key, "mark"));
        let about = parts(&[
            b"liaison/mark/1",
            D::TABLE.as_bytes(),
            column::<D>(sealed.field).as_bytes(),
            sealed.place.record.0.as_bytes(),
            &sealed.place.version.to_be_bytes(),
            &blob,
        ]);
        // INVARIANT: HMAC takes a key of any length.
        let Ok(mut mac) = <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.as_ref()) else {
            return [0; 32];
        };
        mac.update(&about);
        mac.finalize().into_bytes().into()
    }

    /// Whether it is the mark of this value.
    pub fn is_mark<D: Domain>(&self, sealed: &Sealed<D>, mark: &[u8]) -> bool {
        // Compared as a whole: the mark of what is there is no secret, but need not be told.
        let found = self.mark(sealed);
        found.len() == mark.len()
            && found
                .iter()
                .zip(mark)
                .fold(0, |all, (one, other)| all | (one ^ other))
                == 0
    }

    fn field_key<D: Domain>(&self, field: FieldIndex) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(derive(
            &self.key,
            &format!("lz/field|{}.{}", D::TABLE, column::<D>(field)),
        ))
    }
}

/// Opens one field; the permit says that this was decided and is on record.
///
/// # Errors
/// Refuses what the permit is not for, and what does not open.
pub fn open<D: Domain>(
    permit: &Permit<D>,
    key: &DataKey,
    sealed: &Sealed<D>,
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    if !permit.allows(sealed.place.record, sealed.field) {
        return Err(VaultError::NotPermitted);
    }
    key.unseal(sealed)
}

impl<D: Domain> Sealed<D> {
    /// The bytes to store.
    pub fn into_blob(self) -> Vec<u8> {
        self.blob
    }
}

fn column<D: Domain>(field: FieldIndex) -> &'static str {
    D::rule(field).map_or("", |rule| rule.name)
}

/// What a field's ciphertext is bound to, each part with its length before it.
fn binding<D: Domain>(field: FieldIndex, place: &Place, key: Uuid) -> Vec<u8> {
    let mut owners: Vec<_> = place.owners.iter().map(|owner| owner.0).collect();
    owners.sort_unstable();
    let owners: Vec<u8> = owners.iter().flat_map(|owner| *owner.as_bytes()).collect();
    let level = D::rule(field).map_or(Level::Victim, |rule| rule.level.max(rule.floor));
    parts(&[
        b"liaison/field/1",
        D::TABLE.as_bytes(),
        column::<D>(field).as_bytes(),
        place.record.0.as_bytes(),
        &place.version.to_be_bytes(),
        level.code().as_bytes(),
        &owners,
        key.as_bytes(),
    ])
}

fn wrapping(id: Uuid, person: RecordId) -> Vec<u8> {
    parts(&[b"liaison/data-key/1", id.as_bytes(), person.0.as_bytes()])
}

fn parts(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().fold(Vec::new(), |mut all, part| {
        all.extend_from_slice(&(part.len() as u64).to_be_bytes());
        all.extend_from_slice(part);
        all
    })
}

fn derive<const N: usize>(key: &[u8; 32], info: &str) -> [u8; N] {
    let mut derived = [0; N];
    // INVARIANT: N is 16 or 32; the expansion fails only beyond 255 blocks of 32 bytes.
    if Hkdf::<Sha256>::new(None, key)
        .expand(info.as_bytes(), &mut derived)
        .is_err()
    {
        derived = [0; N];
    }
    derived
}

fn random(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|_| VaultError::NoRandomness)
}

/// Encrypts under a fresh nonce, which comes before the text.
pub(crate) fn encrypt(key: &[u8; 32], aad: &[u8], text: &[u8]) -> Result<Vec<u8>, VaultError> {
    let mut nonce = [0u8; NONCE];
    random(&mut nonce)?;
    let sealed = XChaCha20Poly1305::new(key.into())
        .encrypt(&XNonce::from(nonce), Payload { msg: text, aad })
        .map_err(|_| VaultError::DoesNotOpen)?;
    Ok([nonce.as_slice(), &sealed].concat())
}

/// Decrypts what was encrypted under this key and with these words beside it.
pub(crate) fn decrypt(
    key: &[u8; 32],
    aad: &[u8],
    sealed: &[u8],
) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    let (nonce, body) = sealed
        .split_first_chunk::<NONCE>()
        .ok_or(VaultError::DoesNotOpen)?;
    XChaCha20Poly1305::new(key.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: body, aad })
        .map(Zeroizing::new)
        .map_err(|_| VaultError::DoesNotOpen)
}
