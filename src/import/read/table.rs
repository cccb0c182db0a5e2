//! A table: what a file of any format holds once it is read.

use super::{delimited, encoding, json, sheet};
use crate::import::report::{FindingCode, Findings};

/// What a file may be at most.
pub struct Limits;

impl Limits {
    /// Bytes of a file.
    pub const BYTES: usize = 64 << 20;
    /// Bytes of a sheet's parts once they are unpacked.
    pub const UNPACKED: u64 = 256 << 20;
    /// Rows.
    pub const ROWS: usize = 200_000;
    /// Columns.
    pub const COLUMNS: usize = 300;
    /// Cells, empty ones included: each takes its place in memory.
    pub const CELLS: usize = 6_000_000;
}

/// Says that there are more cells than are read.
pub(super) fn too_many_cells(found: &mut Findings) {
    let sentence = format!("the file has over {} cells; divide it", Limits::CELLS);
    found.push(FindingCode::FileTooLarge.says(sentence));
}

/// In which form the rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Cells with a comma, semicolon or tabulator between.
    Delimited(u8),
    /// An object a line.
    JsonLines,
    /// A list of objects.
    Json,
    /// A sheet of a workbook.
    Xlsx,
}

/// What a caller says of a file.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The encoding of a text that is not UTF-8.
    pub encoding: Option<&'static encoding_rs::Encoding>,
    /// The sheet of a workbook; the first where nothing is said.
    pub sheet: Option<String>,
}

/// A value of a row.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cell {
    /// No value.
    #[default]
    Empty,
    /// A text.
    Text(String),
    /// The value of a formula, as the sheet keeps it.
    Computed(String),
    /// Several texts.
    List(Vec<String>),
    /// Something that is no value; what, in a sentence.
    Wrong(&'static str),
}

impl Cell {
    /// A text; empty is no value.
    pub fn text(text: String) -> Self {
        if text.trim().is_empty() {
            Self::Empty
        } else {
            Self::Text(text)
        }
    }
}

/// A row, and where it stands.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its line, or its number in a sheet or list.
    pub line: u64,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// Its own text, of formats that are written back as they came.
    pub raw: Option<String>,
    /// Whether it is no row at all, so that its cells say nothing.
    pub broken: bool,
}

/// The rows of a file.
#[derive(Debug)]
pub struct Table {
    /// In which form it was written.
    pub format: Format,
    /// Names of the columns.
    pub columns: Vec<String>,
    /// The rows, in their order.
    pub rows: Vec<Row>,
}

/// Reads a file whose name tells its format.
///
/// `None` where the findings say why the file is refused.
pub fn read(name: &str, bytes: &[u8], options: &Options, found: &mut Findings) -> Option<Table> {
    if bytes.len() > Limits::BYTES {
        let sentence = format!("the file is over {} MiB", Limits::BYTES >> 20);
        found.push(FindingCode::FileTooLarge.says(sentence));
        return None;
    }
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    let extension = extension.unwrap_or_default().to_ascii_lowercase();
    let table = if extension == "xlsx" || bytes.starts_with(b"PK\x03\x04") {
        sheet::read(bytes, options.sheet.as_deref(), found)?
    } else {
        let text = encoding::decode(bytes, options.encoding, found)?;
        if text.trim().is_empty() {
            found.push(FindingCode::FileEmpty.says("there is nothing in the file"));
            return None;
        }
        match extension.as_str() {
            "jsonl" | "ndjson" => json::lines(&text, found),
            "json" => json::whole(&text, found)?,
            _ => delimited::read(&text, found)?,
        }
    };
    table.checked(found)
}

impl Table {
    /// A table whose columns have each a name of their own, within the limits.
    pub fn checked(self, found: &mut Findings) -> Option<Self> {
        if self.rows.len() > Limits::ROWS {
            let sentence = format!("the file has over {} rows; divide it", Limits::ROWS);
            found.push(FindingCode::FileTooLarge.says(sentence));
        }
        if self.columns.len() > Limits::COLUMNS {
            let sentence = format!("the file has over {} columns", Limits::COLUMNS);
            found.push(FindingCode::FileTooLarge.says(sentence));
            return None;
        }
        for (place, name) in self.columns.iter().enumerate() {
            let number = place + 1;
            if name.trim().is_empty() {
                let sentence = format!("column {number} has no name in the header");
                found.push(FindingCode::HeaderWrong.says(sentence));
            }
            let before = self.columns.iter().take(place);
            if let Some(first) = before.clone().position(|other| other == name)
                && !name.trim().is_empty()
            {
                let first = first + 1;
                let sentence =
                    format!("columns {first} and {number} have the same name; give each its own");
                found.push(FindingCode::HeaderWrong.says(sentence).in_column(name));
            }
        }
        if self.rows.is_empty() && !found.is_fatal() {
            let sentence = "the file has a header and no rows: there is nothing to import";
            found.push(FindingCode::NoRows.says(sentence));
        }
        (!found.is_fatal()).then_some(self)
    }

    /// The place of a column.
    pub fn place(&self, column: &str) -> Option<usize> {
        self.columns.iter().position(|name| name == column)
    }
}
