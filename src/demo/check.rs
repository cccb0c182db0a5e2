//! Checks the demo's data at build time: nothing unmapped, no broken reference.

use std::{fs, path::Path, process::ExitCode};

#[path = "mapping.rs"]
pub mod mapping;
#[path = "rows.rs"]
pub mod rows;

use mapping::Mapping;
use rows::Fault;

/// Where the data is, seen from the package.
const DATA: &str = "src/demo/data";

fn main() -> ExitCode {
    for name in ["check.rs", "mapping.rs", "rows.rs", "data"] {
        println!("cargo::rerun-if-changed=src/demo/{name}");
    }
    match check() {
        Ok(faults) if faults.is_empty() => ExitCode::SUCCESS,
        Ok(faults) => {
            for fault in faults {
                println!("cargo::error=demo data: {fault}");
            }
            ExitCode::FAILURE
        }
        Err(fault) => {
            println!("cargo::error=demo data: {fault}");
            ExitCode::FAILURE
        }
    }
}

/// What the mapping does not answer for; an error where a file is not readable.
fn check() -> Result<Vec<Fault>, Fault> {
    let mapping = Mapping::parse(&text("mapping.json")?)?;
    let mut files = Vec::new();
    for file in mapping.files() {
        files.push(mapping.read(file, &text(file)?)?);
    }
    let mut faults = unmapped_files(&mapping)?;
    faults.extend(mapping.faults(&files));
    Ok(faults)
}

/// Seed files that nobody told the mapping of.
fn unmapped_files(mapping: &Mapping) -> Result<Vec<Fault>, Fault> {
    let unreadable = |why: std::io::Error| Fault::Unreadable {
        file: "seed".into(),
        why: why.to_string(),
    };
    let mut faults = Vec::new();
    for entry in fs::read_dir(Path::new(DATA).join("seed")).map_err(unreadable)? {
        let file = format!(
            "seed/{}",
            entry.map_err(unreadable)?.file_name().to_string_lossy()
        );
        if !mapping.files().any(|known| known == file) {
            faults.push(Fault::Unreadable {
                file,
                why: "`mapping.json` does not name the file".into(),
            });
        }
    }
    Ok(faults)
}

fn text(file: &str) -> Result<String, Fault> {
    fs::read_to_string(Path::new(DATA).join(file)).map_err(|error| Fault::Unreadable {
        file: file.into(),
        why: error.to_string(),
    })
}
