//! The hub's key file: what it signs, seals and authenticates with.
//!
//! One JSON file, readable by its owner alone. Signing keys are several so that
//! they can change without a pause: the latest whose time has come signs, all verify. Nothing in here
//! prints a secret, and each is wiped from memory when it is let go.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::clock::Moment;

mod blind;
mod checkpoint;
mod escrow;
mod file;
mod matching;
mod rotate;
mod secret;
mod signing;
pub mod witness;

use self::secret::KEY_BYTES;
pub use self::{
    blind::BlindKey,
    checkpoint::CheckpointKey,
    escrow::{EscrowError, Share},
    matching::MatchingKey,
    rotate::Rotated,
    secret::SecretKey,
    signing::SigningKey,
};
pub(crate) use self::{
    file::{read, write_new},
    rotate::replace,
};

const MAX_FILE_BYTES: u64 = 65_536;
const MAX_NAME: usize = 64;
/// Why the key file cannot be made or used.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// There is no such file.
    #[error("the key file `{}` does not exist; make one with `liaison keys create`", .0.display())]
    Missing(PathBuf),
    /// There is one already, and keys are never overwritten.
    #[error("the key file `{}` exists already and is not overwritten", .0.display())]
    Exists(PathBuf),
    /// Others than its owner have a right on it.
    #[error("the key file `{}` is open to others (mode {:04o}); run `chmod 600` on it", .0.display(), .1)]
    Exposed(PathBuf, u32),
    /// It is a folder or a device, or far too large.
    #[error("`{}` is not a key file", .0.display())]
    NotAKeyFile(PathBuf),
    /// It is no JSON of the right shape.
    #[error("the key file is not as it was made (line {0}, column {1})")]
    Malformed(usize, usize),
    /// A key is no base64 text of the right length.
    #[error("the key `{0}` is not {KEY_BYTES} bytes in base64")]
    WrongLength(String),
    /// A key is all zero, or plainly no random one.
    #[error("the key `{0}` is a default and not a random one")]
    NotRandom(String),
    /// The same secret stands in two places.
    #[error("one key of the key file is used for two ends")]
    Shared,
    /// The name of a key is missing, malformed or used twice.
    #[error("the name of a key is missing, malformed or used twice")]
    WrongName,
    /// The list of signing keys is empty.
    #[error("the key file has no signing key")]
    NoSigningKey,
    /// It was made before checkpoints of the log were signed.
    #[error(
        "the key file has no key that signs checkpoints of the log; `liaison keys complete` adds it"
    )]
    NoCheckpointKey,
    /// The hub has a share of blind tokens already.
    #[error(
        "the key file has a share of blind tokens already; `liaison match share replace` puts another in its place"
    )]
    HasShare,
    /// The hub has no share of blind tokens.
    #[error("the key file has no share of blind tokens; `liaison match share create` makes it")]
    NoShare,
    /// It was made before tokens of the same-matter check were.
    #[error(
        "the key file has no secret for the same-matter check; `liaison keys complete` adds it"
    )]
    NoMatchingKey,
    /// A signing key cannot be used with Ed25519.
    #[error("the signing key `{0}` cannot be used")]
    Unusable(String),
    /// A next signing key waits for its time already.
    #[error("the signing key `{0}` is the next one already, and signs from {1} on")]
    Waiting(String, Moment),
    /// Somebody else is changing the keys, or was cut off.
    #[error("`{}` is there: the keys are being changed, or a change was cut off; look, and remove it", .0.display())]
    Changing(PathBuf),
    /// A next key must be known before it is used.
    #[error("a next signing key is published for {0} seconds at least before it signs")]
    TooSoon(i64),
    /// The system gives no random bytes.
    #[error("the system gives no random bytes")]
    NoRandomness,
    /// The system refuses to read or write the file.
    #[error("the key file `{}` cannot be read or written", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// The named root key, under which lie the keys of persons.
#[derive(Debug)]
pub struct SealingKey {
    id: String,
    key: SecretKey,
}

impl SealingKey {
    fn fresh() -> Result<Self, KeyFileError> {
        Ok(Self {
            id: fresh_name()?,
            key: SecretKey::fresh()?,
        })
    }

    fn read(place: &str, written: &WrittenSealing<'_>) -> Result<Self, KeyFileError> {
        Ok(Self {
            id: written.id.to_owned(),
            key: SecretKey::decode(place, written.key)?,
        })
    }

    /// The name under which wrapped keys refer to it.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The key itself.
    pub const fn key(&self) -> &SecretKey {
        &self.key
    }
}

/// The keys of one hub.
#[derive(Debug)]
pub struct KeyFile {
    signing: Vec<SigningKey>,
    sealing: SealingKey,
    /// The one before, while what it has wrapped is wrapped anew.
    former: Option<SealingKey>,
    cursor: SecretKey,
    audit: SecretKey,
    checkpoint: CheckpointKey,
    blind: Option<BlindKey>,
    matching: MatchingKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    #[serde(borrow)]
    signing: Vec<WrittenSigning<'a>>,
    sealing: WrittenSealing<'a>,
    #[serde(borrow, default)]
    former_sealing: Option<WrittenSealing<'a>>,
    cursor: &'a str,
    audit: &'a str,
    #[serde(borrow, default)]
    checkpoint: Option<WrittenCheckpoint<'a>>,
    #[serde(borrow, default)]
    blind: Option<blind::Written<'a>>,
    #[serde(borrow, default)]
    matching: Option<WrittenMatching<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCheckpoint<'a> {
    name: &'a str,
    private: &'a str,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenMatching<'a> {
    id: &'a str,
    secret: &'a str,
}

/// Keys that a file of an earlier version may lack, made anew.
struct Lacking {
    checkpoint: CheckpointKey,
    matching: MatchingKey,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSigning<'a> {
    kid: &'a str,
    private: &'a str,
    #[serde(default)]
    from: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenSealing<'a> {
    id: &'a str,
    key: &'a str,
}

impl KeyFile {
    /// New keys that are in no file: for proofs, and before they are written.
    pub fn fresh() -> Result<Self, KeyFileError> {
        Ok(Self {
            signing: vec![SigningKey::fresh()?],
            sealing: SealingKey::fresh()?,
            former: None,
            cursor: SecretKey::fresh()?,
            audit: SecretKey::fresh()?,
            checkpoint: CheckpointKey::fresh()?,
            blind: None,
            matching: MatchingKey::fresh()?,
        })
    }

    /// Makes new keys and writes them to a file that did not exist.
    ///
    /// Only the file's owner can read it. What could not be written whole is
    /// removed again.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let keys = Self::fresh()?;
        write_new(path, &keys.written())?;
        Ok(keys)
    }

    /// Writes the keys to a file that did not exist.
    ///
    /// # Errors
    /// Refuses to write over a file.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        write_new(path, &self.written())
    }

    /// Reads the keys, or refuses a file that cannot be trusted with them.
    pub fn open(path: &Path) -> Result<Self, KeyFileError> {
        Self::parse(&read(path)?)
    }

    /// Adds the keys that a file of an earlier version lacks; says whether it lacked any.
    ///
    /// The file is replaced whole, or stays as it was.
    pub fn complete(path: &Path) -> Result<bool, KeyFileError> {
        let bytes = read(path)?;
        match Self::parse(&bytes) {
            Ok(_) => return Ok(false),
            Err(KeyFileError::NoCheckpointKey | KeyFileError::NoMatchingKey) => {}
            Err(other) => return Err(other),
        }
        let fresh = Lacking {
            checkpoint: CheckpointKey::fresh()?,
            matching: MatchingKey::fresh()?,
        };
        Self::parsed(&bytes, Some(fresh))?.replace(path)?;
        Ok(true)
    }

    /// The signing keys, which all verify. Never empty.
    pub fn signing(&self) -> &[SigningKey] {
        &self.signing
    }

    /// The root key, under which lie the keys of persons.
    pub const fn sealing(&self) -> &SealingKey {
        &self.sealing
    }

    /// The key that seals cursors.
    pub const fn cursor(&self) -> &SecretKey {
        &self.cursor
    }

    /// The key behind the tags in the audit log.
    pub const fn audit(&self) -> &SecretKey {
        &self.audit
    }

    /// The hub's share of blind tokens, where it takes them.
    pub const fn blind(&self) -> Option<&BlindKey> {
        self.blind.as_ref()
    }

    /// The key that signs checkpoints of the log.
    pub const fn checkpoint(&self) -> &CheckpointKey {
        &self.checkpoint
    }

    /// The secret of the same-matter check.
    pub const fn matching(&self) -> &MatchingKey {
        &self.matching
    }

    fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        Self::parsed(bytes, None)
    }

    /// The keys of a file, with those that it lacks.
    fn parsed(bytes: &[u8], fresh: Option<Lacking>) -> Result<Self, KeyFileError> {
        let (log, matter) = match fresh {
            Some(fresh) => (Some(fresh.checkpoint), Some(fresh.matching)),
            None => (None, None),
        };
        // The reader's own error may quote a secret; its place does not.
        let written: Written<'_> = serde_json::from_slice(bytes)
            .map_err(|error| KeyFileError::Malformed(error.line(), error.column()))?;
        let signing = written.signing.iter().enumerate().map(|(index, one)| {
            let private = SecretKey::decode(&format!("signing[{index}]"), one.private)?;
            let from = one.from.map(Moment::from_seconds);
            Ok(SigningKey::of(one.kid.to_owned(), private, from))
        });
        let keys = Self {
            signing: signing.collect::<Result<_, KeyFileError>>()?,
            sealing: SealingKey::read("sealing", &written.sealing)?,
            former: written
                .former_sealing
                .map(|former| SealingKey::read("former_sealing", &former))
                .transpose()?,
            cursor: SecretKey::decode("cursor", written.cursor)?,
            audit: SecretKey::decode("audit", written.audit)?,
            checkpoint: match written.checkpoint {
                Some(written) => CheckpointKey {
                    name: written.name.to_owned(),
                    private: SecretKey::decode("checkpoint", written.private)?,
                },
                None => log.ok_or(KeyFileError::NoCheckpointKey)?,
            },
            matching: match written.matching {
                Some(written) => MatchingKey {
                    id: written.id.to_owned(),
                    secret: SecretKey::decode("matching", written.secret)?,
                },
                None => matter.ok_or(KeyFileError::NoMatchingKey)?,
            },
            blind: written.blind.map(BlindKey::read).transpose()?,
        };
        keys.check()?;
        Ok(keys)
    }

    /// Refuses names that are none and secrets that serve two ends.
    fn check(&self) -> Result<(), KeyFileError> {
        let mut names = HashSet::from([""]);
        let mut secrets: Vec<&SecretKey> = Vec::new();
        let (log, matter) = (&self.checkpoint.private, &self.matching.secret);
        let former = self.former.iter().map(SealingKey::key);
        let blind = self.blind.iter().map(BlindKey::secret);
        let keys = [&self.cursor, &self.audit, &self.sealing.key, log, matter];
        for key in keys.into_iter().chain(former).chain(blind) {
            if secrets.contains(&key) {
                return Err(KeyFileError::Shared);
            }
            secrets.push(key);
        }
        if self.signing.is_empty() {
            return Err(KeyFileError::NoSigningKey);
        }
        let own = [
            self.sealing.id(),
            self.checkpoint.name(),
            self.matching.id(),
        ];
        let former = self.former.iter().map(SealingKey::id);
        for name in self
            .signing
            .iter()
            .map(SigningKey::kid)
            .chain(own)
            .chain(former)
        {
            if !is_name(name) || !names.insert(name) {
                return Err(KeyFileError::WrongName);
            }
        }
        for key in &self.signing {
            if secrets.contains(&key.private()) {
                return Err(KeyFileError::Shared);
            }
            key.decoding_key()?;
            secrets.push(key.private());
        }
        Ok(())
    }

    /// The file's text. Its room is taken at once, so that no copy is left behind.
    fn written(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::with_capacity(MAX_FILE_BYTES as usize));
        let mut put = |parts: &[&str]| parts.iter().for_each(|part| text.push_str(part));
        put(&["{\n  \"signing\": [\n"]);
        for (index, key) in self.signing.iter().enumerate() {
            let joint = if index == 0 { "" } else { ",\n" };
            let private = key.private().encode();
            let from = key
                .from()
                .map(|from| format!(", \"from\": {}", from.seconds()));
            put(&[
                joint,
                "    {\"kid\": \"",
                key.kid(),
                "\", \"private\": \"",
                &private,
                "\"",
                from.as_deref().unwrap_or_default(),
                "}",
            ]);
        }
        let sealing = self.sealing.key.encode();
        put(&[
            "\n  ],\n  \"sealing\": {\"id\": \"",
            &self.sealing.id,
            "\", \"key\": \"",
            &sealing,
        ]);
        if let Some(former) = &self.former {
            let key = former.key.encode();
            put(&["\"},\n  \"former_sealing\": {\"id\": \"", &former.id]);
            put(&["\", \"key\": \"", &key]);
        }
        if let Some(blind) = &self.blind {
            blind.write(&mut put);
        }
        put(&["\"},\n  \"cursor\": \"", &self.cursor.encode()]);
        put(&["\",\n  \"audit\": \"", &self.audit.encode()]);
        let (name, private) = (&self.checkpoint.name, self.checkpoint.private.encode());
        put(&["\",\n  \"checkpoint\": {\"name\": \"", name]);
        put(&["\", \"private\": \"", &private, "\"}"]);
        let (id, secret) = (&self.matching.id, self.matching.secret.encode());
        put(&[",\n  \"matching\": {\"id\": \"", id]);
        put(&["\", \"secret\": \"", &secret, "\"}\n}\n"]);
        text
    }
}

/// A new name: 16 random bytes in base64, as keys and tokens carry it.
pub fn fresh_name() -> Result<String, KeyFileError> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|_| KeyFileError::NoRandomness)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn is_name(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_NAME).contains(&text.len()) && text.bytes().all(is_letter)
}

#[cfg(test)]
mod tests;
