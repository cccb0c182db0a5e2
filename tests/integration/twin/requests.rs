//! Requests made by chance from the schema itself, as introspection tells it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

use liaison::{clock::Moment, id::GlobalId, id::RecordId, identity::kind::Kind};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    chance::{Dice, STATES, TOPICS},
    goals::Goal,
    world::{Cell, Declared, World, declared, declared_as},
};

/// Asks for the whole schema.
pub(crate) const INTROSPECTION: &str = "{ __schema { types { kind name
    fields { name args { name type { ...T } } type { ...T } }
    inputFields { name type { ...T } } enumValues { name } possibleTypes { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type as it is written, and its name.
#[derive(Clone, Debug)]
pub(super) struct Type {
    pub(super) text: String,
    pub(super) name: String,
}

/// A field: its name, its arguments, its type.
type Shown = (String, Vec<(String, Type)>, Type);

#[derive(Clone, Debug, Default)]
pub(super) struct Definition {
    pub(super) kind: String,
    pub(super) fields: Vec<Shown>,
    pub(super) inputs: Vec<(String, Type)>,
    pub(super) codes: Vec<String>,
    pub(super) possible: Vec<String>,
}

/// The schema, as far as requests need it.
#[derive(Debug)]
pub(crate) struct Schema {
    pub(super) types: BTreeMap<String, Definition>,
}

impl Type {
    fn read(value: &Value) -> Self {
        let name = value["name"].as_str().unwrap_or_default();
        match value["kind"].as_str().unwrap_or_default() {
            "NON_NULL" => {
                let inner = Self::read(&value["ofType"]);
                Self {
                    text: format!("{}!", inner.text),
                    ..inner
                }
            }
            "LIST" => {
                let inner = Self::read(&value["ofType"]);
                Self {
                    text: format!("[{}]", inner.text),
                    ..inner
                }
            }
            _ => Self {
                text: name.to_owned(),
                name: name.to_owned(),
            },
        }
    }
}

fn named(list: &Value) -> Vec<String> {
    let items = list.as_array().into_iter().flatten();
    items
        .map(|item| item["name"].as_str().unwrap_or_default().to_owned())
        .collect()
}

impl Schema {
    /// Reads the answer to [`INTROSPECTION`].
    pub(crate) fn read(data: &Value) -> Self {
        let inputs = |list: &Value| -> Vec<(String, Type)> {
            let items = list.as_array().into_iter().flatten();
            items
                .map(|item| {
                    let name = item["name"].as_str().unwrap_or_default().to_owned();
                    (name, Type::read(&item["type"]))
                })
                .collect()
        };
        let types = data["__schema"]["types"].as_array().unwrap();
        let types = types.iter().map(|ty| {
            let fields = ty["fields"].as_array().into_iter().flatten();
            let fields = fields.map(|field| {
                let name = field["name"].as_str().unwrap_or_default().to_owned();
                (name, inputs(&field["args"]), Type::read(&field["type"]))
            });
            let definition = Definition {
                kind: ty["kind"].as_str().unwrap_or_default().to_owned(),
                fields: fields.collect(),
                inputs: inputs(&ty["inputFields"]),
                codes: named(&ty["enumValues"]),
                possible: named(&ty["possibleTypes"]),
            };
            (
                ty["name"].as_str().unwrap_or_default().to_owned(),
                definition,
            )
        });
        Self {
            types: types.collect(),
        }
    }

    /// The names of all acts.
    pub(crate) fn acts(&self) -> impl Iterator<Item = &str> {
        let acts = self.types["Mutation"].fields.iter();
        acts.map(|(name, ..)| name.as_str())
    }

    fn act(&self, name: &str) -> &Shown {
        let mut acts = self.types["Mutation"].fields.iter();
        acts.find(|(act, ..)| act == name).unwrap()
    }

    /// Every pair of a field and an argument, and every field without one.
    pub(super) fn told_pairs(&self) -> BTreeSet<String> {
        let mut pairs = BTreeSet::new();
        for (name, definition) in &self.types {
            if name.starts_with("__") || definition.kind != "OBJECT" || is_of_acts(name) {
                continue;
            }
            for (field, arguments, _) in &definition.fields {
                if arguments.is_empty() {
                    pairs.insert(format!("{name}.{field}"));
                }
                for (argument, _) in arguments {
                    pairs.insert(format!("{name}.{field}({argument})"));
                }
            }
        }
        pairs
    }
}

/// A value in a request.
#[derive(Clone, Debug)]
pub(crate) enum Literal {
    /// Nothing.
    Null,
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Text, or an id.
    Text(String),
    /// A code.
    Code(String),
    /// Several.
    List(Vec<Literal>),
    /// By name.
    Object(Vec<(String, Literal)>),
}

impl Literal {
    /// The same as a value of JSON: codes are texts there.
    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => Self::Number(number.as_i64().unwrap()),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(items) => Self::List(items.iter().map(Self::of).collect()),
            Value::Object(parts) => {
                let parts = parts
                    .iter()
                    .map(|(name, part)| (name.clone(), Self::of(part)));
                Self::Object(parts.collect())
            }
        }
    }

    fn write(&self, to: &mut String) {
        match self {
            Self::Null => to.push_str("null"),
            Self::Number(number) => write!(to, "{number}").unwrap(),
            Self::Flag(flag) => write!(to, "{flag}").unwrap(),
            Self::Text(text) => to.push_str(&json!(text).to_string()),
            Self::Code(code) => to.push_str(code),
            Self::List(items) => {
                to.push('[');
                for (place, item) in items.iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { ", " });
                    item.write(to);
                }
                to.push(']');
            }
            Self::Object(parts) => {
                to.push('{');
                for (place, (name, part)) in parts.iter().enumerate() {
                    to.push_str(if place == 0 { "" } else { ", " });
                    write!(to, "{name}: ").unwrap();
                    part.write(to);
                }
                to.push('}');
            }
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Number(number) => json!(number),
            Self::Flag(flag) => json!(flag),
            Self::Text(text) | Self::Code(text) => json!(text),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Object(parts) => parts
                .iter()
                .map(|(name, part)| (name.clone(), part.json()))
                .collect(),
        }
    }
}

/// An argument: its name, its type, its value, and whether a variable carries it.
#[derive(Clone, Debug)]
pub(crate) struct Argument {
    pub(super) name: String,
    ty: String,
    value: Literal,
    variable: bool,
}

/// How a selection stands in the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Field,
    /// `... on Type { … }`
    Inline,
    /// `...Name`, with the fragment at the end.
    Spread,
}

/// A field, or a fragment, with what is asked below it.
#[derive(Clone, Debug)]
pub(crate) struct Selection {
    pub(super) form: Form,
    /// The type on which it is asked; of a fragment, its condition.
    pub(super) on: String,
    pub(super) alias: Option<String>,
    pub(super) name: String,
    pub(super) arguments: Vec<Argument>,
    /// `@include(if:)`, or `@skip(if:)`.
    pub(super) condition: Option<(bool, bool, bool)>,
    pub(super) below: Vec<Selection>,
}

/// A request that can be asked again, and made smaller.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) roots: Vec<Selection>,
    /// Whether it is an act.
    pub(crate) act: bool,
    /// A change to the text that makes it malformed: where, and what is put there.
    pub(crate) damage: Option<(usize, char)>,
}

struct Writer {
    variables: Vec<(String, Literal)>,
    fragments: String,
    count: usize,
}

impl Asked {
    /// The document and its variables.
    pub(crate) fn written(&self) -> (String, Value) {
        let mut writer = Writer {
            variables: Vec::new(),
            fragments: String::new(),
            count: 0,
        };
        let body = writer.all(&self.roots);
        let mut text = String::from(if self.act { "mutation M" } else { "query Q" });
        if !writer.variables.is_empty() {
            text.push('(');
            for (place, (declared, _)) in writer.variables.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { ", " });
                text.push_str(declared);
            }
            text.push(')');
        }
        write!(text, " {body}{}", writer.fragments).unwrap();
        if let Some((place, letter)) = self.damage {
            let at = text.char_indices().map(|(at, _)| at).nth(place);
            text.insert(at.unwrap_or(text.len()), letter);
        }
        let variables = writer.variables.iter().map(|(declared, value)| {
            let name = declared.trim_start_matches('$');
            let name = name.split(':').next().unwrap_or_default();
            (name.to_owned(), value.json())
        });
        (text, variables.collect())
    }

    /// The same with one thing left out, each in turn.
    pub(crate) fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        shrink(&self.roots, &mut |roots| {
            all.push(Self {
                roots,
                act: self.act,
                damage: self.damage,
            });
        });
        all
    }
}

fn shrink(selections: &[Selection], found: &mut dyn FnMut(Vec<Selection>)) {
    for place in 0..selections.len() {
        if selections.len() > 1 {
            let mut fewer = selections.to_vec();
            fewer.remove(place);
            found(fewer);
        }
        let one = &selections[place];
        let mut with = |changed: Selection| {
            let mut all = selections.to_vec();
            all[place] = changed;
            found(all);
        };
        for argument in 0..one.arguments.len() {
            let mut changed = one.clone();
            changed.arguments.remove(argument);
            with(changed);
        }
        if one.condition.is_some() {
            with(Selection {
                condition: None,
                ..one.clone()
            });
        }
        shrink(&one.below, &mut |below| {
            with(Selection {
                below,
                ..one.clone()
            });
        });
    }
}

impl Writer {
    fn all(&mut self, selections: &[Selection]) -> String {
        let mut text = String::from("{");
        for selection in selections {
            text.push(' ');
            let one = self.one(selection);
            text.push_str(&one);
        }
        text.push_str(" }");
        text
    }

    fn one(&mut self, selection: &Selection) -> String {
        let mut text = String::new();
        match selection.form {
            Form::Field => {
                if let Some(alias) = &selection.alias {
                    write!(text, "{alias}: ").unwrap();
                }
                text.push_str(&selection.name);
                if !selection.arguments.is_empty() {
                    text.push('(');
                    for (place, argument) in selection.arguments.iter().enumerate() {
                        text.push_str(if place == 0 { "" } else { ", " });
                        write!(text, "{}: ", argument.name).unwrap();
                        if argument.variable {
                            let name = self.variable(&argument.ty, argument.value.clone());
                            text.push_str(&name);
                        } else {
                            argument.value.write(&mut text);
                        }
                    }
                    text.push(')');
                }
            }
            Form::Inline => write!(text, "... on {}", selection.on).unwrap(),
            Form::Spread => {}
        }
        let condition = selection.condition.map(|(include, holds, variable)| {
            let value = if variable {
                self.variable("Boolean!", Literal::Flag(holds))
            } else {
                holds.to_string()
            };
            let name = if include { "include" } else { "skip" };
            format!(" @{name}(if: {value})")
        });
        let below = if selection.below.is_empty() {
            String::new()
        } else {
            self.all(&selection.below)
        };
        if selection.form == Form::Spread {
            self.count += 1;
            let name = format!("F{}", self.count);
            write!(
                self.fragments,
                " fragment {name} on {} {below}",
                selection.on
            )
            .unwrap();
            write!(text, "...{name}").unwrap();
            text.push_str(&condition.unwrap_or_default());
            return text;
        }
        text.push_str(&condition.unwrap_or_default());
        text.push_str(&below);
        text
    }

    fn variable(&mut self, ty: &str, value: Literal) -> String {
        let name = format!("$v{}", self.variables.len() + 1);
        self.variables.push((format!("{name}: {ty}"), value));
        name
    }
}

/// What requests are made from, besides the schema.
pub(crate) struct Maker<'a> {
    pub(crate) schema: &'a Schema,
    /// Both worlds: hidden and visible values of each.
    pub(crate) worlds: [&'a World; 2],
    pub(crate) dice: &'a mut Dice,
    /// How often each pair was asked.
    pub(crate) seen: &'a mut BTreeMap<String, u64>,
    /// Pairs to whose values an answer came.
    pub(super) answered: &'a BTreeSet<String>,
    /// Cursors of earlier answers, by the list that they are from.
    pub(crate) cursors: &'a Cursors,
    /// How many sealed files may still be opened.
    pub(crate) files: usize,
    /// Whether the asker states a purpose.
    pub(crate) purpose: bool,
    /// Whether the asker has a right of the same-matter check.
    pub(super) matches: bool,
    /// Whether a cursor from elsewhere is in the request already: one fault suffices.
    pub(crate) faulty: bool,
    /// The asker's own mechanism.
    pub(crate) own: Option<Uuid>,
    /// Its code.
    pub(crate) own_code: &'a str,
    /// What is looked for, until it is asked.
    pub(super) goal: Option<Goal>,
    /// Whether the list that is asked next is asked for its cursors, too.
    pub(super) pages: bool,
}

/// Cursors of earlier answers: the arguments that make the list, and the cursor.
pub(crate) type Cursors = BTreeMap<String, Vec<(Vec<Argument>, String)>>;

const DEEPEST: usize = 6;
/// How many requests in a hundred look for what was asked least.
const TO_A_GOAL: u64 = 50;
/// What is told to who asks of the same matter, and answers.
const SAME_MATTER: [&str; 3] = ["sameMatterChecks", "sameMatterSignals", "blindMatters"];
/// The sealed fields, as the schema calls them.
const SEALED: [&str; 3] = ["names", "birthDate", "contact"];

impl Maker<'_> {
    /// A request.
    pub(crate) fn ask(&mut self) -> Asked {
        let roots = 1 + self.dice.below(3);
        let mut budget = 3_000;
        if self.dice.percent(TO_A_GOAL) {
            self.goal = Some(self.schema.least(
                (self.seen, self.answered),
                self.cursors,
                self.dice,
            ));
        }
        let mut roots: Vec<_> = (0..roots)
            .map(|_| self.field("Query", 0, 1, &mut budget))
            .collect();
        alias(&mut roots);
        let damage = self.dice.percent(3).then(|| {
            let letters = ['}', '{', '$', '"', '!', '\u{1f}', '(', 'é', '@'];
            (self.dice.below(120), *self.dice.pick(&letters))
        });
        Asked {
            roots,
            act: false,
            damage,
        }
    }

    /// An act of this name, with an input by chance.
    pub(crate) fn act(&mut self, name: &str) -> Asked {
        let input = self.schema.act(name).1[0].1.name.clone();
        let value = self.input(name, &input);
        self.act_with(name, value)
    }

    /// An act of this name, with this input.
    pub(super) fn act_with(&mut self, name: &str, value: Literal) -> Asked {
        let (_, arguments, answer) = self.schema.act(name);
        let input = arguments[0].1.clone();
        let mut below = self.selections(&answer.name, 2, 1, &mut 3_000);
        // Why nothing was done is always asked.
        below.retain(|one| one.name != "userErrors");
        below.push(Selection {
            below: ["code", "message", "field"]
                .map(|name| leaf("UserError", name))
                .to_vec(),
            ..leaf(&answer.name, "userErrors")
        });
        let act = Selection {
            arguments: vec![Argument {
                name: "input".to_owned(),
                ty: input.text,
                value,
                variable: true,
            }],
            below,
            ..leaf("Mutation", name)
        };
        Asked {
            roots: vec![act],
            act: true,
            damage: None,
        }
    }

    /// What is asked of a type.
    fn selections(
        &mut self,
        on: &str,
        depth: usize,
        rows: usize,
        budget: &mut i64,
    ) -> Vec<Selection> {
        let definition = &self.schema.types[on];
        if definition.kind == "INTERFACE" {
            let goal = self.goal.take();
            let mut all = vec![self.field(on, depth, rows, budget)];
            self.goal = goal;
            for _ in 0..1 + self.dice.below(3) {
                let near = self.goal.as_ref();
                let near = near.and_then(|goal| goal.nearest(&definition.possible));
                // A file is opened for a purpose, and one kind of many has files.
                let ty = if let Some(near) = near {
                    near.clone()
                } else if self.purpose && self.dice.percent(50) {
                    "Person".to_owned()
                } else {
                    self.dice.pick(&definition.possible).clone()
                };
                let below = self.selections(&ty, depth, rows, budget);
                let form = *self.dice.pick(&[Form::Inline, Form::Spread]);
                all.push(fragment(form, ty, below));
            }
            alias(&mut all);
            return all;
        }
        let count = match on {
            _ if on.ends_with("Connection") => 2 + self.dice.below(2),
            _ if on.ends_with("Edge") => 1 + self.dice.below(2),
            _ => 1 + self.dice.below(if depth > 3 { 3 } else { 5 }),
        };
        let mut all: Vec<_> = (0..count)
            .map(|_| self.field(on, depth, rows, budget))
            .collect();
        if on.ends_with("Connection") && std::mem::take(&mut self.pages) {
            let edge = format!("{}Edge", on.trim_end_matches("Connection"));
            let below = vec![leaf(&edge, "cursor")];
            all.insert(
                0,
                Selection {
                    below,
                    ..leaf(on, "edges")
                },
            );
        }
        // The same twice is asked now and then; each takes an alias, of which few are allowed.
        let mut names = BTreeSet::new();
        let twice = self.dice.percent(12);
        all.retain(|one| twice || names.insert(one.name.clone()));
        alias(&mut all);
        if self.dice.percent(8) {
            let form = *self.dice.pick(&[Form::Inline, Form::Spread]);
            all = vec![fragment(form, on.to_owned(), all)];
        }
        all
    }

    fn field(&mut self, on: &str, depth: usize, rows: usize, budget: &mut i64) -> Selection {
        let (name, arguments, ty) = match self.towards(on, rows) {
            Some(next) => next,
            None => self.choose(on, depth, rows),
        };
        *budget -= i64::try_from(rows).unwrap();
        let list = arguments.iter().any(|(name, _)| name == "first");
        let mut given = self.arguments(on, &name, &arguments, rows);
        let mut below_rows = rows;
        if list {
            let most = given
                .iter()
                .find(|argument| argument.name == "first" || argument.name == "last");
            below_rows = match most.map(|argument| &argument.value) {
                Some(Literal::Number(number)) => {
                    rows * usize::try_from((*number).clamp(1, 100)).unwrap()
                }
                _ => rows * 20,
            };
            if below_rows > 4_000 {
                given.retain(|argument| argument.name != "last" && argument.name != "first");
                given.push(plain("first", "Int", Literal::Number(1)));
                below_rows = rows;
            }
        }
        for argument in &given {
            *self
                .seen
                .entry(format!("{on}.{name}({})", argument.name))
                .or_default() += 1;
        }
        if arguments.is_empty() {
            *self.seen.entry(format!("{on}.{name}")).or_default() += 1;
        }
        let composite = self.schema.types.get(&ty.name).is_some_and(|definition| {
            definition.kind == "OBJECT" || definition.kind == "INTERFACE"
        });
        let below = if composite {
            self.selections(&ty.name, depth + 1, below_rows, budget)
        } else {
            Vec::new()
        };
        let condition = self.dice.percent(4).then(|| {
            (
                self.dice.percent(50),
                self.dice.percent(50),
                self.dice.percent(50),
            )
        });
        Selection {
            form: Form::Field,
            on: on.to_owned(),
            alias: None,
            name,
            arguments: given,
            condition,
            below,
        }
    }

    /// The next field on the way to what is looked for.
    fn towards(&mut self, on: &str, rows: usize) -> Option<Shown> {
        let goal = self.goal.as_ref()?;
        let fields = self.schema.types[on].fields.iter();
        let next = fields.filter(|(name, _, ty)| match goal.is_on(on) {
            true => *name == goal.field,
            false => goal.nearer(on, &ty.name),
        });
        let next = next.filter(|(name, ..)| self.may_ask(on, name, rows));
        let next: Vec<&Shown> = next.collect();
        if next.is_empty() {
            self.goal = None;
            return None;
        }
        let next = (*self.dice.pick(&next)).clone();
        if on == "Person" && SEALED.contains(&next.0.as_str()) {
            self.files = self.files.saturating_sub(rows);
        }
        Some(next)
    }

    /// Whether the answer to a field is steady: as many files as are opened at once, and no
    /// list of openings that the same request makes.
    fn may_ask(&self, on: &str, name: &str, rows: usize) -> bool {
        let too_many = on == "Person" && SEALED.contains(&name) && rows > self.files;
        let of_itself = self.purpose && name == "auditEntries";
        !(too_many || of_itself)
    }

    /// A field of the type; what was asked less often, rather.
    fn choose(
        &mut self,
        on: &str,
        depth: usize,
        rows: usize,
    ) -> (String, Vec<(String, Type)>, Type) {
        let definition = &self.schema.types[on];
        if on.ends_with("Connection") && self.dice.percent(50) {
            let edges = definition.fields.iter().find(|(name, ..)| name == "edges");
            return edges.unwrap().clone();
        }
        if on.ends_with("Edge") && self.dice.percent(70) {
            let node = definition.fields.iter().find(|(name, ..)| name == "node");
            return node.unwrap().clone();
        }
        // What is confidential rather than what is not.
        let officer = self.purpose && depth < DEEPEST;
        let sensitive = match (on, self.dice.below(100)) {
            ("Query", 0..20) => "communications",
            ("Query", 20..28) => "explainAccess",
            ("Query", 28..55) if officer => "nodes",
            ("Query", 55..70) if self.matches => *self.dice.pick(&SAME_MATTER),
            ("Communication", 0..25) if depth < DEEPEST => "persons",
            ("Person", 0..60) if rows <= self.files => *self.dice.pick(&SEALED),
            (_, 0..60) if on.ends_with("Connection") => "totalCount",
            _ => "",
        };
        let confidential = definition.fields.iter().find(|(name, ..)| {
            name == sensitive || (sensitive.is_empty() && self.is_confidential(on, name))
        });
        if let Some(field) = confidential
            && (!sensitive.is_empty() || self.dice.percent(25))
        {
            if SEALED.contains(&field.0.as_str()) {
                self.files = self.files.saturating_sub(rows);
            }
            let others = definition.fields.iter().filter(|(name, ..)| {
                !SEALED.contains(&name.as_str()) && self.is_confidential(on, name)
            });
            let others: Vec<_> = others.collect();
            if !sensitive.is_empty() || others.is_empty() {
                return field.clone();
            }
            return (*self.dice.pick(&others)).clone();
        }
        let leaf = |ty: &Type| {
            let kind = self.schema.types.get(&ty.name).map(|ty| ty.kind.as_str());
            !matches!(kind, Some("OBJECT" | "INTERFACE"))
        };
        let sealed = |name: &str| SEALED.contains(&name);
        let fields: Vec<_> = definition
            .fields
            .iter()
            .filter(|(_, _, ty)| {
                depth < DEEPEST || leaf(ty) || on.ends_with("Connection") || on.ends_with("Edge")
            })
            .filter(|(name, ..)| self.may_ask(on, name, rows))
            .collect();
        let fields = if fields.is_empty() {
            definition.fields.iter().collect()
        } else {
            fields
        };
        let often = |(name, arguments, _): &(String, Vec<(String, Type)>, Type)| -> u64 {
            let counts = arguments.iter().map(|(argument, _)| {
                let pair = format!("{on}.{name}({argument})");
                self.seen.get(&pair).copied().unwrap_or_default()
            });
            let plain = self.seen.get(&format!("{on}.{name}")).copied();
            counts.min().unwrap_or(plain.unwrap_or_default())
        };
        let first = self.dice.below(fields.len());
        let second = self.dice.below(fields.len());
        let chosen = if often(fields[first]) <= often(fields[second]) {
            first
        } else {
            second
        };
        let chosen = fields[chosen].clone();
        if on == "Person" && sealed(&chosen.0) {
            self.files = self.files.saturating_sub(rows);
        }
        chosen
    }

    /// Whether a column of a type is for some only.
    fn is_confidential(&self, on: &str, field: &str) -> bool {
        let kind = Kind::ALL.into_iter().find(|kind| kind.type_name() == on);
        kind.map(declared_as).is_some_and(|declared| {
            let mut columns = declared.rules.iter().take(declared.columns.len());
            columns.any(|rule| rule.level.rank() > 0 && camel(rule.name) == field)
        })
    }

    fn arguments(
        &mut self,
        on: &str,
        field: &str,
        arguments: &[(String, Type)],
        rows: usize,
    ) -> Vec<Argument> {
        let mut given: Vec<Argument> = Vec::new();
        self.pages = false;
        let goal = self
            .goal
            .take_if(|goal| goal.is_on(on) && goal.field == field);
        let looked_for = goal.and_then(|goal| goal.argument);
        // On the way to what is looked for, nothing is left out.
        let on_the_way = self.goal.is_some();
        // Often the list of an earlier answer again, from one of its cursors on.
        let list = format!("{on}.{field}");
        let way = looked_for
            .as_deref()
            .filter(|name| ["after", "before"].contains(name));
        if let Some(earlier) = self.cursors.get(&list)
            && !earlier.is_empty()
            && (way.is_some() || (!on_the_way && self.dice.percent(35)))
        {
            let (same, cursor) = self.dice.pick(earlier).clone();
            given = same;
            let either = *self.dice.pick(&["after", "before"]);
            let way = way.unwrap_or(either);
            given.push(plain(way, "String", Literal::Text(cursor)));
            let size = if self.dice.percent(70) == (way == "after") {
                "first"
            } else {
                "last"
            };
            let most = Literal::Number(i64::try_from(1 + self.dice.below(6)).unwrap());
            given.push(plain(size, "Int", most));
            return given;
        }
        // A cursor that is looked for is asked for first.
        self.pages = way.is_some();
        for (name, ty) in arguments {
            let wanted = ty.text.ends_with('!')
                || (looked_for.as_ref() == Some(name) && way.is_none())
                || match name.as_str() {
                    "first" => looked_for.as_deref() != Some("last"),
                    _ if on_the_way => false,
                    name if way == Some(name) => !self.faulty && self.dice.percent(25),
                    "last" => self.dice.percent(25),
                    "after" | "before" => !self.faulty && self.dice.percent(3),
                    "filter" => self.dice.percent(45),
                    "orderBy" => self.dice.percent(40),
                    _ => self.dice.percent(60),
                };
            if !wanted {
                continue;
            }
            let value = self.argument(on, field, name, ty, rows);
            given.push(Argument {
                name: name.clone(),
                ty: ty.text.clone(),
                value,
                variable: self.dice.percent(15),
            });
        }
        let last = given.iter().any(|argument| argument.name == "last");
        if last && self.dice.percent(95) {
            given.retain(|argument| argument.name != "first");
        }
        given
    }

    fn argument(&mut self, on: &str, field: &str, name: &str, ty: &Type, rows: usize) -> Literal {
        match name {
            "first" | "last" => {
                let files = self.goal.as_ref().is_some_and(|goal| goal.is_on("Person"));
                let most = if rows > 1 || files { 4 } else { 60 };
                match self.dice.below(400) {
                    0 => Literal::Number(-1),
                    1 => Literal::Number(101),
                    2 => Literal::Number(0),
                    3 => Literal::Null,
                    _ => Literal::Number(i64::try_from(1 + self.dice.below(most)).unwrap()),
                }
            }
            "after" | "before" => {
                self.faulty = true;
                let all: Vec<&String> = self
                    .cursors
                    .values()
                    .flatten()
                    .map(|(_, cursor)| cursor)
                    .collect();
                if all.is_empty() || self.dice.percent(20) {
                    return Literal::Text("bm90IGEgY3Vyc29y".to_owned());
                }
                Literal::Text((*self.dice.pick(&all)).clone())
            }
            "filter" => self.filter(&ty.name, 0),
            "orderBy" => {
                let count = 1 + self.dice.below(2);
                Literal::List((0..count).map(|_| self.order(&ty.name)).collect())
            }
            "id" if field == "loweringBatch" => Literal::Text(self.batch()),
            "id" | "record" => Literal::Text(self.id()),
            "ids" => {
                let count = 1 + self.dice.below(6);
                Literal::List((0..count).map(|_| Literal::Text(self.id())).collect())
            }
            "code" => Literal::Text(self.code(on, field)),
            "field" => Literal::Text(self.field_name()),
            "from" if ty.name == "PartialDate" => {
                Literal::Text((*self.dice.pick(&["2024", "2025-03", "2026"])).to_owned())
            }
            "to" if ty.name == "PartialDate" => {
                Literal::Text((*self.dice.pick(&["2026-05-31", "2026", "2027"])).to_owned())
            }
            "country" if field == "overlaps" => {
                Literal::Text((*self.dice.pick(&STATES)).to_owned())
            }
            "theme" if field == "overlaps" => Literal::Text((*self.dice.pick(&TOPICS)).to_owned()),
            "from" => Literal::Text((*self.dice.pick(&["2012-Q1", "2024-Q1"])).to_owned()),
            "to" => Literal::Text((*self.dice.pick(&["2024-Q2", "2026-Q2"])).to_owned()),
            _ => self.plain(ty),
        }
    }

    fn order(&mut self, ty: &str) -> Literal {
        let inputs = self.schema.types[ty].inputs.clone();
        let parts = inputs.iter().map(|(name, ty)| {
            let codes = &self.schema.types[&ty.name].codes;
            (name.clone(), Literal::Code(self.dice.pick(codes).clone()))
        });
        Literal::Object(parts.collect())
    }

    fn plain(&mut self, ty: &Type) -> Literal {
        let codes = self.schema.types.get(&ty.name).map(|ty| ty.codes.clone());
        match codes {
            Some(codes) if !codes.is_empty() => Literal::Code(self.dice.pick(&codes).clone()),
            _ => Literal::Text("word".to_owned()),
        }
    }

    /// The name of a field of some kind of record, or of none.
    pub(super) fn field_name(&mut self) -> String {
        let kinds = declared();
        let kind = self.dice.pick(&kinds);
        match self.dice.below(12) {
            0 => "nothing".to_owned(),
            _ => camel(self.dice.pick(kind.rules).name),
        }
    }

    /// An id: of what is seen, of what is hidden, or of nothing.
    pub(crate) fn id(&mut self) -> String {
        let kinds = declared();
        let mut kind = *self.dice.pick(&kinds);
        if let Some(looked_for) = self.goal.as_ref().and_then(Goal::kind) {
            return self.id_of(declared_as(looked_for));
        }
        if self.purpose && self.dice.percent(60) {
            kind = declared_as(Kind::Person);
        }
        self.id_of(kind)
    }

    fn id_of(&mut self, kind: Declared) -> String {
        let world = self.worlds[self.dice.below(2)];
        let rows = &world.table(kind.table).rows;
        let id = match self.dice.below(10) {
            0 => self.dice.id(),
            _ if rows.is_empty() => self.dice.id(),
            _ => self.dice.pick(rows)[0].id().unwrap(),
        };
        let kind = if self.dice.percent(4) {
            *self.dice.pick(&Kind::ALL)
        } else {
            kind.kind
        };
        if self.dice.percent(2) {
            return "no-id".to_owned();
        }
        GlobalId {
            kind,
            id: RecordId(id),
        }
        .to_string()
    }

    /// Code, acronym or alias of a mechanism, seen or hidden.
    fn code(&mut self, _: &str, _: &str) -> String {
        let world = self.worlds[self.dice.below(2)];
        let table = world.table("mechanism");
        let row = self.dice.pick(&table.rows);
        let words = match self.dice.below(3) {
            0 => vec![row[table.at("code")].text().unwrap_or("x").to_owned()],
            1 => vec![row[table.at("acronym")].text().unwrap_or("X").to_owned()],
            _ => row[table.at("aliases")].list(),
        };
        words.first().cloned().unwrap_or_else(|| "cat".to_owned())
    }

    fn filter(&mut self, ty: &str, depth: usize) -> Literal {
        let definition = self.schema.types[ty].clone();
        let mut parts: BTreeMap<String, Literal> = BTreeMap::new();
        for _ in 0..1 + self.dice.below(2) {
            let (name, input) = self.least(ty, &definition.inputs, depth);
            *self.seen.entry(format!("{ty}.{name}")).or_default() += 1;
            let value = match name.as_str() {
                "and" | "or" => {
                    let count = 1 + self.dice.below(2);
                    Literal::List((0..count).map(|_| self.filter(ty, depth + 1)).collect())
                }
                "not" => self.filter(ty, depth + 1),
                _ => self.test(ty, &name, &input),
            };
            parts.insert(name, value);
        }
        Literal::Object(parts.into_iter().collect())
    }

    fn least(&mut self, ty: &str, inputs: &[(String, Type)], depth: usize) -> (String, Type) {
        let mut best: Option<(u64, &(String, Type))> = None;
        if depth == 0 && self.dice.percent(25) {
            let not = inputs.iter().find(|(name, _)| name == "not");
            return not.unwrap().clone();
        }
        let edges: Vec<_> = inputs
            .iter()
            .filter(|(_, input)| input.name == "CodeFilter")
            .collect();
        if !edges.is_empty() && self.dice.percent(20) {
            return (*self.dice.pick(&edges)).clone();
        }
        for _ in 0..2 {
            let one = self.dice.pick(inputs);
            let nested = matches!(one.0.as_str(), "and" | "or" | "not");
            if nested && depth > 1 {
                continue;
            }
            let often = self.seen.get(&format!("{ty}.{}", one.0)).copied();
            let often = often.unwrap_or_default();
            if best.is_none_or(|(count, _)| often < count) {
                best = Some((often, one));
            }
        }
        best.map_or_else(|| inputs[0].clone(), |(_, one)| one.clone())
    }

    /// Tests on one field, with values that it has on some record of either world.
    fn test(&mut self, filter: &str, field: &str, ty: &Type) -> Literal {
        let tests = self.schema.types[&ty.name].inputs.clone();
        let (test, _) = self.dice.pick(&tests).clone();
        let value = self.value(filter, field, ty, &test);
        let value = match (test.as_str(), value) {
            ("in", one) => Literal::List(vec![one, self.value(filter, field, ty, &test)]),
            ("contains", Literal::Text(text)) => {
                let letters: Vec<char> = text.chars().collect();
                let from = self.dice.below(letters.len().max(1));
                let part: String = letters
                    .iter()
                    .skip(from)
                    .take(1 + self.dice.below(9))
                    .collect();
                let part = if part.is_empty() {
                    "a".to_owned()
                } else {
                    part
                };
                Literal::Text(part)
            }
            (_, one) => one,
        };
        Literal::Object(vec![(test, value)])
    }

    fn value(&mut self, filter: &str, field: &str, ty: &Type, _: &str) -> Literal {
        let world = self.worlds[self.dice.below(2)];
        let far = match (ty.name.as_str(), field) {
            ("CodeFilter", "mechanism") => Some(("mechanism", "code")),
            ("CodeFilter", "organisation") => Some(("organisation", "code")),
            ("CodeFilter", "countries") => Some(("record_country", "country")),
            ("CodeFilter", _) => Some(("record_topic", "topic")),
            _ => None,
        };
        let kind = filter.trim_end_matches("Filter");
        let kind = Kind::ALL
            .into_iter()
            .find(|known| known.type_name() == kind);
        let declared = kind.map(declared_as);
        let own = declared.and_then(|declared| {
            let column = declared.fields().find(|(name, _)| camel(name) == field)?.0;
            Some((declared.table, column))
        });
        let Some((table, column)) = far.or(own) else {
            return Literal::Null;
        };
        let table = world.table(table);
        let at = table.at(column);
        let mut cell = &Cell::Null;
        for _ in 0..8 {
            cell = &self.dice.pick(&table.rows)[at];
            if *cell != Cell::Null {
                break;
            }
        }
        let input = self.schema.types[&ty.name].inputs.first();
        let codes = input
            .and_then(|(_, input)| self.schema.types.get(&input.name))
            .filter(|input| input.kind == "ENUM");
        match (cell, codes) {
            (Cell::Text(code), Some(_)) => Literal::Code(code.clone()),
            (_, Some(codes)) => Literal::Code(self.dice.pick(&codes.codes).clone()),
            (Cell::Text(text), None) => Literal::Text(text.chars().take(60).collect()),
            (Cell::Number(number), None) if ty.name == "TimeFilter" => {
                Literal::Text(Moment::from_seconds(*number).rfc3339())
            }
            (Cell::Number(number), None) => Literal::Number(*number),
            (Cell::Flag(flag), None) => Literal::Flag(*flag),
            _ if ty.name == "FlagFilter" => Literal::Flag(true),
            _ if ty.name == "DateFilter" => Literal::Text("2020".to_owned()),
            _ if ty.name == "NumberFilter" => Literal::Number(1),
            _ if ty.name == "TimeFilter" => Literal::Text("2025-01-01T00:00:00Z".to_owned()),
            _ => Literal::Text("a".to_owned()),
        }
    }
}

/// A field without arguments.
pub(super) fn leaf(on: &str, name: &str) -> Selection {
    Selection {
        form: Form::Field,
        on: on.to_owned(),
        alias: None,
        name: name.to_owned(),
        arguments: Vec::new(),
        condition: None,
        below: Vec::new(),
    }
}

pub(super) fn plain(name: &str, ty: &str, value: Literal) -> Argument {
    Argument {
        name: name.to_owned(),
        ty: ty.to_owned(),
        value,
        variable: false,
    }
}

pub(super) fn fragment(form: Form, on: String, below: Vec<Selection>) -> Selection {
    Selection {
        form,
        on,
        alias: None,
        name: String::new(),
        arguments: Vec::new(),
        condition: None,
        below,
    }
}

/// Gives an alias to each field that stands beside another with the same answer key.
pub(super) fn alias(selections: &mut [Selection]) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    alias_all(selections, &mut taken);
}

fn alias_all(selections: &mut [Selection], taken: &mut BTreeSet<String>) {
    for selection in selections {
        if selection.form != Form::Field {
            // Fields in fragments answer beside the others.
            for below in &mut selection.below {
                if below.form == Form::Field {
                    give(below, taken);
                }
            }
            continue;
        }
        give(selection, taken);
    }
}

fn give(selection: &mut Selection, taken: &mut BTreeSet<String>) {
    let mut key = selection
        .alias
        .clone()
        .unwrap_or_else(|| selection.name.clone());
    let mut count = 1;
    while !taken.insert(key.clone()) {
        count += 1;
        key = format!("{}{count}", selection.name);
    }
    if key != selection.name {
        selection.alias = Some(key);
    }
}

/// A name in the form of the schema.
pub(crate) fn camel(name: &str) -> String {
    let mut camel = String::new();
    let mut raise = false;
    for letter in name.chars() {
        if letter == '_' {
            raise = true;
        } else if raise {
            camel.extend(letter.to_uppercase());
            raise = false;
        } else {
            camel.push(letter);
        }
    }
    camel
}

/// Remembers the cursors of an answer, each with the arguments that made its list.
pub(crate) fn remember(selections: &[Selection], data: &Value, cursors: &mut Cursors) {
    match data {
        Value::Array(items) => {
            for item in items.iter().take(3) {
                remember(selections, item, cursors);
            }
        }
        Value::Object(_) => {
            for selection in selections {
                if selection.form != Form::Field {
                    remember(&selection.below, data, cursors);
                    continue;
                }
                let key = selection.alias.as_ref().unwrap_or(&selection.name);
                let value = &data[key];
                if value.is_null() {
                    continue;
                }
                let edges = value["edges"].as_array().into_iter().flatten();
                for edge in edges {
                    if let Some(cursor) = edge["cursor"].as_str() {
                        let same = selection.arguments.iter();
                        let same = same.filter(|argument| {
                            matches!(argument.name.as_str(), "filter" | "orderBy")
                        });
                        let list = format!("{}.{}", selection.on, selection.name);
                        let known = cursors.entry(list).or_default();
                        if known.len() < 60 {
                            known.push((same.cloned().collect(), cursor.to_owned()));
                        }
                    }
                }
                remember(&selection.below, value, cursors);
            }
        }
        _ => {}
    }
}

/// Whether a type is an act's or its answer's: those are asked one by one in `acts.rs`.
fn is_of_acts(name: &str) -> bool {
    name == "Mutation"
        || name == "UserError"
        || name.starts_with("Import")
        || name.ends_with("Payload")
}
