//! Rows of the data files, as the build and the running hub both read them.

use std::fmt;

use serde_json::{Map, Value};

/// One row: its columns by name, and an `id` that is unique in its file.
#[derive(Clone, Debug, PartialEq)]
pub struct Row(pub Map<String, Value>);

/// The rows of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Name below the data folder, such as `seed/mechanisms.json`.
    pub file: String,
    /// The rows, in the file's order.
    pub rows: Vec<Row>,
}

/// What is wrong with the data; each is one sentence that says where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The file is not what its name says.
    Unreadable {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something is wrong with one row.
    Row {
        /// The file.
        file: String,
        /// The row's id.
        row: String,
        /// What is wrong with it.
        why: String,
    },
    /// Something is wrong with one cell.
    Cell {
        /// The file.
        file: String,
        /// The row's id.
        row: String,
        /// The column, or the field that the mapping makes of it.
        column: String,
        /// The value that is there, or nothing.
        value: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable { file, why } => write!(f, "`{file}` cannot be read: {why}"),
            Self::Row { file, row, why } => write!(f, "`{file}`, row `{row}`: {why}"),
            Self::Cell {
                file,
                row,
                column,
                value,
                why,
            } => {
                write!(
                    f,
                    "`{file}`, row `{row}`, column `{column}`, value `{value}`: {why}"
                )
            }
        }
    }
}

impl std::error::Error for Fault {}

impl Row {
    /// The row's id; empty where it has none, which [`Dataset`] refuses.
    pub fn id(&self) -> &str {
        self.texts("id").next().unwrap_or_default()
    }

    /// Every text in `column`: one, or those of a list; empty ones are left out.
    pub fn texts<'a>(&'a self, column: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let (one, many) = match self.0.get(column) {
            Some(Value::Array(list)) => (None, list.as_slice()),
            other => (other, Default::default()),
        };
        one.into_iter()
            .chain(many)
            .filter_map(Value::as_str)
            .filter(|text| !text.is_empty())
    }
}

impl Dataset {
    /// Reads a seed file: `{ "count": …, "rows": [ { "id": … } ] }`.
    pub fn json(file: &str, text: &str) -> Result<Self, Fault> {
        let unreadable = |why: String| Fault::Unreadable {
            file: file.into(),
            why,
        };
        let whole: Value =
            serde_json::from_str(text).map_err(|error| unreadable(error.to_string()))?;
        let rows =
            rows_in(whole.get("rows")).ok_or_else(|| unreadable("it has no `rows`".into()))?;
        match whole.get("count").and_then(Value::as_u64) {
            Some(count) if usize::try_from(count) != Ok(rows.len()) => Err(unreadable(format!(
                "it says {count} rows and has {}",
                rows.len()
            ))),
            _ => Self::new(file, rows),
        }
    }

    /// Reads a table with a header row; `key` are the columns that make the id.
    pub fn csv(file: &str, text: &str, key: &[&str]) -> Result<Self, Fault> {
        let mut lines = text.lines().map(cells);
        let header = lines.next().unwrap_or_default();
        let mut rows = Vec::new();
        for line in lines {
            if line.len() != header.len() {
                let why = format!(
                    "line {} has not the header's number of cells",
                    rows.len() + 2
                );
                return Err(Fault::Unreadable {
                    file: file.into(),
                    why,
                });
            }
            let mut row: Map<String, Value> = header
                .iter()
                .cloned()
                .zip(line.into_iter().map(Value::String))
                .collect();
            let id: Vec<&str> = key
                .iter()
                .filter_map(|column| row.get(*column)?.as_str())
                .collect();
            let id = id.join("/");
            row.insert("id".into(), id.into());
            rows.push(Row(row));
        }
        Self::new(file, rows)
    }

    fn new(file: &str, rows: Vec<Row>) -> Result<Self, Fault> {
        let mut seen = std::collections::BTreeSet::new();
        match rows
            .iter()
            .find(|row| row.id().is_empty() || !seen.insert(row.id()))
        {
            None => Ok(Self {
                file: file.into(),
                rows,
            }),
            Some(row) => Err(Fault::Row {
                file: file.into(),
                row: row.id().into(),
                why: "its id is missing or there twice".into(),
            }),
        }
    }
}

/// The rows of a JSON list of objects.
pub fn rows_in(list: Option<&Value>) -> Option<Vec<Row>> {
    list?
        .as_array()?
        .iter()
        .map(|row| row.as_object().cloned().map(Row))
        .collect()
}

/// The cells of one line; a cell in double quotes may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for letter in line.chars() {
        match (letter, quoted) {
            ('"', _) => quoted = !quoted,
            (',', false) => cells.push(String::new()),
            _ => {
                if let Some(cell) = cells.last_mut() {
                    cell.push(letter);
                }
            }
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_keeps_commas_in_quotes() {
        let table =
            Dataset::csv("t.csv", "code,name\nA,\"one, two\"\nB,three\n", &["code"]).unwrap();
        assert_eq!(table.rows[0].id(), "A");
        assert_eq!(
            table.rows[0].texts("name").collect::<Vec<_>>(),
            ["one, two"]
        );
        assert!(Dataset::csv("t.csv", "code,name\nA\n", &["code"]).is_err());
    }

    #[test]
    fn a_file_that_counts_wrongly_or_repeats_an_id_is_refused() {
        for bad in [
            "{",
            "{}",
            r#"{"count":2,"rows":[{"id":"a"}]}"#,
            r#"{"count":2,"rows":[{"id":"a"},{"id":"a"}]}"#,
            r#"{"count":1,"rows":[{"name":"a"}]}"#,
        ] {
            assert!(Dataset::json("seed/x.json", bad).is_err(), "{bad}");
        }
    }
}
