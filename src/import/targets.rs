//! Where the values of a row can go: the fields of each kind that can be imported.

use crate::{
    calendar::CalendarEvent,
    communication::{Communication, Person},
    confidentiality::{Domain, FieldRule, declare::place, scalar::camel, stored::Shape},
    country::Country,
    document::Document,
    identity::kind::Kind,
    language::{LanguageTag, fields::texts_of},
    mechanism::Mechanism,
    organisation::Organisation,
    recommendation::Recommendation,
    vocabulary::{AffectedGroup, CodeList, Coded},
};

/// How a value is kept.
#[derive(Clone, Copy, Debug)]
pub enum Kept {
    /// In a column.
    Column(&'static str, Shape),
    /// In a key column, as the id of what has this code.
    Key(&'static str, Kind),
    /// In a column, as the codes of States.
    StateCodes(&'static str),
    /// In a column, as codes of a list.
    Codes(&'static str, &'static CodeList),
    /// Among the States that the record concerns.
    Countries,
    /// Among the topics that the record concerns.
    Topics,
    /// Beside a column, as what it says in another language.
    Text(&'static str),
}

/// A field that a mapping can name.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name, as in the schema.
    pub name: String,
    /// How it is kept.
    pub kept: Kept,
    /// Its rule; none where it is told nowhere, and only decides who reaches the record, or
    /// where it is told as what it translates.
    pub rule: Option<&'static FieldRule>,
    /// The language, of what says a field in another.
    pub language: Option<LanguageTag>,
}

/// Kinds that can be imported, for sentences.
pub const KINDS: &str = "country, organisation, mechanism, document, communication, recommendation, \
                         calendar_event";

/// The fields of a kind that a mapping can name; none where the kind is not imported.
pub fn of(kind: Kind) -> Option<Vec<Target>> {
    let places = [("countries", Kept::Countries), ("issues", Kept::Topics)];
    let mechanism = ("mechanism", Kept::Key("mechanism_id", Kind::Mechanism));
    let organisation = (
        "organisation",
        Kept::Key("organisation_id", Kind::Organisation),
    );
    match kind {
        Kind::Country => Some(fields::<Country>(&[])),
        Kind::Organisation => Some(fields::<Organisation>(&[(
            "parent",
            Kept::Key("parent_id", Kind::Organisation),
        )])),
        Kind::Mechanism => {
            let parent = ("parent", Kept::Key("parent_id", Kind::Mechanism));
            let edges = [&[parent, organisation][..], &places].concat();
            Some(fields::<Mechanism>(&edges))
        }
        Kind::Document => {
            let edges = [&[mechanism, organisation][..], &places].concat();
            Some(fields::<Document>(&edges))
        }
        Kind::Communication => {
            let edges = [&[mechanism][..], &places].concat();
            Some(fields::<Communication>(&edges))
        }
        Kind::CalendarEvent => {
            let held_in = ("heldIn", Kept::Key("held_in_id", Kind::Country));
            let edges = [&[mechanism, held_in][..], &places].concat();
            Some(fields::<CalendarEvent>(&edges))
        }
        Kind::Recommendation => {
            let edges = [&[mechanism][..], &places].concat();
            let mut all = fields::<Recommendation>(&edges);
            // Lists of which each entry is looked up.
            for target in &mut all {
                match target.name.as_str() {
                    "madeBy" => target.kept = Kept::StateCodes("made_by"),
                    "affectedGroups" => {
                        target.kept = Kept::Codes("affected_groups", AffectedGroup::LIST);
                    }
                    _ => {}
                }
            }
            Some(all)
        }
        // Written by acts of their own; a person's file is sealed by who keeps it.
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
        | Kind::Person => None,
    }
}

fn fields<D: Domain>(edges: &[(&'static str, Kept)]) -> Vec<Target> {
    let columns = D::RULES
        .iter()
        .zip(D::COLUMNS)
        .map(|(rule, column)| Target {
            name: camel(rule.name),
            kept: Kept::Column(rule.name, column.shape),
            rule: Some(rule),
            language: None,
        });
    let edges = edges.iter().map(|(name, kept)| Target {
        name: (*name).to_owned(),
        kept: *kept,
        rule: D::rule(place(D::RULES, name)),
        language: None,
    });
    columns.chain(edges).collect()
}

/// What says a field in another language: `title@fr`.
///
/// # Errors
/// Says what is wrong with such a name.
pub fn translation(kind: Kind, targets: &[Target], name: &str) -> Result<Option<Target>, String> {
    let Some((field, tag)) = name.split_once('@') else {
        return Ok(None);
    };
    let texts = texts_of(kind);
    let of = targets.iter().find(|target| target.name == field);
    let column = of.and_then(|target| match target.kept {
        Kept::Column(column, _) => texts.iter().find(|text| **text == column),
        _ => None,
    });
    let column = column.ok_or_else(|| {
        let texts: Vec<String> = texts.iter().map(|text| camel(text)).collect();
        format!(
            "`{field}` is no text of a {kind}; texts are {}",
            texts.join(", ")
        )
    })?;
    let language = LanguageTag::parse(tag);
    let language = language.ok_or_else(|| format!("`{tag}` is no tag of a language (BCP 47)"))?;
    Ok(Some(Target {
        name: name.to_owned(),
        kept: Kept::Text(column),
        rule: None,
        language: Some(language),
    }))
}

/// Whether a name is that of something that identifies a person.
pub fn identifies_a_person(name: &str) -> bool {
    let sealed = Person::RULES
        .iter()
        .skip(Person::COLUMNS.len())
        .take(Person::SEALED.len());
    let parts = [
        "person", "persons", "victim", "victims", "author", "authors",
    ];
    sealed
        .map(|rule| camel(rule.name))
        .any(|sealed| sealed == name)
        || parts.contains(&name)
}

impl Target {
    /// Bytes of a text at most.
    pub fn longest(&self) -> usize {
        let name = self.name.split('@').next().unwrap_or_default();
        match name {
            "text" | "summary" | "placesToVisit" | "docketNote" | "outcome" | "note"
            | "workingMethods" => 10_000,
            "title" | "name" | "url" | "source" => 1_000,
            _ => 300,
        }
    }
}
