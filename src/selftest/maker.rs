//! Requests by chance, made of the schema and of what whoever sees most was told.

use std::{collections::BTreeSet, fmt::Write};

use serde_json::Value;

use super::{
    crawl::View,
    schema::{Schema, Shape},
};
use crate::chance::Chance;

/// Most levels of a selection.
const DEEPEST: usize = 5;

/// Makes requests.
pub(super) struct Maker<'a> {
    schema: &'a Schema,
    known: &'a View,
    ids: Vec<&'a String>,
    chance: Chance,
    /// Pairs of a field and an argument that were asked.
    pub(super) asked: BTreeSet<String>,
}

impl<'a> Maker<'a> {
    /// Of what is known, under a seed.
    pub(super) fn new(schema: &'a Schema, known: &'a View, seed: u64) -> Self {
        Self {
            schema,
            known,
            ids: known.records.keys().collect(),
            chance: Chance::of(seed),
            asked: BTreeSet::new(),
        }
    }

    /// A request.
    pub(super) fn request(&mut self) -> String {
        let mut text = String::from("{");
        for place in 0..=self.chance.below(2) {
            write!(text, " r{place}: ").ok();
            let one = self.field("Query", 0, 1);
            text.push_str(&one);
        }
        text.push_str(" }");
        text
    }

    /// A field of a type, with what is asked below it.
    fn field(&mut self, on: &str, depth: usize, rows: u32) -> String {
        let schema = self.schema;
        let fields = &schema.of_name(on).fields;
        let fit: Vec<_> = fields
            .iter()
            .filter(|field| depth < DEEPEST || schema.is_leaf(&field.shape.name))
            .collect();
        // Twice at random: what has not been asked yet goes first.
        let mut pick = || self.chance.one(&fit).copied();
        let (first, second) = (pick(), pick());
        let is_new = |field: &&super::schema::Field| {
            let pair = |argument: &str| format!("{on}.{}{argument}", field.name);
            let mut arguments = field.arguments.iter();
            match field.arguments.is_empty() {
                true => !self.asked.contains(&pair("")),
                false => {
                    arguments.any(|(name, _)| !self.asked.contains(&pair(&format!("({name})"))))
                }
            }
        };
        let chosen = first.filter(is_new).or(second).or(first);
        let Some(field) = chosen else {
            return "__typename".to_owned();
        };
        let of = field.shape.name.as_str();
        let mut text = field.name.clone();
        let arguments = self.arguments(on, &field.name, &field.arguments, rows);
        if !arguments.is_empty() {
            write!(text, "({})", arguments.join(", ")).ok();
        }
        if field.arguments.is_empty() {
            self.asked.insert(format!("{on}.{}", field.name));
        }
        if !schema.is_leaf(of) {
            let rows = if of.ends_with("Connection") {
                rows * 4
            } else {
                rows
            };
            let below = self.below(of, depth + 1, rows);
            write!(text, " {below}").ok();
        }
        text
    }

    fn below(&mut self, on: &str, depth: usize, rows: u32) -> String {
        let schema = self.schema;
        let definition = schema.of_name(on);
        let mut text = String::from("{");
        if definition.kind == "INTERFACE" {
            text.push_str(" __typename");
            for place in 0..2 {
                let Some(ty) = self.chance.one(&definition.possible) else {
                    continue;
                };
                let field = self.field(ty, depth, rows);
                write!(
                    text,
                    " ... on {ty} {{ f{place}{}: {field} }}",
                    ty.to_lowercase()
                )
                .ok();
            }
        } else {
            let count = match on {
                _ if on.ends_with("Edge") => 1,
                _ if depth > 2 => 2,
                _ => 4,
            };
            for place in 0..=self.chance.below(count) {
                let field = self.field(on, depth, rows);
                write!(text, " f{place}: {field}").ok();
            }
        }
        text.push_str(" }");
        text
    }

    fn arguments(
        &mut self,
        on: &str,
        field: &str,
        arguments: &[(String, Shape)],
        rows: u32,
    ) -> Vec<String> {
        let backwards = self.chance.in_thousand(150);
        let mut given = Vec::new();
        for (name, shape) in arguments {
            let wanted = match name.as_str() {
                "first" => !backwards,
                "last" => backwards,
                "after" | "before" => self.chance.in_thousand(40),
                _ => shape.is_required() || self.chance.in_thousand(450),
            };
            if !wanted {
                continue;
            }
            self.asked.insert(format!("{on}.{field}({name})"));
            let value = match name.as_str() {
                "first" | "last" => {
                    (1 + self.chance.below(if rows > 1 { 4 } else { 30 })).to_string()
                }
                "after" | "before" => {
                    let cursors = &self.known.cursors;
                    let cursor = self.chance.one(cursors).map_or("none", String::as_str);
                    Value::from(cursor).to_string()
                }
                _ => self.value(shape, field, name, 0),
            };
            given.push(format!("{name}: {value}"));
        }
        given
    }

    /// A value of a type: of an argument, or of an input's field.
    fn value(&mut self, shape: &Shape, of: &str, name: &str, depth: usize) -> String {
        let schema = self.schema;
        let definition = schema.of_name(&shape.name);
        let one = match (definition.kind.as_str(), shape.name.as_str()) {
            ("ENUM", _) => self
                .chance
                .one(&definition.codes)
                .cloned()
                .unwrap_or_default(),
            ("INPUT_OBJECT", ty) => self.input(ty, depth),
            (_, "ID") => Value::from(self.id()).to_string(),
            (_, "Int" | "Float") => self.chance.below(40).to_string(),
            (_, "Boolean") => self.chance.in_thousand(500).to_string(),
            _ => Value::from(self.text(of, name)).to_string(),
        };
        if shape.list { format!("[{one}]") } else { one }
    }

    fn input(&mut self, ty: &str, depth: usize) -> String {
        let schema = self.schema;
        let inputs = &schema.of_name(ty).inputs;
        let nested = |name: &str| matches!(name, "and" | "or" | "not");
        let fit: Vec<_> = inputs
            .iter()
            .filter(|(name, _)| depth < 2 || !nested(name))
            .collect();
        let required = inputs.iter().filter(|(_, shape)| shape.is_required());
        let mut given: Vec<&(String, Shape)> = required.collect();
        if given.is_empty() {
            given.extend(self.chance.one(&fit).copied());
        }
        let parts: Vec<String> = given
            .into_iter()
            .map(|(name, shape)| {
                let value = self.value(shape, ty, name, depth + 1);
                format!("{name}: {value}")
            })
            .collect();
        format!("{{{}}}", parts.join(", "))
    }

    /// An id of what is seen, or of nothing.
    fn id(&mut self) -> String {
        let known = self.chance.one(&self.ids).map(|id| (*id).clone());
        known
            .filter(|_| !self.chance.in_thousand(100))
            .unwrap_or_else(|| "no-id".to_owned())
    }

    /// A text that some record has under some field; now and then, of that name.
    fn text(&mut self, of: &str, name: &str) -> String {
        let record = self
            .chance
            .one(&self.ids)
            .and_then(|id| self.known.records.get(*id));
        let Some(record) = record else {
            return "word".to_owned();
        };
        if name == "field" {
            let names: Vec<&String> = record.fields.keys().collect();
            return self
                .chance
                .one(&names)
                .map_or_else(String::new, |name| (*name).clone());
        }
        let texts: Vec<&str> = record.fields.values().filter_map(Value::as_str).collect();
        let text = self.chance.one(&texts).copied().unwrap_or(of);
        let from = usize::try_from(self.chance.below(8)).unwrap_or_default();
        match name {
            "contains" => text.chars().skip(from).take(6).collect(),
            _ => text.chars().take(80).collect(),
        }
    }
}
