//! Proofs that a client has the key to which its token is bound (DPoP, RFC 9449).
//!
//! A proof is a JWT that is made for one request and names it. It brings its own key: that
//! alone is no ground for trust. The token says which key it must be.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::claims::{is_thumbprint, parse_object};
use crate::clock::Moment;

const MAX_BYTES: usize = 4_096;
const TYPE: &str = "dpop+jwt";
/// Seconds that a proof may lie before or after now.
const AGE: i64 = 60;
/// Bytes of a proof's own id.
const ID: std::ops::RangeInclusive<usize> = 1..=256;
/// Proofs that are remembered in each of two generations; over it none is accepted.
const REMEMBERED: usize = 100_000;

/// Why a proof is refused: for the log alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofRefused {
    /// No JWT of three parts, or too long.
    #[error("proof_shape")]
    Shape,
    /// Another type, another algorithm, or a key that is none.
    #[error("proof_header")]
    Header,
    /// Not signed by the key that it brings.
    #[error("proof_signature")]
    Signature,
    /// A claim that is missing or malformed.
    #[error("proof_claims")]
    Claims,
    /// Made for another request.
    #[error("proof_request")]
    Request,
    /// Made too long ago, or in the future.
    #[error("proof_time")]
    Time,
    /// Made for another token.
    #[error("proof_token")]
    Token,
    /// Made with another key than the token's.
    #[error("proof_key")]
    Key,
    /// Sent before.
    #[error("proof_replayed")]
    Replayed,
}

/// The request for which a proof has to be made.
#[derive(Clone, Copy, Debug)]
pub struct Sent<'a> {
    /// The proof, as it came.
    pub proof: &'a str,
    /// The method of the request.
    pub method: &'a str,
    /// Its path on this hub, without the query.
    pub path: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    typ: String,
    alg: String,
    jwk: PublicKey,
}

/// A public key. What browsers and libraries say besides is read and left; what is private
/// refuses the proof.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PublicKey {
    kty: String,
    crv: String,
    x: String,
    y: Option<String>,
    #[serde(rename = "alg")]
    _alg: Option<String>,
    #[serde(rename = "use")]
    _use: Option<String>,
    #[serde(rename = "kid")]
    _kid: Option<String>,
    #[serde(rename = "ext")]
    _ext: Option<bool>,
    #[serde(rename = "key_ops")]
    _key_ops: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct Claims {
    jti: String,
    htm: String,
    htu: String,
    iat: i64,
    ath: Option<String>,
}

/// Judges proofs for one hub, and remembers those that it has accepted.
pub struct Proofs {
    base: String,
    seen: Mutex<Seen>,
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs")
            .field("base", &self.base)
            .finish_non_exhaustive()
    }
}

impl Proofs {
    /// Proofs for requests to the hub at this address, such as `https://hub.example`.
    pub fn at(base: impl Into<String>) -> Self {
        let base = base.into();
        Self {
            base: base.trim_end_matches('/').to_owned(),
            seen: Mutex::default(),
        }
    }

    /// Accepts a proof once, for the request that it came with, from the key of this
    /// thumbprint; `token` is the access token that came with it.
    ///
    /// # Errors
    /// Refuses every other one.
    pub fn accept(
        &self,
        sent: Sent<'_>,
        thumbprint: &str,
        token: Option<&str>,
        now: Moment,
    ) -> Result<(), ProofRefused> {
        let (claims, key) = read(sent.proof)?;
        if claims.htm != sent.method || !self.is_for(&claims.htu, sent.path) {
            return Err(ProofRefused::Request);
        }
        if (claims.iat.saturating_sub(now.seconds())).saturating_abs() > AGE {
            return Err(ProofRefused::Time);
        }
        let expected = token.map(|token| URL_SAFE_NO_PAD.encode(Sha256::digest(token)));
        if expected.is_some() && claims.ath != expected {
            return Err(ProofRefused::Token);
        }
        if key != thumbprint || !is_thumbprint(thumbprint) {
            return Err(ProofRefused::Key);
        }
        // Last: who has not the key fills no memory.
        let id = Sha256::new()
            .chain_update(key)
            .chain_update([0])
            .chain_update(&claims.jti)
            .finalize();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.admit(id.into(), claims.iat, now.seconds())
    }

    fn is_for(&self, htu: &str, path: &str) -> bool {
        let address = htu.split(['?', '#']).next().unwrap_or_default();
        address.strip_prefix(self.base.as_str()) == Some(path)
    }
}

/// A proof whose signature holds: its claims, and the thumbprint of its key.
fn read(proof: &str) -> Result<(Claims, String), ProofRefused> {
    if proof.len() > MAX_BYTES {
        return Err(ProofRefused::Shape);
    }
    let (message, signature) = proof.rsplit_once('.').ok_or(ProofRefused::Shape)?;
    let (header, payload) = message.split_once('.').ok_or(ProofRefused::Shape)?;
    let decoded = |part: &str| {
        URL_SAFE_NO_PAD
            .decode(part)
            .map_err(|_| ProofRefused::Shape)
    };
    let (header, payload) = (decoded(header)?, decoded(payload)?);

    let header: Header = parse_object(&header).map_err(|_| ProofRefused::Header)?;
    let (algorithm, kind) = match header.alg.as_str() {
        "EdDSA" => (Algorithm::EdDSA, ("OKP", "Ed25519", false)),
        "ES256" => (Algorithm::ES256, ("EC", "P-256", true)),
        _ => return Err(ProofRefused::Header),
    };
    let PublicKey { kty, crv, x, y, .. } = header.jwk;
    if header.typ != TYPE || (kty.as_str(), crv.as_str(), y.is_some()) != kind {
        return Err(ProofRefused::Header);
    }
    let mut plain = serde_json::json!({ "kty": kty, "crv": crv, "x": x });
    if let (Some(y), Some(object)) = (y, plain.as_object_mut()) {
        object.insert("y".to_owned(), y.into());
    }
    let jwk: Jwk = serde_json::from_value(plain).map_err(|_| ProofRefused::Header)?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|_| ProofRefused::Header)?;
    let signed = crypto::verify(signature, message.as_bytes(), &key, algorithm);
    if !matches!(signed, Ok(true)) {
        return Err(ProofRefused::Signature);
    }
    let claims: Claims = parse_object(&payload).map_err(|_| ProofRefused::Claims)?;
    if !ID.contains(&claims.jti.len()) {
        return Err(ProofRefused::Claims);
    }
    let thumbprint = jwk.thumbprint(ThumbprintHash::SHA256);
    Ok((claims, thumbprint.map_err(|_| ProofRefused::Header)?))
}

/// Proofs that were accepted, for as long as they could be sent again.
#[derive(Default)]
struct Seen {
    young: HashMap<[u8; 32], i64>,
    old: HashMap<[u8; 32], i64>,
    /// When the young ones began to be young.
    since: i64,
}

impl Seen {
    fn admit(&mut self, id: [u8; 32], iat: i64, now: i64) -> Result<(), ProofRefused> {
        if now.saturating_sub(self.since) > 2 * AGE {
            self.old = std::mem::take(&mut self.young);
            // Of a quiet time nothing is left to remember.
            self.old.retain(|_, until| *until >= now);
            self.since = now;
        }
        let known = self.young.contains_key(&id) || self.old.contains_key(&id);
        if known || self.young.len() >= REMEMBERED {
            return Err(ProofRefused::Replayed);
        }
        self.young.insert(id, iat.saturating_add(AGE));
        Ok(())
    }
}

#[cfg(test)]
mod tests;
