//! Where the values of a row can go: the fields of each kind that can be imported.

use crate::{
    communication::{Communication, Person},
    confidentiality::{Domain, FieldRule, declare::place, scalar::camel, stored::Shape},
    country::Country,
    document::Document,
    identity::kind::Kind,
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
}

/// A field that a mapping can name.
#[derive(Clone, Debug)]
pub struct Target {
    /// Its name, as in the schema.
    pub name: String,
    /// How it is kept.
    pub kept: Kept,
    /// Its rule; none where it is told nowhere, and only decides who reaches the record.
    pub rule: Option<&'static FieldRule>,
}

/// Kinds that can be imported, for sentences.
pub const KINDS: &str = "country, organisation, mechanism, document, communication, recommendation";

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
        });
    let edges = edges.iter().map(|(name, kept)| Target {
        name: (*name).to_owned(),
        kept: *kept,
        rule: D::rule(place(D::RULES, name)),
    });
    columns.chain(edges).collect()
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
        match self.name.as_str() {
            "text" | "docketNote" | "outcome" | "note" | "workingMethods" => 10_000,
            "title" | "name" | "url" | "source" => 1_000,
            _ => 300,
        }
    }
}
