//! Elements: points of the group as they are sent.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use curve25519_dalek::{RistrettoPoint, ristretto::CompressedRistretto, traits::IsIdentity};

use super::suite::BlindFault;

/// Bytes of an element.
pub const ELEMENT_BYTES: usize = 32;

/// A point of the group that is not the neutral one, with its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub(super) point: RistrettoPoint,
    bytes: CompressedRistretto,
}

impl Element {
    /// The element of these bytes.
    ///
    /// # Errors
    /// Refuses what is no canonical point of the group, and the neutral one: what is
    /// multiplied by a secret must not tell anything of it.
    pub fn read(bytes: &[u8]) -> Result<Self, BlindFault> {
        let bytes = CompressedRistretto::from_slice(bytes).map_err(|_| BlindFault::Element)?;
        let point = bytes.decompress().ok_or(BlindFault::Element)?;
        if point.is_identity() {
            return Err(BlindFault::Element);
        }
        Ok(Self { point, bytes })
    }

    /// The element of this text.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub fn parse(text: &str) -> Result<Self, BlindFault> {
        let mut bytes = [0; ELEMENT_BYTES];
        let length = URL_SAFE_NO_PAD.decode_slice(text, &mut bytes);
        if length != Ok(ELEMENT_BYTES) {
            return Err(BlindFault::Element);
        }
        Self::read(&bytes)
    }

    /// The element of a point.
    pub(super) fn of(point: RistrettoPoint) -> Result<Self, BlindFault> {
        if point.is_identity() {
            return Err(BlindFault::Element);
        }
        let bytes = point.compress();
        Ok(Self { point, bytes })
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8; ELEMENT_BYTES] {
        self.bytes.as_bytes()
    }
}

impl std::fmt::Display for Element {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.bytes()))
    }
}
