//! Tokens: issued and verified by the hub, with one algorithm and named keys.
//!
//! A token is a JWT of type `at+jwt`, signed with Ed25519. Its header is read here
//! before anything is verified: three fields and no other, so that a token never
//! chooses how it is judged.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, crypto};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

pub use self::request::{IssueError, TokenRequest};
use self::ring::Ring;
use super::claims::{
    Claims, Confirmation, Ours, Refusal, TokenRefused, VerifiedClaims, is_name, parse_object,
    refuse_unless,
};
use super::elsewhere::{Elsewhere, Issuers};
use crate::clock::Moment;
use crate::keys::{KeyFile, KeyFileError, fresh_name};

pub(super) mod remembered;
mod request;
mod ring;

pub use request::asked;

const MAX_BYTES: usize = 8192;
const TYPE: &str = "at+jwt";
const ALGORITHM: &str = "EdDSA";

/// A token that was issued. Its text is shown once and printed nowhere.
pub struct Issued {
    /// The token, for its holder alone.
    pub token: String,
    /// Its id, for the record of the issue.
    pub id: String,
    /// When it ends.
    pub expires: Moment,
}

impl fmt::Debug for Issued {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Issued")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// The header of a token: these three fields, and no other.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    pub(super) typ: String,
    pub(super) alg: String,
    pub(super) kid: String,
}

/// Issues tokens and verifies them, for one issuer and one audience.
pub struct TokenAuthority {
    issuer: String,
    audience: String,
    ring: RwLock<Arc<Ring>>,
    issuers: Issuers,
}

/// A token whose signature holds.
#[derive(Clone, Debug)]
pub enum Recognised {
    /// One of this hub's own.
    Ours(Arc<VerifiedClaims>),
    /// One of another issuer, which says of its bearer no more than a name there.
    Elsewhere(Arc<Elsewhere>),
}

/// What a refused token says: whose it would be, through which client, and its id.
#[derive(Debug, Default)]
pub struct Said {
    /// The holder.
    pub subject: String,
    /// The client.
    pub client: String,
    /// The token's id.
    pub token: String,
}

impl TokenAuthority {
    /// The authority with the keys of a key file.
    pub fn new(
        issuer: impl Into<String>,
        audience: impl Into<String>,
        keys: &KeyFile,
    ) -> Result<Self, KeyFileError> {
        Ok(Self {
            issuer: issuer.into(),
            audience: audience.into(),
            ring: RwLock::new(Arc::new(Ring::of(keys)?)),
            issuers: Issuers::default(),
        })
    }

    /// The same, which accepts the tokens of these issuers, too.
    #[must_use]
    pub fn and_of(mut self, issuers: Issuers) -> Self {
        self.issuers = issuers;
        self
    }

    /// The other issuers whose tokens are accepted.
    pub const fn issuers(&self) -> &Issuers {
        &self.issuers
    }

    /// Verifies a token of this hub or of another issuer, or refuses it whole.
    ///
    /// # Errors
    /// As [`TokenAuthority::verify`]. Whose a token of another issuer is, and whether it is
    /// in force for them, is asked where it is mapped.
    pub fn recognise(&self, token: &str, now: Moment) -> Result<Recognised, TokenRefused> {
        refuse_unless(token.len() <= MAX_BYTES, Refusal::TooLong)?;
        match self.issuers.verify(token) {
            Some(elsewhere) => Ok(Recognised::Elsewhere(elsewhere?)),
            None => self.verify(token, now).map(Recognised::Ours),
        }
    }

    /// Whether a token that was verified is in force still, and its key is not let go.
    ///
    /// # Errors
    /// Refuses it where it is not.
    pub fn check_again(&self, claims: &VerifiedClaims, now: Moment) -> Result<(), TokenRefused> {
        let has_key = match claims.origin() {
            Some(elsewhere) => self.issuers.still_has_key_of(elsewhere),
            None => self.ring().verifiers.contains_key(&claims.kid),
        };
        refuse_unless(has_key, Refusal::UnknownKey)?;
        Ok(claims.check_time(now)?)
    }

    /// Takes the signing keys of a key file in the place of those that it has.
    ///
    /// # Errors
    /// Refuses keys that don't sign; then it keeps what it has.
    pub fn renew(&self, keys: &KeyFile) -> Result<(), KeyFileError> {
        let ring = Arc::new(Ring::of(keys)?);
        *self.ring.write().unwrap_or_else(PoisonError::into_inner) = ring;
        Ok(())
    }

    /// The public halves of the keys, as a JWK set (RFC 7517): the next one, too.
    pub fn published(&self) -> String {
        self.ring().published.clone()
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Signs a token that starts now.
    ///
    /// The caller records the issue, by the token's id, before handing it out.
    pub fn issue(&self, request: &TokenRequest, now: Moment) -> Result<Issued, IssueError> {
        let id = fresh_name().map_err(|_| IssueError::Unsignable)?;
        let ring = self.ring();
        let (kid, key) = ring.signer(now).ok_or(IssueError::Unsignable)?;
        let header = Header {
            typ: TYPE.into(),
            alg: ALGORITHM.into(),
            kid: kid.to_owned(),
        };
        let expires = now.plus_seconds(request.life).seconds();
        let claims = Claims {
            iss: self.issuer.clone(),
            sub: request.subject.clone(),
            aud: self.audience.clone(),
            exp: expires,
            iat: now.seconds(),
            nbf: None,
            jti: id.clone(),
            client_id: request.client.clone(),
            scope: request.scopes.to_string(),
            lz: Ours {
                mech: request.mechanism.clone(),
                epoch: request.epoch,
                amr: request.methods.clone(),
            },
            cnf: request.thumbprint.clone().map(|jkt| Confirmation { jkt }),
        };
        let message = format!("{}.{}", encoded(&header)?, encoded(&claims)?);
        let signature = crypto::sign(message.as_bytes(), key, Algorithm::EdDSA)
            .map_err(|_| IssueError::Unsignable)?;
        // What would be refused later is not issued at all.
        claims
            .check(&self.issuer, &self.audience)
            .map_err(|_| IssueError::Unnameable)?;
        let token = format!("{message}.{signature}");
        Ok(Issued {
            token,
            id,
            expires: Moment::from_seconds(expires),
        })
    }

    /// Verifies a token, or refuses it whole.
    ///
    /// All but suspension and revocation is checked here: those change while a
    /// token lives, and [`standing`](super::holder::standing) asks for them.
    pub fn verify(&self, token: &str, now: Moment) -> Result<Arc<VerifiedClaims>, TokenRefused> {
        refuse_unless(token.len() <= MAX_BYTES, Refusal::TooLong)?;
        let digest: [u8; 32] = Sha256::digest(token).into();
        let ring = self.ring();
        let known = ring.remembered().find(&digest);
        let claims = match &known {
            Some(claims) => Arc::clone(claims),
            None => Arc::new(self.read(&ring, token)?),
        };
        claims.check_time(now)?;
        if known.is_none() {
            ring.remembered().keep(digest, Arc::clone(&claims));
        }
        Ok(claims)
    }

    /// Forgets that a token's signature holds: refused all the same, it is verified anew, as
    /// one is whose signature does not hold.
    pub fn forget(&self, token: &str) {
        let digest: [u8; 32] = Sha256::digest(token).into();
        self.ring().remembered().forget(&digest);
    }

    /// What a token says that was refused: to be believed by nobody.
    pub fn said(&self, token: &str) -> Said {
        let mut parts = token.split('.').skip(1);
        let payload = parts.next().filter(|_| token.len() <= MAX_BYTES);
        let payload = payload.and_then(|payload| URL_SAFE_NO_PAD.decode(payload).ok());
        let Some(claims) = payload.and_then(|payload| parse_object::<Claims>(&payload).ok()) else {
            return Said::default();
        };
        let said = Said {
            subject: claims.sub.clone(),
            client: claims.client_id.clone(),
            token: claims.jti.clone(),
        };
        // Whatever comes of it: what is signed is checked, too.
        drop(claims.check(&self.issuer, &self.audience));
        said
    }

    fn read(&self, ring: &Ring, token: &str) -> Result<VerifiedClaims, Refusal> {
        let (message, signature) = token.rsplit_once('.').ok_or(Refusal::Shape)?;
        let (header, payload) = message.split_once('.').ok_or(Refusal::Shape)?;
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| Refusal::Shape);
        let (header, payload) = (decode(header)?, decode(payload)?);

        let header: Header = parse_object(&header).map_err(|_| Refusal::Header)?;
        let as_ours = header.typ == TYPE && header.alg == ALGORITHM && is_name(&header.kid);
        refuse_unless(as_ours, Refusal::Header)?;
        // Where no key has the name another is tried, so that it costs the same.
        let known = ring.verifiers.get(&header.kid);
        let key = known.or_else(|| ring.verifiers.values().next());
        let key = key.ok_or(Refusal::UnknownKey)?;
        let signed = crypto::verify(signature, message.as_bytes(), key, Algorithm::EdDSA);
        refuse_unless(known.is_some(), Refusal::UnknownKey)?;
        refuse_unless(matches!(signed, Ok(true)), Refusal::Signature)?;

        let claims: Claims = parse_object(&payload).map_err(|_| Refusal::Claims)?;
        let mut verified = claims.check(&self.issuer, &self.audience)?;
        verified.kid = header.kid;
        Ok(verified)
    }
}

impl fmt::Debug for TokenAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAuthority")
            .field("issuer", &self.issuer)
            .finish_non_exhaustive()
    }
}

fn encoded(part: &impl Serialize) -> Result<String, IssueError> {
    let json = serde_json::to_vec(part).map_err(|_| IssueError::Unsignable)?;
    Ok(URL_SAFE_NO_PAD.encode(json))
}

#[cfg(test)]
mod tests;
