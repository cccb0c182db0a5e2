//! What a viewer is told, record by record: what everything else is held against.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Viewer,
    door::{Door, DoorError, at},
    schema::{Field, Schema},
};
use crate::id::GlobalId;

/// Records on a page, and looked up at once.
const PAGE: usize = 20;
/// Ends of an edge that are read.
const ENDS: usize = 3;

/// A record as a viewer is told of it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Its type.
    pub(super) ty: String,
    /// Its fields by name; `null` where there is nothing to tell.
    pub(super) fields: BTreeMap<String, Value>,
}

/// What one viewer is told.
pub(super) struct View {
    /// Who.
    pub(super) viewer: Viewer,
    /// Of which records, by id.
    pub(super) records: BTreeMap<String, Record>,
    /// Every text that they were told, wherever.
    pub(super) texts: BTreeSet<String>,
    /// Cursors.
    pub(super) cursors: Vec<String>,
}

impl View {
    /// Reads so many records of each kind, and what they lead to.
    pub(super) fn of(
        hub: &Door,
        schema: &Schema,
        viewer: &Viewer,
        most: usize,
    ) -> Result<Self, DoorError> {
        let mut view = Self {
            viewer: viewer.clone(),
            records: BTreeMap::new(),
            texts: BTreeSet::new(),
            cursors: Vec::new(),
        };
        let mut met = BTreeSet::new();
        for (list, node) in schema.lists() {
            view.list(hub, schema, (list, node), most, &mut met)?;
        }
        // What edges lead to may stand in no list of its own.
        let mut left = schema.lists().count().saturating_mul(most);
        loop {
            let known = &view.records;
            let new: Vec<String> = met
                .iter()
                .filter(|id| !known.contains_key(*id))
                .take(PAGE.min(left))
                .cloned()
                .collect();
            if new.is_empty() {
                return Ok(view);
            }
            left = left.saturating_sub(new.len());
            for id in &new {
                met.remove(id);
            }
            view.look_up(hub, schema, &new, &mut met)?;
        }
    }

    fn list(
        &mut self,
        hub: &Door,
        schema: &Schema,
        (list, node): (&Field, &str),
        most: usize,
        met: &mut BTreeSet<String>,
    ) -> Result<(), DoorError> {
        let name = &list.name;
        let below = whole(schema, node);
        let mut after = String::new();
        let mut read = 0;
        while read < most {
            let document = format!(
                "{{ l: {name}(first: {PAGE}{after}) {{ pageInfo {{ hasNextPage }} \
                 edges {{ cursor node {{ {below} }} }} }} }}"
            );
            let told = hub.ask(&self.viewer, &document)?.json();
            let list = at(&told, "/data/l");
            let Some(edges) = list["edges"].as_array().filter(|edges| !edges.is_empty()) else {
                return Ok(());
            };
            for edge in edges {
                self.take(node, &edge["node"], met);
                read += 1;
            }
            let cursor = edges.last().and_then(|edge| edge["cursor"].as_str());
            let Some(cursor) = cursor.filter(|_| at(list, "/pageInfo/hasNextPage") == true) else {
                return Ok(());
            };
            self.cursors.push(cursor.to_owned());
            after = format!(", after: {}", Value::from(cursor));
        }
        Ok(())
    }

    fn look_up(
        &mut self,
        hub: &Door,
        schema: &Schema,
        ids: &[String],
        met: &mut BTreeSet<String>,
    ) -> Result<(), DoorError> {
        let types: BTreeSet<&str> = ids.iter().filter_map(|id| type_of(id)).collect();
        for ty in types {
            let of_type = ids.iter().filter(|id| type_of(id) == Some(ty));
            let of_type: Vec<Value> = of_type.map(|id| Value::from(id.as_str())).collect();
            let document = format!(
                "{{ l: nodes(ids: {}) {{ ... on {ty} {{ {} }} }} }}",
                Value::from(of_type),
                whole(schema, ty)
            );
            let told = hub.ask(&self.viewer, &document)?.json();
            for node in at(&told, "/data/l").as_array().into_iter().flatten() {
                self.take(ty, node, met);
            }
        }
        Ok(())
    }

    fn take(&mut self, ty: &str, node: &Value, met: &mut BTreeSet<String>) {
        let (Some(id), Some(fields)) = (node["id"].as_str(), node.as_object()) else {
            return;
        };
        texts(node, &mut |text| {
            self.texts.insert(text.to_owned());
            if GlobalId::parse(text).is_some() {
                met.insert(text.to_owned());
            }
        });
        let fields = fields
            .iter()
            .map(|(name, value)| (name.clone(), value.clone()));
        let record = Record {
            ty: ty.to_owned(),
            fields: fields.collect(),
        };
        self.records.insert(id.to_owned(), record);
    }

    /// Records of a type that have something to tell under a field.
    pub(super) fn with<'a>(
        &'a self,
        ty: &'a str,
        field: &'a str,
    ) -> impl Iterator<Item = (&'a String, &'a Value)> {
        let of_type = self.records.iter().filter(move |(_, one)| one.ty == ty);
        let told = of_type.filter_map(move |(id, one)| Some((id, one.fields.get(field)?)));
        told.filter(|(_, value)| !value.is_null())
    }
}

/// The type of the record that an id names.
pub(super) fn type_of(id: &str) -> Option<&'static str> {
    Some(GlobalId::parse(id)?.kind.type_name())
}

/// Every text in a value.
pub(super) fn texts(value: &Value, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| texts(item, each)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, each)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// All that can be asked of a record without knowing more.
fn whole(schema: &Schema, ty: &str) -> String {
    let mut all = Vec::new();
    for field in &schema.of_name(ty).fields {
        if field.arguments.iter().any(|(_, ty)| ty.is_required()) {
            continue;
        }
        let (name, of) = (&field.name, field.shape.name.as_str());
        if schema.is_leaf(of) {
            all.push(name.clone());
        } else if schema.node_of(of).is_some_and(|node| has_id(schema, node)) {
            all.push(format!(
                "{name}(first: {ENDS}) {{ totalCount edges {{ node {{ id }} }} }}"
            ));
        } else if has_id(schema, of) {
            all.push(format!("{name} {{ id }}"));
        } else if !of.ends_with("Connection") {
            let below = schema.of_name(of).fields.iter();
            let leaves = below.filter(|below| {
                schema.is_leaf(&below.shape.name)
                    && !below.arguments.iter().any(|(_, ty)| ty.is_required())
            });
            let leaves: Vec<&str> = leaves.map(|leaf| leaf.name.as_str()).collect();
            if !leaves.is_empty() {
                all.push(format!("{name} {{ {} }}", leaves.join(" ")));
            }
        }
    }
    all.join(" ")
}

fn has_id(schema: &Schema, ty: &str) -> bool {
    schema
        .of_name(ty)
        .fields
        .iter()
        .any(|field| field.name == "id")
}
