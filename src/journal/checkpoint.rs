//! Checkpoints: size and root of the log, signed (C2SP `tlog-checkpoint`, `signed-note`).

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{entry::hex, tree::Hash};
use crate::keys::CheckpointKey;

/// The mark of a log's Ed25519 key among the keys of notes.
const LOG: u8 = 1;
/// The mark of a witness's: what it signs has a time (C2SP `tlog-cosignature`).
const WITNESS: u8 = 4;
/// What comes after the name of a log in that of its outer tree.
const TICKS: &str = "/ticks";
/// A note is short: what is longer is none.
const LONGEST: usize = 16_384;

/// How large the log was, and what it held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose log it is: the name of its key.
    pub origin: String,
    /// How many entries it had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
}

/// A checkpoint with its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// What is signed.
    pub checkpoint: Checkpoint,
    text: String,
    signatures: Vec<(String, Vec<u8>)>,
}

/// The public half of a key that signs notes, as `name+hash+key`; the kinds don't mix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey<const KIND: u8> {
    name: String,
    public: [u8; 32],
}

/// The public half of a log's key.
pub type LogKey = PublicKey<LOG>;

/// The public half of a witness's key.
pub type WitnessKey = PublicKey<WITNESS>;

/// Why a text is no signed checkpoint, or no key of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It has not the form of one.
    #[error("it is no signed checkpoint of a log")]
    Malformed,
    /// It has not the form of a key.
    #[error(
        "it is no such key: `name+hash+key`, as `liaison audit key` prints that of a log, and \
         `liaison witness create` that of a witness"
    )]
    NoKey,
}

impl Checkpoint {
    /// The checkpoint of a log as a note, signed with its key.
    pub fn signed(size: u64, root: &Hash, key: &CheckpointKey) -> String {
        LogKey::of(key).signed(size, root, key)
    }

    /// The checkpoint of a log's outer tree as a note, signed with the log's key under the
    /// name that the outer tree has.
    pub fn of_ticks(size: u64, root: &Hash, key: &CheckpointKey) -> String {
        LogKey::of(key).ticks().signed(size, root, key)
    }
}

impl FromStr for Note {
    type Err = NoteFault;

    fn from_str(note: &str) -> Result<Self, NoteFault> {
        Self::read(note).ok_or(NoteFault::Malformed)
    }
}

impl Note {
    /// The notes of a text, one after the other with an empty line between them.
    ///
    /// # Errors
    /// Refuses what is no note, and a text that has none.
    pub fn all_in(text: &str) -> Result<Vec<Self>, NoteFault> {
        let parts: Vec<&str> = text.trim_end().split("\n\n").collect();
        let pairs = parts.chunks(2).map(|pair| match pair {
            [said, signed] => format!("{}\n\n{}\n", said.trim_start(), signed.trim_end()).parse(),
            _ => Err(NoteFault::Malformed),
        });
        pairs.collect()
    }

    fn read(note: &str) -> Option<Self> {
        if note.len() > LONGEST {
            return None;
        }
        // The text ends with its own end of line; an empty line comes before the signatures.
        let end = note.rfind("\n\n")? + 1;
        let (text, rest) = note.split_at_checked(end)?;
        let mut signatures = Vec::new();
        for line in rest.strip_prefix('\n')?.strip_suffix('\n')?.split('\n') {
            let (name, signature) = line.strip_prefix("— ")?.split_once(' ')?;
            signatures.push((name.to_owned(), STANDARD.decode(signature).ok()?));
        }
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        // One way to write a number, so that one text is one checkpoint.
        let number: u64 = size.parse().ok()?;
        if origin.is_empty() || number.to_string() != size || lines.next().is_some() {
            return None;
        }
        let root = STANDARD.decode(root).ok()?.try_into().ok()?;
        Some(Self {
            checkpoint: Checkpoint {
                origin: origin.to_owned(),
                size: number,
                root,
            },
            text: text.to_owned(),
            signatures,
        })
    }

    /// What is signed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The signatures under a name.
    pub(super) fn by<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let own = self.signatures.iter().filter(move |(by, _)| by == name);
        own.map(|(_, signature)| signature.as_slice())
    }

    /// The note with a signature more.
    #[must_use]
    pub(super) fn and(mut self, name: &str, signature: Vec<u8>) -> Self {
        self.signatures.push((name.to_owned(), signature));
        self
    }

    /// Whether it is a checkpoint of this key's log, signed with that key.
    pub fn is_signed_by(&self, key: &LogKey) -> bool {
        let good = |signed: &[u8]| {
            let signature = signed.strip_prefix(key.hash().as_slice());
            signature.is_some_and(|bytes| key.has_signed(self.text.as_bytes(), bytes))
        };
        self.checkpoint.origin == key.name && self.by(&key.name).any(good)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for (name, signature) in &self.signatures {
            writeln!(f, "— {name} {}", STANDARD.encode(signature))?;
        }
        Ok(())
    }
}

impl LogKey {
    /// The public half of a key.
    pub fn of(key: &CheckpointKey) -> Self {
        Self {
            name: key.name().to_owned(),
            public: key.public(),
        }
    }

    /// The key of the log's outer tree: the same one, under another name.
    ///
    /// What is signed begins with the name, so that neither tree's checkpoint passes for one
    /// of the other.
    #[must_use]
    pub fn ticks(&self) -> Self {
        let name = format!("{}{TICKS}", self.name);
        Self { name, ..*self }
    }

    fn signed(&self, size: u64, root: &Hash, key: &CheckpointKey) -> String {
        let text = format!("{}\n{size}\n{}\n", self.name, STANDARD.encode(root));
        let (hash, signature) = (self.hash(), key.sign(text.as_bytes()));
        let signature = STANDARD.encode([hash.as_slice(), &signature].concat());
        format!("{text}\n— {} {signature}\n", self.name)
    }
}

impl WitnessKey {
    /// The public half of a witness's key.
    pub(super) fn named(name: &str, public: [u8; 32]) -> Self {
        let name = name.to_owned();
        Self { name, public }
    }
}

impl<const KIND: u8> PublicKey<KIND> {
    /// Whose key it is.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether a signature over a text is this key's.
    pub(super) fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        let public = VerifyingKey::from_bytes(&self.public).ok();
        let signature = Signature::from_slice(signature).ok();
        let both = public.zip(signature);
        both.is_some_and(|(public, signature)| public.verify_strict(text, &signature).is_ok())
    }

    /// What tells keys of one name apart.
    pub(super) fn hash(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', KIND])
            .chain_update(self.public)
            .finalize();
        let mut first = [0; 4];
        first.iter_mut().zip(hash).for_each(|(to, byte)| *to = byte);
        first
    }
}

impl<const KIND: u8> fmt::Display for PublicKey<KIND> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = [&[KIND], self.public.as_slice()].concat();
        let (hash, public) = (hex(&self.hash()), STANDARD.encode(public));
        write!(f, "{}+{hash}+{public}", self.name)
    }
}

impl<const KIND: u8> FromStr for PublicKey<KIND> {
    type Err = NoteFault;

    fn from_str(text: &str) -> Result<Self, NoteFault> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, hash, public) = (parts.next(), parts.next(), parts.next());
        let read = || {
            let bytes = STANDARD.decode(public?).ok()?;
            let key = Self {
                name: name.filter(|name| is_name(name))?.to_owned(),
                public: bytes.strip_prefix(&[KIND])?.try_into().ok()?,
            };
            (hex(&key.hash()) == hash?).then_some(key)
        };
        read().ok_or(NoteFault::NoKey)
    }
}

/// Whether a text can name a key: in a line of a note it stands between spaces.
fn is_name(name: &str) -> bool {
    let fits = |letter: char| !letter.is_whitespace() && !letter.is_control() && letter != '+';
    (1..=200).contains(&name.len()) && name.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyFile;

    /// The example of Go's `golang.org/x/mod/sumdb/note`: key and signature of another
    /// implementation.
    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_key_of_another_implementation_is_read_and_written_alike() {
        let key: LogKey = PETER.parse().unwrap();
        assert_eq!(key.to_string(), PETER);
        let text = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n";
        let signature = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdng\
                         otpRZb6KE6RyyBwJnAM=";
        let note = Note {
            checkpoint: Checkpoint {
                origin: "PeterNeumann".to_owned(),
                size: 0,
                root: [0; 32],
            },
            text: text.to_owned(),
            signatures: vec![(
                "PeterNeumann".to_owned(),
                STANDARD.decode(signature).unwrap(),
            )],
        };
        assert!(note.is_signed_by(&key));
        let other = Note {
            text: text.replace("your problem is", "my problem is"),
            ..note
        };
        assert!(!other.is_signed_by(&key));
    }

    #[test]
    fn a_checkpoint_is_signed_by_its_key_and_no_other() {
        let keys = KeyFile::fresh().unwrap();
        let (key, other) = (
            LogKey::of(keys.checkpoint()),
            LogKey::of(KeyFile::fresh().unwrap().checkpoint()),
        );
        let text = Checkpoint::signed(7, &[9; 32], keys.checkpoint());
        let note: Note = text.parse().unwrap();
        assert_eq!((note.checkpoint.size, note.checkpoint.root), (7, [9; 32]));
        assert!(note.is_signed_by(&key) && !note.is_signed_by(&other));
        assert_eq!(key.to_string().parse::<LogKey>().unwrap(), key);
        let forged: Note = text.replacen("\n7\n", "\n8\n", 1).parse().unwrap();
        assert!(!forged.is_signed_by(&key));
    }

    #[test]
    fn what_is_no_checkpoint_is_refused() {
        let keys = KeyFile::fresh().unwrap();
        let text = Checkpoint::signed(7, &[9; 32], keys.checkpoint());
        for wrong in [
            String::new(),
            "\n\n".to_owned(),
            text.replacen("\n7\n", "\n07\n", 1),
            text.replacen("\n7\n", "\n-7\n", 1),
            text.replace("— ", "- "),
            text.trim_end().to_owned(),
            text.replacen("\n\n", "\nmore\n\n", 1),
            "x".repeat(20_000),
        ] {
            assert_eq!(wrong.parse::<Note>(), Err(NoteFault::Malformed), "{wrong}");
        }
    }
}
