//! A mapping in words: which columns a file has to have, and what becomes of each.

use std::fmt::Write;

use super::{
    mapping::{Field, Mapping, READY, Source},
    targets::Kept,
};
use crate::{
    confidentiality::{Level, stored::Shape},
    vocabulary::{THEMES, codes::CodeList},
};

/// Letters of a line at most.
const WIDTH: usize = 100;
/// Codes of a list that are named.
const NAMED: usize = 12;

/// The mappings that come with this hub, by name, each with what it is for.
pub fn list() -> String {
    let mut told = String::new();
    for (name, text) in READY {
        let mapping = Mapping::parse(text).ok();
        let about = mapping.map(|mapping| {
            let about = mapping.about.as_deref().unwrap_or_default();
            format!("{} Each row: one {}.", about.trim(), mapping.kind)
        });
        let about = about.unwrap_or_default();
        let _ = writeln!(told, "{name}");
        wrapped(&mut told, "    ", &about);
    }
    told.push_str("\n`liaison import --describe NAME` says which columns it expects.\n");
    told
}

/// What a mapping expects of a file, for whoever has one.
pub fn describe(name: &str, mapping: &Mapping) -> String {
    let mut told = String::new();
    let kind = mapping.kind;
    let _ = writeln!(told, "{name}");
    let about = mapping
        .about
        .as_deref()
        .unwrap_or("It does not say.")
        .trim();
    wrapped(&mut told, "  ", &format!("The file: {about}"));
    let sentence = "CSV with `,` `;` or TAB, XLSX, JSON or JSON lines; the first row names the \
                    columns, in any order, spelt as below. All are there; an object of JSON may leave \
                    out what it has no value for.";
    wrapped(&mut told, "  ", &format!("Its form: {sentence}"));
    let existence = mapping.existence;
    let sentence = format!(
        "Each row becomes one {kind} of your mechanism; that there is such a record is known \
         at {existence}: {}",
        who(existence)
    );
    wrapped(&mut told, "  ", &sentence);
    let id: Vec<&str> = mapping.id.columns().collect();
    let sentence = format!(
        "A row that comes again is known by {} ({}), as of the provider `{}`.",
        named(&id),
        mapping.id.text(),
        mapping.provider
    );
    wrapped(&mut told, "  ", &sentence);
    told.push_str("\nColumns\n");
    for column in mapping.columns() {
        of_column(&mut told, mapping, column);
    }
    of_fields(&mut told, mapping);
    of_rest(&mut told, mapping);
    let sentence = "An empty cell is no value. Days that never were, unknown codes, and characters \
                    that don't show are refused, by line and column.";
    wrapped(&mut told, "", sentence);
    let _ = write!(
        told,
        "\nA token for it, a trial and the import:\n  \
         liaison token issue --holder NAME --up-to SECRETARIAT --write {kind} > FILE.token\n  \
         chmod 600 FILE.token\n  \
         liaison import --token-file FILE.token --kind {kind} --mapping {name} --dry-run FILE\n  \
         liaison import --token-file FILE.token --kind {kind} --mapping {name} FILE\n"
    );
    told
}

/// A column: whether it has to be there, and what is made of it.
fn of_column(told: &mut String, mapping: &Mapping, column: &str) {
    let makes = mapping.fields.iter().filter(|field| match &field.source {
        Source::Column(name) => name == column,
        Source::Template(template) => template.columns().any(|name| name == column),
        Source::Value(_) => false,
    });
    let makes: Vec<&Field> = makes.collect();
    let of_id = mapping.id.columns().any(|name| name == column);
    let may_lack = |field: &&&Field| field.optional && matches!(field.source, Source::Column(_));
    let needs_value = |field: &&Field| field.required && matches!(field.source, Source::Column(_));
    let state = if of_id || makes.iter().any(needs_value) {
        "required in every row"
    } else if makes.iter().any(|field| may_lack(&field)) {
        "the file may lack it"
    } else {
        "a cell may be empty"
    };
    let _ = writeln!(told, "  {column}  ({state})");
    let mut lines: Vec<String> = Vec::new();
    for field in makes {
        let name = &field.target.name;
        lines.push(match &field.source {
            Source::Column(_) => format!("becomes `{name}`"),
            Source::Template(_) | Source::Value(_) => format!("is part of `{name}`"),
        });
    }
    if of_id {
        lines.push("makes the row's id".to_owned());
    }
    if let Some(values) = mapping.skip.get(column) {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        lines.push(format!("rows that say {} are left out", either(&values)));
    }
    wrapped(told, "      ", &lines.join("; "));
}

/// The fields: of what each is made, how it is read, who is told.
fn of_fields(told: &mut String, mapping: &Mapping) {
    let _ = writeln!(told, "\nWhat each {} is told with", mapping.kind);
    for field in &mapping.fields {
        let level = match field.level {
            Some(level) => format!("{level}: {}", who(level.max(mapping.existence))),
            None if field.target.language.is_some() => {
                let of = field.target.name.split('@').next().unwrap_or_default();
                format!("told where `{of}` is")
            }
            None => "decides who reaches the record, and is told nowhere".to_owned(),
        };
        let need = if field.required { ", required" } else { "" };
        let _ = writeln!(told, "  {}  ({level}{need})", field.target.name);
        let source = match &field.source {
            Source::Column(column) => format!("from the column `{column}`"),
            Source::Template(template) => format!("made of `{}`", template.text()),
            Source::Value(value) => format!("`{value}`, the same for each row"),
        };
        let mut lines = vec![source];
        if let Some(separator) = &field.separator {
            lines.push(format!("several values, with `{separator}` between them"));
        } else if field.is_list() && matches!(field.source, Source::Column(_)) {
            lines.push("one value a cell; in JSON, a list".to_owned());
        }
        if let Some(values) = &field.values {
            let values = values.iter().map(|(said, meant)| match meant.as_str() {
                "" => format!("`{said}` is no value"),
                meant => format!("`{said}` is `{meant}`"),
            });
            lines.push(values.collect::<Vec<_>>().join(", "));
        }
        if !matches!(field.source, Source::Value(_)) {
            lines.extend(form(field));
        }
        wrapped(told, "      ", &lines.join("; "));
    }
}

/// How a value is written.
fn form(field: &Field) -> Option<String> {
    Some(match field.target.kept {
        Kept::Countries | Kept::StateCodes(_) => {
            "a State: ISO alpha-2 or alpha-3, M49, or its name in one of the six UN languages, \
             former names too"
                .to_owned()
        }
        Kept::Topics => {
            let themes: Vec<&str> = THEMES.codes.iter().map(|theme| theme.code).collect();
            format!("a theme, as its code: {}", themes.join(", "))
        }
        Kept::Key(_, kind) => format!("the code of a {kind} that this hub knows"),
        Kept::Column(_, Shape::Date) if field.dates.is_empty() => "a date: yyyy-mm-dd".to_owned(),
        Kept::Column(_, Shape::Date) => {
            let forms: Vec<&str> = field
                .dates
                .iter()
                .map(super::values::dates::Form::text)
                .collect();
            format!("a date, in the first form that fits: {}", forms.join(", "))
        }
        Kept::Codes(_, list) | Kept::Column(_, Shape::Code(list)) => {
            format!("a code: {}", codes(list))
        }
        Kept::Column(_, Shape::Flag) => "yes or no".to_owned(),
        Kept::Column(_, Shape::Number | Shape::Time) => "a whole number".to_owned(),
        Kept::Text(_) | Kept::Column(_, Shape::Text | Shape::List) => return None,
    })
}

/// The first codes of a list, and where the others stand.
fn codes(list: &CodeList) -> String {
    let codes: Vec<&str> = list
        .codes
        .iter()
        .map(|code| code.code)
        .take(NAMED)
        .collect();
    let more = match list.codes.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} others (`{}` in schema.graphql)", list.name),
    };
    codes.join(", ") + &more
}

/// What is left out, and which years can be meant.
fn of_rest(told: &mut String, mapping: &Mapping) {
    told.push('\n');
    if !mapping.ignore.is_empty() {
        let columns: Vec<&str> = mapping.ignore.iter().map(String::as_str).collect();
        let sentence = format!("Columns that are left out: {}.", columns.join(", "));
        wrapped(told, "", &sentence);
    }
    wrapped(
        told,
        "",
        "Other columns are left out, too, and the report says so.",
    );
    if let Some((from, to)) = mapping.years {
        wrapped(told, "", &format!("Years lie from {from} to {to}."));
    }
}

/// Who is told at a level, for who does not know the levels.
fn who(level: Level) -> &'static str {
    match level {
        Level::Public => "anyone",
        Level::Partner => "any accredited mechanism",
        Level::Channel => "the parties to an agreement in force that covers it",
        Level::Secretariat => "your own secretariat",
        Level::Victim => "officers named for the person's file",
    }
}

fn named(columns: &[&str]) -> String {
    let columns: Vec<String> = columns.iter().map(|name| format!("`{name}`")).collect();
    columns.join(" and ")
}

fn either(values: &[&str]) -> String {
    let values = values.iter().map(|value| match *value {
        "" => "nothing".to_owned(),
        value => format!("`{value}`"),
    });
    values.collect::<Vec<_>>().join(" or ")
}

/// Writes a text in lines of a width that is read well, each with the indent.
fn wrapped(told: &mut String, indent: &str, text: &str) {
    let mut length = 0;
    for word in text.split_whitespace() {
        let letters = word.chars().count();
        if length == 0 {
            told.push_str(indent);
            length = indent.len();
        } else if length + 1 + letters > WIDTH {
            told.push('\n');
            told.push_str(indent);
            length = indent.len();
        } else {
            told.push(' ');
            length += 1;
        }
        told.push_str(word);
        length += letters;
    }
    if length > 0 {
        told.push('\n');
    }
}
