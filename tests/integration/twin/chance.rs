//! Chance by seed, and worlds and askers made by chance.

use liaison::{confidentiality::stored::Shape, id::RecordId, identity::kind::Kind};
use uuid::Uuid;

use super::{
    past::past,
    reference::Asker,
    world::{Cell, Declared, Row, World, declared},
};
use crate::support::house::NOW;

/// A source of numbers that says the same for the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    /// The numbers of a seed.
    pub(crate) fn of(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end.max(1)).unwrap()).unwrap()
    }

    /// Yes, in so many of a hundred.
    pub(crate) fn percent(&mut self, yes: u64) -> bool {
        self.next() % 100 < yes
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Up to `most` of these, some perhaps twice.
    pub(crate) fn some(&mut self, from: &[&str], most: usize) -> Vec<String> {
        let count = self.below(most + 1);
        let mut some: Vec<String> = (0..count).map(|_| (*self.pick(from)).to_owned()).collect();
        some.sort_unstable();
        some.dedup();
        some
    }

    /// An id.
    pub(crate) fn id(&mut self) -> Uuid {
        Uuid::from_u64_pair(self.next(), self.next())
    }
}

/// Mechanisms that own, share and ask.
pub(crate) const MECHANISMS: [&str; 6] = ["cat", "achpr", "iachr", "spt", "ccpr", "ecthr"];
/// Purposes that a request can state.
pub(crate) const PURPOSES: [&str; 3] = ["EXAMINATION", "URGENT_PROTECTION", "FOLLOW_UP"];
pub(crate) const STATES: [&str; 4] = ["SEN", "KEN", "GHA", "FRA"];
pub(crate) const TOPICS: [&str; 3] = ["torture_prevention", "fair_trial", "migration"];
const INFORMATION: [&str; 9] = [
    "WORKING_METHODS",
    "CONTACTS",
    "WORK_PLANS",
    "AGREEMENTS",
    "DOCUMENTS",
    "PENDING_LIST",
    "IDENTITIES",
    "REFERENCE",
    "SAME_MATTER",
];
const LEVELS: [&str; 5] = ["PUBLIC", "PARTNER", "CHANNEL", "SECRETARIAT", "VICTIM"];
/// Moments before, at and after the moment of the test.
const MOMENTS: [i64; 6] = [0, NOW - 1, NOW, NOW + 1, NOW + 3_600, 2_000_000_000];

/// Clauses beside the demo's.
const CLAUSES: usize = 100;

/// The id of a mechanism, by its code.
pub(crate) fn mechanism(code: &str) -> Uuid {
    RecordId::derived(Kind::Mechanism, code).0
}

fn json(list: &[String]) -> Cell {
    Cell::Text(serde_json::json!(list).to_string())
}

/// Holders beside the demo's: of a State, of a display, of a mechanism that is not
/// accredited, and an officer of each mechanism that asks.
pub(crate) fn enlarge(world: &mut World) {
    figures(world);
    let institutions = [
        ("freedonia", true, Some(0)),
        ("newcomer", false, None),
        ("lapsed", false, Some(0)),
    ];
    for (code, state, from) in institutions {
        let until = (code == "lapsed").then_some(NOW);
        world.table_mut("institution").rows.push(vec![
            Cell::Id(mechanism(code)),
            Cell::Text(code.to_owned()),
            Cell::Flag(state),
            Cell::Number(0),
            from.map_or(Cell::Null, Cell::Number),
            until.map_or(Cell::Null, Cell::Number),
        ]);
    }
    let holders = [
        ("freedonia.mission", "freedonia", "OFFICER"),
        ("newcomer.desk", "newcomer", "OFFICER"),
        ("lapsed.desk", "lapsed", "OFFICER"),
        ("cat.display", "cat", "DASHBOARD"),
        ("spt.officer", "spt", "OFFICER"),
        ("ccpr.officer", "ccpr", "OFFICER"),
        ("iachr.officer", "iachr", "OFFICER"),
    ];
    for (subject, code, kind) in holders {
        world.table_mut("holder").rows.push(vec![
            Cell::Text(subject.to_owned()),
            Cell::Id(mechanism(code)),
            Cell::Text(kind.to_owned()),
            Cell::Text("VICTIM".to_owned()),
            Cell::Text("[]".to_owned()),
            Cell::Number(0),
            Cell::Flag(false),
        ]);
    }
    for code in MECHANISMS {
        let known = world.row("institution", mechanism(code)).is_some();
        if !known {
            world.table_mut("institution").rows.push(vec![
                Cell::Id(mechanism(code)),
                Cell::Text(code.to_owned()),
                Cell::Flag(false),
                Cell::Number(0),
                Cell::Number(0),
                Cell::Null,
            ]);
        }
    }
}

/// Releases of statistics, which tell of dockets that others may not know of: released ones
/// and proposed ones, with what they were counted from.
fn figures(world: &mut World) {
    let text = |text: &str| Cell::Text(text.to_owned());
    for (key, owners, released) in [
        ("released/cat", &["cat"][..], true),
        ("released/achpr", &["achpr"][..], true),
        ("proposed/cat", &["cat"][..], false),
        ("proposed/both", &["cat", "achpr"][..], false),
    ] {
        let id = RecordId::derived(Kind::StatisticRelease, key).0;
        let table = world.table_mut("statistic_release");
        let mut row = vec![Cell::Null; table.columns.len()];
        let quarters = match released {
            true => ("2024-Q1", "2024-Q4"),
            false => ("2024-Q1", "2025-Q2"),
        };
        for (column, value) in [
            ("id", Cell::Id(id)),
            ("existence", Cell::Number(if released { 0 } else { 3 })),
            (
                "status",
                text(if released { "RELEASED" } else { "PROPOSED" }),
            ),
            ("dimensions", text(r#"["COUNTRY"]"#)),
            ("first_quarter", text(quarters.0)),
            ("last_quarter", text(quarters.1)),
            ("algorithm", text("as it was then")),
            ("threshold", Cell::Number(5)),
            ("counted_on", text("2026-05-01")),
        ] {
            row[table.at(column)] = value;
        }
        table.rows.push(row);
        if owners.len() == 1 {
            let cells = [
                ("null", Some(20)),
                ("\"KEN\"", Some(12)),
                ("\"SEN\"", Some(8)),
                ("\"GHA\"", None),
            ];
            for (place, (category, persons)) in (1..).zip(cells) {
                world.table_mut("statistic_cell").rows.push(vec![
                    Cell::Id(id),
                    Cell::Number(place),
                    text(&format!("[{category}]")),
                    persons.map_or(Cell::Null, Cell::Number),
                ]);
            }
        }
        for code in owners {
            let owner = vec![Cell::Id(id), Cell::Id(mechanism(code))];
            world.table_mut("record_owner").rows.push(owner);
            world.table_mut("link").rows.push(vec![
                Cell::Id(id),
                text("mechanisms"),
                Cell::Id(mechanism(code)),
            ]);
            if !released && *code != "cat" {
                continue;
            }
            if released {
                for (state, persons) in [("KEN", 12), ("SEN", 8), ("GHA", 3)] {
                    world.table_mut("statistic_part").rows.push(vec![
                        Cell::Id(id),
                        Cell::Id(mechanism(code)),
                        text("2024-Q2"),
                        text(state),
                        text("JUSTICE"),
                        text(""),
                        Cell::Number(persons),
                        Cell::Number(1),
                    ]);
                }
            }
            world.table_mut("statistic_word").rows.push(vec![
                Cell::Id(id),
                Cell::Id(mechanism(code)),
                text("cat.petitions"),
                Cell::Number(NOW - 90_000),
                Cell::Flag(true),
            ]);
        }
    }
}

/// Who may ask by chance.
pub(crate) const SUBJECTS: [&str; 12] = [
    "cat.secretary",
    "cat.petitions",
    "achpr.liaison",
    "achpr.protection",
    "iachr.sync",
    "iachr.officer",
    "freedonia.mission",
    "newcomer.desk",
    "lapsed.desk",
    "cat.display",
    "spt.officer",
    "ccpr.officer",
];

/// The highest level that a subject's token can be issued for.
fn most(subject: &str) -> usize {
    match subject {
        "cat.secretary" => 3,
        "achpr.liaison" | "freedonia.mission" => 2,
        "iachr.sync" | "cat.display" => 1,
        _ => 4,
    }
}

/// Changes labels, clauses, grants and consents of `share` of a hundred records.
pub(crate) fn scramble(world: &mut World, dice: &mut Dice, share: u64) {
    scramble_but(world, dice, share, &[]);
}

/// The same, but for records of some kinds.
pub(crate) fn scramble_but(world: &mut World, dice: &mut Dice, share: u64, spared: &[Kind]) {
    for kind in declared() {
        if spared.contains(&kind.kind) {
            continue;
        }
        let ids: Vec<Uuid> = world
            .table(kind.table)
            .rows
            .iter()
            .filter_map(|row| row[0].id())
            .collect();
        let names: Vec<&str> = kind.rules.iter().map(|rule| rule.name).collect();
        for (place, id) in ids.into_iter().enumerate() {
            // That an edge is known and its end is not would else be rare.
            let edge = kind.kind == Kind::CommunicationPerson;
            if !dice.percent(if edge { share * 2 } else { share }) {
                continue;
            }
            let existence = *dice.pick(&[0, 0, 0, 1, 2, 3]);
            let from = if dice.percent(15) {
                Cell::Number(*dice.pick(&MOMENTS))
            } else {
                Cell::Null
            };
            let overrides = overrides(dice, &names);
            let row = &mut world.table_mut(kind.table).rows[place];
            row[1] = Cell::Number(existence);
            row[2] = from;
            row[3] = overrides;
            relabel(world, dice, id);
            retire(world, dice, (&kind, place), id);
        }
    }
    clauses(world, dice);
    grants(world, dice);
    let table = world.table_mut("person");
    let at = table.at("erased_at");
    for row in &mut table.rows {
        row[at] = if dice.percent(25) {
            Cell::Number(NOW - 5)
        } else {
            Cell::Null
        };
    }
    past(world, dice);
}

/// Retires a record, or not.
fn retire(world: &mut World, dice: &mut Dice, (kind, place): (&Declared, usize), id: Uuid) {
    let gone = dice.percent(12) && !MECHANISMS.iter().any(|code| mechanism(code) == id);
    let at = world.table(kind.table).at("retired_at");
    world.table_mut(kind.table).rows[place][at] = match gone {
        true => Cell::Number(NOW - 5),
        false => Cell::Null,
    };
    let retirements = world.table_mut("retirement");
    retirements.rows.retain(|row| row[0] != Cell::Id(id));
    if gone {
        let held = dice.percent(20);
        retirements.rows.push(vec![
            Cell::Id(id),
            Cell::Text(kind.kind.code().to_owned()),
            Cell::Id(id),
            Cell::Text(format!("called (invented) {}", dice.below(9))),
            Cell::Text((*dice.pick(&["ENTERED_IN_ERROR", "DUPLICATE", "CLOSED"])).to_owned()),
            Cell::Text("a remark".to_owned()),
            Cell::Text((*dice.pick(&SUBJECTS)).to_owned()),
            Cell::Number(NOW - 5),
            Cell::Number(*dice.pick(&[NOW + 1_000, 2_000_000_000])),
            match held {
                true => Cell::Text("a hold".to_owned()),
                false => Cell::Null,
            },
        ]);
    }
}

/// Levels of some fields; rarely one that nobody knows.
fn overrides(dice: &mut Dice, names: &[&str]) -> Cell {
    if !dice.percent(60) {
        return Cell::Null;
    }
    let mut text = String::from(";");
    for name in dice.some(names, 6) {
        let rank = match dice.below(40) {
            0 => "9".to_owned(),
            1 => "x".to_owned(),
            _ => dice.below(5).to_string(),
        };
        text.push_str(&format!("{name}={rank};"));
    }
    if text.len() == 1 {
        return Cell::Null;
    }
    Cell::Text(text)
}

/// New owners, namings, States and topics of one record.
fn relabel(world: &mut World, dice: &mut Dice, id: Uuid) {
    let mut replace = |table: &str, rows: Vec<Row>| {
        let table = world.table_mut(table);
        table.rows.retain(|row| row[0] != Cell::Id(id));
        table.rows.extend(rows);
    };
    let mut owners = dice.some(&MECHANISMS, 2);
    if owners.is_empty() && dice.percent(80) {
        owners.push("cat".to_owned());
    }
    // Its own profile is always a mechanism's own.
    let own = MECHANISMS.iter().find(|code| mechanism(code) == id);
    if let Some(own) = own
        && !owners.iter().any(|code| code == own)
    {
        owners.push((*own).to_owned());
    }
    replace(
        "record_owner",
        owners
            .iter()
            .map(|code| vec![Cell::Id(id), Cell::Id(mechanism(code))])
            .collect(),
    );
    let named = dice.some(&MECHANISMS, 2);
    let named = named
        .iter()
        .map(|code| {
            let until = Cell::Number(*dice.pick(&MOMENTS));
            vec![Cell::Id(id), Cell::Id(mechanism(code)), until]
        })
        .collect();
    replace("record_named", named);
    let texts = |texts: Vec<String>| {
        texts
            .into_iter()
            .map(|text| vec![Cell::Id(id), Cell::Text(text)])
            .collect()
    };
    replace("record_country", texts(dice.some(&STATES, 2)));
    replace("record_topic", texts(dice.some(&TOPICS, 2)));
}

/// What each clause and agreement says.
fn clauses(world: &mut World, dice: &mut Dice) {
    let table = world.table_mut("agreement");
    let (status, from, until) = (
        table.at("status"),
        table.at("valid_from"),
        table.at("valid_until"),
    );
    for row in &mut table.rows {
        if dice.percent(70) {
            let states = ["IN_FORCE", "IN_FORCE", "IN_FORCE", "SUSPENDED", "EXPIRED"];
            row[status] = Cell::Text((*dice.pick(&states)).to_owned());
            row[from] = Cell::Number(*dice.pick(&[0, 0, NOW - 1, NOW, NOW + 1]));
            row[until] = Cell::Number(*dice.pick(&[2_000_000_000, 2_000_000_000, NOW, NOW + 1]));
        }
    }
    let agreements: Vec<Cell> = table.rows.iter().map(|row| row[0].clone()).collect();
    let clauses = world.table_mut("clause");
    // The demo has few, and most that ask would have no channel at all.
    for place in 0..CLAUSES {
        let mut row = clauses.rows[place % clauses.rows.len()].clone();
        row[0] = Cell::Id(dice.id());
        clauses.rows.push(row);
    }
    let at = |name: &str| clauses.at(name);
    let places = [
        "kinds",
        "purposes",
        "countries",
        "topics",
        "cap",
        "valid_from",
        "valid_until",
        "agreement_id",
        "from_mechanism_id",
        "to_mechanism_id",
    ]
    .map(at);
    for row in &mut clauses.rows {
        let all = |dice: &mut Dice, from: &[&str]| match dice.below(3) {
            0 => dice.some(from, 3),
            _ => vec!["ALL".to_owned()],
        };
        // What the demo's two keep is most of what there is to share.
        let from = match dice.below(3) {
            0 => *dice.pick(&MECHANISMS),
            _ => *dice.pick(&["cat", "achpr"]),
        };
        let kinds = match dice.below(3) {
            0 => INFORMATION.map(str::to_owned).to_vec(),
            _ => dice.some(&INFORMATION, 12),
        };
        let values = [
            json(&kinds),
            json(&["SAME_MATTER_CHECK".to_owned()]),
            json(&all(dice, &STATES)),
            json(&all(dice, &TOPICS)),
            Cell::Text(LEVELS[(1 + dice.below(6)).min(4)].to_owned()),
            Cell::Number(*dice.pick(&[0, 0, NOW, NOW + 1])),
            Cell::Number(*dice.pick(&[2_000_000_000, 2_000_000_000, 2_000_000_000, NOW, NOW + 1])),
            dice.pick(&agreements).clone(),
            Cell::Id(mechanism(from)),
            Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS))),
        ];
        for (place, value) in places.into_iter().zip(values) {
            row[place] = value;
        }
    }
}

/// Grants to those who ask, and words of the persons concerned.
fn grants(world: &mut World, dice: &mut Dice) {
    let persons: Vec<Cell> = world
        .table("person")
        .rows
        .iter()
        .map(|row| row[0].clone())
        .collect();
    let holders = [
        ("cat.petitions", "cat"),
        ("achpr.protection", "achpr"),
        ("iachr.officer", "iachr"),
        ("spt.officer", "spt"),
    ];
    let fields = ["names", "birth_date", "contact"];
    let ended = |dice: &mut Dice| {
        if dice.percent(10) {
            Cell::Number(NOW - 1)
        } else {
            Cell::Null
        }
    };
    for person in &persons {
        for (holder, code) in holders {
            for _ in 0..dice.below(4) {
                let row = vec![
                    Cell::Id(dice.id()),
                    person.clone(),
                    Cell::Text(holder.to_owned()),
                    Cell::Id(mechanism(code)),
                    json(&dice.some(&PURPOSES, 6)),
                    json(&dice.some(&fields, 9)),
                    Cell::Number(*dice.pick(&[0, 0, 0, NOW, NOW + 1])),
                    Cell::Number(*dice.pick(&[2_000_000_000, 2_000_000_000, NOW, NOW + 1])),
                    ended(dice),
                ];
                world.table_mut("disclosure_grant").rows.push(row);
            }
            for _ in 0..dice.below(4) {
                let bases = [
                    "GIVEN",
                    "GIVEN",
                    "GIVEN_BY_REPRESENTATIVE",
                    "VITAL_INTEREST_OVERRIDE",
                    "WITHDRAWN",
                    "REFUSED",
                    "NOT_ASKED",
                ];
                let row = vec![
                    Cell::Id(dice.id()),
                    person.clone(),
                    Cell::Id(mechanism(code)),
                    Cell::Text((*dice.pick(&PURPOSES)).to_owned()),
                    json(&dice.some(&fields, 3)),
                    Cell::Text((*dice.pick(&bases)).to_owned()),
                    Cell::Number(*dice.pick(&[0, 1, NOW - 1, NOW, NOW + 1])),
                    Cell::Number(*dice.pick(&[2_000_000_000, 2_000_000_000, NOW, NOW + 1])),
                ];
                world.table_mut("consent").rows.push(row);
            }
        }
    }
}

/// An asker by chance; anyone, now and then.
pub(crate) fn asker(world: &World, dice: &mut Dice) -> Option<Asker> {
    if dice.percent(8) {
        return None;
    }
    let subject = *dice.pick(&SUBJECTS);
    let most = most(subject);
    let steady = dice.percent(60);
    let mut items = Vec::new();
    for kind in Kind::ALL {
        let level = if steady { most } else { dice.below(most + 1) };
        let level = if kind == Kind::Person {
            level
        } else {
            level.min(3)
        };
        if steady || dice.percent(85) {
            items.push(format!("read:{kind}@{}", LEVELS[level]));
        }
    }
    let mut limit = |dice: &mut Dice, head: &str, from: &[&str]| {
        let some = dice.some(from, 3);
        if !some.is_empty() && dice.percent(25) {
            items.push(format!("{head}{}", some.join(",")));
        }
    };
    limit(dice, "st:", &STATES);
    limit(dice, "tp:", &TOPICS);
    if dice.percent(12) {
        items.push(format!("own:{}", dice.pick(&MECHANISMS)));
    }
    if dice.percent(12) {
        let agreement = dice.pick(&world.table("agreement").rows)[0].id().unwrap();
        items.push(format!("ch:{agreement}"));
    }
    let officer = subject.starts_with("cat.") && subject != "cat.display";
    for right in ["match:query", "match:answer"] {
        if officer && dice.percent(60) {
            items.push(right.to_owned());
        }
    }
    Some(Asker {
        subject: subject.to_owned(),
        client: liaison::demo::load::CLIENT.to_owned(),
        scope: items.join(" "),
        purpose: (most == 4 && dice.percent(75)).then(|| (*dice.pick(&PURPOSES)).to_owned()),
    })
}

/// Whether a column holds free text, into which a mark can be put.
pub(crate) fn is_free(column: &str, shape: Shape) -> bool {
    let plain = [
        "code",
        "acronym",
        "reference",
        "symbol",
        "alpha2",
        "m49",
        "region",
        "source",
        "license",
        "theme",
    ];
    matches!(shape, Shape::Text) && !plain.contains(&column)
}
