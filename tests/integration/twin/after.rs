//! What is asked of both hubs after an act: of what it has touched, of a list, and by chance.

use std::collections::BTreeSet;

use liaison::id::GlobalId;
use serde_json::Value;

use super::{
    alike::id_in,
    requests::{Asked, Form, Literal, Maker, Selection, alias, fragment, leaf, plain},
};

/// Records of one question at most.
const RECORDS: usize = 8;
/// Lists whose order is by what the act itself has written, and in which nothing is chance.
const LISTS: [&str; 8] = [
    "notifications",
    "lowerings",
    "retirements",
    "disclosureRequests",
    "sameMatterChecks",
    "sameMatterSignals",
    "blindMatters",
    "holders",
];

impl Maker<'_> {
    /// All that is told of these records themselves, and the history of one.
    pub(super) fn whole(&mut self, records: &[GlobalId]) -> Asked {
        let mut some: Vec<&GlobalId> = records.iter().collect();
        while some.len() > RECORDS {
            some.remove(self.dice.below(some.len()));
        }
        let kinds: BTreeSet<&str> = some.iter().map(|id| id.kind.type_name()).collect();
        let mut below: Vec<Selection> = kinds
            .into_iter()
            // An edge is a record, and no type.
            .filter(|ty| self.schema.types.contains_key(*ty))
            .map(|ty| fragment(Form::Inline, ty.to_owned(), self.leaves(ty)))
            .collect();
        below.push(leaf("Node", "id"));
        alias(&mut below);
        let text = |id: &&GlobalId| Literal::Text(id.to_string());
        let ids = Literal::List(some.iter().map(text).collect());
        let mut roots = vec![Selection {
            arguments: vec![plain("ids", "[ID!]!", ids)],
            below,
            ..leaf("Query", "nodes")
        }];
        if !some.is_empty() {
            let one = self.dice.pick(&some).to_string();
            let mut query = self.schema.types["Query"].fields.iter();
            let (_, _, of) = query.find(|(name, ..)| name == "history").unwrap();
            roots.push(Selection {
                arguments: vec![plain("id", "ID!", Literal::Text(one))],
                below: self.all_of(&of.name),
                ..leaf("Query", "history")
            });
        }
        questions(roots)
    }

    /// All of a list that acts write to.
    pub(super) fn list(&mut self) -> Asked {
        let query = &self.schema.types["Query"].fields;
        let known = query.iter().filter(|(name, arguments, _)| {
            let mut needed = arguments.iter();
            LISTS.contains(&name.as_str()) && needed.all(|(_, ty)| !ty.text.ends_with('!'))
        });
        let known: Vec<_> = known.collect();
        let (name, _, ty) = (*self.dice.pick(&known)).clone();
        questions(vec![Selection {
            below: self.all_of(&ty.name),
            ..leaf("Query", &name)
        }])
    }

    /// Fields of a type that are values, without arguments.
    fn leaves(&self, ty: &str) -> Vec<Selection> {
        let fields = self.schema.types[ty].fields.iter();
        let fields = fields.filter(|(_, arguments, of)| {
            let kind = self.schema.types.get(&of.name).map(|of| of.kind.as_str());
            arguments.is_empty() && !matches!(kind, Some("OBJECT" | "INTERFACE"))
        });
        fields.map(|(name, ..)| leaf(ty, name)).collect()
    }

    /// Values of a type, or of what a connection leads to.
    fn all_of(&self, ty: &str) -> Vec<Selection> {
        let fields = &self.schema.types[ty].fields;
        let next = ["edges", "node"].into_iter().find_map(|next| {
            let edges = ty.ends_with("Connection") || ty.ends_with("Edge");
            fields.iter().find(|(name, ..)| edges && name == next)
        });
        let Some((name, _, of)) = next else {
            return self.leaves(ty);
        };
        vec![Selection {
            below: self.all_of(&of.name),
            ..leaf(ty, name)
        }]
    }
}

fn questions(roots: Vec<Selection>) -> Asked {
    Asked {
        roots,
        act: false,
        damage: None,
    }
}

/// The records that a value names by their global ids.
pub(super) fn named_in(value: &Value, to: &mut Vec<GlobalId>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| named_in(item, to)),
        Value::Object(parts) => parts.values().for_each(|part| named_in(part, to)),
        Value::String(text) if id_in(text).is_some() => to.extend(GlobalId::parse(text)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
