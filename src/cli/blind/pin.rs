//! The second key holder's public share, pinned: who is asked tomorrow is who was asked today.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use super::BlindError;
use crate::same_matter::blind::Published;

/// How a share was found to be the pinned one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pinned {
    /// It is the one that was pinned before.
    Before,
    /// It was given, and is pinned now.
    Given,
    /// It is pinned now, as the hub told it first.
    First,
}

/// Where the share is pinned that a docket's tokens are made with.
pub(super) fn beside(docket: &Path) -> PathBuf {
    let mut name = docket.as_os_str().to_owned();
    name.push(".holder");
    PathBuf::from(name)
}

/// Whether the share that the hub tells is the one given, or the one pinned; the first is
/// pinned.
///
/// # Errors
/// Refuses another than the one given, and another than the one pinned where none is given.
pub(super) fn check(
    path: &Path,
    given: Option<&Published>,
    told: &Published,
) -> Result<Pinned, BlindError> {
    let fault = |cause| BlindError::File(path.to_owned(), cause);
    let pinned = match fs::read_to_string(path) {
        Ok(text) => {
            let text = text.trim();
            // What can't be read pins nothing that could be told apart: nobody is asked.
            let read = Published::parse(text)
                .map_err(|_| fault(io::Error::new(io::ErrorKind::InvalidData, "it is no share")))?;
            Some(read)
        }
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => None,
        Err(cause) => return Err(fault(cause)),
    };
    let wanted = given.or(pinned.as_ref());
    if let Some(wanted) = wanted
        && wanted != told
    {
        return Err(BlindError::HolderChanged {
            pinned: wanted.to_string(),
            told: told.to_string(),
        });
    }
    if pinned.as_ref() == Some(told) {
        return Ok(Pinned::Before);
    }
    let mut file = OpenOptions::new();
    let file = file.create(true).write(true).truncate(true).mode(0o600);
    let mut file = file.open(path).map_err(fault)?;
    writeln!(file, "{told}").map_err(fault)?;
    file.sync_all().map_err(fault)?;
    Ok(if given.is_some() {
        Pinned::Given
    } else {
        Pinned::First
    })
}
