//! Texts in other languages, each in a column such as `title@fr`: as an import reads them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// What is asked of a record for them.
pub(super) const ASKED: &str = "translations { field text language status }";
/// The field that tells them.
pub(super) const FIELD: &str = "translations";

/// The texts of each row, by column.
#[derive(Default)]
pub(super) struct Tongues(Vec<BTreeMap<String, Value>>);

impl Tongues {
    /// Takes those of the next row.
    pub(super) fn take(&mut self, told: Value) {
        let mut texts = BTreeMap::new();
        if let Value::Array(told) = told {
            for mut text in told {
                let said = |name: &str| text.get(name).and_then(Value::as_str);
                // The original is in the column of its field.
                if said("status") == Some("ORIGINAL") {
                    continue;
                }
                let (Some(field), Some(language)) = (said("field"), said("language")) else {
                    continue;
                };
                let column = format!("{field}@{language}");
                if let Some(words) = text.get_mut("text").map(Value::take) {
                    texts.insert(column, words);
                }
            }
        }
        self.0.push(texts);
    }

    /// Adds a column for each field in each language that any row is told in.
    pub(super) fn beside(self, heads: &mut Vec<String>, rows: &mut [Vec<Value>]) {
        let columns: BTreeSet<&String> = self.0.iter().flat_map(BTreeMap::keys).collect();
        let columns: Vec<String> = columns.into_iter().cloned().collect();
        for (row, mut texts) in rows.iter_mut().zip(self.0) {
            let cells = columns.iter();
            row.extend(cells.map(|column| texts.remove(column).unwrap_or_default()));
        }
        heads.extend(columns);
    }
}
