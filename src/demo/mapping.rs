//! The mapping from the words of the data files to the hub's own.
//!
//! `data/mapping.json` says of every column of every file what becomes of it:
//! `plain` is taken as it is, `refers` names a row of another file, `coded`
//! makes a field of the hub (its key) of a column (`of`), value by value. A
//! value becomes a code; or `null`, nothing; or `"later"`, no type has it yet;
//! or it depends on the row: then row ids and `*` stand for the value.
//!
//! The build checks that nothing is left out; the loader reads by the same rule.

use serde_json::{Map, Value};

use super::rows::{Dataset, Fault, Row};

/// What becomes of one coded value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning<'a> {
    /// A code of the hub.
    Code(&'a str),
    /// Nothing: the hub has no such value, and the text is kept elsewhere.
    Nothing,
    /// No type of the hub has it yet.
    Later,
}

/// The whole mapping.
#[derive(Clone, Debug)]
pub struct Mapping(Map<String, Value>);

impl Mapping {
    /// Reads `data/mapping.json`.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        serde_json::from_str(text)
            .map(Self)
            .map_err(|error| Fault::Unreadable {
                file: "mapping.json".into(),
                why: error.to_string(),
            })
    }

    /// The files that it covers.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Reads a file that it covers: a table where it names a `key`, else rows in JSON.
    pub fn read(&self, file: &str, text: &str) -> Result<Dataset, Fault> {
        match self.rule(file, "key").and_then(Value::as_array) {
            None => Dataset::json(file, text),
            Some(key) => {
                let key: Vec<&str> = key.iter().filter_map(Value::as_str).collect();
                Dataset::csv(file, text, &key)
            }
        }
    }

    /// What `field` becomes for `row`, once for every value in its column.
    pub fn meanings<'a>(
        &'a self,
        file: &str,
        row: &Row,
        field: &str,
    ) -> Result<Vec<Meaning<'a>>, Fault> {
        let fault = |value: &str, why| cell(file, row, field, value, why);
        let rule = self.rule(file, "coded").and_then(|coded| coded.get(field));
        let column = rule.and_then(|rule| rule.get("of")).and_then(Value::as_str);
        let values = rule
            .and_then(|rule| rule.get("values"))
            .and_then(Value::as_object);
        let (Some(column), Some(values)) = (column, values) else {
            return Err(fault("", "the mapping has no such field"));
        };
        row.texts(column)
            .map(|value| {
                let target = match values.get(value) {
                    Some(Value::Object(rows)) => rows.get(row.id()).or_else(|| rows.get("*")),
                    other => other,
                };
                match target {
                    Some(Value::String(later)) if later == "later" => Ok(Meaning::Later),
                    Some(Value::String(code)) => Ok(Meaning::Code(code)),
                    Some(Value::Null) => Ok(Meaning::Nothing),
                    _ => Err(cell(
                        file,
                        row,
                        column,
                        value,
                        "`mapping.json` says not what it becomes",
                    )),
                }
            })
            .collect()
    }

    /// Everything in the files that the mapping does not answer for.
    pub fn faults(&self, files: &[Dataset]) -> Vec<Fault> {
        files
            .iter()
            .flat_map(|file| file.rows.iter().map(move |row| (file, row)))
            .flat_map(|(file, row)| self.faults_of(files, &file.file, row))
            .collect()
    }

    fn faults_of(&self, files: &[Dataset], file: &str, row: &Row) -> Vec<Fault> {
        let mut faults = Vec::new();
        let nothing = Map::new();
        let coded = self
            .rule(file, "coded")
            .and_then(Value::as_object)
            .unwrap_or(&nothing);
        let refers = self
            .rule(file, "refers")
            .and_then(Value::as_object)
            .unwrap_or(&nothing);
        let plain = self.rule(file, "plain").and_then(Value::as_array);

        for column in row
            .0
            .keys()
            .map(String::as_str)
            .filter(|column| *column != "id")
        {
            let known = refers.contains_key(column)
                || coded
                    .values()
                    .any(|rule| rule.get("of").is_some_and(|of| of == column))
                || plain.is_some_and(|plain| plain.iter().any(|name| name == column));
            if !known {
                faults.push(cell(
                    file,
                    row,
                    column,
                    "",
                    "`mapping.json` does not name the column",
                ));
            }
        }
        for field in coded.keys() {
            faults.extend(self.meanings(file, row, field).err());
        }
        for (column, target) in refers {
            let target = files.iter().find(|file| *target == file.file.as_str());
            for id in row
                .texts(column)
                .filter(|id| !target.is_some_and(|file| has(file, id)))
            {
                faults.push(cell(file, row, column, id, "no row has this id"));
            }
        }
        faults
    }

    fn rule(&self, file: &str, part: &str) -> Option<&Value> {
        self.0.get(file)?.get(part)
    }
}

/// Whether a row of `file` is meant by `id`; a country also by its short code.
fn has(file: &Dataset, id: &str) -> bool {
    file.rows
        .iter()
        .any(|row| row.id() == id || row.texts("iso2").any(|code| code == id))
}

fn cell(file: &str, row: &Row, column: &str, value: &str, why: &'static str) -> Fault {
    Fault::Cell {
        file: file.into(),
        row: row.id().into(),
        column: column.into(),
        value: value.into(),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str = r#"{"seed/a.json": {"plain": ["name"], "refers": {"up": "seed/a.json"},
        "coded": {"kind": {"of": "type", "values":
            {"OLD": "NEW", "NONE": null, "SOON": "later", "MIXED": {"*": "ONE", "second": "TWO"}}}}}}"#;

    fn first_fault(row: &str) -> Option<String> {
        let text = format!(r#"{{"rows": [{row}]}}"#);
        let file = Dataset::json("seed/a.json", &text).unwrap();
        Mapping::parse(RULE)
            .unwrap()
            .faults(&[file])
            .first()
            .map(ToString::to_string)
    }

    #[test]
    fn a_value_becomes_what_the_mapping_says() {
        let mapping = Mapping::parse(RULE).unwrap();
        for (id, kind, meaning) in [
            ("first", "OLD", Meaning::Code("NEW")),
            ("first", "NONE", Meaning::Nothing),
            ("first", "SOON", Meaning::Later),
            ("first", "MIXED", Meaning::Code("ONE")),
            ("second", "MIXED", Meaning::Code("TWO")),
        ] {
            let text = format!(r#"{{"rows": [{{"id": "{id}", "type": "{kind}"}}]}}"#);
            let file = Dataset::json("seed/a.json", &text).unwrap();
            assert_eq!(
                mapping.meanings("seed/a.json", &file.rows[0], "kind"),
                Ok(vec![meaning])
            );
        }
    }

    #[test]
    fn what_is_not_mapped_is_a_fault_that_says_where() {
        assert_eq!(
            first_fault(r#"{"id": "x", "name": "n", "type": "OLD", "up": "x"}"#),
            None
        );
        assert_eq!(
            first_fault(r#"{"id": "x", "type": ["OLD", "ODD"]}"#).unwrap(),
            "`seed/a.json`, row `x`, column `type`, value `ODD`: `mapping.json` says not what it becomes"
        );
        assert_eq!(
            first_fault(r#"{"id": "x", "up": "y"}"#).unwrap(),
            "`seed/a.json`, row `x`, column `up`, value `y`: no row has this id"
        );
        assert_eq!(
            first_fault(r#"{"id": "x", "colour": "red"}"#).unwrap(),
            "`seed/a.json`, row `x`, column `colour`, value ``: `mapping.json` does not name the column"
        );
    }
}
