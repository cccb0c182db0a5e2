//! What was sent before: a line for each matter, beside the docket.

use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{BlindError, docket::Matter};

/// A line.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line {
    handle: String,
    /// Under which shares.
    pair: String,
    /// A hash of its keys.
    digest: String,
    /// As the hub calls it.
    id: String,
}

/// What was sent of a docket, by handle: the last line of each counts.
pub(super) struct Sent {
    path: PathBuf,
    file: File,
    pair: String,
    lines: BTreeMap<String, Line>,
}

impl Sent {
    /// What is noted in a file, which is made where there is none.
    pub(super) fn open(path: &Path, pair: &str) -> Result<Self, BlindError> {
        let fault = |cause| BlindError::File(path.to_owned(), cause);
        let mut lines = BTreeMap::new();
        match fs::read_to_string(path) {
            Ok(text) => {
                // A line that was cut off is sent once more, and does no harm.
                for line in text
                    .lines()
                    .filter_map(|line| serde_json::from_str(line).ok())
                {
                    let line: Line = line;
                    lines.insert(line.handle.clone(), line);
                }
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(fault(cause)),
        }
        let mut file = OpenOptions::new();
        let file = file.create(true).append(true).mode(0o600).open(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.map_err(fault)?,
            pair: pair.to_owned(),
            lines,
        })
    }

    /// Whether a matter was sent as it is, under the present shares.
    pub(super) fn has(&self, matter: &Matter) -> bool {
        let line = self.lines.get(&matter.handle);
        line.is_some_and(|line| line.digest == hex(matter) && line.pair == self.pair)
    }

    /// As what the hub knows a matter that was sent otherwise than it is now.
    pub(super) fn id(&self, matter: &Matter) -> Option<&str> {
        self.lines.get(&matter.handle).map(|line| line.id.as_str())
    }

    /// Notes that a matter was sent.
    pub(super) fn note(&mut self, matter: &Matter, id: &str) -> Result<(), BlindError> {
        let line = Line {
            handle: matter.handle.clone(),
            pair: self.pair.clone(),
            digest: hex(matter),
            id: id.to_owned(),
        };
        let text = serde_json::to_string(&line).map_err(io::Error::from);
        let written = text.and_then(|text| writeln!(self.file, "{text}"));
        written
            .and_then(|()| self.file.sync_data())
            .map_err(|cause| BlindError::File(self.path.clone(), cause))?;
        self.lines.insert(matter.handle.clone(), line);
        Ok(())
    }
}

fn hex(matter: &Matter) -> String {
    let digest = matter.digest();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
