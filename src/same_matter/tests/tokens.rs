//! Tokens: nothing of a key is in them, and without the secret nothing is compared.

use std::collections::BTreeSet;

use super::super::{HubTrusted, MatchKey, Token, Tokens, TypedToken, Victim, record_keys};
use crate::{confidentiality::facts::CountryCode, date::PartialDate, keys::SecretKey};

fn keys() -> Vec<MatchKey> {
    record_keys(&Victim {
        spellings: &["Invented Person"],
        born: PartialDate::parse("1984-03-12").as_ref(),
        happened: PartialDate::parse("2012-05-09").as_ref(),
        countries: &[CountryCode::parse("TUN").unwrap()],
    })
}

/// As a caller does who does not know the mode.
fn made<T: Tokens>(mode: &T, keys: &[MatchKey]) -> Result<Vec<TypedToken>, T::Fault> {
    let (pending, questions) = mode.begin(keys)?;
    assert!(questions.is_empty());
    mode.finish(pending, Vec::new())
}

#[test]
fn a_secret_makes_the_same_tokens_and_another_makes_others() {
    let (one, other) = (SecretKey::fresh().unwrap(), SecretKey::fresh().unwrap());
    let tokens = |secret: &SecretKey| -> BTreeSet<Token> {
        let tokens = HubTrusted::new(secret).tokens(&keys());
        tokens.into_iter().map(|token| token.token).collect()
    };
    assert_eq!(tokens(&one), tokens(&one));
    assert!(tokens(&one).is_disjoint(&tokens(&other)));
    assert_eq!(tokens(&one).len(), keys().len());
}

#[test]
fn a_token_is_the_first_half_of_an_hmac_of_the_key() {
    use hmac::{Hmac, KeyInit, Mac};
    let secret = SecretKey::fresh().unwrap();
    let keys = keys();
    for (token, key) in HubTrusted::new(&secret).tokens(&keys).iter().zip(&keys) {
        let mut whole = Hmac::<sha2::Sha256>::new_from_slice(secret.bytes()).unwrap();
        whole.update(b"liaison same matter M1\0");
        whole.update(key.bytes());
        assert_eq!(token.token.0, whole.finalize().into_bytes()[..16]);
    }
}

#[test]
fn the_hubs_mode_is_a_mode_like_any_other() {
    let secret = SecretKey::fresh().unwrap();
    let hub = HubTrusted::new(&secret);
    let tokens = made(&hub, &keys()).unwrap();
    assert_eq!(tokens, hub.tokens(&keys()));
    for (token, key) in tokens.iter().zip(keys()) {
        assert_eq!((token.kind, token.widened), (key.kind, key.widened));
    }
}
