//! The file that names other issuers.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::keys::Signs;

/// Bytes that a file of issuers or keys has at most.
const MOST: u64 = 256 * 1024;

/// Why the issuers are not as they must be, in words for an administrator.
#[derive(Debug, thiserror::Error)]
pub enum IssuersFault {
    /// A file does not open.
    #[error("{path}: {cause}")]
    File {
        /// Its path.
        path: String,
        /// What the system says.
        cause: std::io::Error,
    },
    /// A file that others can write.
    #[error("{0} can be written by others; run `chmod go-w` on it")]
    Writable(String),
    /// A file that is too long.
    #[error("{0} is too long")]
    TooLong(String),
    /// Settings that don't read.
    #[error("{0} does not read: {1}")]
    Settings(String, String),
    /// An issuer of which something is not said.
    #[error(
        "the issuer `{0}` needs `audience`, `azp`, `mechanisms` and `algorithms`, none of them empty"
    )]
    Incomplete(String),
    /// An issuer twice.
    #[error("the issuer `{0}` is named twice, or is this hub itself")]
    Twice(String),
    /// A set of keys that doesn't read.
    #[error("{0} is no set of public keys: {1}")]
    Keys(String, &'static str),
    /// One key under two issuers.
    #[error("a key of the issuer `{0}` is another issuer's, too")]
    SharedKey(String),
}

/// What the tokens of one issuer must say.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settings {
    /// Its name, exactly as tokens carry it.
    pub(super) issuer: String,
    /// The file with its public keys; beside this one where no folder is named.
    pub(super) jwks: PathBuf,
    /// The audience that its tokens for this hub name.
    pub(super) audience: String,
    /// The program to which the issuer issues them.
    pub(super) azp: String,
    /// Codes of the mechanisms whose holders its subjects can be.
    pub(super) mechanisms: Vec<String>,
    /// The algorithms that its keys may be for.
    pub(super) algorithms: Vec<Signs>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    issuer: Vec<Settings>,
}

/// The issuers that a file names.
pub(super) fn read(path: &Path) -> Result<Vec<Settings>, IssuersFault> {
    let text = text_of(path)?;
    let unread = |error: toml::de::Error| {
        IssuersFault::Settings(path.display().to_string(), error.message().to_owned())
    };
    let mut file: File = toml::from_str(&text).map_err(unread)?;
    for one in &mut file.issuer {
        let texts = [&one.issuer, &one.audience, &one.azp];
        let lists = one.algorithms.is_empty() || one.mechanisms.is_empty();
        if texts.iter().any(|text| text.trim().is_empty()) || lists {
            return Err(IssuersFault::Incomplete(one.issuer.clone()));
        }
        if let Some(folder) = path.parent().filter(|_| one.jwks.is_relative()) {
            one.jwks = folder.join(&one.jwks);
        }
    }
    Ok(file.issuer)
}

/// The text of a file that nobody but its owner can write: whoever could would say who is who.
pub(super) fn text_of(path: &Path) -> Result<String, IssuersFault> {
    let name = || path.display().to_string();
    let of = |cause| IssuersFault::File {
        path: name(),
        cause,
    };
    let facts = std::fs::metadata(path).map_err(of)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        if facts.mode() & 0o022 != 0 {
            return Err(IssuersFault::Writable(name()));
        }
    }
    if facts.len() > MOST {
        return Err(IssuersFault::TooLong(name()));
    }
    std::fs::read_to_string(path).map_err(of)
}
