//! The pepper: what the hub puts on blind tokens, when they come and when they are asked for.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{
    keys::SecretKey,
    same_matter::token::{Token, TypedToken},
};

/// What the pepper is for, before the token.
const BLIND: &[u8] = b"liaison same matter M2\0";

/// The hub's own secret on blind tokens.
///
/// What a client sends is not what is kept: who steals the database cannot try out guesses,
/// not even with both shares.
pub struct Pepper {
    begun: Option<Hmac<Sha256>>,
}

impl Pepper {
    /// Of this secret, which serves no other end.
    pub fn new(secret: &SecretKey) -> Self {
        // A secret of any length is one for HMAC.
        let mut begun = Hmac::<Sha256>::new_from_slice(secret.bytes()).ok();
        if let Some(begun) = &mut begun {
            begun.update(BLIND);
        }
        Self { begun }
    }

    /// What is kept and compared of tokens that a client has made.
    pub fn tokens(&self, made: &[TypedToken]) -> Vec<TypedToken> {
        let kept = made.iter().filter_map(|one| {
            let token = self.token(one.token)?;
            Some(TypedToken { token, ..*one })
        });
        kept.collect()
    }

    /// What is kept and compared of one token that a client has made.
    pub fn token(&self, made: Token) -> Option<Token> {
        let mut mac = self.begun.clone()?;
        mac.update(&made.0);
        let whole = mac.finalize().into_bytes();
        whole.first_chunk().copied().map(Token)
    }
}

impl std::fmt::Debug for Pepper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Pepper")
    }
}
