//! The forms of an export: CSV, JSON lines, a workbook, a calendar.

use rust_xlsxwriter::{Workbook, XlsxError};
use serde_json::{Map, Value};

crate::vocabulary::codes::codes! {
    /// The form of an exported file.
    pub Format {
        /// Comma-separated values (RFC 4180), in UTF-8; lists are joined by `; `.
        Csv => "csv",
        /// One JSON object a line.
        Jsonl => "jsonl",
        /// A workbook of one sheet.
        Xlsx => "xlsx",
        /// A calendar (RFC 5545), of kinds whose records have dates.
        Ics => "ics",
    }
}

/// Why a file could not be made.
#[derive(Debug, thiserror::Error)]
pub enum FormatError {
    /// The comma-separated values.
    #[error("the file could not be made: {0}")]
    Csv(String),
    /// The workbook.
    #[error("the workbook could not be made: {0}")]
    Xlsx(#[from] XlsxError),
    /// A calendar of what has no dates.
    #[error("these records have no dates, so there is no calendar of them")]
    Undated,
    /// The JSON.
    #[error("the file could not be made: {0}")]
    Json(#[from] serde_json::Error),
}

impl Format {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/x-ndjson",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ics => "text/calendar; charset=utf-8",
        }
    }

    /// The rows under their heads, as a file; a calendar needs to know more of them.
    ///
    /// # Errors
    /// Fails where the form has no place for them.
    pub(super) fn file(self, heads: &[&str], rows: &[Vec<Value>]) -> Result<Vec<u8>, FormatError> {
        match self {
            Self::Csv => csv(heads, rows),
            Self::Jsonl => jsonl(heads, rows),
            Self::Xlsx => xlsx(heads, rows),
            Self::Ics => Err(FormatError::Undated),
        }
    }
}

fn csv(heads: &[&str], rows: &[Vec<Value>]) -> Result<Vec<u8>, FormatError> {
    let failed = |error: csv::Error| FormatError::Csv(error.to_string());
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    writer.write_record(heads).map_err(failed)?;
    for row in rows {
        let cells = row.iter().map(|cell| neutral(text(cell)));
        writer.write_record(cells).map_err(failed)?;
    }
    let file = writer.into_inner();
    file.map_err(|error| FormatError::Csv(error.to_string()))
}

fn jsonl(heads: &[&str], rows: &[Vec<Value>]) -> Result<Vec<u8>, FormatError> {
    let mut file = Vec::new();
    for row in rows {
        let fields = heads
            .iter()
            .map(|head| (*head).to_owned())
            .zip(row.iter().cloned());
        serde_json::to_writer(&mut file, &fields.collect::<Map<_, _>>())?;
        file.push(b'\n');
    }
    Ok(file)
}

fn xlsx(heads: &[&str], rows: &[Vec<Value>]) -> Result<Vec<u8>, FormatError> {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, head) in (0u16..).zip(heads) {
        sheet.write_string(0, column, *head)?;
    }
    for (line, row) in (1u32..).zip(rows) {
        for (column, cell) in (0u16..).zip(row) {
            match cell {
                Value::Null => {}
                Value::Bool(yes) => {
                    sheet.write_boolean(line, column, *yes)?;
                }
                // A text that looks like a formula stays one when the sheet is saved as CSV.
                cell => {
                    sheet.write_string(line, column, neutral(text(cell)))?;
                }
            }
        }
    }
    Ok(workbook.save_to_buffer()?)
}

/// A value as the text of one cell.
fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => {
            let texts = all.iter().map(text);
            texts.collect::<Vec<_>>().join("; ")
        }
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}

/// The same text, which no spreadsheet takes for a formula.
fn neutral(text: String) -> String {
    let begins = text.trim_start_matches(' ').chars().next();
    if matches!(
        begins,
        Some('=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '＝' | '＋' | '－' | '＠')
    ) {
        format!("'{text}")
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for begins in ["=1", "+1", "-1", "@a", "\t=1", "\r=1", " =1", "＝1"] {
            let rows = [vec![json!(begins)]];
            let file = Format::Csv.file(&["a"], &rows).expect("a file");
            let text = String::from_utf8(file).expect("text");
            let cell = text.lines().nth(1).expect("a line").trim_start_matches('"');
            assert!(cell.starts_with('\''), "{begins}: {text}");
        }
    }

    #[test]
    fn lists_are_joined_and_what_is_withheld_is_empty() {
        let rows = [vec![json!(["KEN", "UGA"]), Value::Null, json!("a \"b\"")]];
        let file = Format::Csv.file(&["a", "b", "c"], &rows).expect("a file");
        assert_eq!(file, b"a,b,c\r\nKEN; UGA,,\"a \"\"b\"\"\"\r\n");
        let file = Format::Jsonl.file(&["a", "b", "c"], &rows).expect("a file");
        assert_eq!(
            file,
            b"{\"a\":[\"KEN\",\"UGA\"],\"b\":null,\"c\":\"a \\\"b\\\"\"}\n"
        );
    }
}
