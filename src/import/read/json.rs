//! Objects: one a line, or a list of them.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::table::{Cell, Format, Limits, Row, Table, too_many_cells};
use crate::import::report::{FindingCode, Findings};

/// An object with its keys as they stand: a key that comes twice does not hide its first.
struct Pairs(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Whole;
        impl<'de> Visitor<'de> for Whole {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Whole)
    }
}

/// Reads an object a line.
pub(super) fn lines(text: &str, found: &mut Findings) -> Table {
    let mut objects = Objects::new(Format::JsonLines);
    let ends = text.replace("\r\n", "\n");
    for (line, text) in (1u64..).zip(ends.split(['\n', '\r'])) {
        if !text.trim().is_empty() {
            objects.add(line, text, found);
        }
        if objects.table.rows.len() > Limits::ROWS {
            break;
        }
    }
    objects.finished(found)
}

/// Reads a list of objects.
pub(super) fn whole(text: &str, found: &mut Findings) -> Option<Table> {
    let list: Vec<&RawValue> = match serde_json::from_str(text) {
        Ok(list) => list,
        Err(error) => {
            let sentence = format!(
                "the file is no list of objects in JSON: it goes wrong in column {}",
                error.column()
            );
            let line = u64::try_from(error.line()).unwrap_or(u64::MAX);
            found.push(FindingCode::FileUnreadable.says(sentence).at(line));
            found.push(FindingCode::FileUnreadable.says("the file is not JSON that can be read"));
            return None;
        }
    };
    let mut objects = Objects::new(Format::Json);
    for (number, object) in (1u64..).zip(list).take(Limits::ROWS + 1) {
        objects.add(number, object.get(), found);
    }
    Some(objects.finished(found))
}

struct Objects {
    table: Table,
}

impl Objects {
    fn new(format: Format) -> Self {
        let table = Table {
            format,
            columns: Vec::new(),
            rows: Vec::new(),
        };
        Self { table }
    }

    fn add(&mut self, line: u64, text: &str, found: &mut Findings) {
        let mut row = Row {
            line,
            raw: Some(text.to_owned()),
            ..Row::default()
        };
        match serde_json::from_str::<Pairs>(text) {
            Ok(Pairs(pairs)) => {
                for (key, value) in pairs {
                    self.set(&mut row, key, &value, found);
                }
            }
            Err(error) => {
                let column = error.column();
                let sentence =
                    format!("this is no object in JSON: it goes wrong at letter {column}");
                found.push(FindingCode::RowWrong.says(sentence).at(line));
                row.broken = true;
            }
        }
        self.table.rows.push(row);
    }

    fn set(&mut self, row: &mut Row, key: String, value: &Value, found: &mut Findings) {
        let columns = &mut self.table.columns;
        let place = match columns.iter().position(|name| *name == key) {
            Some(place) => place,
            // The table is refused for it; more need not be kept.
            None if columns.len() > Limits::COLUMNS => return,
            None => {
                columns.push(key.clone());
                columns.len() - 1
            }
        };
        if row.cells.len() <= place {
            row.cells.resize(place + 1, Cell::Empty);
        }
        if let Some(cell) = row.cells.get_mut(place) {
            if *cell != Cell::Empty {
                let sentence = "the object has this key twice";
                let finding = FindingCode::RowWrong.says(sentence).at(row.line);
                found.push(finding.in_column(&key));
                row.broken = true;
            }
            *cell = cell_of(value);
        }
    }

    fn finished(mut self, found: &mut Findings) -> Table {
        let columns = self.table.columns.len();
        if self.table.rows.len() * columns > Limits::CELLS {
            too_many_cells(found);
            return self.table;
        }
        for row in &mut self.table.rows {
            row.cells.resize(columns, Cell::Empty);
        }
        self.table
    }
}

fn cell_of(value: &Value) -> Cell {
    match value {
        Value::Null => Cell::Empty,
        Value::Array(list) => {
            let texts: Option<Vec<String>> = list.iter().map(scalar).collect();
            match texts {
                Some(texts) if texts.is_empty() => Cell::Empty,
                Some(texts) => Cell::List(texts),
                None => Cell::Wrong("a list holds texts, numbers, and yes or no alone"),
            }
        }
        Value::Object(_) => Cell::Wrong("the value is an object; a mapping reads simple values"),
        scalar_value => scalar(scalar_value).map_or(Cell::Empty, Cell::text),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}
