//! What somebody else is told, and this viewer not.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use uuid::Builder;

use super::Laws;
use crate::{
    chance::Chance,
    id::{GlobalId, RecordId},
    selftest::{
        crawl::{View, texts, type_of},
        door::{DoorError, Told, at},
        schema::Field,
    },
    vocabulary::spoken::is_label,
};

/// Hidden records of one type whose ids are asked for.
const OF_A_TYPE: usize = 4;
/// Fields of each that are asked about.
const FIELDS: usize = 3;
/// Ids that are looked up at once.
const AT_ONCE: usize = 20;
/// Letters of a text that is hardly written twice by chance.
const LONG: usize = 12;
/// The version of a record is a hash of the viewer's view: each has their own.
const OF_THE_VIEW: &str = "version";

impl Laws<'_> {
    /// Who sees less is told of no record, and no value, that who sees more is not.
    pub(super) fn narrower_is_told_no_more(&mut self, view: &View, other: &View) {
        for (id, record) in &view.records {
            let Some(seen) = other.records.get(id) else {
                continue;
            };
            self.tries("who sees less is told no more");
            let more = record.fields.iter().find(|(name, value)| {
                let plain = !value.is_null() && !value.is_object() && !value.is_array();
                plain && *name != OF_THE_VIEW && seen.fields.get(*name) != Some(value)
            });
            if let Some((name, _)) = more {
                let other = &other.viewer.name;
                let why = format!("`{name}` of a record is told otherwise than to `{other}`");
                self.broken(&why, view, id, &[]);
            }
        }
    }

    /// Learns what a view may not be told, from one that sees more.
    pub(super) fn secrets_of(&mut self, place: usize, other: &View) -> Result<(), DoorError> {
        let Some(view) = self.views.get(place) else {
            return Ok(());
        };
        let unseen: Vec<&String> = other
            .records
            .keys()
            .filter(|id| !view.records.contains_key(*id))
            .collect();
        let mut secrets = BTreeSet::new();
        // What was not read may be there all the same.
        for some in unseen.chunks(AT_ONCE) {
            let ids: Vec<Value> = some.iter().map(|id| Value::from(id.as_str())).collect();
            let document = format!("{{ l: nodes(ids: {}) {{ id }} }}", Value::from(ids));
            let told = self.hub.ask(&view.viewer, &document)?.json();
            let mut seen = BTreeSet::new();
            texts(at(&told, "/data/l"), &mut |id| {
                seen.insert(id.to_owned());
            });
            for id in some.iter().filter(|id| !seen.contains(**id)) {
                secrets.insert((*id).clone());
                if let Some(record) = other.records.get(*id) {
                    long_texts(record.fields.values(), view, &mut secrets);
                }
            }
        }
        for (id, record) in &view.records {
            let Some(seen) = other.records.get(id) else {
                continue;
            };
            let withheld = seen.fields.iter().filter(|(name, _)| {
                *name != OF_THE_VIEW && record.fields.get(*name).is_some_and(Value::is_null)
            });
            long_texts(withheld.map(|(_, value)| value), view, &mut secrets);
        }
        if let Some(of) = self.secrets.get_mut(place) {
            of.append(&mut secrets);
        }
        Ok(())
    }

    /// The id of a hidden record is answered as one that nothing has.
    pub(super) fn hidden_is_unknown(&mut self, place: usize) -> Result<(), DoorError> {
        let (Some(view), Some(secrets)) = (self.views.get(place), self.secrets.get(place)) else {
            return Ok(());
        };
        let mut hidden: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for id in secrets {
            if let Some(ty) = type_of(id) {
                let of = hidden.entry(ty).or_default();
                if of.len() < OF_A_TYPE {
                    of.push(id.clone());
                }
            }
        }
        for (ty, ids) in hidden {
            for id in ids {
                let Some(unknown) = unknown(&id, &mut self.chance) else {
                    continue;
                };
                for document in self.by_id(ty, &id) {
                    self.tries("hidden is answered as unknown");
                    let told = self.hub.ask(&view.viewer, &document)?;
                    let other = self
                        .hub
                        .ask(&view.viewer, &document.replace(&id, &unknown))?;
                    let same = Told {
                        body: other.text().replace(&unknown, &id).into_bytes(),
                        ..other.clone()
                    };
                    if told != same {
                        let why = "the id of a hidden record is answered otherwise than one that nothing has";
                        self.broken(why, view, &document, &[&told, &other]);
                    }
                }
            }
        }
        Ok(())
    }

    /// Every way to ask by an id.
    fn by_id(&mut self, ty: &str, id: &str) -> Vec<String> {
        let mut all = Vec::new();
        for root in self.schema.roots() {
            let by = root.arguments.iter().find(|(_, shape)| shape.name == "ID");
            let Some((name, shape)) = by else {
                continue;
            };
            let value = Value::from(id).to_string();
            let value = if shape.list {
                format!("[{value}]")
            } else {
                value
            };
            let below = self.leaves(root);
            let others: Vec<&str> = root
                .arguments
                .iter()
                .filter(|(other, shape)| other != name && shape.is_required())
                .map(|(other, _)| other.as_str())
                .collect();
            match others.as_slice() {
                [] => all.push(format!("{{ {}({name}: {value}) {below} }}", root.name)),
                ["field"] => {
                    let fields = &self.schema.of_name(ty).fields;
                    for _ in 0..FIELDS {
                        let field = self.chance.one(fields).map(|field| field.name.as_str());
                        let field = Value::from(field.unwrap_or_default());
                        all.push(format!(
                            "{{ {}({name}: {value}, field: {field}) {below} }}",
                            root.name
                        ));
                    }
                }
                // What else it takes is not known here.
                _ => {}
            }
        }
        all
    }

    /// Something to ask below a field.
    fn leaves(&self, field: &Field) -> String {
        if self.schema.is_leaf(&field.shape.name) {
            return String::new();
        }
        if self.schema.node_of(&field.shape.name).is_some() {
            return "{ totalCount edges { cursor } }".to_owned();
        }
        let below = self.schema.of_name(&field.shape.name).fields.iter();
        let leaves = below
            .filter(|below| self.schema.is_leaf(&below.shape.name) && below.arguments.is_empty());
        let leaves: Vec<&str> = leaves.map(|leaf| leaf.name.as_str()).collect();
        format!("{{ __typename {} }}", leaves.join(" "))
    }

    /// No answer to a viewer has a text that only others are told.
    pub(in crate::selftest) fn tells_nothing(
        &mut self,
        place: usize,
        request: &str,
    ) -> Result<(), DoorError> {
        let Some(view) = self.views.get(place) else {
            return Ok(());
        };
        self.tries("nothing hidden is told");
        let told = self.hub.ask(&view.viewer, request)?;
        let json = told.json();
        let code = at(&json, "/errors/0/extensions/code").as_str();
        if told.status >= 500 || code == Some("INTERNAL") {
            self.broken("the hub failed", view, request, &[&told]);
        }
        let mut found = None;
        let secrets = self.secrets.get(place);
        // What the request itself said may stand in the error that answers it.
        texts(&json, &mut |text| {
            if secrets.is_some_and(|secrets| secrets.contains(text)) && !request.contains(text) {
                found = Some(text.to_owned());
            }
        });
        if found.is_some() {
            let why = "a text is told that only others are told by what holds it; look whether it stands elsewhere, too";
            self.broken(why, view, request, &[&told]);
        }
        Ok(())
    }
}

/// Texts that a view was told nowhere.
fn long_texts<'a>(
    values: impl Iterator<Item = &'a Value>,
    view: &View,
    secrets: &mut BTreeSet<String>,
) {
    for value in values {
        texts(value, &mut |text| {
            let written = text.chars().count() >= LONG && text.contains(' ');
            // What a code is called stands in no record alone.
            if written && !view.texts.contains(text) && !is_label(text) {
                secrets.insert(text.to_owned());
            }
        });
    }
}

/// An id of the same kind that nothing has.
fn unknown(id: &str, chance: &mut Chance) -> Option<String> {
    let kind = GlobalId::parse(id)?.kind;
    let mut bytes = [0; 16];
    for byte in &mut bytes {
        *byte = u8::try_from(chance.below(256)).unwrap_or_default();
    }
    let id = RecordId(Builder::from_random_bytes(bytes).into_uuid());
    Some(GlobalId { kind, id }.to_string())
}
