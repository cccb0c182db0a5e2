//! The committed data as the running hub holds it, and how its words are read.

use super::{
    draft::Draft,
    mapping::{Mapping, Meaning},
    rows::{Dataset, Fault, Row},
};

/// Where the facts of the seed files are from, up to the section.
const NOTE: &str =
    "Concept note on cooperation between United Nations and regional human rights mechanisms";
/// The month that the note's own text puts it in.
const NOTE_AS_OF: &str = "2012-12";
/// What the extraction of the facts is licensed under.
const NOTE_LICENSE: &str = "AGPL-3.0-or-later";

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("data/", $name)))),*]
    };
}

/// The committed files, by their names below the data folder.
const FILES: [(&str, &str); 15] = files![
    "seed/mechanisms.json",
    "seed/focal_points.json",
    "seed/work_plan.json",
    "seed/documents.json",
    "seed/agreements.json",
    "seed/information_kinds.json",
    "seed/meetings.json",
    "seed/joint_activities.json",
    "seed/recommendations.json",
    "seed/same_matter_rules.json",
    "seed/upr_contributions.json",
    "seed/workshop_themes.json",
    "seed/workshop_profile.json",
    "countries.csv",
    "regional-membership.csv",
];

/// The seed: every file, and the mapping that gives its words their meaning.
#[derive(Clone, Debug)]
pub(super) struct Seed {
    mapping: Mapping,
    files: Vec<Dataset>,
}

/// The rows of one file, read by the mapping.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sheet<'a> {
    mapping: &'a Mapping,
    file: &'a Dataset,
}

impl Seed {
    /// Reads what the binary carries.
    pub(super) fn open() -> Result<Self, Fault> {
        let mapping = Mapping::parse(include_str!("data/mapping.json"))?;
        let files = FILES
            .iter()
            .map(|(name, text)| mapping.read(name, text))
            .collect::<Result<_, _>>()?;
        Ok(Self { mapping, files })
    }

    /// The sheet of one file.
    pub(super) fn sheet(&self, name: &str) -> Result<Sheet<'_>, Fault> {
        let file = self.files.iter().find(|file| file.file == name);
        file.map(|file| Sheet {
            mapping: &self.mapping,
            file,
        })
        .ok_or_else(|| Fault::Unreadable {
            file: name.into(),
            why: "it is not among the files of the demo".into(),
        })
    }
}

impl<'a> Sheet<'a> {
    /// Its rows, in the file's order.
    pub(super) fn rows(self) -> &'a [Row] {
        &self.file.rows
    }

    /// The row with this id.
    pub(super) fn row(self, id: &str) -> Option<&'a Row> {
        self.file.rows.iter().find(|row| row.id() == id)
    }

    /// The codes that `field` has for `row`; what has no code yet is left out.
    pub(super) fn codes(self, row: &Row, field: &str) -> Result<Vec<&'a str>, Fault> {
        let meanings = self.mapping.meanings(&self.file.file, row, field)?;
        Ok(meanings
            .into_iter()
            .filter_map(|meaning| match meaning {
                Meaning::Code(code) => Some(code),
                Meaning::Nothing | Meaning::Later => None,
            })
            .collect())
    }

    /// The first of the codes that `field` has for `row`.
    pub(super) fn code(self, row: &Row, field: &str) -> Result<Option<&'a str>, Fault> {
        Ok(self.codes(row, field)?.first().copied())
    }
}

impl Row {
    /// The text in `column`, where there is one.
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        self.texts(column).next()
    }

    /// Whether `column` says yes.
    pub(super) fn says(&self, column: &str) -> bool {
        self.0
            .get(column)
            .and_then(serde_json::Value::as_bool)
            .unwrap_or(false)
    }

    /// The fault that something is wrong with this row.
    pub(super) fn fault(&self, file: &str, why: &str) -> Fault {
        Fault::Row {
            file: file.into(),
            row: self.id().into(),
            why: why.into(),
        }
    }
}

impl Draft {
    /// Says in which section of the concept note the row is found.
    #[must_use]
    pub(super) fn noted(self, row: &Row) -> Self {
        let sections: Vec<&str> = row.texts("source").collect();
        let source = match sections.as_slice() {
            [] => NOTE.to_owned(),
            [one] => format!("{NOTE}, section {one}"),
            many => format!("{NOTE}, sections {}", many.join(", ")),
        };
        self.sourced(&source, NOTE_AS_OF, NOTE_LICENSE)
    }
}

/// Sentences that say the rest of a row, joined; `None` where there are none.
pub(super) fn remark<'a>(sentences: impl IntoIterator<Item = Option<&'a str>>) -> Option<String> {
    let sentences: Vec<String> = sentences
        .into_iter()
        .flatten()
        .map(|sentence| match sentence.ends_with('.') {
            true => sentence.to_owned(),
            false => format!("{sentence}."),
        })
        .collect();
    (!sentences.is_empty()).then(|| sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_answers_for_every_value_of_every_file() {
        let seed = Seed::open().unwrap();
        assert_eq!(seed.mapping.faults(&seed.files), []);
        let mapped: Vec<&str> = seed.mapping.files().collect();
        assert_eq!(mapped.len(), FILES.len());
        assert!(FILES.iter().all(|(name, _)| mapped.contains(name)));
        let rows: usize = seed.files.iter().map(|file| file.rows.len()).sum();
        assert_eq!(rows, 487 + 249 + 328);
    }
}
