//! The program itself, as a process of its own that ends with the test.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// A process of a hub, and where it answers.
pub(crate) struct Served(pub(crate) Child, pub(crate) String);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Served {
    /// `liaison serve` with these arguments, when it is ready.
    pub(crate) fn serve(folder: &Path, arguments: &[&str]) -> Self {
        let mut child = liaison(folder)
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(arguments)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut said = BufReader::new(child.stderr.take().unwrap());
        said.read_line(&mut line).unwrap();
        let url = line
            .split_whitespace()
            .last()
            .unwrap_or_default()
            .to_owned();
        assert!(url.starts_with("http"), "{line}");
        // What it says later goes nowhere, and stops nothing.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Self(child, url)
    }
}

pub(crate) fn liaison(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.env("LIAISON_LOG", "error");
    command
}
