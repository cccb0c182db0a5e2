//! A database as plain tables: read whole by raw SQL, changed at will, written back.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use liaison::{
    activity::JointActivity,
    agreement::{Agreement, Clause},
    calendar::{CalendarEvent, EventInvitation},
    communication::{Communication, CommunicationPerson, Person},
    confidentiality::{Domain, FieldRule, declare::Column, stored::Shape},
    country::Country,
    document::Document,
    identity::kind::Kind,
    measure::InterimMeasure,
    mechanism::{FocalPoint, Mandate, Mechanism},
    organisation::Organisation,
    recommendation::{Assessment, Evidence, Recommendation, RecommendationReference},
    statistics::StatisticRelease,
    work_plan::{Objective, WorkPlan, WorkPlanItem},
};
use sea_orm::{ConnectionTrait, Database, DatabaseConnection, DbBackend, QueryResult, Statement};
use uuid::Uuid;

/// One value of one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Cell {
    /// Nothing.
    Null,
    /// An id.
    Id(Uuid),
    /// Text, a code, a partial date, or a list as JSON.
    Text(String),
    /// A number, or a moment in unix seconds.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Holds {
    /// An id.
    Id,
    /// Text.
    Text,
    /// A number.
    Number,
    /// Yes or no.
    Flag,
    /// Bytes.
    Bytes,
}

/// A row: a cell for each column of its table.
pub(crate) type Row = Vec<Cell>;

/// One table, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) columns: Vec<(&'static str, Holds)>,
    /// How many columns, from the first, make the key.
    pub(crate) key: usize,
    pub(crate) rows: Vec<Row>,
}

/// A whole database, but for the record of acts.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) tables: BTreeMap<&'static str, Table>,
}

/// What is declared of a kind of record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub(crate) kind: Kind,
    pub(crate) table: &'static str,
    pub(crate) rules: &'static [FieldRule],
    pub(crate) columns: &'static [Column],
    pub(crate) sealed: usize,
    pub(crate) keys: &'static [&'static str],
}

impl Declared {
    fn of<D: Domain>() -> Self {
        Self {
            kind: D::KIND,
            table: D::TABLE,
            rules: D::RULES,
            columns: D::COLUMNS,
            sealed: D::SEALED.len(),
            keys: D::KEYS,
        }
    }

    /// Names of the sealed fields.
    pub(crate) fn sealed_names(&self) -> impl Iterator<Item = &'static str> {
        let rules = self.rules.iter().skip(self.columns.len());
        rules.take(self.sealed).map(|rule| rule.name)
    }

    /// The columns that are fields, with their shapes.
    pub(crate) fn fields(&self) -> impl Iterator<Item = (&'static str, Shape)> {
        let fields = self.rules.iter().zip(self.columns);
        fields.map(|(rule, column)| (rule.name, column.shape))
    }
}

/// Every kind of record, those that point after those that they point to.
pub(crate) fn declared() -> [Declared; 23] {
    [
        Declared::of::<Country>(),
        Declared::of::<Organisation>(),
        Declared::of::<Mechanism>(),
        Declared::of::<Mandate>(),
        Declared::of::<FocalPoint>(),
        Declared::of::<WorkPlan>(),
        Declared::of::<Objective>(),
        Declared::of::<WorkPlanItem>(),
        Declared::of::<Agreement>(),
        Declared::of::<Clause>(),
        Declared::of::<Document>(),
        Declared::of::<Communication>(),
        Declared::of::<Person>(),
        Declared::of::<CommunicationPerson>(),
        Declared::of::<InterimMeasure>(),
        Declared::of::<JointActivity>(),
        Declared::of::<StatisticRelease>(),
        Declared::of::<Recommendation>(),
        Declared::of::<Assessment>(),
        Declared::of::<Evidence>(),
        Declared::of::<RecommendationReference>(),
        Declared::of::<CalendarEvent>(),
        Declared::of::<EventInvitation>(),
    ]
}

/// The declaration of one kind.
pub(crate) fn declared_as(kind: Kind) -> Declared {
    declared()
        .into_iter()
        .find(|declared| declared.kind == kind)
        .unwrap()
}

/// A table that is no kind's: its name, the length of its key, its columns.
type Other = (&'static str, usize, &'static [(&'static str, Holds)]);

/// Tables that hold no records, in the order in which they are filled.
const OTHERS: [Other; 31] = [
    (
        "statistic_cell",
        2,
        &[
            ("release", Holds::Id),
            ("place", Holds::Number),
            ("coordinates", Holds::Text),
            ("persons", Holds::Number),
        ],
    ),
    (
        "statistic_part",
        6,
        &[
            ("release", Holds::Id),
            ("mechanism", Holds::Id),
            ("quarter", Holds::Text),
            ("country", Holds::Text),
            ("rights", Holds::Text),
            ("outcome", Holds::Text),
            ("persons", Holds::Number),
            ("largest", Holds::Number),
        ],
    ),
    (
        "statistic_word",
        3,
        &[
            ("release", Holds::Id),
            ("mechanism", Holds::Id),
            ("subject", Holds::Text),
            ("at", Holds::Number),
            ("proposes", Holds::Flag),
        ],
    ),
    (
        "retirement",
        1,
        &[
            ("id", Holds::Id),
            ("kind", Holds::Text),
            ("root", Holds::Id),
            ("designation", Holds::Text),
            ("reason", Holds::Text),
            ("remark", Holds::Text),
            ("subject", Holds::Text),
            ("at", Holds::Number),
            ("keep_until", Holds::Number),
            ("hold", Holds::Text),
        ],
    ),
    (
        "retirement_word",
        2,
        &[
            ("record", Holds::Id),
            ("mechanism", Holds::Id),
            ("subject", Holds::Text),
            ("at", Holds::Number),
            ("keep_until", Holds::Number),
        ],
    ),
    (
        "record_owner",
        2,
        &[("record", Holds::Id), ("mechanism", Holds::Id)],
    ),
    (
        "record_named",
        2,
        &[
            ("record", Holds::Id),
            ("mechanism", Holds::Id),
            ("until", Holds::Number),
        ],
    ),
    (
        "record_country",
        2,
        &[("record", Holds::Id), ("country", Holds::Text)],
    ),
    (
        "record_topic",
        2,
        &[("record", Holds::Id), ("topic", Holds::Text)],
    ),
    (
        "link",
        3,
        &[
            ("source", Holds::Id),
            ("name", Holds::Text),
            ("target", Holds::Id),
        ],
    ),
    (
        "institution",
        1,
        &[
            ("mechanism", Holds::Id),
            ("code", Holds::Text),
            ("state", Holds::Flag),
            ("epoch", Holds::Number),
            ("accredited_from", Holds::Number),
            ("accredited_until", Holds::Number),
        ],
    ),
    (
        "holder",
        1,
        &[
            ("subject", Holds::Text),
            ("mechanism", Holds::Id),
            ("kind", Holds::Text),
            ("clearance", Holds::Text),
            ("roles", Holds::Text),
            ("epoch", Holds::Number),
            ("suspended", Holds::Flag),
        ],
    ),
    (
        "client",
        1,
        &[
            ("id", Holds::Text),
            ("cap", Holds::Text),
            ("epoch", Holds::Number),
        ],
    ),
    (
        "sealed_field",
        2,
        &[
            ("record", Holds::Id),
            ("field", Holds::Text),
            ("version", Holds::Number),
            ("blob", Holds::Bytes),
        ],
    ),
    (
        "consent",
        1,
        &[
            ("id", Holds::Id),
            ("person", Holds::Id),
            ("recipient", Holds::Id),
            ("purpose", Holds::Text),
            ("fields", Holds::Text),
            ("basis", Holds::Text),
            ("given_at", Holds::Number),
            ("valid_until", Holds::Number),
        ],
    ),
    (
        "disclosure_grant",
        1,
        &[
            ("id", Holds::Id),
            ("person", Holds::Id),
            ("holder", Holds::Text),
            ("mechanism", Holds::Id),
            ("purposes", Holds::Text),
            ("fields", Holds::Text),
            ("valid_from", Holds::Number),
            ("valid_until", Holds::Number),
            ("ended_at", Holds::Number),
        ],
    ),
    (
        "history",
        1,
        &[
            ("id", Holds::Id),
            ("record", Holds::Id),
            ("at", Holds::Number),
            ("n", Holds::Number),
            ("field", Holds::Text),
            ("level", Holds::Number),
            ("before", Holds::Text),
            ("after", Holds::Text),
            ("subject", Holds::Text),
        ],
    ),
    (
        "translation",
        3,
        &[
            ("record", Holds::Id),
            ("field", Holds::Text),
            ("language", Holds::Text),
            ("status", Holds::Text),
            ("text", Holds::Text),
            ("made_by", Holds::Text),
            ("made_on", Holds::Text),
            ("of", Holds::Text),
            ("at", Holds::Number),
        ],
    ),
    (
        "notification",
        1,
        &[
            ("id", Holds::Id),
            ("mechanism", Holds::Id),
            ("holder", Holds::Text),
            ("type", Holds::Text),
            ("kind", Holds::Text),
            ("record", Holds::Id),
            ("at", Holds::Number),
            ("n", Holds::Number),
        ],
    ),
    (
        "lowering",
        1,
        &[
            ("id", Holds::Id),
            ("record", Holds::Id),
            ("kind", Holds::Text),
            ("field", Holds::Text),
            ("level", Holds::Number),
            ("reason", Holds::Text),
            ("status", Holds::Text),
            ("subject", Holds::Text),
            ("asked_at", Holds::Number),
            ("batch", Holds::Id),
        ],
    ),
    (
        "lowering_approval",
        2,
        &[
            ("lowering", Holds::Id),
            ("mechanism", Holds::Id),
            ("subject", Holds::Text),
            ("at", Holds::Number),
        ],
    ),
    (
        "vital_interest",
        1,
        &[
            ("id", Holds::Id),
            ("person", Holds::Id),
            ("recipient", Holds::Id),
            ("purpose", Holds::Text),
            ("fields", Holds::Text),
            ("reason", Holds::Text),
            ("subject", Holds::Text),
            ("asked_at", Holds::Number),
            ("confirmed_by", Holds::Text),
            ("confirmed_at", Holds::Number),
        ],
    ),
    (
        "disclosure_request",
        1,
        &[
            ("id", Holds::Id),
            ("from_mechanism", Holds::Id),
            ("holder", Holds::Text),
            ("to_mechanism", Holds::Id),
            ("reference", Holds::Text),
            ("purpose", Holds::Text),
            ("fields", Holds::Text),
            ("reason", Holds::Text),
            ("asked_at", Holds::Number),
            ("due_at", Holds::Number),
            ("status", Holds::Text),
            ("person", Holds::Id),
        ],
    ),
    (
        "match_element",
        1,
        &[
            ("id", Holds::Id),
            ("mechanism", Holds::Id),
            ("communication", Holds::Id),
            ("person", Holds::Id),
            ("matter", Holds::Id),
            ("canary", Holds::Flag),
            ("mode", Holds::Text),
            ("normalisation", Holds::Text),
            ("key_id", Holds::Text),
            ("made_at", Holds::Number),
        ],
    ),
    (
        "match_country",
        2,
        &[
            ("element", Holds::Id),
            ("country", Holds::Text),
            ("mechanism", Holds::Id),
        ],
    ),
    (
        "match_token",
        2,
        &[
            ("element", Holds::Id),
            ("token", Holds::Id),
            ("kind", Holds::Text),
            ("widened", Holds::Flag),
            ("kept", Holds::Flag),
            ("asked", Holds::Flag),
        ],
    ),
    (
        "blind_matter",
        1,
        &[
            ("id", Holds::Id),
            ("mechanism", Holds::Id),
            ("handle", Holds::Text),
            ("countries", Holds::Text),
            ("registered_on", Holds::Text),
            ("subject", Holds::Text),
            ("at", Holds::Number),
        ],
    ),
    (
        "same_matter_check",
        1,
        &[
            ("id", Holds::Id),
            ("mechanism", Holds::Id),
            ("communication", Holds::Id),
            ("matter", Holds::Id),
            ("version", Holds::Number),
            ("snapshot", Holds::Text),
            ("tokens", Holds::Number),
            ("holder", Holds::Text),
            ("asked_at", Holds::Number),
            ("due_at", Holds::Number),
            ("compared_at", Holds::Number),
        ],
    ),
    (
        "same_matter_signal",
        1,
        &[
            ("id", Holds::Id),
            ("check_id", Holds::Id),
            ("mechanism", Holds::Id),
            ("probe", Holds::Id),
            ("element", Holds::Id),
            ("communication", Holds::Id),
            ("person", Holds::Id),
            ("matter", Holds::Id),
            ("signal", Holds::Text),
            ("raised_at", Holds::Number),
            ("due_at", Holds::Number),
            ("answer", Holds::Text),
            ("told", Holds::Text),
            ("holder", Holds::Text),
            ("answered_at", Holds::Number),
        ],
    ),
    (
        "side_by_side",
        2,
        &[
            ("signal", Holds::Id),
            ("mechanism", Holds::Id),
            ("subject", Holds::Text),
            ("basis", Holds::Text),
            ("at", Holds::Number),
        ],
    ),
    (
        "provenance",
        3,
        &[
            ("owner", Holds::Id),
            ("provider", Holds::Text),
            ("external_id", Holds::Text),
            ("kind", Holds::Text),
            ("record", Holds::Id),
            ("content_hash", Holds::Bytes),
            ("imported_at", Holds::Number),
            ("file", Holds::Text),
            ("line", Holds::Number),
        ],
    ),
];

impl Cell {
    /// The id, where it is one.
    pub(crate) fn id(&self) -> Option<Uuid> {
        match self {
            Self::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The text, where it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub(crate) fn number(&self) -> Option<i64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// The list, where it is one; what is absent or unreadable names nothing.
    pub(crate) fn list(&self) -> Vec<String> {
        self.text()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default()
    }

    fn read(row: &QueryResult, at: usize, holds: Holds) -> Self {
        match holds {
            Holds::Id => row
                .try_get_by_index::<Option<Uuid>>(at)
                .unwrap()
                .map(Self::Id),
            Holds::Text => row
                .try_get_by_index::<Option<String>>(at)
                .unwrap()
                .map(Self::Text),
            Holds::Number => row
                .try_get_by_index::<Option<i64>>(at)
                .unwrap()
                .map(Self::Number),
            Holds::Flag => row
                .try_get_by_index::<Option<bool>>(at)
                .unwrap()
                .map(Self::Flag),
            Holds::Bytes => row
                .try_get_by_index::<Option<Vec<u8>>>(at)
                .unwrap()
                .map(Self::Bytes),
        }
        .unwrap_or(Self::Null)
    }

    fn literal(&self, sql: &mut String, backend: DbBackend) {
        let postgres = backend == DbBackend::Postgres;
        let hex = |bytes: &[u8]| {
            bytes.iter().fold(String::new(), |mut text, byte| {
                write!(text, "{byte:02x}").unwrap();
                text
            })
        };
        match self {
            Self::Null => sql.push_str("NULL"),
            Self::Id(id) if postgres => write!(sql, "'{id}'").unwrap(),
            Self::Id(id) => write!(sql, "X'{}'", hex(id.as_bytes())).unwrap(),
            Self::Text(text) => write!(sql, "'{}'", text.replace('\'', "''")).unwrap(),
            Self::Number(number) => write!(sql, "{number}").unwrap(),
            Self::Flag(flag) => sql.push_str(if *flag { "TRUE" } else { "FALSE" }),
            Self::Bytes(bytes) if postgres => write!(sql, "'\\x{}'", hex(bytes)).unwrap(),
            Self::Bytes(bytes) => write!(sql, "X'{}'", hex(bytes)).unwrap(),
        }
    }
}

impl Table {
    /// The place of a column.
    pub(crate) fn at(&self, column: &str) -> usize {
        self.columns
            .iter()
            .position(|(name, _)| *name == column)
            .unwrap_or_else(|| panic!("no column {column}"))
    }
}

impl World {
    /// Tables of every kind and beside them, empty.
    fn empty() -> Self {
        let mut tables = BTreeMap::new();
        for kind in declared() {
            let mut columns = vec![
                ("id", Holds::Id),
                ("existence", Holds::Number),
                ("public_from", Holds::Number),
                ("overrides", Holds::Text),
            ];
            for (name, shape) in kind.fields() {
                let holds = match shape {
                    Shape::Text | Shape::Date | Shape::Code(_) | Shape::List => Holds::Text,
                    Shape::Number | Shape::Time => Holds::Number,
                    Shape::Flag => Holds::Flag,
                };
                columns.push((name, holds));
            }
            columns.extend(kind.keys.iter().map(|key| (*key, Holds::Id)));
            if kind.kind == Kind::Person {
                columns.push(("erased_at", Holds::Number));
            }
            columns.push(("retired_at", Holds::Number));
            tables.insert(
                kind.table,
                Table {
                    columns,
                    key: 1,
                    rows: Vec::new(),
                },
            );
        }
        for (name, key, columns) in OTHERS {
            tables.insert(
                name,
                Table {
                    columns: columns.to_vec(),
                    key,
                    rows: Vec::new(),
                },
            );
        }
        Self { tables }
    }

    /// Reads a database.
    pub(crate) async fn read(url: &str) -> Self {
        let connection = Database::connect(url).await.unwrap();
        let backend = connection.get_database_backend();
        let mut world = Self::empty();
        for (name, table) in &mut world.tables {
            let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
            let sql = format!(
                "SELECT {} FROM {name} ORDER BY {}",
                columns.join(", "),
                columns[..table.key].join(", ")
            );
            let rows = connection
                .query_all_raw(Statement::from_string(backend, sql))
                .await
                .unwrap();
            table.rows = rows
                .iter()
                .map(|row| {
                    let cells = table.columns.iter().enumerate();
                    cells
                        .map(|(at, (_, holds))| Cell::read(row, at, *holds))
                        .collect()
                })
                .collect();
        }
        connection.close().await.unwrap();
        world
    }

    /// Changes a database that holds this world into one that holds the other.
    pub(crate) async fn becomes(&self, other: &Self, url: &str) {
        let connection = Database::connect(url).await.unwrap();
        let backend = connection.get_database_backend();
        // Edges may lead to what is no longer there: that is part of the proof.
        let (begin, end) = match backend {
            DbBackend::Postgres => (
                "BEGIN; SET LOCAL session_replication_role = replica;",
                "COMMIT;",
            ),
            _ => ("PRAGMA foreign_keys = OFF; BEGIN IMMEDIATE;", "COMMIT;"),
        };
        let mut script = String::from(begin);
        for (name, table) in &self.tables {
            change(&mut script, backend, name, table, &other.tables[name]);
        }
        // As the hub's own writer would: an answer kept before is of another edition.
        script.push_str("UPDATE edition SET public = public + 1;");
        script.push_str(end);
        run(&connection, &script).await;
        connection.close().await.unwrap();
    }

    /// The table of this name.
    pub(crate) fn table(&self, name: &str) -> &Table {
        &self.tables[name]
    }

    /// The same, to change it.
    pub(crate) fn table_mut(&mut self, name: &str) -> &mut Table {
        self.tables.get_mut(name).unwrap()
    }

    /// The record with this id in a table.
    pub(crate) fn row(&self, table: &str, id: Uuid) -> Option<&Row> {
        let rows = &self.table(table).rows;
        rows.iter().find(|row| row[0] == Cell::Id(id))
    }
}

async fn run(connection: &DatabaseConnection, script: &str) {
    if let Err(error) = connection.execute_unprepared(script).await {
        panic!("{error}");
    }
}

fn change(script: &mut String, backend: DbBackend, name: &str, from: &Table, to: &Table) {
    let before: BTreeSet<&Row> = from.rows.iter().collect();
    let after: BTreeSet<&Row> = to.rows.iter().collect();
    let key = |script: &mut String, row: &Row| {
        for (place, cell) in row.iter().take(from.key).enumerate() {
            script.push_str(if place == 0 { "(" } else { ", " });
            cell.literal(script, backend);
        }
        script.push(')');
    };
    let columns: Vec<&str> = from.columns.iter().map(|(name, _)| *name).collect();
    let gone: Vec<_> = before.difference(&after).collect();
    for rows in gone.chunks(200) {
        let keys = columns[..from.key].join(", ");
        write!(script, "DELETE FROM {name} WHERE ({keys}) IN (").unwrap();
        if backend == DbBackend::Sqlite && from.key > 1 {
            script.push_str("VALUES ");
        }
        for (place, row) in rows.iter().enumerate() {
            if place > 0 {
                script.push_str(", ");
            }
            key(script, row);
        }
        script.push_str(");");
    }
    let come: Vec<_> = after.difference(&before).collect();
    for rows in come.chunks(200) {
        write!(
            script,
            "INSERT INTO {name} ({}) VALUES ",
            columns.join(", ")
        )
        .unwrap();
        for (place, row) in rows.iter().enumerate() {
            script.push_str(if place == 0 { "(" } else { ", (" });
            for (at, cell) in row.iter().enumerate() {
                if at > 0 {
                    script.push_str(", ");
                }
                cell.literal(script, backend);
            }
            script.push(')');
        }
        script.push(';');
    }
}
