//! A world in which everything is marked, and its twin for one asker: the same but for
//! what the asker may not see.

use std::collections::{BTreeMap, BTreeSet};

use liaison::{identity::kind::Kind, language::fields::texts_of};
use uuid::Uuid;

use super::{
    chance::{Dice, MECHANISMS, PURPOSES, is_free, mechanism},
    past::SPOKEN,
    reference::{Asker, DECISIVE, Hidden, gives_leave, hidden, redact, translation},
    world::{Cell, Declared, Row, World, declared},
};
use crate::support::house::NOW;

/// Where a mark stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// In a field of a record of this kind.
    Field(Kind, Uuid, &'static str),
    /// In a change on a record's history.
    Change(Uuid),
    /// In a text in another language.
    Text(Uuid, &'static str, &'static str),
}

/// Where each mark stands.
pub(crate) type Marks = BTreeMap<u64, Place>;

/// Puts a mark of its own into each free text of each record, and of its history.
pub(crate) fn mark(world: &mut World) -> Marks {
    let mut marks = Marks::new();
    let mut next = 1;
    for kind in declared() {
        let free: Vec<&'static str> = kind
            .fields()
            .filter(|(column, shape)| is_free(column, *shape))
            .map(|(column, _)| column)
            .collect();
        let table = world.table_mut(kind.table);
        for column in free {
            let at = table.at(column);
            for row in &mut table.rows {
                let text: String = row[at].text().unwrap_or("text").chars().take(24).collect();
                row[at] = Cell::Text(format!("{text} ~m{next}~"));
                let place = Place::Field(kind.kind, row[0].id().unwrap(), column);
                marks.insert(next, place);
                next += 1;
            }
        }
    }
    let table = world.table_mut("history");
    for at in [table.at("before"), table.at("after")] {
        for row in &mut table.rows {
            row[at] = Cell::Text(format!("text ~m{next}~"));
            marks.insert(next, Place::Change(row[0].id().unwrap()));
            next += 1;
        }
    }
    let table = world.table_mut("translation");
    let at = table.at("text");
    for row in table.rows.iter_mut().filter(|row| row[at] != Cell::Null) {
        row[at] = Cell::Text(format!("text ~m{next}~"));
        let (record, field, language) = translation(row);
        let language = SPOKEN.into_iter().find(|known| **known == language);
        let fields = declared().into_iter().flat_map(|kind| texts_of(kind.kind));
        let field = fields.copied().find(|known| *known == field).unwrap();
        marks.insert(next, Place::Text(record, field, language.unwrap()));
        next += 1;
    }
    marks
}

/// The marks in a text.
pub(crate) fn marks_in(text: &str) -> impl Iterator<Item = u64> {
    text.split('~')
        .filter_map(|part| part.strip_prefix('m')?.parse().ok())
}

/// The twin of a world for one asker.
pub(crate) fn twin(world: &World, asker: Option<&Asker>, dice: &mut Dice) -> (Hidden, World) {
    twin_for(world, &[asker], dice)
}

/// The twin of a world for several askers: the same but for what none of them may see.
pub(crate) fn twin_for(
    world: &World,
    askers: &[Option<&Asker>],
    dice: &mut Dice,
) -> (Hidden, World) {
    let of_each = |world: &World| -> Vec<Hidden> {
        let each = askers.iter().map(|asker| hidden(world, *asker, NOW));
        each.collect()
    };
    let views = |world: &World, of_each: &[Hidden]| -> Vec<World> {
        let both = of_each.iter().zip(askers);
        both.map(|(hidden, asker)| redact(world, hidden, *asker))
            .collect()
    };
    let each = of_each(world);
    let unseen = Hidden::from_all(&each);
    let plain = views(world, &each);
    let mut twin = together(world, &plain);
    let holders = &world.table("holder").rows;
    let own = askers.iter().flatten().filter_map(|asker| {
        let mut holders = holders.iter();
        let holder = holders.find(|row| row[0].text() == Some(&asker.subject));
        holder.and_then(|row| row[1].id())
    });
    let mut other = Noise {
        world,
        unseen: &unseen,
        own: own.collect(),
        several: askers.len() > 1,
        leave: askers
            .iter()
            .filter_map(|asker| gives_leave(world, *asker))
            .collect(),
        twin: &mut twin,
        dice,
        added: BTreeSet::new(),
    };
    other.hidden_records();
    other.new_records();
    other.hidden_values();
    other.edges();
    other.files_of_others();
    other.holders();
    other.past();
    let added = other.added;
    // What was added has to be hidden from the askers, or it is no twin.
    let again = Hidden::from_all(&of_each(&twin));
    for record in added.difference(&again.records) {
        remove(&mut twin, *record);
    }
    let again = views(&twin, &of_each(&twin));
    for (plain, again) in plain.iter().zip(&again) {
        same(plain, again);
    }
    (unseen, twin)
}

/// What any of these views of a world shows.
fn together(world: &World, views: &[World]) -> World {
    let mut all = world.clone();
    for (name, table) in &world.tables {
        let shown: Vec<BTreeMap<_, _>> = views
            .iter()
            .map(|view| {
                let rows = view.table(name).rows.iter();
                rows.map(|row| (&row[..table.key], row)).collect()
            })
            .collect();
        let rows = table.rows.iter().filter_map(|row| {
            let found = shown.iter().filter_map(|view| view.get(&row[..table.key]));
            let found: Vec<_> = found.collect();
            let first = found.first()?;
            let cells = row.iter().enumerate().map(|(at, cell)| {
                let told = found.iter().any(|shown| shown[at] == *cell);
                if told { cell } else { &first[at] }.clone()
            });
            Some(cells.collect())
        });
        all.table_mut(name).rows = rows.collect();
    }
    all
}

/// Whether two worlds are the same: the proof that a twin is one.
fn same(one: &World, other: &World) {
    for (name, table) in &one.tables {
        let rows: BTreeSet<_> = table.rows.iter().collect();
        let others: BTreeSet<_> = other.table(name).rows.iter().collect();
        if let Some(row) = rows.symmetric_difference(&others).next() {
            panic!("the twin differs in what is seen: {name} {row:?}");
        }
    }
}

fn remove(world: &mut World, record: Uuid) {
    for kind in declared() {
        world
            .table_mut(kind.table)
            .rows
            .retain(|row| row[0] != Cell::Id(record));
    }
    for table in [
        "record_owner",
        "record_named",
        "record_country",
        "record_topic",
        "link",
    ] {
        world
            .table_mut(table)
            .rows
            .retain(|row| row[0] != Cell::Id(record));
    }
}

struct Noise<'a> {
    world: &'a World,
    unseen: &'a Hidden,
    own: BTreeSet<Uuid>,
    /// Whether one of the askers acts.
    several: bool,
    /// Mechanisms in which an asker gives leave to open files.
    leave: BTreeSet<Uuid>,
    twin: &'a mut World,
    dice: &'a mut Dice,
    added: BTreeSet<Uuid>,
}

impl Noise<'_> {
    /// A value that the column has on some record, or one that none has.
    fn value(&mut self, table: &str, at: usize, free: bool) -> Cell {
        if free && self.dice.percent(50) {
            return Cell::Text(format!("another word ~m{}~", self.dice.next() | 1 << 40));
        }
        let rows = &self.world.table(table).rows;
        self.dice.pick(rows)[at].clone()
    }

    /// Another mechanism than the askers'.
    fn another(&mut self) -> Uuid {
        let code: &str = self.dice.pick::<&str>(&MECHANISMS);
        let other = mechanism(code);
        if self.own.contains(&other) || self.dice.percent(30) {
            self.dice.id()
        } else {
            other
        }
    }

    /// Half of the hidden records, with other values.
    fn hidden_records(&mut self) {
        let world = self.world;
        for kind in declared() {
            let table = world.table(kind.table);
            let free = free_columns(&kind);
            for row in &table.rows {
                let id = row[0].id().unwrap();
                let restored = self.unseen.records.contains(&id)
                    && !self.unseen.access.contains(&id)
                    && self.dice.percent(50);
                if !restored {
                    continue;
                }
                let mut row = row.clone();
                for (at, (column, _)) in table.columns.iter().enumerate().skip(4) {
                    let fixed = ["erased_at", "retired_at"].contains(column);
                    if !fixed && self.dice.percent(40) {
                        row[at] = self.value(kind.table, at, free.contains(column));
                    }
                }
                self.not_to_the_asker(&kind, &mut row);
                self.twin.table_mut(kind.table).rows.push(row);
                for name in [
                    "record_owner",
                    "record_named",
                    "record_country",
                    "record_topic",
                ] {
                    let rows = world.table(name).rows.iter();
                    let of: Vec<_> = rows.filter(|row| row[0] == Cell::Id(id)).cloned().collect();
                    self.twin.table_mut(name).rows.extend(of);
                }
            }
        }
    }

    /// A clause in the asker's favour would be seen by what it opens.
    fn not_to_the_asker(&mut self, kind: &Declared, row: &mut [Cell]) {
        if kind.kind == Kind::Clause {
            let to = self.world.table("clause").at("to_mechanism_id");
            let other = self.another();
            row[to] = Cell::Id(other);
        }
    }

    /// New records of others, called as others are, hanging where others hang.
    fn new_records(&mut self) {
        let world = self.world;
        for kind in declared() {
            for _ in 0..4 {
                let rows = &world.table(kind.table).rows;
                let mut row = self.dice.pick(rows).clone();
                let id = self.dice.id();
                row[0] = Cell::Id(id);
                row[1] = Cell::Number(3);
                row[2] = Cell::Null;
                row[3] = Cell::Null;
                self.not_to_the_asker(&kind, &mut row);
                if kind.kind == Kind::CommunicationPerson {
                    for (key, far) in [
                        ("communication_id", "communication"),
                        ("person_id", "person"),
                    ] {
                        let far = &world.table(far).rows;
                        row[world.table(kind.table).at(key)] = self.dice.pick(far)[0].clone();
                    }
                }
                self.twin.table_mut(kind.table).rows.push(row);
                let owner = self.another();
                let owners = self.twin.table_mut("record_owner");
                owners.rows.push(vec![Cell::Id(id), Cell::Id(owner)]);
                let named = self.another();
                let until = Cell::Number(2_000_000_000);
                let namings = self.twin.table_mut("record_named");
                namings
                    .rows
                    .push(vec![Cell::Id(id), Cell::Id(named), until]);
                for table in ["record_country", "record_topic"] {
                    let text = self.dice.pick(&world.table(table).rows)[1].clone();
                    let labels = self.twin.table_mut(table);
                    labels.rows.push(vec![Cell::Id(id), text]);
                }
                self.added.insert(id);
            }
        }
    }

    /// Other values in the hidden fields of visible records.
    fn hidden_values(&mut self) {
        for kind in declared() {
            let free = free_columns(&kind);
            let ids: Vec<Uuid> = self
                .twin
                .table(kind.table)
                .rows
                .iter()
                .filter_map(|row| row[0].id())
                .collect();
            for (place, id) in ids.into_iter().enumerate() {
                if self.added.contains(&id) {
                    continue;
                }
                let columns = self.world.table(kind.table).columns.clone();
                for (at, (column, _)) in columns.iter().enumerate().skip(4) {
                    let decisive = self.unseen.access.contains(&id) && DECISIVE.contains(column);
                    let unseen = self.unseen.cells.contains(&(kind.table, id, column));
                    if unseen && !decisive {
                        let mut value = self.value(kind.table, at, free.contains(column));
                        // A clause in the asker's favour would be seen by what it opens.
                        let own = value.id().is_none_or(|id| self.own.contains(&id));
                        if *column == "to_mechanism_id" && own {
                            value = Cell::Null;
                        }
                        self.twin.table_mut(kind.table).rows[place][at] = value;
                    }
                }
            }
        }
        let sealed: Vec<_> = self
            .world
            .table("sealed_field")
            .rows
            .iter()
            .filter(|row| {
                let record = row[0].id().unwrap();
                let unseen = &self.unseen.sealed;
                unseen
                    .iter()
                    .any(|(id, field)| *id == record && row[1].text() == Some(field))
            })
            .cloned()
            .collect();
        for row in sealed {
            if self.dice.percent(50) {
                self.twin.table_mut("sealed_field").rows.push(row);
            }
        }
    }

    /// Edges that are hidden, or lead from or to what is hidden.
    fn edges(&mut self) {
        let world = self.world;
        // Links of the first world that are not in the view: half of them.
        let kept: BTreeSet<_> = self.twin.table("link").rows.iter().cloned().collect();
        // Whom an act waits for counts, whether who acts may know of them or not.
        let several = self.several;
        let decides =
            |row: &Row| several && row[1].text().is_some_and(|name| DECIDE.contains(&name));
        for row in &world.table("link").rows {
            if !kept.contains(row) && (decides(row) || self.dice.percent(50)) {
                self.twin.table_mut("link").rows.push(row.clone());
            }
        }
        let mut links: BTreeSet<_> = self.twin.table("link").rows.iter().cloned().collect();
        // New ones under hidden names.
        for (record, name) in &self.unseen.links {
            let rows = &world.table("link").rows;
            let row = self.dice.pick(rows).clone();
            if row[1].text() == Some(name) && !decides(&row) {
                links.insert(vec![Cell::Id(*record), row[1].clone(), row[2].clone()]);
            }
        }
        // And from and to records that are new.
        let added: Vec<Uuid> = self.added.iter().copied().collect();
        for id in added {
            for _ in 0..2 {
                let row = self.dice.pick(&world.table("link").rows).clone();
                links.insert(vec![Cell::Id(id), row[1].clone(), row[2].clone()]);
                if !decides(&row) {
                    links.insert(vec![row[0].clone(), row[1].clone(), Cell::Id(id)]);
                }
            }
        }
        self.twin.table_mut("link").rows = links.into_iter().collect();
        // Keys of visible records that lead to what is hidden.
        for kind in declared() {
            let table = world.table(kind.table);
            for key in kind.keys {
                let at = table.at(key);
                for row in &mut self.twin.table_mut(kind.table).rows {
                    let id = row[0].id().unwrap();
                    let before = world.row(kind.table, id).map(|row| row[at].clone());
                    let hidden_end = before
                        .as_ref()
                        .and_then(Cell::id)
                        .is_some_and(|end| self.unseen.records.contains(&end));
                    if hidden_end && row[at] == Cell::Null && self.dice.percent(50) {
                        row[at] = before.unwrap_or(Cell::Null);
                    }
                }
            }
        }
    }

    /// Grants to others and consents for others, to any file.
    fn files_of_others(&mut self) {
        let persons: Vec<Cell> = self
            .twin
            .table("person")
            .rows
            .iter()
            .map(|row| row[0].clone())
            .collect();
        for person in persons {
            let other = self.another();
            let purpose: &str = self.dice.pick::<&str>(&PURPOSES);
            let consent = vec![
                Cell::Id(self.dice.id()),
                person.clone(),
                Cell::Id(other),
                Cell::Text(purpose.to_owned()),
                Cell::Text("[\"names\",\"contact\"]".to_owned()),
                Cell::Text("GIVEN".to_owned()),
                Cell::Number(0),
                Cell::Number(2_000_000_000),
            ];
            let grant = vec![
                Cell::Id(self.dice.id()),
                person,
                Cell::Text("nobody.known".to_owned()),
                Cell::Id(other),
                Cell::Text(format!("[\"{purpose}\"]")),
                Cell::Text("[\"names\",\"contact\"]".to_owned()),
                Cell::Number(0),
                Cell::Number(2_000_000_000),
                Cell::Null,
            ];
            if !self.is_kept_with_leave(&consent[1]) {
                self.twin.table_mut("consent").rows.push(consent);
            }
            self.twin.table_mut("disclosure_grant").rows.push(grant);
        }
    }

    /// Whether an asker gives leave to open this file.
    fn is_kept_with_leave(&self, person: &Cell) -> bool {
        let mut owners = self.twin.table("record_owner").rows.iter();
        owners
            .any(|row| row[0] == *person && row[1].id().is_some_and(|id| self.leave.contains(&id)))
    }

    /// Half of what is hidden of the past, and other answers to what the asker has asked.
    fn past(&mut self) {
        for name in PAST {
            let table = self.world.table(name);
            let kept = self.twin.table(name).rows.iter();
            let kept: BTreeSet<_> = kept.map(|row| row[..table.key].to_vec()).collect();
            for row in &table.rows {
                if !kept.contains(&row[..table.key]) && self.dice.percent(50) {
                    self.twin.table_mut(name).rows.push(row.clone());
                }
            }
        }
        self.texts();
        let own = |id: &Cell| id.id().is_some_and(|id| self.own.contains(&id));
        for row in &mut self.twin.table_mut("disclosure_request").rows {
            let silent = !own(&row[3]) && row[10].text() == Some("WAITING");
            if silent && self.dice.percent(50) {
                row[10] = Cell::Text("REFUSED".to_owned());
            }
        }
    }

    /// Other texts, and new ones, in other languages of what is hidden.
    fn texts(&mut self) {
        let hidden = |row: &Row| self.unseen.texts.contains(&translation(row));
        let table = self.twin.table_mut("translation");
        let at = table.at("text");
        for row in &mut table.rows {
            if hidden(row) && self.dice.percent(50) {
                row[at] = Cell::Text(format!("another word ~m{}~", self.dice.next() | 1 << 40));
            }
        }
        for (table, record, field) in &self.unseen.cells {
            let kind = declared().into_iter().find(|kind| kind.table == *table);
            let is_text = kind.is_some_and(|kind| texts_of(kind.kind).contains(field));
            if is_text && self.dice.percent(30) {
                let mut row = self
                    .dice
                    .pick(&self.world.table("translation").rows)
                    .clone();
                row[0] = Cell::Id(*record);
                row[1] = Cell::Text((*field).to_owned());
                row[2] = Cell::Text("sw".to_owned());
                self.twin.table_mut("translation").rows.push(row);
            }
        }
    }

    /// Other holders, who may do other things.
    fn holders(&mut self) {
        let kept = self.twin.table("holder").rows.iter();
        let kept: BTreeSet<_> = kept.map(|row| row[0].clone()).collect();
        for row in &self.world.table("holder").rows {
            if !kept.contains(&row[0]) && self.dice.percent(50) {
                let mut row = row.clone();
                row[6] = Cell::Flag(self.dice.percent(50));
                self.twin.table_mut("holder").rows.push(row);
            }
        }
    }
}

/// Links to those whose word decides what becomes of an agreement, or an activity.
const DECIDE: [&str; 5] = [
    "parties",
    "signatories",
    "suspended_by",
    "agreed_by",
    "publication_agreed_by",
];

const PAST: [&str; 17] = [
    "translation",
    "retirement",
    "retirement_word",
    "history",
    "notification",
    "lowering",
    "lowering_approval",
    "vital_interest",
    "disclosure_request",
    "provenance",
    "match_element",
    "match_country",
    "match_token",
    "blind_matter",
    "same_matter_check",
    "same_matter_signal",
    "side_by_side",
];

fn free_columns(kind: &Declared) -> BTreeSet<&'static str> {
    kind.fields()
        .filter(|(column, shape)| is_free(column, *shape))
        .map(|(column, _)| column)
        .collect()
}
