//! What was asked least is asked first: a goal, and the way to it from any type.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use liaison::identity::kind::Kind;
use serde_json::Value;

use super::{
    chance::Dice,
    requests::{Cursors, Form, Schema, Selection},
};

/// Types that are told, and that no question leads to: why, and so where they are asked.
const NOT_ASKED: [(&str, &str); 1] = [(
    "MatterSide",
    "two matters side by side are told by the act alone that puts the opening on record: \
     `openSideBySide`, in `acts.rs`",
)];

/// A field that is looked for, perhaps with one argument, and how far each type is from it.
#[derive(Clone, Debug)]
pub(super) struct Goal {
    on: String,
    pub(super) field: String,
    pub(super) argument: Option<String>,
    far: BTreeMap<String, usize>,
}

impl Goal {
    /// How many fields lie between a type and the goal; none where no way leads there.
    fn far(&self, ty: &str) -> Option<usize> {
        self.far.get(ty).copied()
    }

    /// Whether the goal is a field of this type.
    pub(super) fn is_on(&self, ty: &str) -> bool {
        self.on == ty
    }

    /// Whether a field of a type that leads to `to` leads to the goal.
    pub(super) fn nearer(&self, from: &str, to: &str) -> bool {
        matches!((self.far(from), self.far(to)), (Some(from), Some(to)) if to < from)
    }

    /// The type among these that is nearest.
    pub(super) fn nearest<'a>(&self, of: &'a [String]) -> Option<&'a String> {
        let near = of.iter().filter(|ty| self.far(ty).is_some());
        near.min_by_key(|ty| self.far(ty))
    }

    /// The kind of record that is looked for by its id, where the way leads over one.
    pub(super) fn kind(&self) -> Option<Kind> {
        let near = |kind: &Kind| self.far(kind.type_name());
        let kinds = Kind::ALL.into_iter().filter(|kind| near(kind).is_some());
        kinds.min_by_key(near)
    }
}

impl Schema {
    /// Pairs that can be asked: all but those of [`NOT_ASKED`].
    pub(crate) fn pairs(&self) -> BTreeSet<String> {
        let told = self.told_pairs().into_iter();
        let asked = told.filter(|pair| {
            let on = pair.split('.').next();
            NOT_ASKED.iter().all(|(ty, _)| Some(*ty) != on)
        });
        asked.collect()
    }

    /// That [`NOT_ASKED`] is what no question leads to, and nothing else.
    pub(super) fn check_not_asked(&self) {
        let mut met = BTreeSet::from(["Query"]);
        let mut next = vec!["Query"];
        while let Some(ty) = next.pop() {
            let leads = self.leads(ty).filter(|to| self.types.contains_key(*to));
            next.extend(leads.filter(|to| met.insert(to)));
        }
        let told = self.told_pairs();
        let types = told.iter().map(|pair| pair.split('.').next().unwrap());
        let not: BTreeSet<&str> = types.filter(|ty| !met.contains(ty)).collect();
        let listed: BTreeSet<&str> = NOT_ASKED.iter().map(|(ty, _)| *ty).collect();
        assert_eq!(
            not, listed,
            "what no question leads to is listed with its reason"
        );
    }

    /// What a type leads to: types of its fields, or what an interface may be.
    fn leads(&self, ty: &str) -> impl Iterator<Item = &str> {
        let definition = &self.types[ty];
        let fields = definition.fields.iter().map(|(_, _, ty)| ty.name.as_str());
        fields.chain(definition.possible.iter().map(String::as_str))
    }

    /// One of the pairs that were asked least: of all that were asked, one that was never
    /// answered, rather; and with a cursor, where one is at hand.
    ///
    /// A record is reached by its id, or, in half of the cases, by lists alone.
    pub(super) fn least(
        &self,
        (seen, told): (&BTreeMap<String, u64>, &BTreeSet<String>),
        cursors: &Cursors,
        dice: &mut Dice,
    ) -> Goal {
        let pairs = self.pairs();
        let often = |pair: &String| {
            let asked = seen.get(pair).copied().unwrap_or_default();
            (asked > 0, told.contains(pair), asked)
        };
        let least = pairs.iter().map(often).min();
        let rare = pairs.iter().filter(|pair| Some(often(pair)) == least);
        let rare: Vec<&String> = rare.collect();
        let with_cursor = rare.iter().copied().filter(|pair| {
            let list = pair.split('(').next().unwrap();
            pages(pair) && cursors.contains_key(list)
        });
        let with_cursor: Vec<&String> = with_cursor.collect();
        let from = match with_cursor.is_empty() || dice.percent(20) {
            true => &rare,
            false => &with_cursor,
        };
        let pair = dice.pick(from).as_str();
        let (on, field) = pair.split_once('.').unwrap();
        let (field, argument) = match field.split_once('(') {
            Some((field, argument)) => (field, Some(argument.trim_end_matches(')').to_owned())),
            None => (field, None),
        };
        Goal {
            on: on.to_owned(),
            field: field.to_owned(),
            argument,
            far: self.way(on, dice.percent(50)),
        }
    }

    fn way(&self, to: &str, by_id: bool) -> BTreeMap<String, usize> {
        let mut far = BTreeMap::from([(to.to_owned(), 0)]);
        let mut next = VecDeque::from([to]);
        while let Some(near) = next.pop_front() {
            let one_more = far[near] + 1;
            for (from, definition) in &self.types {
                let passes = from == "Query" || definition.kind == "OBJECT" || by_id;
                let leads = passes && self.leads(from).any(|to| to == near);
                if leads && !far.contains_key(from) {
                    far.insert(from.clone(), one_more);
                    next.push_back(from);
                }
            }
        }
        // Where ids are the only way, they are the way.
        if !by_id && !far.contains_key("Query") {
            return self.way(to, true);
        }
        far
    }
}

/// Whether a pair is of a list and a cursor in it.
fn pages(pair: &str) -> bool {
    pair.ends_with("(after)") || pair.ends_with("(before)")
}

/// Adds the pairs to whose values an answer comes: what stands under a `null` is not there.
pub(super) fn answered(selections: &[Selection], data: &Value, to: &mut BTreeSet<String>) {
    match data {
        Value::Array(items) => {
            for item in items {
                answered(selections, item, to);
            }
        }
        Value::Object(parts) => {
            for selection in selections {
                if selection.form != Form::Field {
                    answered(&selection.below, data, to);
                    continue;
                }
                let key = selection.alias.as_ref().unwrap_or(&selection.name);
                let Some(value) = parts.get(key.as_str()) else {
                    continue;
                };
                let field = format!("{}.{}", selection.on, selection.name);
                for argument in &selection.arguments {
                    to.insert(format!("{field}({})", argument.name));
                }
                if selection.arguments.is_empty() {
                    to.insert(field);
                }
                answered(&selection.below, value, to);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The figures of cells of statistics in an answer, or in its files.
pub(super) fn cells_told(selections: &[Selection], data: &Value) -> Vec<Option<i64>> {
    match data {
        Value::Array(items) => {
            let each = items.iter().flat_map(|item| cells_told(selections, item));
            each.collect()
        }
        Value::Object(parts) => {
            let mut told = Vec::new();
            for selection in selections {
                if selection.form != Form::Field {
                    told.extend(cells_told(&selection.below, data));
                    continue;
                }
                let key = selection.alias.as_ref().unwrap_or(&selection.name);
                let Some(value) = parts.get(key.as_str()) else {
                    continue;
                };
                match (selection.on.as_str(), selection.name.as_str()) {
                    ("StatisticCell", "value") => told.push(value.as_i64()),
                    ("StatisticRelease", "csv") => {
                        let lines = value.as_str().into_iter().flat_map(str::lines).skip(1);
                        let persons = lines.filter_map(|line| line.rsplit(',').nth(1));
                        told.extend(persons.map(|persons| persons.parse().ok()));
                    }
                    _ => told.extend(cells_told(&selection.below, value)),
                }
            }
            told
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}
