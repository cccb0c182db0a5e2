//! A mapping: how the columns of one provider's files become fields of a record.
//!
//! Read whole, from TOML or JSON, and refused with every fault that it has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    targets::{self, Kept, Target},
    template::Template,
    values::dates::Form,
};
use crate::{
    confidentiality::Level,
    identity::kind::Kind,
    language::LanguageTag,
    vocabulary::{TranslationStatus, codes::Coded},
};

/// Mappings that come with this hub, by name.
pub const READY: [(&str, &str); 11] = [
    ("countries", include_str!("mappings/countries.toml")),
    ("m49", include_str!("mappings/m49.toml")),
    (
        "npm-designations",
        include_str!("mappings/npm-designations.toml"),
    ),
    (
        "nhri-accreditation",
        include_str!("mappings/nhri-accreditation.toml"),
    ),
    (
        "treaty-body-decisions",
        include_str!("mappings/treaty-body-decisions.toml"),
    ),
    (
        "precautionary-measures",
        include_str!("mappings/precautionary-measures.toml"),
    ),
    (
        "inter-american-documents",
        include_str!("mappings/inter-american-documents.toml"),
    ),
    (
        "communications-reports",
        include_str!("mappings/communications-reports.toml"),
    ),
    (
        "upr-recommendations",
        include_str!("mappings/upr-recommendations.toml"),
    ),
    ("upr-calendar", include_str!("mappings/upr-calendar.toml")),
    (
        "upr-calendar-countries",
        include_str!("mappings/upr-calendar-countries.toml"),
    ),
];

/// The text of a mapping that comes with this hub.
pub fn ready(name: &str) -> Option<&'static str> {
    let found = READY.iter().find(|(known, _)| *known == name);
    found.map(|(_, text)| *text)
}

/// What is wrong with a mapping; each fault a sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the mapping is refused: {}", .0.join("; "))]
pub struct MappingError(pub Vec<String>);

/// A mapping, as it is written.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Whose ids the rows have.
    provider: String,
    /// The kind of record that each row becomes.
    kind: String,
    /// What it is for; read by people alone.
    #[serde(default)]
    about: Option<String>,
    /// A template of what makes the provider's id for a row.
    id: String,
    /// The level at which a record exists: `SECRETARIAT` where nothing is said.
    existence: Option<String>,
    /// The level of a field that says none itself: `SECRETARIAT` where nothing is said.
    level: Option<String>,
    /// Whether characters that do not show are taken out instead of refused.
    #[serde(default)]
    clean: bool,
    /// Forms of dates, in their order.
    #[serde(default)]
    dates: Vec<String>,
    /// The first and the last year that can be meant.
    years: Option<[u16; 2]>,
    /// In which language the texts are that say none themselves.
    language: Option<String>,
    /// Columns that are left out.
    #[serde(default)]
    ignore: BTreeSet<String>,
    /// Rows are left out in which a column says one of these.
    #[serde(default)]
    skip: BTreeMap<String, BTreeSet<String>>,
    /// What each field is made of.
    fields: BTreeMap<String, Entry>,
}

/// What one field is made of, as it is written.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    column: Option<String>,
    template: Option<String>,
    value: Option<String>,
    level: Option<String>,
    values: Option<BTreeMap<String, String>>,
    separator: Option<String>,
    dates: Option<Vec<String>>,
    status: Option<String>,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    optional: bool,
}

/// A mapping that holds together.
#[derive(Clone, Debug)]
pub struct Mapping {
    /// Whose ids the rows have.
    pub provider: String,
    /// What it is for, where it says so.
    pub about: Option<String>,
    /// The kind of record that each row becomes.
    pub kind: Kind,
    /// What makes the provider's id for a row.
    pub id: Template,
    /// The level at which a record exists.
    pub existence: Level,
    /// Whether characters that do not show are taken out.
    pub clean: bool,
    /// The first and the last year that can be meant, where it says so.
    pub years: Option<(u16, u16)>,
    /// In which language the texts are that say none themselves, where it says so.
    pub language: Option<LanguageTag>,
    /// Columns that are left out.
    pub ignore: BTreeSet<String>,
    /// Rows that are left out.
    pub skip: BTreeMap<String, BTreeSet<String>>,
    /// What each field is made of.
    pub fields: Vec<Field>,
}

/// What one field is made of.
#[derive(Clone, Debug)]
pub struct Field {
    /// The field.
    pub target: Target,
    /// From where its text is.
    pub source: Source,
    /// Its level on each record.
    pub level: Option<Level>,
    /// What single texts mean; an empty meaning is no value.
    pub values: Option<BTreeMap<String, String>>,
    /// What stands between the entries of a list.
    pub separator: Option<String>,
    /// Forms of dates, in their order.
    pub dates: Vec<Form>,
    /// How a text has come to be in its language.
    pub status: TranslationStatus,
    /// Whether a row without it is refused.
    pub required: bool,
    /// Whether a file may have no such column.
    pub optional: bool,
}

/// From where the text of a field is.
#[derive(Clone, Debug)]
pub enum Source {
    /// A column.
    Column(String),
    /// Several columns.
    Template(Template),
    /// The mapping itself.
    Value(String),
}

impl Mapping {
    /// Reads a mapping: JSON where it begins with a brace, TOML otherwise.
    ///
    /// # Errors
    /// Says everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, MappingError> {
        let written = if text.trim_start().starts_with('{') {
            serde_json::from_str::<Written>(text).map_err(|error| error.to_string())
        } else {
            toml::from_str::<Written>(text).map_err(|error| error.to_string())
        };
        let written = written.map_err(|error| MappingError(vec![error.trim().to_owned()]))?;
        let mut faults = Vec::new();
        let mapping = written.checked(&mut faults);
        match mapping {
            Some(mapping) if faults.is_empty() => Ok(mapping),
            _ => Err(MappingError(faults)),
        }
    }

    /// Columns that the mapping reads.
    pub fn columns(&self) -> BTreeSet<&str> {
        let mut columns: BTreeSet<&str> = self.id.columns().collect();
        columns.extend(self.skip.keys().map(String::as_str));
        for field in &self.fields {
            match &field.source {
                Source::Column(column) => {
                    columns.insert(column);
                }
                Source::Template(template) => columns.extend(template.columns()),
                Source::Value(_) => {}
            }
        }
        columns
    }

    /// The highest level that the mapping writes at.
    pub fn highest(&self) -> Level {
        let levels = self.fields.iter().filter_map(|field| {
            let declared = field.target.rule.map(|rule| rule.level);
            declared.max(field.level)
        });
        levels.fold(self.existence, Level::max)
    }
}

impl Written {
    fn checked(self, faults: &mut Vec<String>) -> Option<Mapping> {
        let name_is_good = (1..=100).contains(&self.provider.len())
            && (self.provider.bytes()).all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if !name_is_good {
            faults.push("`provider` has 1 to 100 letters, digits and `-`, `_`, `.`".to_owned());
        }
        let (kind, targets) = importable(&self.kind, faults)?;
        let existence = level("existence", self.existence.as_deref(), faults);
        let default = level("level", self.level.as_deref(), faults);
        let id = Template::parse(&self.id).map_err(|fault| faults.push(format!("`id`: {fault}")));
        if id.as_ref().is_ok_and(|id| id.columns().next().is_none()) {
            faults.push("`id` names no column: every row would be the same".to_owned());
        }
        let dates = forms("dates", &self.dates, faults);
        if self.years.is_some_and(|[from, to]| from > to) {
            faults.push("`years` begins before it ends".to_owned());
        }
        let mut fields = Vec::new();
        for (name, entry) in self.fields {
            let found = match targets::translation(kind, &targets, &name) {
                Ok(Some(translation)) => Some(translation),
                Ok(None) => targets.iter().find(|target| target.name == name).cloned(),
                Err(sentence) => {
                    faults.push(format!("`fields.{name}`: {sentence}"));
                    continue;
                }
            };
            let Some(target) = found else {
                faults.push(unknown_field(&name, kind, &targets));
                continue;
            };
            let default = Defaults {
                level: default,
                dates: &dates,
            };
            fields.extend(entry.checked(target, &default, faults));
        }
        let language = self.language.and_then(|text| {
            let tag = LanguageTag::parse(&text);
            if tag.is_none() {
                faults.push(format!(
                    "`language`: `{text}` is no tag of a language (BCP 47)"
                ));
            }
            tag
        });
        translated(&fields, language.as_ref(), faults);
        for needed in needed(kind) {
            if !fields.iter().any(|field| field.target.name == *needed) {
                faults.push(format!(
                    "records of kind `{kind}` need the field `{needed}`"
                ));
            }
        }
        Some(Mapping {
            provider: self.provider,
            about: self.about,
            kind,
            id: id.ok()?,
            existence,
            clean: self.clean,
            years: self.years.map(|[from, to]| (from, to)),
            language,
            ignore: self.ignore,
            skip: self.skip,
            fields,
        })
    }
}

/// What an entry takes over from the whole mapping.
struct Defaults<'a> {
    level: Level,
    dates: &'a [Form],
}

impl Entry {
    fn checked(
        self,
        target: Target,
        default: &Defaults<'_>,
        faults: &mut Vec<String>,
    ) -> Option<Field> {
        let name = target.name.clone();
        let mut fault = |sentence: String| faults.push(format!("`fields.{name}`: {sentence}"));
        let source = match (self.column, self.template, self.value) {
            (Some(column), None, None) => Source::Column(column),
            (None, Some(text), None) => match Template::parse(&text) {
                Ok(template) => Source::Template(template),
                Err(sentence) => {
                    fault(sentence);
                    return None;
                }
            },
            (None, None, Some(value)) => Source::Value(value),
            _ => {
                fault("it has one of `column`, `template` and `value`".to_owned());
                return None;
            }
        };
        let level = match (self.level, target.rule) {
            (None, None) => None,
            // The strictest: what the mapping says nothing of is not lowered by accident.
            (None, Some(rule)) => Some(rule.level.max(default.level)),
            (Some(_), None) => {
                fault(match target.language {
                    Some(_) => "it has no level of its own: it is told where the field is that it \
                                says in another language"
                        .to_owned(),
                    None => {
                        "it has no level of its own: it decides who reaches the record".to_owned()
                    }
                });
                None
            }
            (Some(code), Some(rule)) => match Level::from_code(&code) {
                None => {
                    fault(format!("`{code}` is no level"));
                    None
                }
                Some(Level::Victim) => {
                    fault("`VICTIM` is the level of persons' files alone".to_owned());
                    None
                }
                Some(level) if level < rule.floor => {
                    let floor = rule.floor;
                    fault(format!("`{level}` is below the field's floor `{floor}`"));
                    None
                }
                Some(level) => Some(level),
            },
        };
        let status = self.status.as_deref().map(TranslationStatus::from_code);
        let status = match (status, &target.language) {
            (None, _) => TranslationStatus::Unofficial,
            (Some(Some(status)), Some(_)) if status != TranslationStatus::Original => status,
            (Some(_), _) => {
                fault(
                    "`status` is one of OFFICIAL, UNOFFICIAL and MACHINE, of a field in another \
                     language such as `title@fr`"
                        .to_owned(),
                );
                TranslationStatus::Unofficial
            }
        };
        let dates = match &self.dates {
            None => default.dates.to_vec(),
            Some(texts) => forms(&format!("fields.{name}.dates"), texts, faults),
        };
        let separator = self.separator.filter(|text| !text.is_empty());
        Some(Field {
            target,
            source,
            level,
            values: self.values,
            separator,
            dates,
            status,
            required: self.required,
            optional: self.optional,
        })
    }
}

fn importable(code: &str, faults: &mut Vec<String>) -> Option<(Kind, Vec<Target>)> {
    let kind = Kind::from_code(code);
    let found = kind.and_then(|kind| Some((kind, targets::of(kind)?)));
    if found.is_none() {
        faults.push(match kind {
            Some(Kind::Person | Kind::CommunicationPerson) => {
                "persons' files are not imported: the secretariat that keeps a file enters and \
                 seals what identifies the person"
                    .to_owned()
            }
            _ => {
                let kinds = targets::KINDS;
                format!("records of kind `{code}` are not imported; kinds are {kinds}")
            }
        });
    }
    found
}

/// Whether what is said in another language is so of a field that the mapping fills, and not
/// in that field's own language.
fn translated(fields: &[Field], own: Option<&LanguageTag>, faults: &mut Vec<String>) {
    for field in fields
        .iter()
        .filter(|field| field.target.language.is_some())
    {
        let name = &field.target.name;
        let of = name.split('@').next().unwrap_or_default();
        if !fields.iter().any(|field| field.target.name == of) {
            faults.push(format!(
                "`fields.{name}`: the mapping says nothing of `{of}` itself"
            ));
        }
        if field.target.language.as_ref() == own {
            faults.push(format!(
                "`fields.{name}`: `{of}` is in this language itself"
            ));
        }
    }
}

/// Fields that every record of a kind has.
pub(super) fn needed(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Country | Kind::Organisation | Kind::Mechanism => &["code"],
        Kind::Communication => &["reference"],
        Kind::Document => &["title"],
        Kind::Recommendation => &["text"],
        Kind::CalendarEvent => &["title"],
        Kind::Mandate
        | Kind::FocalPoint
        | Kind::WorkPlan
        | Kind::Objective
        | Kind::WorkPlanItem
        | Kind::JointActivity
        | Kind::Agreement
        | Kind::Clause
        | Kind::InterimMeasure
        | Kind::CommunicationPerson
        | Kind::StatisticRelease
        | Kind::Assessment
        | Kind::Evidence
        | Kind::RecommendationReference
        | Kind::EventInvitation
        | Kind::Person => &[],
    }
}

fn unknown_field(name: &str, kind: Kind, targets: &[Target]) -> String {
    if targets::identifies_a_person(name) {
        return format!(
            "`fields.{name}`: what identifies a person is not imported; leave the column out \
             with `ignore`"
        );
    }
    let names: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    let known = names.join(", ");
    format!("`fields.{name}`: records of kind `{kind}` have no such field; they have {known}")
}

fn level(name: &str, code: Option<&str>, faults: &mut Vec<String>) -> Level {
    match code.map(|code| (code, Level::from_code(code))) {
        None => Level::Secretariat,
        Some((_, Some(level))) if level <= Level::Secretariat => level,
        Some((code, _)) => {
            faults.push(format!(
                "`{name}`: `{code}` is none of PUBLIC, PARTNER, CHANNEL and SECRETARIAT"
            ));
            Level::Secretariat
        }
    }
}

fn forms(name: &str, texts: &[String], faults: &mut Vec<String>) -> Vec<Form> {
    let mut forms = Vec::new();
    for text in texts {
        match Form::parse(text) {
            Some(form) => forms.push(form),
            None => faults.push(format!(
                "`{name}`: `{text}` is no form of a date; write it as `dd/mm/yyyy` or `d mmm yyyy`"
            )),
        }
    }
    forms
}

impl Field {
    /// Whether its value is a list.
    pub fn is_list(&self) -> bool {
        use crate::confidentiality::stored::Shape;
        match self.target.kept {
            Kept::Countries | Kept::StateCodes(_) | Kept::Codes(..) | Kept::Topics => true,
            Kept::Key(..) | Kept::Text(_) => false,
            Kept::Column(_, shape) => matches!(shape, Shape::List),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        provider = "p"
        kind = "communication"
        id = "{no}"
        [fields.reference]
        column = "no"
    "#;

    fn faults(text: &str) -> String {
        Mapping::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn what_says_a_field_in_another_language_is_told_where_the_field_is() {
        let title = "\n[fields.title]\ncolumn = \"title\"\nlevel = \"PUBLIC\"";
        let with = |name: &str, more: &str| {
            format!("{GOOD}{title}\n[fields.\"{name}\"]\ncolumn = \"titre\"\n{more}")
        };
        let good = Mapping::parse(&with("title@FR", "status = \"MACHINE\"")).unwrap();
        let field = good.fields.iter().find(|f| f.target.language.is_some());
        let field = field.unwrap();
        assert_eq!(field.level, None);
        assert_eq!(field.status, TranslationStatus::Machine);
        assert_eq!(field.target.language.as_ref().unwrap().as_str(), "fr");
        for (mapping, sentence) in [
            (
                with("title@fr", "level = \"PUBLIC\""),
                "no level of its own",
            ),
            (with("title@fr", "status = \"ORIGINAL\""), "one of OFFICIAL"),
            (with("reference@fr", ""), "no text of a communication"),
            (with("title@français", ""), "no tag of a language"),
            (with("outcome@fr", ""), "says nothing of `outcome` itself"),
            (
                with("title@fr", "").replace("id =", "language = \"fr\"\nid ="),
                "in this language itself",
            ),
        ] {
            let faults = faults(&mapping);
            assert!(faults.contains(sentence), "{faults}");
        }
    }

    #[test]
    fn what_a_mapping_says_nothing_of_is_kept_at_secretariat() {
        let mapping = Mapping::parse(GOOD).unwrap();
        assert_eq!(mapping.existence, Level::Secretariat);
        assert_eq!(mapping.fields[0].level, Some(Level::Secretariat));
        let open = GOOD.replace("kind", "existence = \"PUBLIC\"\nlevel = \"PUBLIC\"\nkind")
            + "[fields.docketNote]\ncolumn = \"note\"";
        let mapping = Mapping::parse(&open).unwrap();
        let level = |name: &str| {
            let field = mapping.fields.iter().find(|f| f.target.name == name);
            field.unwrap().level
        };
        assert_eq!(level("reference"), Some(Level::Public));
        assert_eq!(
            level("docketNote"),
            Some(Level::Secretariat),
            "its own level"
        );
    }

    #[test]
    fn every_fault_of_a_mapping_is_said() {
        for (change, said) in [
            (
                "[fields.refrence]\ncolumn = \"x\"",
                "have no such field; they have reference",
            ),
            (
                "[fields.names]\ncolumn = \"x\"",
                "what identifies a person is not imported",
            ),
            (
                "[fields.title]\ncolumn = \"x\"\nvalue = \"y\"",
                "it has one of",
            ),
            ("[fields.title]\ntemplate = \"{x\"", "does not close it"),
            (
                "[fields.title]\ncolumn = \"x\"\nlevel = \"VICTIM\"",
                "persons' files alone",
            ),
            (
                "[fields.title]\ncolumn = \"x\"\nlevel = \"SECRET\"",
                "is no level",
            ),
            (
                "[fields.docketNote]\ncolumn = \"x\"\nlevel = \"PUBLIC\"",
                "below the field's floor `SECRETARIAT`",
            ),
            (
                "[fields.receivedOn]\ncolumn = \"x\"\ndates = [\"mm\"]",
                "no form of a date",
            ),
            ("[fields.title]\ncolum = \"x\"", "unknown field `colum`"),
        ] {
            let said_of = faults(&format!("{GOOD}\n{change}"));
            assert!(said_of.contains(said), "{change}: {said_of}");
        }
        for (from, to, said) in [
            ("communication", "person", "persons' files are not imported"),
            ("communication", "agreement", "kinds are country"),
            ("{no}", "one", "names no column"),
            ("\"p\"", "\"p q\"", "`provider` has"),
            (
                "provider",
                "existence = \"VICTIM\"\nprovider",
                "`existence`: `VICTIM`",
            ),
            (
                "[fields.reference]",
                "[fields.title]",
                "need the field `reference`",
            ),
        ] {
            let said_of = faults(&GOOD.replace(from, to));
            assert!(said_of.contains(said), "{to}: {said_of}");
        }
    }

    #[test]
    fn ready_mappings_hold_together_and_json_is_read_too() {
        for (name, text) in READY {
            Mapping::parse(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let readme = include_str!("../../README.md");
        let shown = readme.split("```toml\n").nth(1).unwrap();
        Mapping::parse(shown.split("```").next().unwrap()).unwrap();
        let json = r#"{"provider": "p", "kind": "document", "id": "{a}", "fields": {"title": {"column": "t"}}}"#;
        assert!(Mapping::parse(json).is_ok());
    }
}
