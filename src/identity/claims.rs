//! The claims that the hub accepts in a token, parsed whole or refused.
//!
//! The profile is that of RFC 9068 with one claim of ours, `lz`. A claim that is
//! unknown, repeated, null, of another type or out of range refuses the token.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::elsewhere::Elsewhere;
use super::kind::coded;
use super::scope::{Scopes, mechanism};
use crate::clock::Moment;
use crate::confidentiality::level::Level;

/// How far the clocks of issuer and hub may lie apart, in seconds.
pub const LEEWAY: i64 = 10;
/// Longest life of a token up to `CHANNEL`, in seconds.
pub const LONGEST_LIFE: i64 = 24 * 60 * 60;
/// Longest life of a token above `CHANNEL`, in seconds.
pub const LONGEST_LIFE_ABOVE_CHANNEL: i64 = 10 * 60;

/// The moments that a token may name: the years 2020 to 2099.
pub(super) const SANE: std::ops::Range<i64> = 1_577_836_800..4_102_444_800;
const MAX_NAME: usize = 64;
const MAX_METHODS: usize = 8;

coded! {
    /// Why a token is refused: for the log alone, never for the caller.
    Refusal {
        /// More characters than any token of ours has.
        TooLong = "too_long",
        /// Not three parts in base64.
        Shape = "shape",
        /// The header has other fields than it must have, or other values.
        Header = "header",
        /// No key of this name.
        UnknownKey = "unknown_key",
        /// The signature is not that of the named key.
        Signature = "signature",
        /// The claims are not exactly those of the profile.
        Claims = "claims",
        /// Issued by somebody else.
        Issuer = "issuer",
        /// Issued for somebody else.
        Audience = "audience",
        /// The scope does not parse.
        Scope = "scope",
        /// The times are out of range, or in no order.
        Times = "times",
        /// It would live longer than its scope allows.
        TooLongLived = "too_long_lived",
        /// It is not in force yet.
        NotYet = "not_yet",
        /// It is no longer in force.
        Expired = "expired",
        /// The holder is not the one that it names.
        Holder = "holder",
        /// The holder no longer acts for the mechanism that it names.
        Mechanism = "mechanism",
        /// The client is not the one that it names.
        Client = "client",
        /// The holder is suspended.
        Suspended = "suspended",
        /// The key to which the token is bound, or must be, is not proven.
        Proof = "proof",
        /// Holder, mechanism or client had their tokens revoked since.
        Revoked = "revoked",
    }
}

/// A refused token; all refusals look the same to whoever sent it.
#[derive(Clone, Copy)]
pub struct TokenRefused(Refusal);

impl TokenRefused {
    /// The reason, for the log alone.
    pub const fn reason(self) -> Refusal {
        self.0
    }
}

impl From<Refusal> for TokenRefused {
    fn from(reason: Refusal) -> Self {
        Self(reason)
    }
}

impl fmt::Display for TokenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the token is not valid")
    }
}

impl fmt::Debug for TokenRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenRefused")
    }
}

impl std::error::Error for TokenRefused {}

/// The claims as they stand in a token.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: String,
    pub(super) exp: i64,
    pub(super) iat: i64,
    #[serde(
        default,
        deserialize_with = "present",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) nbf: Option<i64>,
    pub(super) jti: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    #[serde(deserialize_with = "object")]
    pub(super) lz: Ours,
    #[serde(
        default,
        deserialize_with = "present_object",
        skip_serializing_if = "Option::is_none"
    )]
    pub(super) cnf: Option<Confirmation>,
}

/// The key that a token is bound to (RFC 9449, section 6).
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Confirmation {
    pub(super) jkt: String,
}

/// The claims that are ours: mechanism, epoch, and methods of authentication.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Ours {
    pub(super) mech: String,
    pub(super) epoch: i64,
    pub(super) amr: Vec<String>,
}

impl Claims {
    /// Checks all that does not depend on the time of day.
    pub(super) fn check(self, issuer: &str, audience: &str) -> Result<VerifiedClaims, Refusal> {
        let named = [&self.sub, &self.jti, &self.client_id]
            .into_iter()
            .all(|text| is_name(text));
        let ours = mechanism(&self.lz.mech).is_some()
            && self.lz.epoch >= 0
            && self.lz.amr.len() <= MAX_METHODS
            && self.lz.amr.iter().all(|method| is_name(method))
            && self.cnf.iter().all(|key| is_thumbprint(&key.jkt));
        let times = [Some(self.iat), Some(self.exp), self.nbf];
        let sane = times.into_iter().flatten().all(|time| SANE.contains(&time));
        let ordered = self.iat < self.exp && self.nbf.is_none_or(|from| from < self.exp);
        let scopes = self.scope.parse::<Scopes>();

        refuse_unless(self.iss == issuer, Refusal::Issuer)?;
        refuse_unless(self.aud == audience, Refusal::Audience)?;
        refuse_unless(named && ours, Refusal::Claims)?;
        refuse_unless(sane && ordered, Refusal::Times)?;
        let scopes = scopes.map_err(|_| Refusal::Scope)?;
        refuse_unless(
            self.exp - self.iat <= longest_life(&scopes),
            Refusal::TooLongLived,
        )?;
        Ok(VerifiedClaims {
            subject: self.sub,
            client: self.client_id,
            mechanism: self.lz.mech,
            epoch: self.lz.epoch,
            methods: self.lz.amr,
            token_id: self.jti,
            thumbprint: self.cnf.map(|key| key.jkt),
            scopes,
            issued: self.iat,
            starts: self.nbf.unwrap_or(self.iat),
            expires: self.exp,
            kid: String::new(),
            origin: None,
        })
    }
}

/// What a token whose signature holds says of its bearer.
///
/// Only verification makes it, from a token whose form, signature, issuer,
/// audience and times hold. Whether it was revoked since is asked by
/// [`standing`](super::holder::standing).
#[derive(Clone, Debug)]
pub struct VerifiedClaims {
    pub(super) subject: String,
    pub(super) client: String,
    pub(super) mechanism: String,
    pub(super) epoch: i64,
    pub(super) methods: Vec<String>,
    pub(super) token_id: String,
    pub(super) thumbprint: Option<String>,
    pub(super) scopes: Scopes,
    pub(super) issued: i64,
    pub(super) starts: i64,
    pub(super) expires: i64,
    /// The key that signed it.
    pub(super) kid: String,
    /// The token of another issuer that it is.
    pub(super) origin: Option<Arc<Elsewhere>>,
}

impl VerifiedClaims {
    /// The holder (`sub`).
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// The client through which the holder acts (`client_id`).
    pub fn client(&self) -> &str {
        &self.client
    }

    /// Code of the mechanism for which the holder acts (`lz.mech`).
    pub fn mechanism(&self) -> &str {
        &self.mechanism
    }

    /// The epoch at which the token was issued (`lz.epoch`).
    pub const fn epoch(&self) -> i64 {
        self.epoch
    }

    /// How the holder was authenticated (`lz.amr`).
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// The token's own id (`jti`).
    pub fn token_id(&self) -> &str {
        &self.token_id
    }

    /// The thumbprint of the key that the token is bound to (`cnf.jkt`).
    pub fn thumbprint(&self) -> Option<&str> {
        self.thumbprint.as_deref()
    }

    /// What the token may do, before holder and client narrow it.
    pub const fn scopes(&self) -> &Scopes {
        &self.scopes
    }

    /// When the token was issued.
    pub const fn issued(&self) -> Moment {
        Moment::from_seconds(self.issued)
    }

    /// When the token ends.
    pub const fn expires(&self) -> Moment {
        Moment::from_seconds(self.expires)
    }

    /// The token of another issuer that it is; `None` for one of this hub's own.
    pub const fn origin(&self) -> Option<&Arc<Elsewhere>> {
        self.origin.as_ref()
    }

    /// Whether both say the same of the same bearer.
    pub fn are_as(&self, other: &Self) -> bool {
        self.subject == other.subject
            && self.client == other.client
            && self.mechanism == other.mechanism
            && self.epoch == other.epoch
            && self.scopes == other.scopes
            && self.token_id == other.token_id
    }

    /// Checks that the token is in force.
    pub(super) fn check_time(&self, now: Moment) -> Result<(), Refusal> {
        let now = now.seconds();
        let latest_start = now.saturating_add(LEEWAY);
        let begun = self.issued <= latest_start && self.starts <= latest_start;
        refuse_unless(begun, Refusal::NotYet)?;
        refuse_unless(now < self.expires.saturating_add(LEEWAY), Refusal::Expired)
    }
}

/// How long a token of this scope may live, in seconds.
pub fn longest_life(scopes: &Scopes) -> i64 {
    if scopes.gravest() <= Level::Channel {
        LONGEST_LIFE
    } else {
        LONGEST_LIFE_ABOVE_CHANNEL
    }
}

/// Refuses for a reason, unless a condition holds.
pub(super) fn refuse_unless(holds: bool, reason: Refusal) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(reason) }
}

/// Whether a text can name a holder, a client or a token.
pub fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_letter)
}

/// Whether a text can be the thumbprint of a key: SHA-256 in base64 without padding.
pub fn is_thumbprint(text: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    text.len() == 43 && text.bytes().all(letter)
}

/// Reads one JSON object and nothing after it.
pub(super) fn parse_object<'de, T: Deserialize<'de>>(bytes: &'de [u8]) -> serde_json::Result<T> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = object(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Reads a struct from an object alone; left to itself, serde takes an array, too.
fn object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(reader: D) -> Result<T, D::Error> {
    struct ObjectOf<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectOf<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(map))
        }
    }

    reader.deserialize_map(ObjectOf(PhantomData))
}

/// Reads an object that may be left out, but may not be null.
pub(super) fn present_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    reader: D,
) -> Result<Option<T>, D::Error> {
    object(reader).map(Some)
}

/// Reads a claim that may be left out, but may not be null.
pub(super) fn present<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<i64>, D::Error> {
    i64::deserialize(reader).map(Some)
}

#[cfg(test)]
mod tests;
