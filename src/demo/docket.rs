//! The invented docket: communications, measures, the persons concerned, and their parts.
//!
//! `data/docket.json` holds everything that is invented, one row a line. Nobody
//! in it exists; each name says so in its own language.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use time::{
    Date, OffsetDateTime, Time, format_description::well_known::Rfc3339, macros::format_description,
};

use super::{
    draft::{Draft, Value},
    rows::{Fault, Row, rows_in},
};

const FILE: &str = "docket.json";
const SOURCE: &str = "Invented for the demonstration; no State, person or event is meant";
const LICENSE: &str = "CC0-1.0";

/// Levels in order, as labels and clauses name them.
const LEVELS: [&str; 5] = ["PUBLIC", "PARTNER", "CHANNEL", "SECRETARIAT", "VICTIM"];
/// Fields that an invented record may raise or lower.
const RAISED: [&str; 4] = ["asked_of_state", "parties", "status", "title"];

/// Everything invented, section by section.
#[derive(Clone, Debug)]
pub(super) struct Docket(BTreeMap<String, Vec<Row>>);

impl Docket {
    /// Reads what the binary carries.
    pub(super) fn open() -> Result<Self, Fault> {
        let unreadable = |why: String| Fault::Unreadable {
            file: FILE.into(),
            why,
        };
        let whole: BTreeMap<String, Json> = serde_json::from_str(include_str!("data/docket.json"))
            .map_err(|error| unreadable(error.to_string()))?;
        whole
            .into_iter()
            .filter(|(name, _)| name != "note")
            .map(|(name, list)| match rows_in(Some(&list)) {
                Some(rows) => Ok((name, rows)),
                None => Err(unreadable(format!("`{name}` is not a list of rows"))),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// The rows of a section; none where there is no such section.
    pub(super) fn rows(&self, section: &str) -> &[Row] {
        self.0.get(section).map_or(&[], Vec::as_slice)
    }

    /// One row of a section.
    pub(super) fn row(&self, section: &str, id: &str) -> Option<&Row> {
        self.rows(section).iter().find(|row| row.id() == id)
    }

    /// The mechanism whose plan a plan, an objective or a visit belongs to.
    pub(super) fn plan_owner<'a>(&'a self, row: &'a Row) -> &'a str {
        let above = row
            .text("objective")
            .and_then(|id| self.row("objectives", id))
            .or_else(|| row.text("plan").and_then(|id| self.row("workPlans", id)));
        match above {
            Some(above) => self.plan_owner(above),
            None => row.text("mechanism").unwrap_or_default(),
        }
    }

    /// Puts a row's label on its draft: existence, overrides, embargo, named.
    pub(super) fn labelled(&self, mut draft: Draft, row: &Row) -> Result<Draft, Fault> {
        if let Some(existence) = row.text("existence") {
            draft.existence = level(row, existence)?;
        }
        for (field, set) in row.texts_by_name("overrides") {
            let field = RAISED.into_iter().find(|known| *known == field);
            let field =
                field.ok_or_else(|| row.fault(FILE, "an override names an unknown field"))?;
            draft.overrides.push((field, level(row, set)?));
        }
        draft.public_from = row.moment("publicFrom")?;
        for (mechanism, until) in row.texts_by_name("named") {
            draft
                .named
                .push((mechanism.to_owned(), moment(row, until)?));
        }
        Ok(draft)
    }

    /// Communications, then persons, the edges between them, and measures.
    pub(super) fn drafts(&self) -> Result<Vec<Draft>, Fault> {
        let communications: Vec<Draft> = self
            .rows("communications")
            .iter()
            .map(|row| self.communication(row))
            .collect::<Result<_, _>>()?;
        let by_reference: BTreeMap<&str, &Draft> = communications
            .iter()
            .map(|draft| (draft.key.as_str(), draft))
            .collect();

        let mut persons = Vec::new();
        for row in self.rows("persons") {
            let parts = self
                .rows("parts")
                .iter()
                .filter(|part| part.text("person") == Some(row.id()));
            let of: Vec<&Draft> = parts
                .filter_map(|part| by_reference.get(part.text("communication")?).copied())
                .collect();
            persons.push(person(row, &of)?);
        }
        let mut edges = Vec::new();
        for row in self.rows("parts") {
            let of = row
                .text("communication")
                .and_then(|reference| by_reference.get(reference));
            edges.push(edge(
                row,
                of.ok_or_else(|| row.fault(FILE, "it names no communication"))?,
            ));
        }
        let measures = self.rows("measures").iter().map(|row| self.measure(row));
        let measures: Vec<Draft> = measures.collect::<Result<_, _>>()?;
        Ok(communications
            .iter()
            .cloned()
            .chain(persons)
            .chain(edges)
            .chain(measures)
            .collect())
    }

    fn communication(&self, row: &Row) -> Result<Draft, Fault> {
        let mechanism = row.text("mechanism").unwrap_or_default();
        let owners: Vec<&str> = match row.text("owners") {
            Some(_) => row.texts("owners").collect(),
            None => vec![mechanism],
        };
        let draft = Draft::new("communication", row.id())
            .owned_by(owners)
            .about(row.texts("countries"), row.texts("topics"))
            .text("reference", row.id())
            .text("kind", row.text("kind"))
            .text("status", row.text("status"))
            .value("joint", Value::Flag(row.says("joint")))
            .text("title", row.text("title"))
            .text("received_on", row.text("receivedOn"))
            .text("registered_on", row.text("registeredOn"))
            .text("transmitted_on", row.text("transmittedOn"))
            .text("decided_on", row.text("decidedOn"))
            .text("inadmissibility_ground", row.text("inadmissibilityGround"))
            .text("outcome", row.text("outcome"))
            .text("symbol", row.text("symbol"))
            .list("articles", row.texts("articles"))
            .text("docket_note", row.text("docketNote"))
            .text("source_kind", row.text("sourceKind"))
            .value(
                "with_authority",
                Value::Flag(matches!(
                    row.text("sourceKind"),
                    Some("ALLEGED_VICTIM" | "REPRESENTATIVE")
                )),
            )
            .link("mechanism", "mechanism", [mechanism])
            .link("mandates", "mandate", row.texts("mandates"))
            .invented();
        self.labelled(draft, row)
    }
}

impl Docket {
    fn measure(&self, row: &Row) -> Result<Draft, Fault> {
        let mechanism = row.text("mechanism").unwrap_or_default();
        let draft = Draft::new("interim_measure", row.id())
            .owned_by([mechanism])
            .about(row.texts("countries"), row.texts("topics"))
            .text("reference", row.id())
            .text("kind", row.text("kind"))
            .text("status", row.text("status"))
            .text("requested_on", row.text("requestedOn"))
            .text("decided_on", row.text("decidedOn"))
            .text("in_force_until", row.text("inForceUntil"))
            .text("asked_of_state", row.text("asked"))
            .text("risk", row.text("risk"))
            .text("reason_for_lifting", row.text("reason"))
            .link("mechanism", "mechanism", [mechanism])
            .link("communication", "communication", row.text("communication"))
            .link("beneficiaries", "person", row.texts("beneficiaries"))
            .invented();
        self.labelled(draft, row)
    }
}

/// A person: owned by those whose communications concern them, and about what
/// these are about, so that a clause covers the person as it covers them all.
fn person(row: &Row, of: &[&Draft]) -> Result<Draft, Fault> {
    let all = |part: fn(&Draft) -> &Vec<String>| -> BTreeSet<&str> {
        of.iter()
            .flat_map(|draft| part(draft))
            .map(String::as_str)
            .collect()
    };
    let mut draft = Draft::new("person", row.id())
        .owned_by(
            of.iter()
                .flat_map(|draft| &draft.owners)
                .map(String::as_str),
        )
        .about(all(|draft| &draft.countries), all(|draft| &draft.topics))
        .invented();
    draft.existence = "SECRETARIAT";
    for (field, column) in [
        ("names", "names"),
        ("birth_date", "birthDate"),
        ("contact", "contact"),
    ] {
        let value = row.0.get(column);
        let value =
            value.ok_or_else(|| row.fault(FILE, "a person needs names, birth date and contact"))?;
        draft.sealed.push((field, value.to_string()));
    }
    Ok(draft)
}

/// What part a person has in a communication.
fn edge(row: &Row, of: &Draft) -> Draft {
    let draft = Draft::new("communication_person", row.id())
        .owned_by(of.owners.iter().map(String::as_str))
        .about(
            of.countries.iter().map(String::as_str),
            of.topics.iter().map(String::as_str),
        )
        .text("role", row.text("role"))
        .link("communication", "communication", row.texts("communication"))
        .link("person", "person", row.texts("person"))
        .invented();
    Draft {
        existence: "SECRETARIAT",
        ..draft
    }
}

/// The level that `text` names.
pub(super) fn level(row: &Row, text: &str) -> Result<&'static str, Fault> {
    LEVELS
        .into_iter()
        .find(|known| *known == text)
        .ok_or_else(|| row.fault(FILE, "it names an unknown level"))
}

/// A moment, or the start of a day, UTC, in unix seconds.
fn moment(row: &Row, day: &str) -> Result<i64, Fault> {
    if let Ok(moment) = OffsetDateTime::parse(day, &Rfc3339) {
        return Ok(moment.unix_timestamp());
    }
    Date::parse(day, format_description!("[year]-[month]-[day]"))
        .map(|day| day.with_time(Time::MIDNIGHT).assume_utc().unix_timestamp())
        .map_err(|_| row.fault(FILE, "a moment is not a day such as 2035-01-01"))
}

impl Row {
    /// The start of the day in `column`, in unix seconds.
    pub(super) fn moment(&self, column: &str) -> Result<Option<i64>, Fault> {
        self.text(column).map(|day| moment(self, day)).transpose()
    }

    /// The start of the day in `column`, which has to be there.
    pub(super) fn moment_set(&self, column: &str) -> Result<i64, Fault> {
        self.moment(column)?
            .ok_or_else(|| self.fault(FILE, "a moment is missing"))
    }

    /// The pairs of texts in `column`.
    fn texts_by_name(&self, column: &str) -> impl Iterator<Item = (&str, &str)> {
        let pairs = self
            .0
            .get(column)
            .and_then(Json::as_object)
            .into_iter()
            .flatten();
        pairs.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
    }
}

impl Draft {
    /// Says that the record is invented.
    #[must_use]
    pub(super) fn invented(self) -> Self {
        self.sourced(SOURCE, None, LICENSE)
    }
}
