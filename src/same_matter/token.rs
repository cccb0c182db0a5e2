//! Tokens: what the hub keeps and compares in the place of keys.
//!
//! A token tells nothing without the secret it was made under. Its kind stands beside it in
//! the clear: the owner is told which kinds have met, and the score needs them.

use std::convert::Infallible;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::key::{KeyKind, MatchKey};
use crate::keys::SecretKey;

/// Bytes of a token. Two of 2³² tokens are one by chance with a probability below 2⁻⁶⁴.
pub const TOKEN_BYTES: usize = 16;
/// What the key of the hub's tokens is for, before the key's own text.
const HUB_TRUSTED: &[u8] = b"liaison same matter M1\0";
/// What it is for where a client has made the token: no key's text begins so.
const PEPPERED: &[u8] = b"\0peppered\0";

/// A key, keyed and cut short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub [u8; TOKEN_BYTES]);

/// A token with what is told of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypedToken {
    /// The token.
    pub token: Token,
    /// What it is made of.
    pub kind: KeyKind,
    /// Whether a date in it is a neighbour of the known one; a record's never is.
    pub widened: bool,
}

/// What a mode has begun: what it keeps, and what it asks.
pub type Begun<M> = (<M as Tokens>::Pending, Vec<<M as Tokens>::Question>);

/// How tokens are made of keys.
///
/// In two steps, so that one interface serves a hub that has the secret and a client that
/// has to ask its holders: `begin` says what they are to be sent, `finish` takes what they
/// answer. Nothing here sends anything.
pub trait Tokens: Sized {
    /// What is sent to a holder of a share of the secret; it tells it nothing.
    type Question;
    /// What a holder sends back.
    type Answer;
    /// What is kept between the two steps, and shown to nobody.
    type Pending;
    /// Why there are no tokens.
    type Fault;

    /// Begins: what to keep, and what to ask, one question a key or none at all.
    ///
    /// # Errors
    /// Where a key cannot be asked about.
    fn begin(&self, keys: &[MatchKey]) -> Result<Begun<Self>, Self::Fault>;

    /// Ends: one token a key, in their order.
    ///
    /// # Errors
    /// Where an answer is missing or is none to the question.
    fn finish(
        &self,
        pending: Self::Pending,
        answers: Vec<Self::Answer>,
    ) -> Result<Vec<TypedToken>, Self::Fault>;
}

/// Mode M1: the hub makes the tokens itself, and sees the names while it does.
///
/// A thief of the database cannot read or guess them; who has the hub's memory can.
pub struct HubTrusted {
    /// Begun under the secret, so that it is prepared once and not for each key.
    begun: Option<Hmac<Sha256>>,
}

impl HubTrusted {
    /// Under this secret, which serves no other end.
    pub fn new(secret: &SecretKey) -> Self {
        // A secret of any length is one for HMAC.
        let mut begun = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok();
        if let Some(begun) = &mut begun {
            begun.update(HUB_TRUSTED);
        }
        Self { begun }
    }

    /// The tokens of these keys, at once.
    pub fn tokens(&self, keys: &[MatchKey]) -> Vec<TypedToken> {
        keys.iter().filter_map(|key| self.token(key)).collect()
    }

    /// What is stored of a token that a mechanism's client has made with its holders: it is
    /// keyed once more, so that neither of the two alone has what lies in the database.
    pub fn peppered(&self, given: &[u8]) -> Option<Token> {
        let mut mac = self.begun.clone()?;
        mac.update(PEPPERED);
        mac.update(given);
        cut(mac)
    }

    fn token(&self, key: &MatchKey) -> Option<TypedToken> {
        let mut mac = self.begun.clone()?;
        mac.update(key.bytes());
        Some(TypedToken {
            token: cut(mac)?,
            kind: key.kind,
            widened: key.widened,
        })
    }
}

fn cut(mac: Hmac<Sha256>) -> Option<Token> {
    let whole = mac.finalize().into_bytes();
    Some(Token(whole.first_chunk().copied()?))
}

impl Tokens for HubTrusted {
    type Question = Infallible;
    type Answer = Infallible;
    type Pending = Vec<TypedToken>;
    type Fault = Infallible;

    fn begin(&self, keys: &[MatchKey]) -> Result<Begun<Self>, Infallible> {
        Ok((self.tokens(keys), Vec::new()))
    }

    fn finish(
        &self,
        pending: Vec<TypedToken>,
        _: Vec<Infallible>,
    ) -> Result<Vec<TypedToken>, Infallible> {
        Ok(pending)
    }
}
