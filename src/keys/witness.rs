//! The key file of a witness: its name and the one key with which it signs.

use std::path::Path;

use serde::Deserialize;
use zeroize::Zeroizing;

use super::{KeyFileError, SecretKey, file};
use crate::journal::{Cosigner, WitnessKey};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    name: &'a str,
    private: &'a str,
}

/// Makes a new key and writes it to a file that did not exist, readable by its owner alone.
///
/// # Errors
/// Refuses a name that can't stand in a note, and a file that is there.
pub fn create(path: &Path, name: &str) -> Result<WitnessKey, KeyFileError> {
    let private = SecretKey::fresh()?;
    let mut text = Zeroizing::new(String::with_capacity(512));
    let encoded = private.encode();
    for part in [
        "{\"name\": \"",
        name,
        "\", \"private\": \"",
        &encoded,
        "\"}\n",
    ] {
        text.push_str(part);
    }
    let key = Cosigner::of(name, private).key();
    // What is written must be read again, here and in every note.
    let plain = name.chars().all(|letter| !matches!(letter, '"' | '\\'));
    if !plain || key.to_string().parse::<WitnessKey>().is_err() {
        return Err(KeyFileError::WrongName);
    }
    file::write_new(path, &text)?;
    Ok(key)
}

/// Reads the key of a witness, or refuses a file that cannot be trusted with it.
///
/// # Errors
/// Refuses a file that others can read, and one that is no key of a witness.
pub fn open(path: &Path) -> Result<Cosigner, KeyFileError> {
    let bytes = file::read(path)?;
    let written: Written<'_> = serde_json::from_slice(&bytes)
        .map_err(|error| KeyFileError::Malformed(error.line(), error.column()))?;
    let private = SecretKey::decode("private", written.private)?;
    Ok(Cosigner::of(written.name, private))
}
