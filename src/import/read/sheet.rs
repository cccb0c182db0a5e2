//! A sheet of a workbook (XLSX), cell by cell.
//!
//! A workbook can unpack to far more than it weighs, and place a cell at the far end of
//! an empty sheet: what it unpacks to is measured before, and only cells that are there
//! are kept.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx, XlsxError};

use super::table::{Cell, Format, Limits, Row, Table, too_many_cells};
use crate::import::report::{FindingCode, Findings};

/// Reads a sheet whose first row names the columns.
pub(super) fn read(bytes: &[u8], sheet: Option<&str>, found: &mut Findings) -> Option<Table> {
    match unpacked(bytes) {
        Some(size) if size <= Limits::UNPACKED => {}
        Some(_) => {
            let sentence = format!(
                "the workbook unpacks to over {} MiB",
                Limits::UNPACKED >> 20
            );
            found.push(FindingCode::FileTooLarge.says(sentence));
            return None;
        }
        None => {
            found.push(FindingCode::FileUnreadable.says("the file is no workbook (XLSX)"));
            return None;
        }
    }
    match cells(bytes, sheet, found) {
        Ok(table) => table,
        Err(_) => {
            let sentence = match sheet {
                Some(name) => format!("the workbook, or its sheet `{name}`, can't be read"),
                None => "the workbook can't be read".to_owned(),
            };
            found.push(FindingCode::FileUnreadable.says(sentence));
            None
        }
    }
}

/// Bytes that a workbook unpacks to; counted no further than a little over the limit.
fn unpacked(bytes: &[u8]) -> Option<u64> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
    let mut size = 0;
    for place in 0..archive.len() {
        let part = archive.by_index(place).ok()?;
        let mut within = part.take((Limits::UNPACKED + 1).saturating_sub(size));
        size += std::io::copy(&mut within, &mut std::io::sink()).ok()?;
        if size > Limits::UNPACKED {
            break;
        }
    }
    Some(size)
}

fn cells(
    bytes: &[u8],
    sheet: Option<&str>,
    found: &mut Findings,
) -> Result<Option<Table>, XlsxError> {
    let mut workbook = Xlsx::new(Cursor::new(bytes))?;
    let names = workbook.sheet_names();
    let name = match (sheet, names.first()) {
        (Some(name), _) => name.to_owned(),
        (None, Some(first)) => first.clone(),
        (None, None) => String::new(),
    };
    if names.len() > 1 && sheet.is_none() {
        let sentence = format!(
            "the workbook has {} sheets; `{name}` was read. Choose another with `--sheet`",
            names.len()
        );
        found.push(FindingCode::ColumnLeftOut.says(sentence));
    }
    let mut reader = workbook.worksheet_cells_reader(&name)?;
    let mut rows: Vec<Row> = Vec::new();
    let mut size = 0;
    while let Some(cell) = reader.next_cell_with_formula()? {
        let (row, column) = cell.pos;
        let value = value(&cell.value, cell.formula.is_some());
        if value == Cell::Empty {
            continue;
        }
        let line = u64::from(row) + 1;
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= Limits::COLUMNS {
            let sentence = format!("a cell lies beyond column {}", Limits::COLUMNS);
            found.push(FindingCode::FileTooLarge.says(sentence));
            return Ok(None);
        }
        if rows.last().is_none_or(|last| last.line != line) {
            rows.push(Row {
                line,
                ..Row::default()
            });
        }
        if rows.len() > Limits::ROWS + 1 {
            break;
        }
        if let Some(last) = rows.last_mut() {
            if last.cells.len() <= column {
                size += column + 1 - last.cells.len();
                if size > Limits::CELLS {
                    too_many_cells(found);
                    return Ok(None);
                }
                last.cells.resize(column + 1, Cell::Empty);
            }
            if let Some(place) = last.cells.get_mut(column) {
                *place = value;
            }
        }
    }
    if rows.is_empty() {
        found.push(FindingCode::FileEmpty.says("there is nothing in the sheet"));
        return Ok(None);
    }
    let columns = rows.remove(0).cells.into_iter().map(|cell| match cell {
        Cell::Text(text) | Cell::Computed(text) => text.trim().to_owned(),
        Cell::Empty | Cell::List(_) | Cell::Wrong(_) => String::new(),
    });
    let columns: Vec<String> = columns.collect();
    if rows.len() * columns.len() > Limits::CELLS {
        too_many_cells(found);
        return Ok(None);
    }
    for row in &mut rows {
        if row.cells.len() > columns.len() {
            let sentence = "the row has a value in a column that the header does not name";
            found.push(FindingCode::RowWrong.says(sentence).at(row.line));
            row.broken = true;
        }
        row.cells
            .resize(row.cells.len().max(columns.len()), Cell::Empty);
    }
    Ok(Some(Table {
        format: Format::Xlsx,
        columns,
        rows,
    }))
}

fn value(value: &DataRef<'_>, computed: bool) -> Cell {
    let text = match value {
        // Written by a program that works no formulas out: what it means is not in the file.
        DataRef::Empty if computed => {
            return Cell::Wrong(
                "the cell holds a formula, and the file does not keep its value; open and save it \
                 in a spreadsheet program, or write the value in its place",
            );
        }
        DataRef::Empty => return Cell::Empty,
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            text.clone()
        }
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(flag) => flag.to_string(),
        DataRef::DateTime(moment) if moment.is_duration() => {
            return Cell::Wrong("the cell holds a duration, and no date or text");
        }
        DataRef::DateTime(moment) => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        DataRef::Error(_) => return Cell::Wrong("the cell's formula has an error"),
    };
    match Cell::text(text) {
        Cell::Text(text) if computed => Cell::Computed(text),
        cell => cell,
    }
}
