//! Plans an import: what each row of the files says, in the fields of a record.
//!
//! Nothing here reads or writes the database: what a row says depends on the file, the
//! mapping and the year alone.

use std::collections::{BTreeMap, HashMap};

use super::{
    mapping::{Field, Mapping, Source},
    read::{Cell, Format, Row, Table},
    report::{self, Counts, Finding, FindingCode, Findings, RowOutcome},
    targets::Kept,
    template::Rendered,
    values::{
        countries::{self, NoCountry},
        dates::{self, NoDate},
        text,
    },
};
use crate::{
    confidentiality::stored::Shape,
    identity::kind::Kind,
    language::LanguageTag,
    vocabulary::{CodeList, TranslationStatus, codes::Coded, is_theme, no_theme},
};

/// Bytes of a provider's id at most.
const ID: usize = 300;
/// Entries of a list at most.
const LIST: usize = 100;
/// Years that can be meant, from this on, where a mapping says nothing; and so many to come.
const FIRST_YEAR: u16 = 1900;
const YEARS_TO_COME: u16 = 10;
/// Lines that a sentence names.
const NAMED: usize = 4;
/// Codes that a sentence lists.
const LISTED: usize = 40;

/// A file of the import.
#[derive(Debug)]
pub struct File {
    /// Its name, without its folder.
    pub name: String,
    /// Its rows; none where it is refused.
    pub table: Option<Table>,
    /// What was found in it.
    pub findings: Findings,
}

/// A value as a row gives it.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(untagged)]
pub enum Datum {
    /// No value.
    None,
    /// Yes or no.
    Flag(bool),
    /// A number.
    Number(i64),
    /// A text, a code or a date.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// A value for a column.
#[derive(Clone, Debug)]
pub struct Value {
    /// The column of the table.
    pub column: &'static str,
    /// How it is kept.
    pub shape: Shape,
    /// The value.
    pub datum: Datum,
}

/// A link to what has a code.
#[derive(Clone, Debug)]
pub struct Link {
    /// The key column.
    pub column: &'static str,
    /// The kind of what it leads to.
    pub kind: Kind,
    /// Its code; none takes the link away.
    pub code: Option<String>,
    /// The column of the file, for sentences.
    pub from: String,
}

/// What a column says in another language.
#[derive(Clone, Debug)]
pub struct Text {
    /// The column.
    pub column: &'static str,
    /// In which language.
    pub language: LanguageTag,
    /// How it has come to be.
    pub status: TranslationStatus,
    /// The text; none takes it away.
    pub text: Option<String>,
    /// The column of the file, for sentences.
    pub from: String,
}

/// What a row says.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// Values of columns.
    pub values: Vec<Value>,
    /// Links to others.
    pub links: Vec<Link>,
    /// States that it concerns.
    pub countries: Vec<String>,
    /// Topics that it concerns.
    pub topics: Vec<String>,
    /// What its texts are in other languages.
    pub texts: Vec<Text>,
}

/// A row of the import.
#[derive(Debug)]
pub struct Planned {
    /// The place of its file.
    pub file: usize,
    /// Its place in the file's table.
    pub row: usize,
    /// Its line.
    pub line: u64,
    /// The provider's id.
    pub id: String,
    /// What it says; none where it is refused or left out.
    pub said: Option<Said>,
    /// What it says, as one text to compare and to hash.
    pub canonical: String,
    /// What became of it, once that is known.
    pub outcome: Option<RowOutcome>,
}

/// An import that is ready to be written, or to be refused.
#[derive(Debug)]
pub struct Job {
    /// How rows are understood.
    pub mapping: Mapping,
    /// The files.
    pub files: Vec<File>,
    /// Their rows, in order.
    pub rows: Vec<Planned>,
}

impl Job {
    /// Plans the rows of all files; `progress` is told after each.
    pub fn plan(
        mapping: Mapping,
        files: Vec<File>,
        this_year: u16,
        mut progress: impl FnMut(),
    ) -> Self {
        let mut job = Self {
            mapping,
            files,
            rows: Vec::new(),
        };
        let last = this_year.saturating_add(YEARS_TO_COME);
        let years = job.mapping.years.unwrap_or((FIRST_YEAR, last));
        let mapping = &job.mapping;
        for (place, file) in job.files.iter_mut().enumerate() {
            let Some(table) = &file.table else {
                continue;
            };
            let Some(slots) = bound(mapping, table, &mut file.findings) else {
                continue;
            };
            let reading = Reading {
                mapping,
                slots,
                is_delimited: matches!(table.format, Format::Delimited(_)),
                years,
            };
            for (row_place, row) in table.rows.iter().enumerate() {
                let mut planned = Planned {
                    file: place,
                    row: row_place,
                    line: row.line,
                    id: String::new(),
                    said: None,
                    canonical: String::new(),
                    outcome: None,
                };
                reading.row(row, &mut planned, &mut file.findings);
                job.rows.push(planned);
                progress();
            }
        }
        // A row that is refused for something else counts, too: which of them is meant?
        job.compare("id", |row| (!row.id.is_empty()).then(|| row.id.clone()));
        job.compare("code", code_of);
        job
    }

    /// Whether a file is refused whole.
    pub fn is_fatal(&self) -> bool {
        self.files.iter().any(|file| file.findings.is_fatal())
    }

    /// How many rows had which outcome.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for outcome in self.rows.iter().filter_map(|row| row.outcome) {
            counts.count(outcome);
        }
        counts
    }

    /// Refuses a row that was understood, with what is found.
    pub fn refuse(&mut self, place: usize, finding: Finding) {
        if let Some(row) = self.rows.get_mut(place) {
            row.outcome = Some(RowOutcome::Refused);
            row.said = None;
            let finding = finding.at(row.line);
            if let Some(file) = self.files.get_mut(row.file) {
                file.findings.push(finding);
            }
        }
    }

    /// Rows with one id, or one code: those that say the same are one, others are refused.
    fn compare(&mut self, what: &str, key: impl Fn(&Planned) -> Option<String>) {
        let column = match what {
            "id" => self.mapping.id.columns().collect::<Vec<_>>().join(", "),
            other => other.to_owned(),
        };
        let mut seen: HashMap<String, Vec<usize>> = HashMap::new();
        for (place, row) in self.rows.iter().enumerate() {
            let compared = row
                .outcome
                .is_none_or(|outcome| outcome == RowOutcome::Refused);
            if compared && let Some(key) = key(row) {
                seen.entry(key).or_default().push(place);
            }
        }
        let mut twice: Vec<(String, Vec<usize>)> = seen
            .into_iter()
            .filter(|(_, places)| places.len() > 1)
            .collect();
        twice.sort_by(|one, other| one.1.cmp(&other.1));
        for (key, places) in twice {
            let canonical = |place: &usize| self.rows.get(*place).map(|row| &row.canonical);
            let Some(first) = places.first() else {
                continue;
            };
            let same = places.iter().all(|place| {
                canonical(place) == canonical(first)
                    && canonical(place).is_some_and(|c| !c.is_empty())
            });
            let lines = places.iter().take(NAMED);
            let mut lines: Vec<String> = lines.map(|place| self.place_of(*place)).collect();
            if places.len() > NAMED {
                lines.push(format!("{} others", places.len() - NAMED));
            }
            for (nth, place) in places.iter().enumerate() {
                if same && what == "id" {
                    if nth > 0 {
                        self.repeat(*place, lines.first().cloned().unwrap_or_default(), &key);
                    }
                } else {
                    let sentence = format!(
                        "{} have the same {what} and do not say the same; keep one of them",
                        lines.join(" and ")
                    );
                    let finding = FindingCode::IdTwice.says(sentence).of(&key);
                    self.refuse(*place, finding.in_column(&column));
                }
            }
        }
    }

    fn place_of(&self, place: usize) -> String {
        let Some(row) = self.rows.get(place) else {
            return String::new();
        };
        match self.files.get(row.file) {
            Some(file) if self.files.len() > 1 => format!("line {} of {}", row.line, file.name),
            _ => format!("line {}", row.line),
        }
    }

    fn repeat(&mut self, place: usize, first: String, id: &str) {
        if let Some(row) = self.rows.get_mut(place) {
            row.outcome = Some(RowOutcome::Repeated);
            let sentence = format!("the row says what {first} says, and is imported once");
            let finding = FindingCode::RowTwice.says(sentence).at(row.line).of(id);
            if let Some(file) = self.files.get_mut(row.file) {
                file.findings.push(finding);
            }
        }
    }
}

/// The code that a row gives its record, where its kind has one.
pub fn code_of(row: &Planned) -> Option<String> {
    let values = &row.said.as_ref()?.values;
    let code = values.iter().find(|value| value.column == "code")?;
    match &code.datum {
        Datum::Text(code) => Some(code.clone()),
        Datum::None | Datum::Flag(_) | Datum::Number(_) | Datum::List(_) => None,
    }
}

/// The places of the columns that the mapping reads.
fn bound(
    mapping: &Mapping,
    table: &Table,
    found: &mut Findings,
) -> Option<BTreeMap<String, Option<usize>>> {
    let optional = |column: &str| {
        mapping.fields.iter().any(|field| {
            field.optional && matches!(&field.source, Source::Column(name) if name == column)
        })
    };
    let reads = mapping.columns();
    let mut slots = BTreeMap::new();
    let mut missing = Vec::new();
    for column in &reads {
        let place = table.place(column);
        let may_lack = optional(column) || table.columns.is_empty();
        if place.is_none() && !may_lack {
            missing.push(*column);
        }
        slots.insert((*column).to_owned(), place);
    }
    if matches!(table.format, Format::Json | Format::JsonLines) {
        // An object leaves out what it has no value for.
        for column in missing.drain(..) {
            let sentence = "no object of the file has this key, and the field stays empty";
            found.push(FindingCode::KeyAbsent.says(sentence).in_column(column));
        }
    }
    if !missing.is_empty() {
        let has: Vec<&str> = table.columns.iter().map(String::as_str).collect();
        let sentence = format!(
            "the mapping reads columns that the file has not: {}; it has {}",
            missing.join(", "),
            report::shown_list(&has)
        );
        found.push(FindingCode::ColumnMissing.says(sentence));
        return None;
    }
    for column in &table.columns {
        // `reason` is what this hub itself adds to rejects.
        let known = reads.contains(column.as_str())
            || mapping.ignore.contains(column)
            || column == super::rejects::REASON;
        if !known {
            let sentence = "the mapping says nothing of this column, and it was left out";
            found.push(FindingCode::ColumnLeftOut.says(sentence).in_column(column));
        }
    }
    (!found.is_fatal()).then_some(slots)
}

/// How the rows of one file are read.
struct Reading<'a> {
    mapping: &'a Mapping,
    slots: BTreeMap<String, Option<usize>>,
    is_delimited: bool,
    years: (u16, u16),
}

/// The texts of one row, by column.
type Texts<'a> = HashMap<&'a str, Vec<String>>;

impl Reading<'_> {
    fn row(&self, row: &Row, planned: &mut Planned, found: &mut Findings) {
        if row.broken {
            planned.outcome = Some(RowOutcome::Refused);
            return;
        }
        if self.is_skipped(row) {
            planned.outcome = Some(RowOutcome::Skipped);
            return;
        }
        let mut notes = Notes {
            line: row.line,
            column: None,
            refused: false,
            found,
        };
        let texts = self.texts(row, &mut notes);
        let mut said = Said::default();
        for field in &self.mapping.fields {
            self.field(field, &texts, &mut said, &mut notes);
        }
        notes.column = None;
        for text in said.texts.iter().filter(|text| text.text.is_some()) {
            let mut values = said.values.iter();
            let original =
                values.any(|value| value.column == text.column && value.datum != Datum::None);
            if !original {
                let sentence = "the field itself says nothing that this could be a translation of";
                let finding = FindingCode::ValueMissing.says(sentence);
                notes.refuse(finding.in_column(&text.from));
            }
        }
        planned.id = match self.mapping.id.render(|column| texts.get(column).cloned()) {
            Rendered::Text(id) if id.len() <= ID => id,
            Rendered::Text(_) => {
                let sentence = format!("the id of the row is longer than {ID} bytes");
                notes.refuse(FindingCode::TextTooLong.says(sentence));
                String::new()
            }
            Rendered::Absent => {
                let columns: Vec<&str> = self.mapping.id.columns().collect();
                let sentence = "the row has no id: a column that makes it is empty";
                let finding = FindingCode::ValueMissing.says(sentence);
                notes.refuse(finding.in_column(&columns.join(", ")));
                String::new()
            }
            Rendered::NoCountry(column, text) => {
                notes.refuse(no_country(&text).in_column(&column));
                String::new()
            }
        };
        if notes.refused {
            planned.outcome = Some(RowOutcome::Refused);
            return;
        }
        planned.canonical = canonical(self.mapping, &said);
        planned.said = Some(said);
    }

    fn is_skipped(&self, row: &Row) -> bool {
        self.mapping.skip.iter().any(|(column, values)| {
            let cell = self.slots.get(column).copied().flatten();
            match cell.and_then(|place| row.cells.get(place)) {
                Some(Cell::Text(text) | Cell::Computed(text)) => values.contains(text.trim()),
                Some(Cell::Empty) => values.contains(""),
                Some(Cell::List(_) | Cell::Wrong(_)) | None => false,
            }
        })
    }

    /// The texts of the columns that are read, each looked at once.
    fn texts<'a>(&'a self, row: &Row, notes: &mut Notes<'_>) -> Texts<'a> {
        let mut texts = HashMap::new();
        for (column, place) in &self.slots {
            let Some(cell) = place.and_then(|place| row.cells.get(place)) else {
                continue;
            };
            let whole = match cell {
                Cell::Empty => continue,
                Cell::Text(text) => {
                    if self.is_delimited && text::looks_like_formula(text) {
                        let sentence = "a spreadsheet would run this as a formula; it is kept as \
                                        text";
                        let finding = FindingCode::Formula.says(sentence).of(text);
                        notes.remark(finding.in_column(column));
                    }
                    vec![text.clone()]
                }
                Cell::Computed(text) => {
                    let sentence = "the cell holds a formula; the value that the sheet keeps for \
                                    it was taken";
                    let finding = FindingCode::Formula.says(sentence).of(text);
                    notes.remark(finding.in_column(column));
                    vec![text.clone()]
                }
                Cell::List(list) => list.clone(),
                Cell::Wrong(sentence) => {
                    notes.refuse(FindingCode::CellWrong.says(*sentence).in_column(column));
                    continue;
                }
            };
            let mut kept = Vec::new();
            for text in whole {
                let text = if self.mapping.clean {
                    text::cleaned(&text)
                } else {
                    text
                };
                if let Some((letter, hidden)) = text::first_hidden(&text) {
                    let sentence = format!(
                        "letter {} is {}, which does not show; take it out, or let the mapping \
                         say `clean = true`",
                        letter + 1,
                        text::name(hidden)
                    );
                    let finding = FindingCode::CharacterHidden.says(sentence).of(&text);
                    notes.refuse(finding.in_column(column));
                    continue;
                }
                let text = text.trim().replace("\r\n", "\n").replace('\r', "\n");
                if !text.is_empty() {
                    kept.push(text);
                }
            }
            if !kept.is_empty() {
                texts.insert(column.as_str(), kept);
            }
        }
        texts
    }

    fn field(&self, field: &Field, texts: &Texts<'_>, said: &mut Said, notes: &mut Notes<'_>) {
        let from = match &field.source {
            Source::Column(column) => column.clone(),
            Source::Template(_) | Source::Value(_) => field.target.name.clone(),
        };
        let mut entries = match &field.source {
            Source::Column(column) => texts.get(column.as_str()).cloned().unwrap_or_default(),
            Source::Value(value) => vec![value.clone()],
            Source::Template(template) => {
                match template.render(|column| texts.get(column).cloned()) {
                    Rendered::Text(text) if text.is_empty() => Vec::new(),
                    Rendered::Text(text) => vec![text],
                    Rendered::Absent => Vec::new(),
                    Rendered::NoCountry(column, text) => {
                        notes.refuse(no_country(&text).in_column(&column));
                        return;
                    }
                }
            }
        };
        notes.column = Some(from.clone());
        if let Some(separator) = &field.separator {
            entries = entries
                .iter()
                .flat_map(|text| text.split(separator.as_str()))
                .map(|part| part.trim().to_owned())
                .filter(|part| !part.is_empty())
                .collect();
        }
        if let Some(values) = &field.values {
            let mapped = entries.iter().map(|text| values.get(text).unwrap_or(text));
            entries = mapped.filter(|text| !text.is_empty()).cloned().collect();
        }
        if entries.is_empty() && field.required {
            notes.refuse(FindingCode::ValueMissing.says("the field must have a value"));
            return;
        }
        if entries.len() > LIST {
            let sentence = format!("the list has over {LIST} entries");
            notes.refuse(FindingCode::TextTooLong.says(sentence));
            return;
        }
        for text in &entries {
            let most = field.target.longest();
            if text.len() > most {
                let sentence = format!("the text has {} bytes; the field takes {most}", text.len());
                notes.refuse(FindingCode::TextTooLong.says(sentence).of(text));
                return;
            }
        }
        match field.target.kept {
            Kept::Countries => said.countries = states(&entries, notes),
            Kept::StateCodes(column) => {
                said.values.push(listed(column, states(&entries, notes)));
            }
            Kept::Codes(column, list) => {
                let mut codes = Vec::new();
                for text in entries {
                    match coded(list, &text) {
                        Ok(code) => codes.push(code),
                        Err(finding) => notes.refuse(finding.of(&text)),
                    }
                }
                codes.sort_unstable();
                codes.dedup();
                said.values.push(listed(column, codes));
            }
            Kept::Topics => said.topics = topics(&entries, notes),
            Kept::Text(column) => {
                let Some(text) = single(entries, notes) else {
                    return;
                };
                if let Some(language) = field.target.language.clone() {
                    said.texts.push(Text {
                        column,
                        language,
                        status: field.status,
                        text,
                        from,
                    });
                }
            }
            Kept::Key(column, kind) => {
                let Some(code) = single(entries, notes) else {
                    return;
                };
                said.links.push(Link {
                    column,
                    kind,
                    code,
                    from,
                });
            }
            Kept::Column(column, shape) => {
                if let Some(datum) = self.datum(field, shape, entries, notes) {
                    said.values.push(Value {
                        column,
                        shape,
                        datum,
                    });
                }
            }
        }
    }

    /// A value in the shape of its column; `None` where it was refused.
    fn datum(
        &self,
        field: &Field,
        shape: Shape,
        entries: Vec<String>,
        notes: &mut Notes<'_>,
    ) -> Option<Datum> {
        if let Shape::List = shape {
            return Some(list(entries));
        }
        let Some(text) = single(entries, notes)? else {
            return Some(Datum::None);
        };
        let known = match shape {
            Shape::Text => plain(&field.target.name, self.mapping.kind, &text).map(Datum::Text),
            Shape::Code(list) => coded(list, &text).map(Datum::Text),
            Shape::Date => dates::parse(&text, &field.dates, self.years)
                .map(|date| Datum::Text(date.as_str().to_owned()))
                .map_err(|no| no_date(&no, field, self.years)),
            Shape::Flag => match text.to_lowercase().as_str() {
                "yes" | "true" | "1" | "x" | "y" => Ok(Datum::Flag(true)),
                "no" | "false" | "0" | "n" => Ok(Datum::Flag(false)),
                _ => Err(FindingCode::ValueUnknown.says("neither yes nor no")),
            },
            Shape::Number | Shape::Time => text
                .parse()
                .map(Datum::Number)
                .map_err(|_| FindingCode::ValueUnknown.says("no whole number")),
            // Handled above: it has several entries.
            Shape::List => Ok(Datum::None),
        };
        known
            .map_err(|finding| notes.refuse(finding.of(&text)))
            .ok()
    }
}

/// The one entry of a field that is no list; `None` where there are several.
fn single(entries: Vec<String>, notes: &mut Notes<'_>) -> Option<Option<String>> {
    if entries.len() > 1 {
        let sentence = "the field takes one value, and there are several";
        notes.refuse(FindingCode::CellWrong.says(sentence));
        return None;
    }
    Some(entries.into_iter().next())
}

/// A text that some fields want in a shape of their own.
fn plain(field: &str, kind: Kind, text: &str) -> Result<String, Finding> {
    let wrong = |sentence: &str| Err(FindingCode::ValueUnknown.says(sentence));
    let is_name = |text: &str| {
        text.len() <= 100
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b))
    };
    match (field, kind) {
        ("code", Kind::Country) if !matches!(countries::find(text), Ok(found) if found.iso3 == text) => {
            wrong("no alpha-3 code of ISO 3166-1")
        }
        ("code", _) if !is_name(text) => wrong("a code has letters, digits and `-`, `_`, `.`"),
        ("url", _) if !(text.starts_with("https://") || text.starts_with("http://")) => {
            wrong("an address begins with `https://`")
        }
        _ => Ok(text.to_owned()),
    }
}

/// A list as it is kept: an empty one is none.
fn list(entries: Vec<String>) -> Datum {
    if entries.is_empty() {
        Datum::None
    } else {
        Datum::List(entries)
    }
}

fn listed(column: &'static str, entries: Vec<String>) -> Value {
    Value {
        column,
        shape: Shape::List,
        datum: list(entries),
    }
}

/// A code of a list.
fn coded(list: &CodeList, text: &str) -> Result<String, Finding> {
    let codes = list.codes.iter().map(|code| code.code);
    if codes.clone().any(|code| code == text) {
        return Ok(text.to_owned());
    }
    let some: Vec<&str> = codes.take(LISTED).collect();
    let sentence = format!(
        "no code of `{}`: {}; let `values` of the mapping say what it means",
        list.name,
        some.join(", ")
    );
    Err(FindingCode::ValueUnknown.says(sentence))
}

fn states(entries: &[String], notes: &mut Notes<'_>) -> Vec<String> {
    let mut states: Vec<String> = Vec::new();
    for text in entries {
        match countries::find(text) {
            Ok(state) => {
                if let Some(until) = &state.until {
                    let sentence = format!(
                        "the name or code until {until} of what is {} ({}) today",
                        state.name, state.iso3
                    );
                    notes.remark(FindingCode::CountryRenamed.says(sentence).of(text));
                }
                if !states.contains(&state.iso3) {
                    states.push(state.iso3);
                }
            }
            Err(_) => notes.refuse(no_country(text)),
        }
    }
    states.sort_unstable();
    states
}

fn topics(entries: &[String], notes: &mut Notes<'_>) -> Vec<String> {
    let mut topics: Vec<String> = Vec::new();
    for text in entries {
        if !is_theme(text) {
            let sentence = no_theme(text);
            let sentence = format!("{sentence}; let `values` of the mapping say which is meant");
            notes.refuse(FindingCode::ValueUnknown.says(sentence).of(text));
        } else if !topics.contains(text) {
            topics.push(text.clone());
        }
    }
    topics.sort_unstable();
    topics
}

fn no_country(text: &str) -> Finding {
    let sentence = match countries::find(text) {
        Err(NoCountry::Ended(until)) => {
            format!("this State ended in {until}; name the State that is meant today")
        }
        Ok(_) | Err(NoCountry::Unknown) => "no State or territory of the UN's list has this code \
                                            or name; let `values` of the mapping say which is \
                                            meant"
            .to_owned(),
    };
    FindingCode::CountryUnknown.says(sentence).of(text)
}

fn no_date(no: &NoDate, field: &Field, years: (u16, u16)) -> Finding {
    match no {
        NoDate::NoForm => {
            let forms: Vec<&str> = field.dates.iter().map(dates::Form::text).collect();
            let forms = if forms.is_empty() {
                "yyyy-mm-dd".to_owned()
            } else {
                forms.join(", ")
            };
            FindingCode::DateWrong.says(format!("no date in a form of the mapping: {forms}"))
        }
        NoDate::NoSuchDay => FindingCode::DateWrong.says("there is no such day"),
        NoDate::Year(year) => FindingCode::YearUnlikely.says(format!(
            "the year {year} can't be meant: it is outside {} to {}; correct it, or let the \
             mapping say other `years`",
            years.0, years.1
        )),
    }
}

fn canonical(mapping: &Mapping, said: &Said) -> String {
    let values: Vec<_> = said
        .values
        .iter()
        .map(|value| (value.column, &value.datum))
        .collect();
    let links: Vec<_> = said
        .links
        .iter()
        .map(|link| (link.column, &link.code))
        .collect();
    let levels: Vec<_> = mapping
        .fields
        .iter()
        .filter_map(|field| Some((field.target.name.as_str(), field.level?.code())))
        .collect();
    let mut canonical = serde_json::json!([
        mapping.kind.code(),
        mapping.existence.code(),
        levels,
        values,
        links,
        said.countries,
        said.topics
    ]);
    // A row without any says what it did before there were such.
    if let Some(parts) = canonical.as_array_mut()
        && (mapping.language.is_some() || !said.texts.is_empty())
    {
        let own = mapping.language.as_ref().map(LanguageTag::as_str);
        let texts = said.texts.iter();
        let texts = texts.map(|text| {
            (
                text.column,
                text.language.as_str(),
                text.status.code(),
                &text.text,
            )
        });
        let texts: Vec<_> = texts.collect();
        parts.push(serde_json::json!([own, texts]));
    }
    canonical.to_string()
}

/// What is found in one row.
struct Notes<'a> {
    line: u64,
    /// The column that is looked at.
    column: Option<String>,
    refused: bool,
    found: &'a mut Findings,
}

impl Notes<'_> {
    /// Says why the row is refused.
    fn refuse(&mut self, finding: Finding) {
        self.refused = true;
        self.remark(finding);
    }

    /// Says something that refuses nothing.
    fn remark(&mut self, finding: Finding) {
        let finding = match (&finding.column, &self.column) {
            (None, Some(column)) => finding.in_column(column),
            _ => finding,
        };
        self.found.push(finding.at(self.line));
    }
}
