//! Inputs of acts, by chance: of what the asker keeps, of what others keep, of what is
//! hidden, and of what nobody has.

use liaison::{clock::Moment, id::GlobalId, id::RecordId, identity::kind::Kind};
use serde_json::json;
use uuid::Uuid;

use super::{
    chance::{MECHANISMS, STATES, SUBJECTS, TOPICS},
    past::PROVIDER,
    requests::{Literal, Maker, Type, camel},
    world::{Cell, declared, declared_as},
};
use crate::support::house::NOW;

/// How often a record of the asker's own mechanism is looked for.
const TRIES: usize = 6;

impl Maker<'_> {
    /// An input of this type for an act.
    pub(super) fn input(&mut self, act: &str, ty: &str) -> Literal {
        if ty == "ImportRowsInput" {
            return self.rows();
        }
        if ty == "LoweringActInput" && self.dice.percent(80) {
            return self.lowering();
        }
        let inputs = self.schema.types[ty].inputs.clone();
        let mut parts = Vec::new();
        for (name, ty) in inputs {
            let likely = match name.as_str() {
                // The same key twice is one act.
                "key" => 30,
                "expectedVersion" => 10,
                _ => 50,
            };
            if ty.text.ends_with('!') || self.dice.percent(likely) {
                let value = self.part(act, &name, &ty);
                parts.push((name, value));
            }
        }
        if ty == "TokensOf" {
            parts.truncate(1);
        }
        Literal::Object(parts)
    }

    fn part(&mut self, act: &str, name: &str, ty: &Type) -> Literal {
        if !ty.text.starts_with('[') {
            return self.one(act, name, ty);
        }
        if name == "parties" {
            let other: &str = self.dice.pick::<&str>(&MECHANISMS);
            let parties = [self.own_code.to_owned(), other.to_owned()];
            return Literal::List(parties.map(Literal::Text).to_vec());
        }
        let count = 1 + self.dice.below(2);
        Literal::List((0..count).map(|_| self.one(act, name, ty)).collect())
    }

    fn one(&mut self, act: &str, name: &str, ty: &Type) -> Literal {
        let known = self.schema.types.get(&ty.name).cloned();
        if let Some(known) = known {
            match known.kind.as_str() {
                "ENUM" => return Literal::Code(self.dice.pick(&known.codes).clone()),
                "INPUT_OBJECT" => return self.input(act, &ty.name),
                _ => {}
            }
        }
        match ty.name.as_str() {
            "ID" => Literal::Text(self.record(act, name)),
            "Boolean" => Literal::Flag(self.dice.percent(50)),
            "Int" => Literal::Number(60),
            "PartialDate" => Literal::Text(
                (*self
                    .dice
                    .pick(&["2025", "2026-03", "2026-05-31", "2031-02-30"]))
                .to_owned(),
            ),
            "DateTime" => {
                let (early, late) = (NOW - 86_400, NOW + 20 * 86_400);
                let seconds = if name == "validFrom" || self.dice.percent(8) {
                    early
                } else {
                    late
                };
                Literal::Text(Moment::from_seconds(seconds).rfc3339())
            }
            _ => Literal::Text(self.text(name)),
        }
    }

    /// A text for a part of an input: a code where one is meant, and often what some record
    /// already says.
    fn text(&mut self, name: &str) -> String {
        let codes: &[&str] = match name {
            "mechanism" | "recipient" | "toMechanism" | "fromMechanism" => {
                if self.dice.percent(45) {
                    return self.own_code.to_owned();
                }
                &MECHANISMS
            }
            "holder" => &SUBJECTS,
            "countries" => &STATES,
            "topics" | "themes" | "issues" | "theme" => &TOPICS,
            "script" => &["Latn"],
            "heldIn" => &STATES,
            "timeZone" => &["Africa/Banjul"],
            "from" => &["2024-Q1", "2025-Q1"],
            "to" => &["2024-Q4", "2026-Q1"],
            "mechanisms" => &MECHANISMS,
            "language" => &["en", "fr", "sw"],
            "region" => &["AFRICA"],
            "token" => &["AAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAAAQ"],
            "normalisation" => &["N1"],
            "handle" | "secret" => &["one", "two"],
            "scope" => &["read:mechanism@PUBLIC"],
            "client" => &[liaison::demo::load::CLIENT],
            "scale" => &["CCPR_2016"],
            "value" => &["A", "B"],
            "key" => &["one", "two", "three"],
            "field" | "fields" => return self.field_name(),
            _ => &[],
        };
        if !codes.is_empty() {
            return (*self.dice.pick(codes)).to_owned();
        }
        if self.dice.percent(50)
            && let Some(said) = self.said(name)
        {
            return said;
        }
        format!("words {}", self.dice.below(5))
    }

    /// What some record of either world, seen or hidden, says in a field of this name.
    fn said(&mut self, name: &str) -> Option<String> {
        let all = declared();
        let mut having = Vec::new();
        for kind in &all {
            let field = kind.fields().find(|(field, _)| camel(field) == name);
            having.extend(field.map(|(field, _)| (kind.table, field)));
        }
        if having.is_empty() {
            return None;
        }
        let (table, column) = *self.dice.pick(&having);
        let table = self.worlds[self.dice.below(2)].table(table);
        if table.rows.is_empty() {
            return None;
        }
        let row = self.dice.pick(&table.rows);
        row[table.at(column)].text().map(str::to_owned)
    }

    /// The id that an act is about.
    fn record(&mut self, act: &str, name: &str) -> String {
        let table = match name {
            "lowering" => Some("lowering"),
            "request" => Some("disclosure_request"),
            "vitalInterest" => Some("vital_interest"),
            "signal" | "overlap" => Some("same_matter_signal"),
            "blindMatter" => Some("blind_matter"),
            // No world has any: each act makes its own.
            "feed" => return self.dice.id().to_string(),
            "batch" => return self.batch(),
            _ => None,
        };
        if let Some(table) = table {
            let rows = &self.worlds[self.dice.below(2)].table(table).rows;
            let found = (!rows.is_empty()).then(|| self.dice.pick(rows)[0].id());
            return found
                .flatten()
                .unwrap_or_else(|| self.dice.id())
                .to_string();
        }
        let kind = match name {
            "id" | "ids" | "record" => meant(act),
            "from" | "to" if act == "relateRecommendations" => Some(Kind::Recommendation),
            "to" => Some(Kind::Communication),
            "responsible" | "associated" | "mechanisms" | "addressees" | "organisers"
            | "participants" => Some(Kind::Mechanism),
            "otherAddressees" | "otherOrganisers" | "otherParticipants" => Some(Kind::Organisation),
            "mandates" => Some(Kind::Mandate),
            name => Kind::ALL
                .into_iter()
                .find(|kind| camel(kind.code()) == name),
        };
        let kinds = [
            Kind::Communication,
            Kind::Document,
            Kind::WorkPlan,
            Kind::FocalPoint,
        ];
        let kind = kind.unwrap_or_else(|| *self.dice.pick(&kinds));
        if self.dice.percent(4) {
            return self.id();
        }
        let world = self.worlds[self.dice.below(2)];
        let rows = &world.table(declared_as(kind).table).rows;
        let owned = |id: Uuid| {
            let owners = &world.table("record_owner").rows;
            owners
                .iter()
                .any(|row| row[0] == Cell::Id(id) && row[1].id() == self.own)
        };
        let others = self.dice.percent(25);
        let mut found = self.dice.id();
        for _ in 0..TRIES {
            if rows.is_empty() {
                break;
            }
            found = self.dice.pick(rows)[0].id().unwrap();
            if others || kind == Kind::Mechanism || owned(found) {
                break;
            }
        }
        let id = RecordId(found);
        GlobalId { kind, id }.to_string()
    }

    /// A request to lower a level, with the record that it is about.
    fn lowering(&mut self) -> Literal {
        let rows = &self.worlds[self.dice.below(2)].table("lowering").rows;
        if rows.is_empty() {
            return Literal::Object(Vec::new());
        }
        let row = self.dice.pick(rows);
        let record = GlobalId {
            kind: row[2].text().and_then(Kind::from_code).unwrap(),
            id: RecordId(row[1].id().unwrap()),
        };
        let lowering = row[0].id().unwrap();
        Literal::Object(vec![
            ("record".to_owned(), Literal::Text(record.to_string())),
            ("lowering".to_owned(), Literal::Text(lowering.to_string())),
        ])
    }

    /// The id of some batch of requests, or of none.
    pub(super) fn batch(&mut self) -> String {
        let rows = &self.worlds[self.dice.below(2)].table("lowering").rows;
        let batches: Vec<Uuid> = rows.iter().filter_map(|row| row[9].id()).collect();
        if batches.is_empty() {
            return self.dice.id().to_string();
        }
        self.dice.pick(&batches).to_string()
    }

    /// Rows of a partner's file, under ids that others have used.
    fn rows(&mut self) -> Literal {
        let mapping = json!({
            "provider": PROVIDER, "kind": "document", "id": "{no}",
            "fields": { "title": { "column": "title" }, "symbol": { "column": "symbol" } },
        });
        let row = |number: usize, title: String, symbol: String| {
            Literal::List(
                [number.to_string(), title, symbol]
                    .map(Literal::Text)
                    .to_vec(),
            )
        };
        let mut rows = Vec::new();
        for _ in 0..1 + self.dice.below(3) {
            let (title, symbol) = (self.text("title"), self.text("symbol"));
            rows.push(row(1 + self.dice.below(6), title, symbol));
        }
        let columns = ["no", "title", "symbol"].map(str::to_owned);
        let text = |text: &str| Literal::Text(text.to_owned());
        Literal::Object(vec![
            ("kind".to_owned(), text("document")),
            (
                "columns".to_owned(),
                Literal::List(columns.map(Literal::Text).to_vec()),
            ),
            ("rows".to_owned(), Literal::List(rows)),
            ("mapping".to_owned(), Literal::Text(mapping.to_string())),
            ("partial".to_owned(), Literal::Flag(self.dice.percent(50))),
            ("dryRun".to_owned(), Literal::Flag(self.dice.percent(30))),
        ])
    }
}

/// The kind of record that an act is about, by its name; none where it may be any.
fn meant(act: &str) -> Option<Kind> {
    match act {
        "recordStatePosition" => return Some(Kind::Recommendation),
        // The event, to which an invitation is to be made.
        "inviteToCalendarEvent" => return Some(Kind::CalendarEvent),
        _ => {}
    }
    let named = Kind::ALL
        .into_iter()
        .filter(|kind| act.contains(kind.type_name()));
    if let Some(kind) = named.max_by_key(|kind| kind.type_name().len()) {
        return Some(kind);
    }
    let any = [
        "raiseLevel",
        "lowerLevel",
        "lowerLevels",
        "approveLowering",
        "refuseLowering",
        "nameMechanism",
        "endNaming",
        "retireRecord",
        "restoreRecord",
        "holdRecord",
    ];
    (!any.contains(&act)).then_some(Kind::Communication)
}
