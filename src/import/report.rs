//! What an import has to say: of each row what became of it, and why where it was refused.

use std::collections::HashMap;

use crate::vocabulary::codes::{Coded, codes};

/// Findings that are kept; more are counted.
const KEPT: usize = 10_000;
/// Letters of a value that are shown.
const SHOWN: usize = 40;

codes! {
    /// What an import has found in a file, a row or a cell.
    pub FindingCode {
        /// The file can't be read in its format.
        FileUnreadable => "FILE_UNREADABLE",
        /// There is nothing in the file.
        FileEmpty => "FILE_EMPTY",
        /// The file, its rows or its columns are over the limit.
        FileTooLarge => "FILE_TOO_LARGE",
        /// The file is not in the encoding that it should be in.
        EncodingWrong => "ENCODING_WRONG",
        /// The file is UTF-8, and was read so, although another encoding was named (a
        /// remark).
        EncodingIgnored => "ENCODING_IGNORED",
        /// The file has a header, and no rows (a remark).
        NoRows => "NO_ROWS",
        /// Two columns have the same name, or one has none.
        HeaderWrong => "HEADER_WRONG",
        /// The mapping names a column that the file has not.
        ColumnMissing => "COLUMN_MISSING",
        /// No object has a key that the mapping reads (a remark).
        KeyAbsent => "KEY_ABSENT",
        /// The mapping says nothing of a column, which is left out (a remark).
        ColumnLeftOut => "COLUMN_LEFT_OUT",
        /// The file ends its lines in several ways (a remark).
        LineEndsMixed => "LINE_ENDS_MIXED",
        /// The row has more or fewer cells than the header, or is no row at all.
        RowWrong => "ROW_WRONG",
        /// The cell holds no text, number, yes or no, or list of these.
        CellWrong => "CELL_WRONG",
        /// The text is longer than the field may be.
        TextTooLong => "TEXT_TOO_LONG",
        /// The text holds a character that does not show, or turns the text around.
        CharacterHidden => "CHARACTER_HIDDEN",
        /// A spreadsheet would take the text for a formula, or the cell holds one: its text
        /// or its value is kept (a remark).
        Formula => "FORMULA",
        /// The field must have a value, and there is none.
        ValueMissing => "VALUE_MISSING",
        /// The value is none that the field can have.
        ValueUnknown => "VALUE_UNKNOWN",
        /// It is no date, or a day that there never was.
        DateWrong => "DATE_WRONG",
        /// The year can't be meant.
        YearUnlikely => "YEAR_UNLIKELY",
        /// No State or territory of the UN's list has this code or name.
        CountryUnknown => "COUNTRY_UNKNOWN",
        /// The State has another name today; it is understood (a remark).
        CountryRenamed => "COUNTRY_RENAMED",
        /// No such mechanism or organisation is there, or none that you may know of.
        NotFound => "NOT_FOUND",
        /// Another row has the same id or code, and says something else.
        IdTwice => "ID_TWICE",
        /// Another row says the same; it is imported once (a remark).
        RowTwice => "ROW_TWICE",
        /// You have imported this id as a record of another kind.
        IdOfAnotherKind => "ID_OF_ANOTHER_KIND",
        /// A record with this code is on the list, and is not yours to write.
        CodeTaken => "CODE_TAKEN",
        /// Your mechanism has retired the record that the row changes.
        Retired => "RETIRED",
        /// Your token does not let you write or read the record.
        BeyondToken => "BEYOND_TOKEN",
    }

    /// What became of a row.
    pub RowOutcome {
        /// It is a new record.
        Created => "CREATED",
        /// It changed a record that an earlier import had made, or one of yours with its code.
        Changed => "CHANGED",
        /// It says what an earlier import had said.
        Unchanged => "UNCHANGED",
        /// Another row of the file says the same.
        Repeated => "REPEATED",
        /// The mapping leaves such rows out.
        Skipped => "SKIPPED",
        /// It was refused; the findings say why.
        Refused => "REFUSED",
    }
}

impl FindingCode {
    /// Whether it is a remark, and refuses nothing.
    pub fn is_remark(self) -> bool {
        match self {
            Self::EncodingIgnored
            | Self::NoRows
            | Self::KeyAbsent
            | Self::ColumnLeftOut
            | Self::LineEndsMixed
            | Self::Formula
            | Self::CountryRenamed
            | Self::RowTwice => true,
            Self::FileUnreadable
            | Self::FileEmpty
            | Self::FileTooLarge
            | Self::EncodingWrong
            | Self::HeaderWrong
            | Self::ColumnMissing
            | Self::RowWrong
            | Self::CellWrong
            | Self::TextTooLong
            | Self::CharacterHidden
            | Self::ValueMissing
            | Self::ValueUnknown
            | Self::DateWrong
            | Self::YearUnlikely
            | Self::CountryUnknown
            | Self::NotFound
            | Self::IdTwice
            | Self::IdOfAnotherKind
            | Self::CodeTaken
            | Self::Retired
            | Self::BeyondToken => false,
        }
    }
}

/// One thing found, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub code: FindingCode,
    /// A sentence that says what to do about it.
    pub sentence: String,
    /// The line, or the row of a sheet; none where it is about the whole file.
    pub line: Option<u64>,
    /// The column.
    pub column: Option<String>,
    /// The value, shortened, with nothing in it that does not show.
    pub value: Option<String>,
}

impl FindingCode {
    /// A finding about the whole file.
    pub fn says(self, sentence: impl Into<String>) -> Finding {
        Finding {
            code: self,
            sentence: sentence.into(),
            line: None,
            column: None,
            value: None,
        }
    }
}

impl Finding {
    /// The same, about one line.
    #[must_use]
    pub fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The same, about one column.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(shown(column));
        self
    }

    /// The same, about a value.
    #[must_use]
    pub fn of(mut self, value: &str) -> Self {
        self.value = Some(shown(value));
        self
    }
}

/// A text as a terminal may show it: short, and with its hidden characters named.
pub fn shown(text: &str) -> String {
    let mut shown = String::new();
    for (place, letter) in text.chars().enumerate() {
        if place == SHOWN {
            shown.push('…');
            break;
        }
        if letter.is_control() || super::values::text::is_hidden(letter) {
            shown.push_str(&format!("⟨{}⟩", super::values::text::name(letter)));
        } else {
            shown.push(letter);
        }
    }
    shown
}

/// Names of a file's own, as a terminal may show them.
pub fn shown_list(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| shown(name)).collect();
    names.join(", ")
}

/// What was found in one file, in the order of its lines.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    kept: Vec<Finding>,
    more: usize,
    fatal: bool,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.fatal |= finding.line.is_none() && !finding.code.is_remark();
        if self.kept.len() < KEPT {
            self.kept.push(finding);
        } else {
            self.more += 1;
        }
    }

    /// Whether the whole file is refused.
    pub fn is_fatal(&self) -> bool {
        self.fatal
    }

    /// Those that are kept, by line.
    pub fn by_line(&self) -> Vec<&Finding> {
        let mut found: Vec<_> = self.kept.iter().collect();
        found.sort_by_key(|finding| finding.line);
        found
    }

    /// How many more there were.
    pub fn more(&self) -> usize {
        self.more
    }

    /// Why rows were refused, in one text for each line.
    pub fn reasons(&self) -> HashMap<u64, String> {
        let mut reasons: HashMap<u64, String> = HashMap::new();
        for finding in &self.kept {
            let Some(line) = finding.line.filter(|_| !finding.code.is_remark()) else {
                continue;
            };
            let reason = reasons.entry(line).or_default();
            let mut told = match (&finding.column, &finding.value) {
                (Some(column), Some(value)) => format!("{column} `{value}`: "),
                (Some(column), None) => format!("{column}: "),
                (None, _) => String::new(),
            };
            told.push_str(&finding.sentence);
            if reason.contains(&told) {
                continue;
            }
            if !reason.is_empty() {
                reason.push_str("; ");
            }
            reason.push_str(&told);
        }
        reasons
    }
}

/// How many rows had which outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// New records.
    pub created: usize,
    /// Changed records.
    pub changed: usize,
    /// Rows that say nothing new.
    pub unchanged: usize,
    /// Rows that say what another row says.
    pub repeated: usize,
    /// Rows that the mapping leaves out.
    pub skipped: usize,
    /// Rows that were refused.
    pub refused: usize,
}

impl Counts {
    /// Counts a row.
    pub fn count(&mut self, outcome: RowOutcome) {
        let number = match outcome {
            RowOutcome::Created => &mut self.created,
            RowOutcome::Changed => &mut self.changed,
            RowOutcome::Unchanged => &mut self.unchanged,
            RowOutcome::Repeated => &mut self.repeated,
            RowOutcome::Skipped => &mut self.skipped,
            RowOutcome::Refused => &mut self.refused,
        };
        *number += 1;
    }

    /// The counts in words, those of nothing left out.
    pub fn words(&self) -> String {
        let all = [
            (self.created, "created"),
            (self.changed, "changed"),
            (self.unchanged, "unchanged"),
            (self.repeated, "said twice"),
            (self.skipped, "left out by the mapping"),
            (self.refused, "refused"),
        ];
        let said: Vec<String> = all
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, word)| format!("{number} {word}"))
            .collect();
        if said.is_empty() {
            "no rows".to_owned()
        } else {
            said.join(", ")
        }
    }
}

/// Rows that are refused, as a sentence begins or goes on.
pub fn refused_rows(number: usize) -> String {
    match number {
        1 => "1 row is refused".to_owned(),
        more => format!("{more} rows are refused"),
    }
}

/// One finding as a line of a report that programs read.
pub fn json_line(file: &str, finding: &Finding) -> String {
    serde_json::json!({
        "file": file,
        "line": finding.line,
        "column": finding.column,
        "value": finding.value,
        "code": finding.code.code(),
        "remark": finding.code.is_remark(),
        "sentence": finding.sentence,
    })
    .to_string()
}
