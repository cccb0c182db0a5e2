//! The public keys of another issuer, each for the one algorithm that it is made for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::Elsewhere;
use super::settings::{IssuersFault, text_of};
use crate::identity::token::remembered::Generations;

/// Keys that one issuer has at most.
const MOST: usize = 64;
/// Bytes of a key's name at most.
const NAME: usize = 128;

/// With what another issuer may sign: these two, and nothing else ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(super) enum Signs {
    /// Ed25519.
    #[serde(rename = "EdDSA")]
    EdDsa,
    /// ECDSA on P-256 with SHA-256.
    #[serde(rename = "ES256")]
    Es256,
}

impl Signs {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::EdDsa => "EdDSA",
            Self::Es256 => "ES256",
        }
    }

    pub(super) const fn verifier(self) -> Algorithm {
        match self {
            Self::EdDsa => Algorithm::EdDSA,
            Self::Es256 => Algorithm::ES256,
        }
    }
}

/// By what it is seen that a file has changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stamp(u64, u64, SystemTime);

impl Stamp {
    pub(super) fn of(path: &Path) -> Option<Self> {
        let facts = std::fs::metadata(path).ok()?;
        #[cfg(unix)]
        let place = std::os::unix::fs::MetadataExt::ino(&facts);
        #[cfg(not(unix))]
        let place = 0;
        Some(Self(place, facts.len(), facts.modified().ok()?))
    }
}

/// One key.
pub(super) struct Key {
    pub(super) algorithm: Signs,
    pub(super) key: DecodingKey,
    thumbprint: String,
}

/// The keys of one issuer as its file has them. What they have verified goes with them.
pub(super) struct KeySet {
    keys: HashMap<String, Key>,
    remembered: Mutex<Generations<Elsewhere>>,
}

impl KeySet {
    /// The keys in a file, for these algorithms.
    pub(super) fn open(path: &Path, algorithms: &[Signs]) -> Result<Self, IssuersFault> {
        let text = text_of(path)?;
        let keys = parsed(&text, algorithms);
        let keys = keys.map_err(|why| IssuersFault::Keys(path.display().to_string(), why))?;
        Ok(Self {
            keys,
            remembered: Mutex::default(),
        })
    }

    pub(super) fn get(&self, kid: &str) -> Option<&Key> {
        self.keys.get(kid)
    }

    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.keys.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    pub(super) fn shares_a_key_with(&self, other: &Self) -> bool {
        let mut own = self.keys.values();
        own.any(|own| {
            other
                .keys
                .values()
                .any(|key| key.thumbprint == own.thumbprint)
        })
    }

    pub(super) fn remembered(&self) -> MutexGuard<'_, Generations<Elsewhere>> {
        let remembered = self.remembered.lock();
        remembered.unwrap_or_else(PoisonError::into_inner)
    }
}

/// Keys of other sorts are left out: an issuer may have them for others.
fn parsed(text: &str, algorithms: &[Signs]) -> Result<HashMap<String, Key>, &'static str> {
    #[derive(Deserialize)]
    struct Set {
        keys: Vec<Value>,
    }
    let set: Set = serde_json::from_str(text).map_err(|_| "it is no JWK set (RFC 7517)")?;
    if set.keys.len() > MOST {
        return Err("it has more than 64 keys");
    }
    let mut keys = HashMap::new();
    for key in &set.keys {
        let says = |name: &str| key.get(name).and_then(Value::as_str);
        if ["d", "p", "q", "k"]
            .iter()
            .any(|part| key.get(part).is_some())
        {
            return Err("it holds a secret key");
        }
        let algorithm = match (says("kty"), says("crv")) {
            (Some("OKP"), Some("Ed25519")) => Signs::EdDsa,
            (Some("EC"), Some("P-256")) => Signs::Es256,
            _ => continue,
        };
        let signs = key.get("use").is_none_or(|used| used == "sig");
        if !signs || !algorithms.contains(&algorithm) {
            continue;
        }
        if key.get("alg").is_some_and(|alg| alg != algorithm.name()) {
            return Err("a key is for another algorithm than its curve's");
        }
        let kid = says("kid").filter(|kid| {
            (1..=NAME).contains(&kid.len()) && kid.bytes().all(|byte| byte.is_ascii_graphic())
        });
        let kid = kid.ok_or("a key has no name (`kid`)")?;
        let mut plain = serde_json::Map::new();
        for part in ["kty", "crv", "x", "y"] {
            plain.extend(key.get(part).map(|value| (part.to_owned(), value.clone())));
        }
        let unread = "a key does not read";
        let jwk: Jwk = serde_json::from_value(plain.into()).map_err(|_| unread)?;
        let key = Key {
            algorithm,
            key: DecodingKey::from_jwk(&jwk).map_err(|_| unread)?,
            thumbprint: jwk.thumbprint(ThumbprintHash::SHA256).map_err(|_| unread)?,
        };
        if keys.insert(kid.to_owned(), key).is_some() {
            return Err("two keys have one name (`kid`)");
        }
    }
    if keys.is_empty() {
        return Err("it has no key for the algorithms that are allowed");
    }
    Ok(keys)
}
