//! The hub's key file: what it signs, seals and authenticates with.
//!
//! One JSON file, readable by its owner alone. Signing keys are several so that
//! they can change without a pause: the latest whose time has come signs, all verify. Nothing in here
//! prints a secret, and each is wiped from memory when it is let go.

use std::collections::HashSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use thiserror::Error;
use zeroize::Zeroizing;

use crate::clock::Moment;

mod checkpoint;
mod escrow;
mod rotate;
mod secret;
mod signing;

use self::secret::KEY_BYTES;
pub use self::{
    checkpoint::CheckpointKey,
    escrow::{EscrowError, Share},
    rotate::Rotated,
    secret::SecretKey,
    signing::SigningKey,
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
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenCheckpoint<'a> {
    name: &'a str,
    private: &'a str,
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
        })
    }

    /// Makes new keys and writes them to a file that did not exist.
    ///
    /// Only the file's owner can read it. What could not be written whole is
    /// removed again.
    pub fn create(path: &Path) -> Result<Self, KeyFileError> {
        let keys = Self::fresh()?;
        keys.write_new(path)?;
        Ok(keys)
    }

    /// Writes the keys to a file that did not exist.
    ///
    /// # Errors
    /// Refuses to write over a file.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        let failed = |source| KeyFileError::Io(path.to_owned(), source);
        let text = self.written();
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| match source.kind() {
                io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
                _ => failed(source),
            })?;
        let done = file
            .write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .and_then(|()| sync_folder_of(path));
        done.map_err(|source| {
            // The first failure is the one to tell; a rest that stays is refused when opened.
            let _ = fs::remove_file(path);
            failed(source)
        })
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
            Err(KeyFileError::NoCheckpointKey) => {}
            Err(other) => return Err(other),
        }
        let fresh = CheckpointKey::fresh()?;
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

    /// The key that signs checkpoints of the log.
    pub const fn checkpoint(&self) -> &CheckpointKey {
        &self.checkpoint
    }

    fn parse(bytes: &[u8]) -> Result<Self, KeyFileError> {
        Self::parsed(bytes, None)
    }

    /// The keys of a file, with one that it lacks.
    fn parsed(bytes: &[u8], fresh: Option<CheckpointKey>) -> Result<Self, KeyFileError> {
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
                None => fresh.ok_or(KeyFileError::NoCheckpointKey)?,
            },
        };
        keys.check()?;
        Ok(keys)
    }

    /// Refuses names that are none and secrets that serve two ends.
    fn check(&self) -> Result<(), KeyFileError> {
        let mut names = HashSet::from([""]);
        let mut secrets: Vec<&SecretKey> = Vec::new();
        let log = &self.checkpoint.private;
        let former = self.former.iter().map(SealingKey::key);
        for key in [&self.cursor, &self.audit, &self.sealing.key, log]
            .into_iter()
            .chain(former)
        {
            if secrets.contains(&key) {
                return Err(KeyFileError::Shared);
            }
            secrets.push(key);
        }
        if self.signing.is_empty() {
            return Err(KeyFileError::NoSigningKey);
        }
        for name in self
            .signing
            .iter()
            .map(SigningKey::kid)
            .chain([self.sealing.id(), self.checkpoint.name()])
            .chain(self.former.iter().map(SealingKey::id))
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
        put(&["\"},\n  \"cursor\": \"", &self.cursor.encode()]);
        put(&["\",\n  \"audit\": \"", &self.audit.encode()]);
        let (name, private) = (&self.checkpoint.name, self.checkpoint.private.encode());
        put(&["\",\n  \"checkpoint\": {\"name\": \"", name]);
        put(&["\", \"private\": \"", &private, "\"}\n}\n"]);
        text
    }
}

/// The bytes of a key file, or the refusal of one that cannot be trusted with keys.
fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path.to_owned()),
        _ => KeyFileError::Io(path.to_owned(), source),
    };
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(KeyFileError::NotAKeyFile(path.to_owned()));
    }
    let file = File::open(path).map_err(failed)?;
    let facts = file.metadata().map_err(failed)?;
    let mode = facts.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::Exposed(path.to_owned(), mode));
    }
    if !facts.is_file() || facts.len() > MAX_FILE_BYTES {
        return Err(KeyFileError::NotAKeyFile(path.to_owned()));
    }
    // INVARIANT: the buffer never grows, so that no copy of a secret is left behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_FILE_BYTES as usize));
    file.take(MAX_FILE_BYTES)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Ok(bytes)
}

/// Makes a new file outlive a loss of power.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
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
