//! A secret of the key file: random, of one length, and printed nowhere.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::KeyFileError;

pub(super) const KEY_BYTES: usize = 32;
/// Fewer different bytes than this are no random key (chance below 10⁻¹⁸).
const FEWEST_DIFFERENT_BYTES: usize = 12;

/// A secret of 32 bytes, which prints nothing and is wiped when let go.
#[derive(PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey(pub(super) [u8; KEY_BYTES]);

impl SecretKey {
    /// A new one, from the system's randomness.
    pub fn fresh() -> Result<Self, KeyFileError> {
        let mut key = Self([0; KEY_BYTES]);
        getrandom::fill(&mut key.0).map_err(|_| KeyFileError::NoRandomness)?;
        Ok(key)
    }

    /// A key that was derived, or handed over.
    pub(crate) const fn of(bytes: [u8; KEY_BYTES]) -> Self {
        Self(bytes)
    }

    /// The bytes, for the cipher that needs them.
    pub const fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.0
    }

    pub(crate) fn decode(place: &str, text: &str) -> Result<Self, KeyFileError> {
        let mut key = Self([0; KEY_BYTES]);
        let length = STANDARD.decode_slice(text, &mut key.0);
        if length != Ok(KEY_BYTES) {
            return Err(KeyFileError::WrongLength(place.to_owned()));
        }
        if !key.looks_random() {
            return Err(KeyFileError::NotRandom(place.to_owned()));
        }
        Ok(key)
    }

    pub(crate) fn encode(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0))
    }

    fn looks_random(&self) -> bool {
        let mut sorted = Zeroizing::new(self.0);
        sorted.sort_unstable();
        let different = sorted.chunk_by(|one, next| one == next).count();
        let steps = || {
            self.0
                .iter()
                .zip(self.0.iter().skip(1))
                .map(|(one, next)| next.wrapping_sub(*one))
        };
        let is_a_row = steps().zip(steps().skip(1)).all(|(one, next)| one == next);
        different >= FEWEST_DIFFERENT_BYTES && !is_a_row
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey")
    }
}
