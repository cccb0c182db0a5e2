//! The holder's key file: its share, the share before it, and who may ask.

use std::path::Path;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::{
    identity::claims::is_name,
    keys::{self, KeyFileError, SecretKey},
    same_matter::blind::{Published, Share},
};

/// Elements a day of a client of which nothing else is said: 50 probes of 128.
pub const A_DAY: u32 = 6_400;
/// Clients that a holder has at most.
const MOST_CLIENTS: usize = 200;

/// Why the holder's file cannot be made, used or changed.
#[derive(Debug, Error)]
pub enum HolderFileError {
    /// As for every key file.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// There is a client of this name.
    #[error("there is a client `{0}` already; dismiss it first")]
    Known(String),
    /// There is none.
    #[error("there is no client `{0}`")]
    Unknown(String),
    /// It is no name.
    #[error("`{0}` is no name: it has 1 to 100 letters, digits and `-`, `_`, `.`")]
    Name(String),
    /// There are too many.
    #[error("a holder has {MOST_CLIENTS} clients at most")]
    TooMany,
}

/// The keys of a second key holder, and its clients.
#[derive(Debug)]
pub struct HolderFile {
    /// The present one first; the one before answers until it is let go.
    shares: Vec<SecretKey>,
    clients: Vec<Admitted>,
}

/// A client, by the hash of its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admitted {
    /// Its name, as counts are kept under.
    pub name: String,
    /// Elements that it may ask for in a day.
    pub a_day: u32,
    hash: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(borrow)]
    shares: Vec<&'a str>,
    #[serde(borrow)]
    clients: Vec<WrittenClient<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenClient<'a> {
    name: &'a str,
    secret_sha256: &'a str,
    a_day: u32,
}

impl HolderFile {
    /// Makes a file that did not exist, with a share and without clients.
    ///
    /// # Errors
    /// As for every key file.
    pub fn create(path: &Path) -> Result<Self, HolderFileError> {
        let file = Self {
            shares: vec![SecretKey::fresh()?],
            clients: Vec::new(),
        };
        keys::write_new(path, &file.written())?;
        Ok(file)
    }

    /// Reads it, or refuses a file that cannot be trusted with keys.
    ///
    /// # Errors
    /// As for every key file.
    pub fn open(path: &Path) -> Result<Self, HolderFileError> {
        let bytes = keys::read(path)?;
        // The reader's own error may quote a secret; its place does not.
        let written: Written<'_> = serde_json::from_slice(&bytes)
            .map_err(|error| KeyFileError::Malformed(error.line(), error.column()))?;
        let shares = written.shares.iter();
        let shares = shares.map(|text| SecretKey::decode("shares", text));
        let file = Self {
            shares: shares.collect::<Result<_, _>>()?,
            clients: written.clients.iter().map(Admitted::read).collect(),
        };
        if file.shares.is_empty() || file.shares().is_err() {
            return Err(KeyFileError::NotRandom("shares".to_owned()).into());
        }
        Ok(file)
    }

    /// The shares that answer, the present one first.
    ///
    /// # Errors
    /// As [`Share::of`].
    pub fn shares(&self) -> Result<Vec<Share>, HolderFileError> {
        let shares = self.shares.iter().map(Share::of);
        let shares = shares.collect::<Result<_, _>>();
        Ok(shares.map_err(|_| KeyFileError::NotRandom("shares".to_owned()))?)
    }

    /// What is published of the present share: the hub's key file has it.
    ///
    /// # Errors
    /// As [`Share::of`].
    pub fn published(&self) -> Result<Published, HolderFileError> {
        let shares = self.shares()?;
        let first = shares.first().map(Share::published);
        Ok(first.ok_or_else(|| KeyFileError::NotRandom("shares".to_owned()))?)
    }

    /// The clients, in the order of their admission.
    pub fn clients(&self) -> &[Admitted] {
        &self.clients
    }

    /// The client that has this secret.
    pub fn client(&self, secret: &str) -> Option<&Admitted> {
        // A hash is compared, which nobody can steer: how far it is alike tells nothing.
        let hash = hash(secret);
        self.clients.iter().find(|client| client.hash == hash)
    }

    /// Admits a client and gives its secret, once.
    ///
    /// # Errors
    /// Refuses a name that is none or is taken.
    pub fn admit(
        path: &Path,
        name: &str,
        a_day: u32,
    ) -> Result<Zeroizing<String>, HolderFileError> {
        let mut file = Self::open(path)?;
        if !is_name(name) {
            return Err(HolderFileError::Name(name.to_owned()));
        }
        if file.clients.iter().any(|client| client.name == name) {
            return Err(HolderFileError::Known(name.to_owned()));
        }
        if file.clients.len() >= MOST_CLIENTS {
            return Err(HolderFileError::TooMany);
        }
        let secret = SecretKey::fresh()?;
        let secret = Zeroizing::new(URL_SAFE_NO_PAD.encode(secret.bytes()));
        file.clients.push(Admitted {
            name: name.to_owned(),
            a_day,
            hash: hash(&secret),
        });
        keys::replace(path, &file.written())?;
        Ok(secret)
    }

    /// Dismisses a client; what it asks from then on is refused.
    ///
    /// # Errors
    /// Refuses where there is none of this name.
    pub fn dismiss(path: &Path, name: &str) -> Result<(), HolderFileError> {
        let mut file = Self::open(path)?;
        let before = file.clients.len();
        file.clients.retain(|client| client.name != name);
        if file.clients.len() == before {
            return Err(HolderFileError::Unknown(name.to_owned()));
        }
        Ok(keys::replace(path, &file.written())?)
    }

    /// Makes a new share. The one before answers on, for hubs that have not changed yet;
    /// `stolen`, it answers no more. What was before that is let go.
    ///
    /// # Errors
    /// As for every key file.
    pub fn rotate(path: &Path, stolen: bool) -> Result<Published, HolderFileError> {
        let mut file = Self::open(path)?;
        file.shares.truncate(usize::from(!stolen));
        file.shares.insert(0, SecretKey::fresh()?);
        keys::replace(path, &file.written())?;
        file.published()
    }

    fn written(&self) -> Zeroizing<String> {
        // Its room is taken at once, so that no copy is left behind.
        let mut text = Zeroizing::new(String::with_capacity(65_536));
        text.push_str("{\n  \"shares\": [");
        for (place, share) in self.shares.iter().enumerate() {
            text.push_str(if place == 0 { "\"" } else { ", \"" });
            text.push_str(&share.encode());
            text.push('"');
        }
        text.push_str("],\n  \"clients\": [");
        for (place, client) in self.clients.iter().enumerate() {
            text.push_str(if place == 0 { "\n    " } else { ",\n    " });
            // Names and hashes need no escapes.
            text.push_str("{\"name\": \"");
            text.push_str(&client.name);
            text.push_str("\", \"secret_sha256\": \"");
            text.push_str(&client.hash);
            text.push_str("\", \"a_day\": ");
            text.push_str(&client.a_day.to_string());
            text.push('}');
        }
        text.push_str("]\n}\n");
        text
    }
}

impl Admitted {
    fn read(written: &WrittenClient<'_>) -> Self {
        Self {
            name: written.name.to_owned(),
            a_day: written.a_day,
            hash: written.secret_sha256.to_owned(),
        }
    }
}

fn hash(secret: &str) -> String {
    let hash: [u8; 32] = Sha256::digest(secret).into();
    URL_SAFE_NO_PAD.encode(hash)
}
