//! Tokens of other issuers (OpenID Connect): verified, and told whose they are by a table.
//!
//! Such a token says who its bearer is to its issuer, and nothing else: whose holder that
//! is, through which client and up to what, stands in a row that an officer has written
//! ([`Mapping`]). No claim gives clearance, scope or role.
//!
//! The issuer that a token names decides which keys are tried, and the key which algorithm.
//! Only Ed25519 and P-256 keys are read, each from the file of its own issuer.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto;
use sha2::{Digest, Sha256};

use self::{
    keys::{KeySet, Stamp},
    payload::{Payload, issuer_of},
    settings::Settings,
};
pub use self::{payload::is_subject, settings::IssuersFault};
use super::claims::{Refusal, VerifiedClaims, longest_life, parse_object, refuse_unless};
use super::scope::Scopes;
use super::token::Header;
use crate::clock::Moment;
use crate::confidentiality::level::Level;

mod keys;
mod payload;
mod settings;

/// What a token of another issuer says, and all that is taken from it.
///
/// Made by verification alone. It is no one's here until a [`Mapping`] says whose it is.
#[derive(Debug)]
pub struct Elsewhere {
    issuer: String,
    subject: String,
    mechanisms: Arc<[String]>,
    token_id: String,
    kid: String,
    thumbprint: Option<String>,
    issued: i64,
    starts: i64,
    expires: i64,
}

impl Elsewhere {
    /// The issuer (`iss`), as the settings name it.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// As whom the issuer knows the bearer (`sub`).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Whether the issuer's subjects can be holders of the mechanism of this code.
    pub fn may_be_of(&self, mechanism: &str) -> bool {
        self.mechanisms.iter().any(|code| code == mechanism)
    }

    /// By what this hub knows the token: never the name of a token of its own.
    pub fn token_id(&self) -> &str {
        &self.token_id
    }
}

/// Whose holder a subject of another issuer is, and up to what: a row, as it stands.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Name of the holder.
    pub holder: String,
    /// Code of the holder's mechanism.
    pub mechanism: String,
    /// The client of this hub through which it counts as acting.
    pub client: String,
    /// What it may do.
    pub scopes: Scopes,
    /// The highest level, whatever the scope says.
    pub cap: Level,
    /// The epoch at which it was written: a revocation since has ended it.
    pub epoch: i64,
    /// When it ends, in unix seconds: no token outlasts it.
    pub until: i64,
}

impl Mapping {
    /// The claims of a token under this row.
    ///
    /// A token that is bound to no key never reaches `VICTIM`: this hub neither issued it
    /// nor can end the session that brings the next, so that whoever copies one would open
    /// persons' files with it.
    ///
    /// # Errors
    /// Refuses a mechanism that is not the issuer's, a token that is not in force, and one
    /// that is older than a token of this hub may be.
    pub fn claims(
        self,
        token: &Arc<Elsewhere>,
        now: Moment,
    ) -> Result<Arc<VerifiedClaims>, Refusal> {
        refuse_unless(token.may_be_of(&self.mechanism), Refusal::Mechanism)?;
        let cap = if token.thumbprint.is_some() {
            self.cap
        } else {
            self.cap.min(Level::Secretariat)
        };
        let scopes = self.scopes.capped(cap);
        // It may say that it lives longer; here it lives as long as one of ours.
        let oldest = token.issued.saturating_add(longest_life(&scopes));
        let claims = VerifiedClaims {
            subject: self.holder,
            client: self.client,
            mechanism: self.mechanism,
            epoch: self.epoch,
            methods: Vec::new(),
            token_id: token.token_id.clone(),
            thumbprint: token.thumbprint.clone(),
            scopes,
            issued: token.issued,
            starts: token.starts,
            expires: token.expires.min(oldest).min(self.until),
            kid: token.kid.clone(),
            origin: Some(Arc::clone(token)),
        };
        claims.check_time(now)?;
        Ok(Arc::new(claims))
    }
}

/// One issuer: what its tokens must say, and its keys as its file has them.
struct Issuer {
    settings: Settings,
    keys: RwLock<Arc<KeySet>>,
    stamp: Mutex<Option<Stamp>>,
}

impl Issuer {
    fn keys(&self) -> Arc<KeySet> {
        Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The issuers whose tokens this hub accepts, besides its own.
#[derive(Default)]
pub struct Issuers(Vec<Issuer>);

impl fmt::Debug for Issuers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.0.iter().map(|one| &one.settings.issuer))
            .finish()
    }
}

impl Issuers {
    /// The issuers that a file of settings names, with their keys.
    ///
    /// # Errors
    /// Refuses settings and keys that are not sound, files that others can write, `own` as
    /// another's name, and one key under two issuers.
    pub fn open(file: &Path, own: &str) -> Result<Self, IssuersFault> {
        let mut issuers: Vec<Issuer> = Vec::new();
        for settings in settings::read(file)? {
            let twice = issuers
                .iter()
                .any(|one| one.settings.issuer == settings.issuer);
            if twice || settings.issuer == own {
                return Err(IssuersFault::Twice(settings.issuer));
            }
            let stamp = Stamp::of(&settings.jwks);
            let keys = KeySet::open(&settings.jwks, &settings.algorithms)?;
            let mut others = issuers.iter().map(Issuer::keys);
            if others.any(|other| other.shares_a_key_with(&keys)) {
                return Err(IssuersFault::SharedKey(settings.issuer));
            }
            issuers.push(Issuer {
                settings,
                keys: RwLock::new(Arc::new(keys)),
                stamp: Mutex::new(stamp),
            });
        }
        Ok(Self(issuers))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether tokens of this issuer are accepted for holders of this mechanism.
    pub fn knows(&self, issuer: &str, mechanism: &str) -> bool {
        let named = self.named(issuer);
        named.is_some_and(|one| one.settings.mechanisms.iter().any(|code| code == mechanism))
    }

    /// Each issuer, the file of its keys, and their names.
    pub fn told(&self) -> Vec<(&str, &PathBuf, Vec<String>)> {
        let told = self.0.iter().map(|one| {
            let settings = &one.settings;
            (settings.issuer.as_str(), &settings.jwks, one.keys().names())
        });
        told.collect()
    }

    /// Reads the keys of issuers again whose files have changed. A file that is not sound
    /// leaves the keys as they were, and says so in the log.
    pub fn look(&self) {
        for one in &self.0 {
            let settings = &one.settings;
            let today = Stamp::of(&settings.jwks);
            let mut known = one.stamp.lock().unwrap_or_else(PoisonError::into_inner);
            if today.is_none() || today == *known {
                continue;
            }
            *known = today;
            let others = || {
                let others = self.0.iter();
                others.filter(|other| other.settings.issuer != settings.issuer)
            };
            let renewed = KeySet::open(&settings.jwks, &settings.algorithms).and_then(|keys| {
                let shared = others().any(|other| other.keys().shares_a_key_with(&keys));
                let fault = || IssuersFault::SharedKey(settings.issuer.clone());
                if shared { Err(fault()) } else { Ok(keys) }
            });
            match renewed {
                Ok(keys) => {
                    *one.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
                }
                Err(error) => {
                    let issuer = settings.issuer.as_str();
                    tracing::error!(cause = %error, issuer, "the issuer's keys stay as they were");
                }
            }
        }
    }

    /// Whether the key that signed a token is still its issuer's.
    pub(super) fn still_has_key_of(&self, token: &Elsewhere) -> bool {
        let issuer = self.named(&token.issuer);
        issuer.is_some_and(|issuer| issuer.keys().get(&token.kid).is_some())
    }

    fn named(&self, issuer: &str) -> Option<&Issuer> {
        self.0.iter().find(|one| one.settings.issuer == issuer)
    }

    /// What a token says that names one of these issuers; `None` where it names none.
    pub(super) fn verify(&self, token: &str) -> Option<Result<Arc<Elsewhere>, Refusal>> {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        // Read before anything is verified, to find by whose keys it must be.
        let issuer = self.named(&issuer_of(&payload)?)?;
        Some(read(issuer, token, &payload))
    }
}

fn read(issuer: &Issuer, token: &str, payload: &[u8]) -> Result<Arc<Elsewhere>, Refusal> {
    let keys = issuer.keys();
    let digest: [u8; 32] = Sha256::digest(token).into();
    if let Some(known) = keys.remembered().find(&digest) {
        return Ok(known);
    }
    let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Shape)?;
    let (header, rest) = message.split_once('.').ok_or(Refusal::Shape)?;
    refuse_unless(!rest.contains('.'), Refusal::Shape)?;
    let header = URL_SAFE_NO_PAD.decode(header);
    let header: Header =
        parse_object(&header.map_err(|_| Refusal::Shape)?).map_err(|_| Refusal::Header)?;
    let typed = ["at+jwt", "application/at+jwt"].contains(&header.typ.as_str());
    refuse_unless(typed, Refusal::Header)?;
    let key = keys.get(&header.kid).ok_or(Refusal::UnknownKey)?;
    refuse_unless(header.alg == key.algorithm.name(), Refusal::Header)?;
    let signed = crypto::verify(
        signature,
        message.as_bytes(),
        &key.key,
        key.algorithm.verifier(),
    );
    refuse_unless(matches!(signed, Ok(true)), Refusal::Signature)?;

    let payload = Payload::read(payload)?;
    payload.check(&issuer.settings)?;
    let token = Arc::new(Elsewhere {
        token_id: token_id(&payload, message),
        issuer: payload.iss,
        subject: payload.sub,
        mechanisms: issuer.settings.mechanisms.clone().into(),
        kid: header.kid,
        thumbprint: payload.cnf.map(|key| key.jkt),
        issued: payload.iat,
        starts: payload.nbf.unwrap_or(payload.iat),
        expires: payload.exp,
    });
    keys.remembered().keep(digest, Arc::clone(&token));
    Ok(token)
}

/// Its `jti`; without one the hash of what is signed. Not of the whole: one message has more
/// than one signature by the same key (ES256).
fn token_id(payload: &Payload, message: &str) -> String {
    let unnamed = || message_hash(message);
    let own = payload.jti.clone().unwrap_or_else(unnamed);
    id_of(&payload.iss, &payload.sub, &own)
}

/// By what a token without a `jti` is named: the hash of what is signed, as hex.
pub fn message_hash(message: &str) -> String {
    let hash = Sha256::digest(message);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// By what this hub knows the token that an issuer calls `jti`: of one issuer and one
/// subject, so that nobody's choice of a name meets another's.
pub fn id_of(issuer: &str, subject: &str, jti: &str) -> String {
    let mut hash = Sha256::new();
    for part in ["elsewhere", issuer, subject, jti] {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    URL_SAFE_NO_PAD.encode(hash.finalize())
}

/// Issuer, subject and own name of a token's text, unverified: for who revokes it.
pub fn named_in(token: &str) -> Option<(String, String, String)> {
    let (message, _) = token.rsplit_once('.')?;
    let (_, payload) = message.split_once('.')?;
    let payload = Payload::read(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()?;
    let jti = payload.jti.unwrap_or_else(|| message_hash(message));
    Some((payload.iss, payload.sub, jti))
}
