//! The log: what was done is on it, its own owners are told, and nobody changes it unseen.

mod entries;
mod subjects;
mod verified;

use std::{
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::{harness::Suite, house::House};

pub(crate) fn register(suite: &mut Suite) {
    entries::register(suite);
    subjects::register(suite);
    verified::register(suite);
}

/// Runs a command on the log of a house, in a folder.
fn audit(house: &House, folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.arg("audit").args(arguments);
    command.env("LIAISON_DATABASE_URL", &house.url);
    command.env("LIAISON_KEY_STORE", &house.key_url);
    command.env("LIAISON_KEYS", &house.key_file);
    command.output().unwrap()
}

/// What a command that must do its work says.
fn done(house: &House, folder: &Path, arguments: &[&str]) -> String {
    let output = audit(house, folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}
