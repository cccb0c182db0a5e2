//! Checkpoints: size and root of the log, signed (C2SP `tlog-checkpoint`, `signed-note`).

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::STANDARD};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::{entry::hex, tree::Hash};
use crate::keys::CheckpointKey;

/// The mark of an Ed25519 key among the keys of notes.
const ED25519: u8 = 1;
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

/// The public half of a log's key, as `name+hash+key`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    name: String,
    public: [u8; 32],
}

/// Why a text is no signed checkpoint, or no key of a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoteFault {
    /// It has not the form of one.
    #[error("it is no signed checkpoint of a log")]
    Malformed,
    /// It has not the form of a key.
    #[error("it is no key of a log: `name+hash+key`, as `liaison audit key` prints it")]
    NoKey,
}

impl Checkpoint {
    /// The checkpoint as a note, signed with the log's key.
    pub fn signed(size: u64, root: &Hash, key: &CheckpointKey) -> String {
        let text = format!("{}\n{size}\n{}\n", key.name(), STANDARD.encode(root));
        let (hash, signature) = (LogKey::of(key).hash(), key.sign(text.as_bytes()));
        let signature = STANDARD.encode([hash.as_slice(), &signature].concat());
        format!("{text}\n— {} {signature}\n", key.name())
    }
}

impl FromStr for Note {
    type Err = NoteFault;

    fn from_str(note: &str) -> Result<Self, NoteFault> {
        Self::read(note).ok_or(NoteFault::Malformed)
    }
}

impl Note {
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

    /// Whether it is a checkpoint of this key's log, signed with that key.
    pub fn is_signed_by(&self, key: &LogKey) -> bool {
        let Ok(public) = VerifyingKey::from_bytes(&key.public) else {
            return false;
        };
        let good = |signed: &[u8]| {
            let signature = signed.strip_prefix(key.hash().as_slice());
            let signature = signature.and_then(|bytes| Signature::from_slice(bytes).ok());
            let text = self.text.as_bytes();
            signature.is_some_and(|signature| public.verify_strict(text, &signature).is_ok())
        };
        let mut signatures = self.signatures.iter();
        self.checkpoint.origin == key.name
            && signatures.any(|(name, signed)| *name == key.name && good(signed))
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

    /// What tells keys of one name apart.
    fn hash(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(self.name.as_bytes())
            .chain_update([b'\n', ED25519])
            .chain_update(self.public)
            .finalize();
        let mut first = [0; 4];
        first.iter_mut().zip(hash).for_each(|(to, byte)| *to = byte);
        first
    }
}

impl fmt::Display for LogKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let public = [&[ED25519], self.public.as_slice()].concat();
        let (hash, public) = (hex(&self.hash()), STANDARD.encode(public));
        write!(f, "{}+{hash}+{public}", self.name)
    }
}

impl FromStr for LogKey {
    type Err = NoteFault;

    fn from_str(text: &str) -> Result<Self, NoteFault> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, hash, public) = (parts.next(), parts.next(), parts.next());
        let read = || {
            let bytes = STANDARD.decode(public?).ok()?;
            let key = Self {
                name: name.filter(|name| !name.is_empty())?.to_owned(),
                public: bytes.strip_prefix(&[ED25519])?.try_into().ok()?,
            };
            (hex(&key.hash()) == hash?).then_some(key)
        };
        read().ok_or(NoteFault::NoKey)
    }
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
