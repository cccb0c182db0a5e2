//! Files that hold keys: made whole and for their owner alone, and read as such or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use zeroize::Zeroizing;

use super::{KeyFileError, MAX_FILE_BYTES};

/// Writes a text to a file that did not exist.
pub(crate) fn write_new(path: &Path, text: &str) -> Result<(), KeyFileError> {
    let failed = |source| KeyFileError::Io(path.to_owned(), source);
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

/// The bytes of a key file, or the refusal of one that cannot be trusted with keys.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, KeyFileError> {
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
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
