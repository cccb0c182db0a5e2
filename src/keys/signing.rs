//! A key with which tokens are signed, from its time on.

use jsonwebtoken::jwk::{AlgorithmParameters, Jwk};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use zeroize::Zeroizing;

use super::secret::KEY_BYTES;
use super::{KeyFileError, SecretKey, fresh_name};
use crate::clock::Moment;

/// What precedes the 32 bytes of an Ed25519 key in PKCS #8 (RFC 8410).
const PKCS8_PREFIX: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// A named Ed25519 key with which tokens are signed and verified.
#[derive(Debug)]
pub struct SigningKey {
    pub(super) kid: String,
    pub(super) private: SecretKey,
    from: Option<Moment>,
}

impl SigningKey {
    pub(super) fn fresh() -> Result<Self, KeyFileError> {
        Ok(Self::of(fresh_name()?, SecretKey::fresh()?, None))
    }

    pub(super) const fn of(kid: String, private: SecretKey, from: Option<Moment>) -> Self {
        Self { kid, private, from }
    }

    pub(super) const fn private(&self) -> &SecretKey {
        &self.private
    }

    /// From when on it signs; `None` is since ever.
    pub const fn from(&self) -> Option<Moment> {
        self.from
    }

    /// The name under which tokens refer to the key.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// The private half, as the signer takes it.
    pub fn encoding_key(&self) -> EncodingKey {
        let mut pkcs8 = Zeroizing::new(PKCS8_PREFIX.to_vec());
        pkcs8.reserve_exact(KEY_BYTES);
        pkcs8.extend_from_slice(self.private.bytes());
        EncodingKey::from_ed_der(&pkcs8)
    }

    /// The public half, as the verifier takes it.
    pub fn decoding_key(&self) -> Result<DecodingKey, KeyFileError> {
        let x = self.public()?;
        DecodingKey::from_ed_components(&x).map_err(|_| self.unusable())
    }

    /// The public half, as others are told of it (RFC 8037).
    pub fn published(&self) -> Result<serde_json::Value, KeyFileError> {
        Ok(serde_json::json!({
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "alg": "EdDSA",
            "kid": self.kid,
            "x": self.public()?,
        }))
    }

    fn public(&self) -> Result<String, KeyFileError> {
        let jwk = Jwk::from_encoding_key(&self.encoding_key(), Algorithm::EdDSA);
        match jwk.map_err(|_| self.unusable())?.algorithm {
            AlgorithmParameters::OctetKeyPair(pair) => Ok(pair.x),
            _ => Err(self.unusable()),
        }
    }

    fn unusable(&self) -> KeyFileError {
        KeyFileError::Unusable(self.kid.clone())
    }
}
