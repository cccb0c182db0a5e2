//! Golden files: text that a person has read, and that changes only when one reads it
//! again.

use std::{fs, path::PathBuf};

/// Set to `1`, it writes what was found in the place of what was expected.
const ACCEPT: &str = "LIAISON_ACCEPT_GOLDEN";

/// A file below the repository's root.
pub(crate) fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Whether golden files are to be written anew; never where nobody reads the change.
pub(crate) fn accepting() -> bool {
    let accepting = std::env::var_os(ACCEPT).is_some_and(|value| value == "1");
    assert!(
        !accepting || std::env::var_os("CI").is_none(),
        "golden files are accepted by a person, not in CI"
    );
    accepting
}

/// Compares a text with the golden file of this name, or writes it where told to.
pub(crate) fn compare(name: &str, found: &str) {
    let path = path(name);
    if accepting() {
        fs::create_dir_all(path.parent().expect("a golden file lies in a folder"))
            .and_then(|()| fs::write(&path, found))
            .expect("a golden file is written");
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected == found {
        return;
    }
    let differences: Vec<String> = different_lines(&expected, found);
    panic!(
        "`{name}` is not what was found; read the change, then set {ACCEPT}=1 to accept it\n{}",
        differences.join("\n")
    );
}

/// The first lines that differ, with their numbers.
fn different_lines(expected: &str, found: &str) -> Vec<String> {
    let (mut old, mut new) = (expected.lines(), found.lines());
    let mut differences = Vec::new();
    for number in 1.. {
        match (old.next(), new.next()) {
            (None, None) => break,
            (old, new) if old == new => {}
            (old, new) => differences.push(format!(
                "{number}: - {}\n{number}: + {}",
                old.unwrap_or_default(),
                new.unwrap_or_default()
            )),
        }
        if differences.len() == 20 {
            break;
        }
    }
    differences
}
