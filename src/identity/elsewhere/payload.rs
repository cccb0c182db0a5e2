//! The claims of a token of another issuer: those that decide, parsed whole or refused.
//!
//! What an issuer says besides is left, but nothing may be said twice, at any depth.

use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::settings::Settings;
use crate::identity::claims::{
    Confirmation, Refusal, SANE, is_thumbprint, parse_object, present, present_object,
    refuse_unless,
};

/// Bytes of a subject's name, and of a token's own, at most.
const NAME: usize = 255;

#[derive(Deserialize)]
pub(super) struct Payload {
    pub(super) iss: String,
    pub(super) sub: String,
    aud: Audience,
    pub(super) exp: i64,
    pub(super) iat: i64,
    #[serde(default, deserialize_with = "present")]
    pub(super) nbf: Option<i64>,
    #[serde(default, deserialize_with = "text")]
    pub(super) jti: Option<String>,
    #[serde(default, deserialize_with = "text")]
    azp: Option<String>,
    #[serde(default, deserialize_with = "text")]
    client_id: Option<String>,
    #[serde(default, deserialize_with = "present_object")]
    pub(super) cnf: Option<Confirmation>,
    /// Somebody else acts for the subject (RFC 8693): nobody here does.
    act: Option<IgnoredAny>,
}

/// One audience, as a text or alone in a list.
#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Listed([String; 1]),
}

impl Payload {
    pub(super) fn read(payload: &[u8]) -> Result<Self, Refusal> {
        let mut reader = serde_json::Deserializer::from_slice(payload);
        let once = Once.deserialize(&mut reader).and_then(|()| reader.end());
        once.map_err(|_| Refusal::Claims)?;
        parse_object(payload).map_err(|_| Refusal::Claims)
    }

    /// Checks all that does not depend on the time of day.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), Refusal> {
        let (Audience::One(aud) | Audience::Listed([aud])) = &self.aud;
        refuse_unless(self.iss == settings.issuer, Refusal::Issuer)?;
        refuse_unless(*aud == settings.audience, Refusal::Audience)?;
        // Both, where both are there; one of them is.
        let mut programs = [&self.azp, &self.client_id]
            .into_iter()
            .flatten()
            .peekable();
        let named = programs.peek().is_some();
        let named = named && programs.all(|program| *program == settings.azp);
        refuse_unless(named, Refusal::Client)?;
        let names = [Some(&self.sub), self.jti.as_ref()].into_iter().flatten();
        let mut names = names.map(|name| is_subject(name));
        let keyed = self.cnf.iter().all(|key| is_thumbprint(&key.jkt));
        let sound = names.all(|sound| sound) && keyed && self.act.is_none();
        refuse_unless(sound, Refusal::Claims)?;
        let times = [Some(self.iat), Some(self.exp), self.nbf];
        let sane = times.into_iter().flatten().all(|time| SANE.contains(&time));
        let ordered = self.iat < self.exp && self.nbf.is_none_or(|from| from < self.exp);
        refuse_unless(sane && ordered, Refusal::Times)
    }
}

/// Whether a text can be a subject's name, or a token's own.
pub fn is_subject(text: &str) -> bool {
    (1..=NAME).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The issuer that claims name, of claims that nobody has verified.
pub(super) fn issuer_of(payload: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    parse_object::<Named>(payload).ok().map(|named| named.iss)
}

/// Reads a text that may be left out, but may not be null.
fn text<'de, D: Deserializer<'de>>(reader: D) -> Result<Option<String>, D::Error> {
    String::deserialize(reader).map(Some)
}

/// Reads any JSON in which no object says the same name twice.
struct Once;

impl<'de> DeserializeSeed<'de> for Once {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON that says nothing twice")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("a name is said twice"));
            }
            map.next_value_seed(Self)?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
