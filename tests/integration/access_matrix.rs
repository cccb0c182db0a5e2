//! Who is told what: every field, every kind of viewer, every specimen.
//!
//! The matrix is made by asking through HTTP with signed tokens, and a second time by
//! the rules alone, `reach.rs`, on what the test knows of each specimen. Where the two
//! differ, a resolver has not asked the gate.

use std::collections::{BTreeMap, BTreeSet};

use liaison::{
    confidentiality::{
        FieldIndex,
        reach::{Sight, sight},
        scalar::camel,
    },
    id::RecordId,
    identity::{kind::Kind, viewer::Viewer},
};
use serde_json::{Value, json};

use crate::support::{
    cast::{Cast, Stage},
    golden,
    harness::{Backend, Suite},
    house::{Answer, House},
    specimens::{BODY, Specimen, collected},
};

const GOLDEN: &str = "tests/golden/access-matrix.txt";
const UNCOVERED: &str = "tests/golden/uncovered.txt";

/// The key to the matrix, at its head.
const LEGEND: &str = "\
Who is told what: each field, as each kind of viewer is answered, over HTTP.

  ✔ told   – withheld   ∅ the record, or what the field leads to, is not there for this viewer
  ! a token is needed   ⚠ fault   0–9 how many, as told; 9 stands for more, too
  below `persons`, one sign for each person, in order

";

const INTROSPECTION: &str = "{ __schema { types { name interfaces { name } fields { name type {
    kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } }";

/// What hangs on each person of a communication, and where it stands in the answer.
const THROUGH_PERSONS: [(&str, &[&str]); 4] = [
    ("persons.role", &["role"]),
    ("person.names", &["node", "names"]),
    ("person.birthDate", &["node", "birthDate"]),
    ("person.contact", &["node", "contact"]),
];

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "each_viewer_is_told_what_the_access_matrix_says",
        access_matrix,
    );
    suite.test("every_type_of_the_schema_has_a_specimen", coverage);
    suite.test("a_field_is_told_alike_whichever_way_it_is_asked_for", ways);
}

/// How a field is asked for, and how its answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A value of the record itself.
    Value,
    /// Another record.
    One,
    /// A short list of records.
    Many,
    /// A connection.
    Connection,
}

/// A field of a type, as introspection tells it.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name.
    pub(crate) name: String,
    /// How its answer is read.
    pub(crate) shape: Shape,
    /// How it is asked for.
    pub(crate) selection: String,
}

/// The fields of each type that is a node.
pub(crate) type Fields = BTreeMap<String, Vec<Field>>;

/// Asks the schema for the fields of each node.
pub(crate) async fn introspected(house: &House) -> Fields {
    let schema = house.ask(None, INTROSPECTION).await.data();
    let types = schema["__schema"]["types"].as_array().unwrap();
    let fields_of = |name: &str| {
        let found = types.iter().find(|ty| ty["name"] == name);
        found
            .and_then(|ty| ty["fields"].as_array())
            .cloned()
            .unwrap_or_default()
    };
    let is_node = |ty: &Value| {
        let interfaces = ty["interfaces"].as_array();
        interfaces.is_some_and(|all| all.iter().any(|one| one["name"] == "Node"))
    };
    let nodes: BTreeSet<&str> = types
        .iter()
        .filter(|ty| is_node(ty))
        .filter_map(|ty| ty["name"].as_str())
        .collect();
    let field = |field: &Value| {
        let name = field["name"].as_str().unwrap().to_owned();
        let (named, list) = unwrapped(&field["type"]);
        let inner = fields_of(&named);
        let (shape, selection) = if nodes.contains(named.as_str()) {
            let shape = if list { Shape::Many } else { Shape::One };
            (shape, format!("{name} {{ id }}"))
        } else if inner.iter().any(|field| field["name"] == "totalCount") {
            (Shape::Connection, format!("{name} {{ totalCount }}"))
        } else if inner.is_empty() {
            (Shape::Value, name.clone())
        } else {
            let inner: Vec<_> = inner
                .iter()
                .filter_map(|field| field["name"].as_str())
                .collect();
            if inner.contains(&"pageInfo") {
                let selection = format!("{name} {{ pageInfo {{ hasNextPage }} }}");
                (Shape::Value, selection)
            } else {
                (Shape::Value, format!("{name} {{ {} }}", inner.join(" ")))
            }
        };
        Field {
            name,
            shape,
            selection,
        }
    };
    nodes
        .iter()
        .map(|name| {
            (
                (*name).to_owned(),
                fields_of(name).iter().map(field).collect(),
            )
        })
        .collect()
}

/// The type inside lists and non-nulls, and whether there is a list.
fn unwrapped(ty: &Value) -> (String, bool) {
    let mut at = ty;
    let mut list = false;
    while !at["ofType"].is_null() {
        list |= at["kind"] == "LIST";
        at = &at["ofType"];
    }
    (at["name"].as_str().unwrap().to_owned(), list)
}

/// The sign for what a field was answered, and for what was said of it.
fn sign(shape: Shape, value: &Value, withheld: bool) -> char {
    match (value, shape) {
        (Value::Null, _) => {
            if withheld {
                '–'
            } else {
                '∅'
            }
        }
        (_, Shape::Value | Shape::One) => '✔',
        (list, Shape::Many) => digit(list.as_array().map(Vec::len)),
        (connection, Shape::Connection) => digit(
            connection["totalCount"]
                .as_u64()
                .and_then(|total| usize::try_from(total).ok()),
        ),
    }
}

fn digit(count: Option<usize>) -> char {
    count
        .and_then(|count| char::from_digit(u32::try_from(count.min(9)).ok()?, 10))
        .unwrap_or('⚠')
}

/// The patterns of an answer under which something was withheld.
fn withheld(answer: &Value) -> BTreeSet<String> {
    let list = answer["extensions"]["withheld"].as_array();
    list.into_iter()
        .flatten()
        .filter_map(|entry| entry["path"].as_str().map(str::to_owned))
        .collect()
}

/// The signs of each row, as one viewer is answered.
type Rows = Vec<(String, String)>;

/// The rows where the answer has no record to tell of.
fn rows_without(answer: &Answer, fields: &[Field], kind: Kind) -> Rows {
    let body = answer.json();
    let sign = if answer.status == axum::http::StatusCode::UNAUTHORIZED {
        '!'
    } else if body.get("errors").is_some() {
        '⚠'
    } else {
        '∅'
    };
    let names = fields.iter().map(|field| field.name.clone());
    let through = THROUGH_PERSONS.iter().map(|(name, _)| (*name).to_owned());
    let through = through.filter(|_| kind == Kind::Communication);
    names
        .chain(through)
        .map(|name| (name, sign.to_string()))
        .collect()
}

/// Asks for all fields of a record at once, and reads the signs.
async fn asked(stage: &Stage, cast: Cast, specimen: &Specimen, fields: &[Field]) -> Rows {
    let selections: Vec<String> = fields
        .iter()
        .map(|field| {
            if specimen.kind == Kind::Communication && field.name == "persons" {
                "persons(first: 5) { totalCount edges { role node {
                    id names { text script language } birthDate contact } } }"
                    .to_owned()
            } else {
                field.selection.clone()
            }
        })
        .collect();
    let query = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on {} {{ {} }} }} }}",
        specimen.kind.type_name(),
        selections.join(" ")
    );
    let answer = stage
        .ask_with(cast, &query, json!({ "id": specimen.global_id() }))
        .await;
    let body = answer.json();
    let record = &body["data"]["node"];
    if !record.is_object() || body.get("errors").is_some() {
        return rows_without(&answer, fields, specimen.kind);
    }
    let held = withheld(&body);
    let mut rows: Rows = fields
        .iter()
        .map(|field| {
            let held = held.contains(&format!("node.{}", field.name));
            let sign = sign(field.shape, &record[&field.name], held);
            (field.name.clone(), sign.to_string())
        })
        .collect();
    if specimen.kind == Kind::Communication {
        let edges = record["persons"]["edges"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        for (name, steps) in THROUGH_PERSONS {
            let pattern = format!("node.persons.edges.{}", steps.join("."));
            let signs = edges.iter().map(|edge| {
                let value = steps.iter().fold(edge, |value, step| &value[*step]);
                sign(Shape::Value, value, held.contains(&pattern))
            });
            let signs: String = signs.collect();
            let none = if record["persons"].is_null() {
                "–"
            } else {
                "∅"
            };
            let signs = if signs.is_empty() {
                none.to_owned()
            } else {
                signs
            };
            rows.push((name.to_owned(), signs));
        }
    }
    rows
}

/// The specimens as the rules alone let one viewer see them.
struct View<'a> {
    specimens: &'a [Specimen],
    seen: BTreeMap<RecordId, Sight>,
}

/// Where a field leads to, as this test has it from the design and not from the code.
enum Lead {
    /// Nowhere: it is a value of the record itself.
    Value,
    /// To the record that a key points to.
    Key(&'static str),
    /// To the records that it links to, which it counts or lists.
    Out(&'static str),
    /// To the records that link to it.
    In(Kind, &'static str),
    /// To the records of a kind whose key points to it.
    Children(Kind, &'static str),
    /// To the countries that it concerns.
    Countries,
    /// To the persons whose part in it, and whose record, are both told.
    Persons,
    /// To the communications in which a person has a part.
    Cases,
}

fn lead(kind: Kind, field: &str) -> Lead {
    match (kind, field) {
        (Kind::Country, "memberOf") => Lead::Out("member_of"),
        (Kind::Organisation | Kind::Mechanism, "parent") => Lead::Key("parent_id"),
        (Kind::Organisation, "members") => Lead::In(Kind::Country, "member_of"),
        (Kind::Organisation, "mechanisms") => Lead::Children(Kind::Mechanism, "organisation_id"),
        (Kind::Mechanism | Kind::Document, "organisation") => Lead::Key("organisation_id"),
        (Kind::Mechanism, "members") => Lead::Out("members"),
        (Kind::Mechanism, "subsidiaries") => Lead::Children(Kind::Mechanism, "parent_id"),
        (Kind::Mechanism, "mandates") => Lead::Children(Kind::Mandate, "mechanism_id"),
        (Kind::Mechanism, "focalPoints") => Lead::Children(Kind::FocalPoint, "mechanism_id"),
        (Kind::Mechanism, "workPlans") => Lead::Children(Kind::WorkPlan, "mechanism_id"),
        (Kind::Mechanism, "interimMeasures") => {
            Lead::Children(Kind::InterimMeasure, "mechanism_id")
        }
        (Kind::Communication, "interimMeasures") => {
            Lead::Children(Kind::InterimMeasure, "communication_id")
        }
        (Kind::InterimMeasure, "communication") => Lead::Key("communication_id"),
        (Kind::InterimMeasure, "beneficiaries") => Lead::Out("beneficiaries"),
        (Kind::Mechanism, "communications") => Lead::Children(Kind::Communication, "mechanism_id"),
        (Kind::Mechanism, "documents") => Lead::Children(Kind::Document, "mechanism_id"),
        (Kind::Mechanism, "agreements") => Lead::In(Kind::Agreement, "parties"),
        (Kind::Mechanism, "jointActivities") => Lead::In(Kind::JointActivity, "parties"),
        (Kind::Mechanism, "recommendations") => {
            Lead::Children(Kind::Recommendation, "mechanism_id")
        }
        (Kind::Mechanism, "calendarEvents") => Lead::Children(Kind::CalendarEvent, "mechanism_id"),
        (_, "mechanism") => Lead::Key("mechanism_id"),
        (Kind::CalendarEvent, "heldIn") => Lead::Key("held_in_id"),
        (Kind::CalendarEvent, "workPlanItem") => Lead::Key("work_plan_item_id"),
        (Kind::CalendarEvent, "jointActivity") => Lead::Key("joint_activity_id"),
        (Kind::CalendarEvent, "organisers") => Lead::Out("organisers"),
        (Kind::CalendarEvent, "otherOrganisers") => Lead::Out("other_organisers"),
        (Kind::CalendarEvent, "participants") => Lead::Out("participants"),
        (Kind::CalendarEvent, "otherParticipants") => Lead::Out("other_participants"),
        (Kind::CalendarEvent, "invitations") => {
            Lead::Children(Kind::EventInvitation, "calendar_event_id")
        }
        (Kind::EventInvitation, "calendarEvent") => Lead::Key("calendar_event_id"),
        (Kind::EventInvitation, "host") => Lead::Key("host_id"),
        (Kind::Recommendation | Kind::Assessment | Kind::Evidence, "document") => {
            Lead::Key("document_id")
        }
        (Kind::Recommendation, "addressees") => Lead::Out("addressees"),
        (Kind::Recommendation, "otherAddressees") => Lead::Out("other_addressees"),
        (Kind::Recommendation, "assessments") => {
            Lead::Children(Kind::Assessment, "recommendation_id")
        }
        (Kind::Recommendation, "references") => {
            Lead::Children(Kind::RecommendationReference, "from_recommendation_id")
        }
        (Kind::Recommendation, "referredToBy") => {
            Lead::Children(Kind::RecommendationReference, "to_recommendation_id")
        }
        (Kind::Recommendation, "evidence") => Lead::Children(Kind::Evidence, "recommendation_id"),
        (Kind::Assessment | Kind::Evidence, "recommendation") => Lead::Key("recommendation_id"),
        (Kind::RecommendationReference, "fromRecommendation") => {
            Lead::Key("from_recommendation_id")
        }
        (Kind::RecommendationReference, "toRecommendation") => Lead::Key("to_recommendation_id"),
        (Kind::WorkPlan, "objectives") => Lead::Children(Kind::Objective, "work_plan_id"),
        (Kind::Objective, "workPlan") => Lead::Key("work_plan_id"),
        (Kind::Objective, "items") => Lead::Children(Kind::WorkPlanItem, "objective_id"),
        (Kind::WorkPlanItem, "objective") => Lead::Key("objective_id"),
        (Kind::WorkPlanItem, "responsible") => Lead::Out("responsible"),
        (Kind::WorkPlanItem, "associated") => Lead::Out("associated"),
        (
            Kind::WorkPlanItem
            | Kind::Communication
            | Kind::InterimMeasure
            | Kind::Recommendation
            | Kind::CalendarEvent
            | Kind::JointActivity,
            "countries",
        ) => Lead::Countries,
        (Kind::StatisticRelease, "mechanisms") => Lead::Out("mechanisms"),
        (Kind::JointActivity, "proposedBy") => Lead::Key("proposed_by_id"),
        (Kind::JointActivity, "agreedBy") => Lead::Out("agreed_by"),
        (Kind::JointActivity, "publicationAgreedBy") => Lead::Out("publication_agreed_by"),
        (Kind::Agreement | Kind::JointActivity, "parties") => Lead::Out("parties"),
        (Kind::Agreement, "signatories") => Lead::Out("signatories"),
        (Kind::Agreement, "suspendedBy") => Lead::Out("suspended_by"),
        (Kind::Agreement, "clauses") => Lead::Children(Kind::Clause, "agreement_id"),
        (Kind::Clause, "agreement") => Lead::Key("agreement_id"),
        (Kind::Clause, "fromMechanism") => Lead::Key("from_mechanism_id"),
        (Kind::Clause, "toMechanism") => Lead::Key("to_mechanism_id"),
        (Kind::Communication, "mandates") => Lead::Out("mandates"),
        (Kind::Communication, "joinedTo") => Lead::Out("joined_to"),
        (Kind::Communication, "persons") => Lead::Persons,
        (Kind::Person, "communications") => Lead::Cases,
        _ => Lead::Value,
    }
}

impl View<'_> {
    fn of<'a>(viewer: &Viewer, specimens: &'a [Specimen]) -> View<'a> {
        let seen = specimens
            .iter()
            .filter_map(|one| Some((one.id, sight(viewer, &one.facts, &one.label, one.rules)?)));
        View {
            specimens,
            seen: seen.collect(),
        }
    }

    /// Whether a record is there for the viewer; what is no specimen is public.
    fn knows(&self, id: RecordId) -> bool {
        self.seen.contains_key(&id) || !self.specimens.iter().any(|one| one.id == id)
    }

    fn count<'a>(&'a self, of: impl Fn(&Specimen) -> bool + 'a) -> usize {
        self.specimens
            .iter()
            .filter(|one| of(one) && self.knows(one.id))
            .count()
    }

    /// Whether a record's own edge is told: read backwards it tells no more than forwards.
    fn is_told(&self, specimen: &Specimen, edge: &str) -> bool {
        let sight = self.seen.get(&specimen.id);
        sight.is_some_and(|sight| sight.fields.has(place(specimen, &camel(edge))))
    }

    /// The parts of persons in communications, both of whose ends are told.
    fn parts<'a>(
        &'a self,
        end: (&'static str, RecordId),
        other: &'static str,
    ) -> Vec<&'a Specimen> {
        let mut parts: Vec<_> = self
            .specimens
            .iter()
            .filter(|one| one.kind == Kind::CommunicationPerson)
            .filter(|one| {
                one.keys[end.0] == end.1 && self.knows(one.id) && self.knows(one.keys[other])
            })
            .collect();
        parts.sort_by_key(|one| one.id);
        parts
    }

    fn sign(&self, specimen: &Specimen, sight: &Sight, field: &Field) -> char {
        if field.name == "id" || field.name == "version" {
            return '✔';
        }
        if !sight.fields.has(place(specimen, &field.name)) {
            return '–';
        }
        let kind = specimen.kind;
        if field.name == "statusLabel" {
            // A mechanism's own word tells status and mechanism both.
            let both = ["status", "mechanism"].map(|edge| self.is_told(specimen, edge));
            return if both == [true, true] { '✔' } else { '∅' };
        }
        let total = match lead(kind, &field.name) {
            Lead::Value => return '✔',
            Lead::Key(key) => {
                let there = specimen.keys.get(key).is_some_and(|id| self.knows(*id));
                return if there { '✔' } else { '∅' };
            }
            Lead::Out(name) => {
                let targets = specimen.links.iter().filter(|(link, _)| *link == name);
                targets.filter(|(_, id)| self.knows(*id)).count()
            }
            Lead::In(kind, name) => self.count(|one| {
                let points = one.kind == kind && one.links.contains(&(name, specimen.id));
                points && self.is_told(one, name)
            }),
            Lead::Children(kind, key) => self.count(|one| {
                let points = one.kind == kind && one.keys.get(key) == Some(&specimen.id);
                points && self.is_told(one, key.trim_end_matches("_id"))
            }),
            Lead::Countries => self.count(|one| one.kind == Kind::Country),
            Lead::Persons => self
                .parts(("communication_id", specimen.id), "person_id")
                .len(),
            Lead::Cases => self
                .parts(("person_id", specimen.id), "communication_id")
                .len(),
        };
        digit(Some(total))
    }

    fn rows(&self, specimen: &Specimen, fields: &[Field]) -> Rows {
        let sight = self.seen.get(&specimen.id);
        let mut rows: Rows = fields
            .iter()
            .map(|field| {
                let sign = sight.map_or('∅', |sight| self.sign(specimen, sight, field));
                (field.name.clone(), sign.to_string())
            })
            .collect();
        if specimen.kind == Kind::Communication {
            let told = sight.map(|sight| sight.fields.has(place(specimen, "persons")));
            let parts = self.parts(("communication_id", specimen.id), "person_id");
            for (name, steps) in THROUGH_PERSONS {
                let field = steps.last().copied().unwrap_or_default();
                let signs: String = match told {
                    None => "∅".to_owned(),
                    Some(false) => "–".to_owned(),
                    Some(true) if parts.is_empty() => "∅".to_owned(),
                    Some(true) => parts.iter().map(|part| self.through(part, field)).collect(),
                };
                rows.push((name.to_owned(), signs));
            }
        }
        rows
    }

    fn through(&self, part: &Specimen, field: &str) -> char {
        let id = if field == "role" {
            part.id
        } else {
            part.keys["person_id"]
        };
        let specimen = self.specimens.iter().find(|one| one.id == id).unwrap();
        if self.seen[&id].fields.has(place(specimen, field)) {
            '✔'
        } else {
            '–'
        }
    }
}

/// The place of a field, by the name that GraphQL has for it.
fn place(specimen: &Specimen, name: &str) -> FieldIndex {
    let place = specimen
        .rules
        .iter()
        .position(|rule| camel(rule.name) == name);
    let place =
        place.unwrap_or_else(|| panic!("`{}.{name}` has no rule", specimen.kind.type_name()));
    FieldIndex(u8::try_from(place).unwrap())
}

async fn staged(backend: Backend) -> (Stage, Vec<Specimen>, Fields) {
    let stage = Stage::of(House::open(backend).await).await;
    let specimens = collected(&stage.house).await;
    let fields = introspected(&stage.house).await;
    (stage, specimens, fields)
}

async fn access_matrix(backend: Backend) {
    let (stage, specimens, fields) = staged(backend).await;
    let viewers = stage.viewers().await;
    let mut matrix = LEGEND.to_owned();
    for specimen in specimens
        .iter()
        .filter(|one| one.kind != Kind::CommunicationPerson)
    {
        let fields = &fields[specimen.kind.type_name()];
        let mut columns: Vec<Rows> = Vec::new();
        for (cast, viewer) in Cast::ALL.into_iter().zip(&viewers) {
            let told = asked(&stage, cast, specimen, fields).await;
            let ruled = View::of(viewer, &specimens).rows(specimen, fields);
            assert_eq!(told, ruled, "{} · {}", specimen.title, cast.name());
            columns.push(told);
        }
        matrix.push_str(&table(specimen.title, &columns));
    }
    golden::compare(GOLDEN, &matrix);
}

/// One specimen's part of the file.
fn table(title: &str, columns: &[Rows]) -> String {
    let mut text = format!("{title}\n{:24}", "");
    for cast in Cast::ALL {
        text.push_str(&format!("{:>9}", cast.name()));
    }
    text.push('\n');
    let rows = columns.first().map(Vec::len).unwrap_or_default();
    for row in 0..rows {
        text.push_str(&format!("  {:22}", columns[0][row].0));
        for column in columns {
            text.push_str(&format!("{:>9}", column[row].1));
        }
        text.push('\n');
    }
    text.push('\n');
    text
}

/// Types of the schema that no specimen stands for; the file is there to stay empty.
async fn coverage(backend: Backend) {
    let (_, specimens, fields) = staged(backend).await;
    let covered: BTreeSet<&str> = specimens.iter().map(|one| one.kind.type_name()).collect();
    let mut uncovered = String::new();
    for name in fields
        .keys()
        .filter(|name| !covered.contains(name.as_str()))
    {
        uncovered.push_str(name);
        uncovered.push('\n');
    }
    let exempt = std::fs::read_to_string(golden::path(UNCOVERED)).expect("the file is there");
    assert_eq!(
        uncovered, exempt,
        "an exemption is missing, or is no longer needed"
    );
    assert_eq!(exempt, "", "each type of the schema has its specimen");
}

/// One field at a time, and through the lists: the same as all at once, by id.
async fn ways(backend: Backend) {
    let (stage, specimens, fields) = staged(backend).await;
    for specimen in specimens
        .iter()
        .filter(|one| one.kind != Kind::CommunicationPerson)
    {
        let fields = &fields[specimen.kind.type_name()];
        let mut columns = Vec::new();
        for cast in Cast::ALL {
            columns.push(asked(&stage, cast, specimen, fields).await);
        }
        for (cast, all) in Cast::ALL.into_iter().zip(&columns) {
            for (place, (field, (name, sign))) in fields.iter().zip(all).enumerate() {
                // What all are told when all is asked for, all are told alone.
                if columns.iter().all(|column| column[place].1 == "✔") {
                    continue;
                }
                let alone = alone(&stage, cast, specimen, field).await;
                let context = format!("{}.{name} for {}", specimen.title, cast.name());
                assert_eq!(&alone.to_string(), sign, "{context}");
            }
        }
    }
    lists(&stage, &specimens, &fields).await;
}

async fn alone(stage: &Stage, cast: Cast, specimen: &Specimen, field: &Field) -> char {
    let query = format!(
        "query ($id: ID!) {{ node(id: $id) {{ ... on {} {{ {} }} }} }}",
        specimen.kind.type_name(),
        field.selection
    );
    let answer = stage
        .ask_with(cast, &query, json!({ "id": specimen.global_id() }))
        .await;
    let body = answer.json();
    if body.get("errors").is_some() {
        return '⚠';
    }
    let record = &body["data"]["node"];
    let held = withheld(&body).contains(&format!("node.{}", field.name));
    match record.is_object() {
        true => sign(field.shape, &record[&field.name], held),
        false => '∅',
    }
}

/// The records that hang on the specimens' mechanism, by their lists.
async fn lists(stage: &Stage, specimens: &[Specimen], fields: &Fields) {
    let by_id: BTreeMap<String, &Specimen> =
        specimens.iter().map(|one| (one.global_id(), one)).collect();
    let viewers = stage.viewers().await;
    for (list, kind) in [
        ("focalPoints", Kind::FocalPoint),
        ("workPlans", Kind::WorkPlan),
        ("communications", Kind::Communication),
        ("interimMeasures", Kind::InterimMeasure),
        ("documents", Kind::Document),
        ("agreements", Kind::Agreement),
        ("mandates", Kind::Mandate),
    ] {
        let values = fields[kind.type_name()].iter();
        let values: Vec<&Field> = values
            .filter(|field| field.shape == Shape::Value && !field.selection.contains('{'))
            .collect();
        let names: Vec<&str> = values.iter().map(|field| field.name.as_str()).collect();
        let query = format!(
            "{{ mechanism(code: \"{BODY}\") {{ {list}(first: 100) {{ totalCount edges {{ node {{ {} }} }} }} }} }}",
            names.join(" ")
        );
        for (cast, viewer) in Cast::ALL.into_iter().zip(&viewers) {
            let view = View::of(viewer, specimens);
            let body = stage.ask(cast, &query).await.data();
            let connection = &body["mechanism"][list];
            let edges = connection["edges"].as_array().unwrap();
            assert_eq!(
                connection["totalCount"],
                edges.len(),
                "{list} for {}",
                cast.name()
            );
            for edge in edges {
                let specimen = by_id[edge["node"]["id"].as_str().unwrap()];
                let ruled = view.rows(specimen, fields[kind.type_name()].as_slice());
                for field in &values {
                    let told = !edge["node"][&field.name].is_null();
                    let ruled = ruled.iter().find(|(name, _)| *name == field.name).unwrap();
                    assert_eq!(
                        told,
                        ruled.1 == "✔",
                        "{}.{} for {}",
                        specimen.title,
                        field.name,
                        cast.name()
                    );
                }
            }
        }
    }
}
