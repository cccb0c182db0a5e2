//! Rejects: the rows that were refused, in the form of their file, each with its reason.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    plan::Job,
    read::{Cell, Format, Row, Table},
    report::RowOutcome,
};

/// The column that says why.
pub const REASON: &str = "reason";

/// The rejects of one file; `None` where it has none.
///
/// A workbook's are written with semicolons between: there is no workbook of rejects.
pub fn of(job: &Job, file: usize) -> Option<String> {
    let source = job.files.get(file)?;
    let table = source.table.as_ref()?;
    let mut reasons = source.findings.reasons();
    let mut reason = |line| {
        let reason = reasons.remove(&line);
        reason.unwrap_or_else(|| "see the report".to_owned())
    };
    let refused: BTreeMap<usize, String> = job
        .rows
        .iter()
        .filter(|row| row.file == file && row.outcome == Some(RowOutcome::Refused))
        .map(|row| (row.row, reason(row.line)))
        .collect();
    if refused.is_empty() {
        return None;
    }
    let rows = refused
        .iter()
        .filter_map(|(place, reason)| Some((table.rows.get(*place)?, reason.as_str())));
    match table.format {
        Format::Delimited(delimiter) => delimited(table, rows, delimiter),
        Format::Xlsx => delimited(table, rows, b';'),
        Format::JsonLines => {
            let lines = rows.map(|(row, reason)| format!("{}\n", object(row, reason)));
            Some(lines.collect())
        }
        Format::Json => {
            let objects: Vec<Value> = rows.map(|(row, reason)| object(row, reason)).collect();
            Some(format!("{:#}\n", Value::Array(objects)))
        }
    }
}

/// How a file of rejects ends, by the form of what it is of.
pub fn extension(format: Format) -> &'static str {
    match format {
        Format::Delimited(b'\t') => "tsv",
        Format::Delimited(_) | Format::Xlsx => "csv",
        Format::JsonLines => "jsonl",
        Format::Json => "json",
    }
}

fn delimited<'a>(
    table: &Table,
    rows: impl Iterator<Item = (&'a Row, &'a str)>,
    delimiter: u8,
) -> Option<String> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .flexible(true)
        .from_writer(Vec::new());
    // What an earlier run has said of the row is replaced.
    let before = table.place(REASON);
    let others = |place: &usize| Some(*place) != before;
    let columns = table.columns.iter().enumerate();
    let columns = columns.filter(|(place, _)| others(place));
    let header = columns.map(|(_, name)| name.as_str()).chain([REASON]);
    writer.write_record(header).ok()?;
    for (row, reason) in rows {
        let cells = row.cells.iter().enumerate();
        let cells = cells.filter(|(place, _)| others(place));
        let cells = cells.map(|(_, cell)| text(cell));
        writer.write_record(cells.chain([reason.to_owned()])).ok()?;
    }
    String::from_utf8(writer.into_inner().ok()?).ok()
}

fn text(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Wrong(_) => String::new(),
        Cell::Text(text) | Cell::Computed(text) => text.clone(),
        Cell::List(list) => list.join(";"),
    }
}

fn object(row: &Row, reason: &str) -> Value {
    let raw = row.raw.as_deref().unwrap_or_default();
    match serde_json::from_str::<Map<String, Value>>(raw) {
        Ok(mut object) => {
            object.insert(REASON.to_owned(), json!(reason));
            Value::Object(object)
        }
        Err(_) => json!({ "text": raw, REASON: reason }),
    }
}
