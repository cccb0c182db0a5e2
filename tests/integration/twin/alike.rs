//! When answers and worlds are alike in which ids were drawn: what was drawn is chance, and is
//! told apart by the order in which it is met.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use liaison::id::GlobalId;
use serde_json::Value;
use uuid::Uuid;

use super::{
    reference::{Asker, hidden, redact},
    world::{Cell, Row, World},
};
use crate::support::house::NOW;

/// What differs with each drawing.
const DRAWN: [&str; 5] = [
    "secret",
    "refreshText",
    "cursor",
    "startCursor",
    "endCursor",
];

/// Every id in a world.
pub(super) fn ids_of(world: &World) -> BTreeSet<Uuid> {
    let rows = world.tables.values().flat_map(|table| &table.rows);
    rows.flatten().filter_map(Cell::id).collect()
}

/// An answer in which what was drawn is named by the order in which it is met. An act's own may
/// tell what it has drawn without its id, and in the order of ids: its lists are sorted.
pub(super) fn plain(answer: &Value, known: &BTreeSet<Uuid>, of_act: bool) -> String {
    let mut met = BTreeMap::new();
    let mut answer = answer.clone();
    rename(&mut answer, (known, of_act), &mut met);
    if of_act {
        sort(&mut answer);
    }
    answer.to_string()
}

fn sort(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(sort);
            items.sort_by_key(Value::to_string);
        }
        Value::Object(parts) => parts.values_mut().for_each(sort),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn rename(
    value: &mut Value,
    (known, of_act): (&BTreeSet<Uuid>, bool),
    met: &mut BTreeMap<Uuid, usize>,
) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| rename(item, (known, of_act), met)),
        Value::Object(parts) => {
            let drawn = parts.values().any(|part| {
                let id = part.as_str().and_then(id_in);
                id.is_some_and(|id| !known.contains(&id))
            });
            for (name, part) in parts.iter_mut() {
                // An alias has a number.
                let name = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
                let of_drawn = (drawn || of_act) && matches!(name, "version" | "reference");
                if part.is_string() && (of_drawn || DRAWN.contains(&name)) {
                    *part = Value::String("drawn".to_owned());
                }
                rename(part, (known, of_act), met);
            }
        }
        // A token is signed anew each time.
        Value::String(text) if text.starts_with("eyJ") => *text = "drawn".to_owned(),
        // So is the hash by which it is listed.
        Value::String(text) if is_token_hash(text) => *text = "drawn".to_owned(),
        Value::String(text) => {
            if let Some(id) = id_in(text).filter(|id| !known.contains(id)) {
                let next = if of_act { 0 } else { met.len() };
                *text = format!("drawn {}", met.entry(id).or_insert(next));
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_token_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// The id that a text is, in either form in which ids are told.
pub(super) fn id_in(text: &str) -> Option<Uuid> {
    if let Some(id) = GlobalId::parse(text) {
        return Some(id.id.0);
    }
    // The id of a token is its own.
    let bytes = URL_SAFE_NO_PAD.decode(text).ok();
    let bytes: Option<[u8; 16]> = bytes.and_then(|bytes| bytes.try_into().ok());
    Uuid::parse_str(text).ok().or(bytes.map(Uuid::from_bytes))
}

/// What the asker may see of a world, a line a row; what was drawn has no name in it.
pub(super) fn shown(
    world: &World,
    before: &World,
    known: &BTreeSet<Uuid>,
    asker: Option<&Asker>,
) -> BTreeMap<String, usize> {
    let left = redact(world, &hidden(world, asker, NOW), asker);
    let mut lines = BTreeMap::new();
    for (name, table) in &left.tables {
        let was: BTreeSet<_> = before.table(name).rows.iter().collect();
        for row in &table.rows {
            let new = row
                .iter()
                .any(|cell| cell.id().is_some_and(|id| !known.contains(&id)));
            let cells = table.columns.iter().zip(row);
            let cells = cells.map(|((column, _), cell)| {
                let chance = match cell {
                    Cell::Id(id) => !known.contains(id),
                    Cell::Bytes(_) => !was.contains(row),
                    // The number of a change is its place among changes that are hidden, too.
                    Cell::Number(_) => *column == "n",
                    Cell::Text(_) => new && *column == "reference",
                    Cell::Null | Cell::Flag(_) => false,
                };
                (!chance).then_some(cell)
            });
            *lines.entry(line(name, cells)).or_default() += 1;
        }
    }
    lines
}

pub(super) fn difference(shown: &[BTreeMap<String, usize>; 2]) -> Option<String> {
    let [a, b] = shown;
    let in_a = a.iter().filter(|(line, count)| b.get(*line) != Some(count));
    let in_b = b.iter().filter(|(line, count)| a.get(*line) != Some(count));
    let lines: Vec<String> = in_a
        .map(|(line, count)| format!("A {count}: {line}"))
        .chain(in_b.map(|(line, count)| format!("B {count}: {line}")))
        .take(6)
        .collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A row as a line; what is chance has no name in it.
fn line<'a>(table: &str, cells: impl Iterator<Item = Option<&'a Cell>>) -> String {
    let mut line = table.to_owned();
    for cell in cells {
        match cell {
            None => line.push_str(" *"),
            Some(cell) => write!(line, " {cell:?}").unwrap(),
        }
    }
    line
}

/// For each id that one hub has drawn, the one that the other has drawn in its place.
pub(super) fn paired(after: [&World; 2], known: &[BTreeSet<Uuid>; 2]) -> BTreeMap<Uuid, Uuid> {
    let new = |hub: usize, row: &Row| {
        let mut ids = row.iter().filter_map(Cell::id);
        ids.any(|id| !known[hub].contains(&id))
    };
    let mut other_of: BTreeMap<Uuid, Uuid> = BTreeMap::new();
    loop {
        let taken: BTreeSet<Uuid> = other_of.values().copied().collect();
        let open = |hub: usize, id: &Uuid| {
            let met = match hub {
                0 => taken.contains(id),
                _ => other_of.contains_key(id),
            };
            !known[hub].contains(id) && !met
        };
        // Rows that have an id without a counterpart yet, by all that is known of them.
        let mut groups: BTreeMap<String, [Vec<&Row>; 2]> = BTreeMap::new();
        for hub in [0, 1] {
            for (name, table) in &after[hub].tables {
                for row in table.rows.iter().filter(|row| new(hub, row)) {
                    let mut free = row.iter().filter_map(Cell::id);
                    if !free.any(|id| open(hub, &id)) {
                        continue;
                    }
                    let met: Vec<Cell> = row
                        .iter()
                        .map(|cell| match cell {
                            Cell::Id(id) => Cell::Id(*other_of.get(id).unwrap_or(id)),
                            other => other.clone(),
                        })
                        .collect();
                    let cells = table.columns.iter().zip(row).zip(&met);
                    let cells = cells.map(|(((column, _), cell), met)| {
                        let chance = match cell {
                            Cell::Id(id) => open(hub, id),
                            Cell::Bytes(_) => true,
                            Cell::Number(_) => *column == "n",
                            Cell::Text(_) => *column == "reference",
                            Cell::Null | Cell::Flag(_) => false,
                        };
                        (!chance).then_some(met)
                    });
                    groups.entry(line(name, cells)).or_default()[hub].push(row);
                }
            }
        }
        // Rows of which there is one alone come first: of several, any will do.
        let both = groups
            .values()
            .filter(|[a, b]| !a.is_empty() && !b.is_empty());
        let Some([a, b]) = both.min_by_key(|[a, b]| a.len().max(b.len())) else {
            return other_of;
        };
        let pairs = a[0].iter().zip(b[0]);
        let pairs = pairs.filter_map(|(a, b)| Some((a.id()?, b.id()?)));
        let pairs: Vec<_> = pairs.filter(|(a, b)| open(0, a) && open(1, b)).collect();
        if pairs.is_empty() {
            return other_of;
        }
        other_of.extend(pairs.into_iter().map(|(a, b)| (b, a)));
    }
}

/// The world of one hub, with what was drawn as the other has drawn it.
pub(super) fn renamed(world: &World, other: &World, other_of: &BTreeMap<Uuid, Uuid>) -> World {
    let mut world = world.clone();
    for (name, table) in &mut world.tables {
        let reference = table
            .columns
            .iter()
            .position(|(column, _)| *column == "reference");
        for row in &mut table.rows {
            let drawn = row[0].id().is_some_and(|id| other_of.contains_key(&id));
            for cell in row.iter_mut() {
                if let Cell::Id(id) = cell {
                    *id = *other_of.get(id).unwrap_or(id);
                }
            }
            let same = row[0].id().and_then(|id| other.row(name, id));
            if let (true, Some(at), Some(same)) = (drawn, reference, same) {
                row[at] = same[at].clone();
            }
        }
    }
    world
}
