//! The keys above a person's: an epoch's wraps those of mechanisms, and a mechanism's wraps
//! its own copy of the key of each person whose file its officers may open.
//!
//! Each is bound to what it is for, so that a copy that was moved to another person,
//! mechanism or epoch does not open.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{DataKey, VaultError, decrypt, encrypt, parts, random};
use crate::id::{MechanismId, RecordId};

/// The key of an epoch, which a root key wraps.
pub struct EpochKey {
    id: Uuid,
    key: Zeroizing<[u8; 32]>,
}

/// The key of a mechanism in an epoch.
pub struct MechanismKey {
    epoch: Uuid,
    mechanism: MechanismId,
    key: Zeroizing<[u8; 32]>,
}

/// A mechanism's copy of a person's key, as it lies in the key store.
#[derive(Clone, Debug)]
pub struct KeyCopy {
    /// The person.
    pub person: RecordId,
    /// The mechanism.
    pub mechanism: MechanismId,
    /// The id of the person's key, which each blob names.
    pub key: Uuid,
    /// The epoch of the mechanism's key.
    pub epoch: Uuid,
    /// The key, under the mechanism's.
    pub wrapped: Vec<u8>,
    /// Binds the bytes of the key, since the cipher does not commit to its key.
    pub commitment: Vec<u8>,
}

impl EpochKey {
    /// A new one.
    ///
    /// # Errors
    /// Fails without randomness.
    pub fn fresh() -> Result<Self, VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut())?;
        let mut id = [0; 16];
        random(&mut id)?;
        Ok(Self {
            id: Uuid::from_bytes(id),
            key,
        })
    }

    /// The key that a root key has unwrapped.
    pub fn unwrapped(id: Uuid, key: Zeroizing<[u8; 32]>) -> Self {
        Self { id, key }
    }

    /// Its id.
    pub fn id(&self) -> Uuid {
        self.id
    }

    /// The bytes that a root key wraps.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    /// To what a root key binds them.
    pub fn binding(id: Uuid) -> Vec<u8> {
        parts(&[b"liaison/epoch/1", id.as_bytes()])
    }

    /// A new key for a mechanism, and what to store of it.
    ///
    /// # Errors
    /// Fails without randomness.
    pub fn for_mechanism(
        &self,
        mechanism: MechanismId,
    ) -> Result<(MechanismKey, Vec<u8>), VaultError> {
        let mut key = Zeroizing::new([0; 32]);
        random(key.as_mut())?;
        let wrapped = encrypt(&self.key, &self.binds(mechanism), key.as_ref())?;
        let epoch = self.id;
        Ok((
            MechanismKey {
                epoch,
                mechanism,
                key,
            },
            wrapped,
        ))
    }

    /// The key of a mechanism.
    ///
    /// # Errors
    /// Refuses what is not what was stored.
    pub fn mechanism(
        &self,
        mechanism: MechanismId,
        wrapped: &[u8],
    ) -> Result<MechanismKey, VaultError> {
        let key = decrypt(&self.key, &self.binds(mechanism), wrapped)?;
        Ok(MechanismKey {
            epoch: self.id,
            mechanism,
            key: whole(&key)?,
        })
    }

    fn binds(&self, mechanism: MechanismId) -> Vec<u8> {
        let (epoch, mechanism) = (self.id.as_bytes(), mechanism.0.as_bytes());
        parts(&[b"liaison/mechanism-key/1", epoch, mechanism])
    }
}

impl MechanismKey {
    /// The epoch that it is of.
    pub fn epoch(&self) -> Uuid {
        self.epoch
    }

    /// A copy of a person's key for this mechanism.
    ///
    /// # Errors
    /// Fails without randomness.
    pub fn copy(&self, person: RecordId, key: &DataKey) -> Result<KeyCopy, VaultError> {
        let aad = self.binds(person, key.id);
        Ok(KeyCopy {
            person,
            mechanism: self.mechanism,
            key: key.id,
            epoch: self.epoch,
            wrapped: encrypt(&self.key, &aad, key.key.as_ref())?,
            commitment: key.commitment().to_vec(),
        })
    }

    /// The person's key in this mechanism's copy.
    ///
    /// # Errors
    /// Refuses what is not what was stored.
    pub fn open(&self, copy: &KeyCopy) -> Result<DataKey, VaultError> {
        let bytes = decrypt(&self.key, &self.binds(copy.person, copy.key), &copy.wrapped)?;
        DataKey::committed(copy.key, whole(&bytes)?, &copy.commitment)
    }

    fn binds(&self, person: RecordId, key: Uuid) -> Vec<u8> {
        parts(&[
            b"liaison/data-key/2",
            key.as_bytes(),
            person.0.as_bytes(),
            self.mechanism.0.as_bytes(),
            self.epoch.as_bytes(),
        ])
    }
}

/// A whole key, or nothing.
pub(super) fn whole(bytes: &[u8]) -> Result<Zeroizing<[u8; 32]>, VaultError> {
    let key: [u8; 32] = bytes.try_into().map_err(|_| VaultError::DoesNotOpen)?;
    Ok(Zeroizing::new(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u8) -> Uuid {
        Uuid::from_bytes([n; 16])
    }

    #[test]
    fn a_copy_opens_for_its_person_mechanism_and_epoch_alone() {
        let epoch = EpochKey::fresh().unwrap();
        let (mechanism, wrapped) = epoch.for_mechanism(MechanismId(id(1))).unwrap();
        let person = RecordId(id(2));
        let key = DataKey::fresh().unwrap();
        let copy = mechanism.copy(person, &key).unwrap();
        let again = epoch.mechanism(MechanismId(id(1)), &wrapped).unwrap();
        assert_eq!(again.open(&copy).unwrap().key, key.key);

        let of_another = KeyCopy {
            person: RecordId(id(3)),
            ..copy.clone()
        };
        assert!(mechanism.open(&of_another).is_err());
        // Another mechanism's key in its place does not unwrap, and its own opens no copy.
        assert!(epoch.mechanism(MechanismId(id(9)), &wrapped).is_err());
        let (other, _) = epoch.for_mechanism(MechanismId(id(9))).unwrap();
        assert!(other.open(&copy).is_err());
        let elsewhere = EpochKey::unwrapped(id(7), epoch.key.clone());
        assert!(elsewhere.mechanism(MechanismId(id(1)), &wrapped).is_err());
    }

    #[test]
    fn a_flipped_byte_of_a_copy_or_of_a_mechanisms_key_does_not_open() {
        let epoch = EpochKey::fresh().unwrap();
        let (mechanism, wrapped) = epoch.for_mechanism(MechanismId(id(1))).unwrap();
        let key = DataKey::fresh().unwrap();
        let copy = mechanism.copy(RecordId(id(2)), &key).unwrap();
        for place in 0..copy.wrapped.len() {
            let mut flipped = copy.clone();
            flipped.wrapped[place] ^= 1;
            assert!(mechanism.open(&flipped).is_err(), "byte {place}");
        }
        for place in 0..copy.commitment.len() {
            let mut flipped = copy.clone();
            flipped.commitment[place] ^= 1;
            assert!(mechanism.open(&flipped).is_err(), "commitment {place}");
        }
        for place in 0..wrapped.len() {
            let mut flipped = wrapped.clone();
            flipped[place] ^= 1;
            let opened = epoch.mechanism(MechanismId(id(1)), &flipped);
            assert!(opened.is_err(), "byte {place} of the mechanism's key");
        }
    }
}
