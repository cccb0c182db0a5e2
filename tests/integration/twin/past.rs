//! What a world holds of the past, by chance: changes of fields, requests, notices, and
//! where imported rows have come from.

use liaison::{identity::kind::Kind, language::fields::texts_of, store::texts::mark};
use serde_json::json;
use uuid::Uuid;

use super::{
    chance::{Dice, MECHANISMS, SUBJECTS, mechanism},
    reference::translation,
    world::{Cell, Declared, World, declared, declared_as},
};
use crate::support::house::NOW;

const NOTICES: [&str; 8] = [
    "AGREEMENT_SIGNED",
    "CONSENT_WITHDRAWN",
    "GRANT_GIVEN",
    "DISCLOSURE_ASKED",
    "LOWERING_ASKED",
    "LOWERING_DONE",
    "MEASURE_CHANGED",
    "SAME_MATTER_SIGNAL",
];
/// Languages that texts are in.
pub(crate) const LANGUAGES: [&str; 4] = ["en", "fr", "ar", "pt-BR"];
/// Languages that there are texts in, those of the demo and of acts among them.
pub(crate) const SPOKEN: [&str; 8] = ["ar", "en", "es", "fr", "pt-BR", "ru", "sw", "zh"];
/// The provider whose rows several mechanisms have imported, under the same ids.
pub(crate) const PROVIDER: &str = "archive";

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// Gives a world a past.
pub(crate) fn past(world: &mut World, dice: &mut Dice) {
    for kind in declared() {
        let ids: Vec<Uuid> = world
            .table(kind.table)
            .rows
            .iter()
            .filter_map(|row| row[0].id())
            .collect();
        for id in ids {
            if dice.percent(30) {
                changes(world, dice, &kind, id);
            }
            if dice.percent(60) {
                texts(world, dice, &kind, id);
            }
        }
    }
    notices(world, dice);
    lowerings(world, dice);
    vital_interests(world, dice);
    requests(world, dice);
    imports(world, dice);
    matters(world, dice);
}

fn field(dice: &mut Dice, kind: &Declared) -> Cell {
    if dice.percent(20) {
        return text("existence");
    }
    let texts = texts_of(kind.kind);
    if !texts.is_empty() && dice.percent(20) {
        return text(&format!("{}@fr", dice.pick(texts)));
    }
    text(dice.pick(kind.rules).name)
}

/// Texts in other languages, and in which the originals are.
fn texts(world: &mut World, dice: &mut Dice, kind: &Declared, record: Uuid) {
    for field in texts_of(kind.kind) {
        let table = world.table(kind.table);
        let at = table.at(field);
        let said = world.row(kind.table, record);
        let said = said.and_then(|row| row[at].text()).unwrap_or_default();
        // Some are of what the field said before.
        let of = match dice.percent(70) {
            true => mark(said),
            false => "0123".to_owned(),
        };
        for language in dice.some(&LANGUAGES, 2) {
            let original = dice.percent(20) && language == "en";
            let status = match original {
                true => "ORIGINAL",
                false => *dice.pick(&["OFFICIAL", "UNOFFICIAL", "MACHINE"]),
            };
            let words = match original {
                true => Cell::Null,
                false => text("words"),
            };
            let row = vec![
                Cell::Id(record),
                text(field),
                text(&language),
                text(status),
                words,
                text("a service"),
                text("2025-03"),
                text(&of),
                Cell::Number(NOW - 100),
            ];
            let rows = &mut world.table_mut("translation").rows;
            rows.retain(|other| translation(other) != translation(&row));
            rows.push(row);
        }
    }
}

fn changes(world: &mut World, dice: &mut Dice, kind: &Declared, record: Uuid) {
    for n in 1..=i64::try_from(1 + dice.below(3)).unwrap() {
        let level = i64::try_from(dice.below(5)).unwrap();
        let row = vec![
            Cell::Id(dice.id()),
            Cell::Id(record),
            Cell::Number(NOW - 1_000 + n),
            Cell::Number(n),
            field(dice, kind),
            Cell::Number(level),
            text("before"),
            text("after"),
            text(dice.pick::<&str>(&SUBJECTS)),
        ];
        world.table_mut("history").rows.push(row);
    }
}

/// A record of some kind, and the kind.
fn some_record(world: &World, dice: &mut Dice) -> (Kind, Uuid) {
    let kinds = [
        Kind::Communication,
        Kind::Document,
        Kind::WorkPlan,
        Kind::FocalPoint,
    ];
    let kind = *dice.pick(&kinds);
    let rows = &world.table(declared_as(kind).table).rows;
    (kind, dice.pick(rows)[0].id().unwrap())
}

fn notices(world: &mut World, dice: &mut Dice) {
    for n in 1..=90 {
        let (kind, record) = some_record(world, dice);
        let holder = if dice.percent(30) {
            text(dice.pick::<&str>(&SUBJECTS))
        } else {
            Cell::Null
        };
        let row = vec![
            Cell::Id(dice.id()),
            Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS))),
            holder,
            text(dice.pick::<&str>(&NOTICES)),
            text(kind.code()),
            Cell::Id(record),
            Cell::Number(NOW - 100),
            Cell::Number(n),
        ];
        world.table_mut("notification").rows.push(row);
    }
}

fn lowerings(world: &mut World, dice: &mut Dice) {
    // Of a batch some requests are on records that the viewer owns, some on others.
    let batches: Vec<Uuid> = (0..5).map(|_| dice.id()).collect();
    for _ in 0..40 {
        let (kind, record) = some_record(world, dice);
        let id = dice.id();
        let row = vec![
            Cell::Id(id),
            Cell::Id(record),
            text(kind.code()),
            field(dice, &declared_as(kind)),
            Cell::Number(i64::try_from(dice.below(3)).unwrap()),
            text("a reason"),
            text(dice.pick::<&str>(&["PENDING", "PENDING", "DONE", "REFUSED"])),
            text(dice.pick::<&str>(&["cat.secretary", "cat.petitions", "nobody.known"])),
            Cell::Number(NOW - 100),
            if dice.percent(60) {
                Cell::Id(*dice.pick(&batches))
            } else {
                Cell::Null
            },
        ];
        world.table_mut("lowering").rows.push(row);
        if dice.percent(30) {
            let of = mechanism(dice.pick::<&str>(&MECHANISMS));
            let row = vec![
                Cell::Id(id),
                Cell::Id(of),
                text("nobody.known"),
                Cell::Number(NOW - 50),
            ];
            world.table_mut("lowering_approval").rows.push(row);
        }
    }
}

fn requests(world: &mut World, dice: &mut Dice) {
    for n in 0..24 {
        let (from, to) = (*dice.pick(&MECHANISMS), *dice.pick(&MECHANISMS));
        let status = *dice.pick(&["WAITING", "WAITING", "REFUSED", "GRANTED"]);
        let person = match status {
            "GRANTED" => dice.pick(&world.table("person").rows)[0].clone(),
            _ => Cell::Null,
        };
        let row = vec![
            Cell::Id(dice.id()),
            Cell::Id(mechanism(from)),
            text(&format!("{from}.officer")),
            Cell::Id(mechanism(to)),
            text(&format!("NO-{n}")),
            text("SAME_MATTER"),
            Cell::Text(json!(["names"]).to_string()),
            text("a reason"),
            Cell::Number(NOW - 100),
            Cell::Number(*dice.pick(&[NOW - 1, NOW, NOW + 1, 2_000_000_000])),
            text(status),
            person,
        ];
        world.table_mut("disclosure_request").rows.push(row);
    }
}

/// What a signal says of two matters.
const SIGNAL: &str = r#"{"individual":{"band":"LIKELY","found_by":"COMPUTED","reasons":["SCORE"]},"state":{"band":"YES","found_by":"COMPUTED","reasons":[]},"facts":{"band":"PARTLY","found_by":"COMPUTED","reasons":[]},"rights":{"band":"UNKNOWN","found_by":"COMPUTED","reasons":[]},"kinds":["P_Y"],"countries":["SEN"],"weights":1}"#;

/// Questions on the same matter, signals, tokens, matters without names.
fn matters(world: &mut World, dice: &mut Dice) {
    let some = |world: &World, dice: &mut Dice, table: &str| {
        dice.pick(&world.table(table).rows)[0].clone()
    };
    for n in 0..10 {
        let of = Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS)));
        let id = Cell::Id(dice.id());
        let row = vec![
            id.clone(),
            of.clone(),
            text(&format!("NO-{n}")),
            text(r#"["SEN"]"#),
            text("2026-03"),
            text(dice.pick::<&str>(&SUBJECTS)),
            Cell::Number(NOW - 100),
        ];
        world.table_mut("blind_matter").rows.push(row);
        element(world, dice, (of, "M2"), [Cell::Null, Cell::Null, id]);
    }
    for _ in 0..40 {
        let of = Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS)));
        let (communication, person) = (
            some(world, dice, "communication"),
            some(world, dice, "person"),
        );
        element(
            world,
            dice,
            (of.clone(), "M1"),
            [communication.clone(), person.clone(), Cell::Null],
        );
        let due = Cell::Number(*dice.pick(&[NOW - 1, NOW, NOW + 1, NOW + 900_000, NOW + 900_000]));
        let check = Cell::Id(dice.id());
        let row = vec![
            check.clone(),
            Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS))),
            some(world, dice, "communication"),
            Cell::Null,
            Cell::Number(1),
            text(
                r#"{"elements":[],"countries":["SEN"],"happened":null,"registered":"2026-03","articles":[],"topics":[]}"#,
            ),
            Cell::Number(54),
            text(dice.pick::<&str>(&SUBJECTS)),
            Cell::Number(NOW - 1_000_000),
            due.clone(),
            Cell::Number(NOW - 1_000_000),
        ];
        world.table_mut("same_matter_check").rows.push(row);
        if dice.percent(70) {
            let answer = *dice.pick(&["", "OVERLAP", "OVERLAP", "NOT_SAME", "CANNOT_SAY"]);
            let signal = Cell::Id(dice.id());
            let row = vec![
                signal.clone(),
                check,
                of.clone(),
                Cell::Id(dice.id()),
                Cell::Id(dice.id()),
                communication,
                person,
                Cell::Null,
                text(SIGNAL),
                Cell::Number(NOW - 900_000),
                due,
                if answer.is_empty() {
                    Cell::Null
                } else {
                    text(answer)
                },
                if answer == "OVERLAP" {
                    text(r#"["PENDING","2026-03"]"#)
                } else {
                    Cell::Null
                },
                Cell::Null,
                Cell::Null,
            ];
            world.table_mut("same_matter_signal").rows.push(row);
            if dice.percent(40) {
                let row = vec![
                    signal,
                    of,
                    text(dice.pick::<&str>(&SUBJECTS)),
                    text("a basis"),
                    Cell::Number(NOW - 50),
                ];
                world.table_mut("side_by_side").rows.push(row);
            }
        }
    }
}

fn element(world: &mut World, dice: &mut Dice, (of, mode): (Cell, &str), about: [Cell; 3]) {
    let id = Cell::Id(dice.id());
    let [communication, person, matter] = about;
    let row = vec![
        id.clone(),
        of.clone(),
        communication,
        person,
        matter,
        Cell::Flag(false),
        text(mode),
        text("N1"),
        text("two-holders"),
        Cell::Number(NOW - 100),
    ];
    world.table_mut("match_element").rows.push(row);
    let row = vec![id.clone(), text("SEN"), of];
    world.table_mut("match_country").rows.push(row);
    for _ in 0..3 {
        let row = vec![
            id.clone(),
            Cell::Id(dice.id()),
            text("P_Y"),
            Cell::Flag(false),
            Cell::Flag(true),
            Cell::Flag(true),
        ];
        world.table_mut("match_token").rows.push(row);
    }
}

fn vital_interests(world: &mut World, dice: &mut Dice) {
    for n in 0..24 {
        let confirmed = dice.percent(50);
        let at = *dice.pick(&[NOW - 300_000, NOW - 90_000, NOW - 100]);
        let (by, when) = match confirmed {
            true => (text("cat.grants"), Cell::Number(at)),
            false => (Cell::Null, Cell::Null),
        };
        let row = vec![
            Cell::Id(dice.id()),
            dice.pick(&world.table("person").rows)[0].clone(),
            Cell::Id(mechanism(dice.pick::<&str>(&MECHANISMS))),
            text("URGENT_PROTECTION"),
            Cell::Text(json!(["names"]).to_string()),
            Cell::Text(format!("a life (invented), {n}")),
            text(dice.pick::<&str>(&SUBJECTS)),
            Cell::Number(at - 50),
            by,
            when,
        ];
        world.table_mut("vital_interest").rows.push(row);
    }
}

fn imports(world: &mut World, dice: &mut Dice) {
    for owner in MECHANISMS {
        for external in dice.some(&["1", "2", "3", "4", "5"], 5) {
            let row = vec![
                Cell::Id(mechanism(owner)),
                text(PROVIDER),
                Cell::Text(external),
                text("document"),
                dice.pick(&world.table("document").rows)[0].clone(),
                Cell::Bytes(dice.next().to_be_bytes().to_vec()),
                Cell::Number(NOW - 100),
                text("a.csv"),
                Cell::Number(1),
            ];
            world.table_mut("provenance").rows.push(row);
        }
    }
}
