//! What can be asked, as the hub itself tells it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Viewer,
    door::{Door, DoorError, at},
};

const INTROSPECTION: &str = "{ __schema { types { kind name
    fields { name args { name type { ...T } } type { ...T } }
    inputFields { name type { ...T } } enumValues { name } possibleTypes { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// Why a hub's schema is not known.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    /// It does not answer.
    #[error(transparent)]
    Door(#[from] DoorError),
    /// It answers something else.
    #[error("the hub does not tell its schema: {0}")]
    NotTold(String),
}

/// A type as it stands on a field or an argument.
#[derive(Clone, Debug)]
pub struct Shape {
    /// As it is written: `[ID!]!`.
    pub text: String,
    /// The name of what it is made of: `ID`.
    pub name: String,
    /// Whether it is a list.
    pub list: bool,
}

/// A field, with its arguments.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<(String, Shape)>,
    /// What it gives.
    pub shape: Shape,
}

/// A type of the schema.
#[derive(Clone, Debug, Default)]
pub struct Definition {
    /// `OBJECT`, `ENUM`, …
    pub kind: String,
    /// Its fields.
    pub fields: Vec<Field>,
    /// The fields of an input.
    pub inputs: Vec<(String, Shape)>,
    /// The codes of an enumeration.
    pub codes: Vec<String>,
    /// What an interface can be.
    pub possible: Vec<String>,
}

/// The schema, as far as requests need it.
#[derive(Clone, Debug)]
pub struct Schema {
    types: BTreeMap<String, Definition>,
}

impl Shape {
    fn read(value: &Value) -> Self {
        let name = value["name"].as_str().unwrap_or_default();
        let inner = || Self::read(&value["ofType"]);
        match value["kind"].as_str().unwrap_or_default() {
            "NON_NULL" => {
                let inner = inner();
                Self {
                    text: format!("{}!", inner.text),
                    ..inner
                }
            }
            "LIST" => {
                let inner = inner();
                Self {
                    text: format!("[{}]", inner.text),
                    list: true,
                    ..inner
                }
            }
            _ => Self {
                text: name.to_owned(),
                name: name.to_owned(),
                list: false,
            },
        }
    }

    /// Whether it has to be given.
    pub fn is_required(&self) -> bool {
        self.text.ends_with('!')
    }
}

impl Schema {
    /// Reads the schema of a hub.
    ///
    /// # Errors
    /// Where the hub does not tell it.
    pub fn of(hub: &Door) -> Result<Self, SchemaError> {
        let anyone = Viewer {
            name: String::new(),
            token: None,
        };
        let told = hub.ask(&anyone, INTROSPECTION)?;
        let json = told.json();
        let Some(types) = at(&json, "/data/__schema/types").as_array() else {
            return Err(SchemaError::NotTold(told.beginning()));
        };
        let types = types.iter().map(|ty| (text(&ty["name"]), definition(ty)));
        Ok(Self {
            types: types.collect(),
        })
    }

    /// A type; an empty one where there is none of this name.
    pub fn of_name(&self, name: &str) -> &Definition {
        static NONE: Definition = Definition {
            kind: String::new(),
            fields: Vec::new(),
            inputs: Vec::new(),
            codes: Vec::new(),
            possible: Vec::new(),
        };
        self.types.get(name).unwrap_or(&NONE)
    }

    /// The fields of `Query`.
    pub fn roots(&self) -> &[Field] {
        &self.of_name("Query").fields
    }

    /// Whether a type has no fields to ask of it.
    pub fn is_leaf(&self, name: &str) -> bool {
        !matches!(
            self.of_name(name).kind.as_str(),
            "OBJECT" | "INTERFACE" | "UNION"
        )
    }

    /// The type of the records in a connection.
    pub fn node_of(&self, connection: &str) -> Option<&str> {
        let field = |of: &str, name: &str| {
            let mut fields = self.of_name(of).fields.iter();
            Some(fields.find(|field| field.name == name)?.shape.name.as_str())
        };
        connection
            .ends_with("Connection")
            .then(|| field(field(connection, "edges")?, "node"))?
    }

    /// The lists of `Query` that can be paged through, and what they are of.
    pub fn lists(&self) -> impl Iterator<Item = (&Field, &str)> {
        let lists = self.roots().iter().filter_map(|field| {
            let free = field.arguments.iter().all(|(_, ty)| !ty.is_required());
            Some((field, self.node_of(&field.shape.name)?)).filter(|_| free)
        });
        lists.filter(|(_, node)| {
            let mut fields = self.of_name(node).fields.iter();
            fields.any(|field| field.name == "id")
        })
    }

    /// Every pair of a field and an argument, and every field without one, but for acts.
    pub fn pairs(&self) -> BTreeSet<String> {
        let mut pairs = BTreeSet::new();
        let met = self.met();
        let asked = self.types.iter().filter(|(name, definition)| {
            definition.kind == "OBJECT" && !name.starts_with("__") && met.contains(name.as_str())
        });
        for (name, definition) in asked {
            for field in &definition.fields {
                if field.arguments.is_empty() {
                    pairs.insert(format!("{name}.{}", field.name));
                }
                for (argument, _) in &field.arguments {
                    pairs.insert(format!("{name}.{}({argument})", field.name));
                }
            }
        }
        pairs
    }

    /// The types that a query can come to.
    fn met(&self) -> BTreeSet<&str> {
        let mut met = BTreeSet::from(["Query"]);
        let mut new = vec!["Query"];
        while let Some(one) = new.pop() {
            let definition = self.of_name(one);
            let fields = definition.fields.iter().map(|field| &field.shape.name);
            for next in fields.chain(&definition.possible) {
                if met.insert(next) {
                    new.push(next);
                }
            }
        }
        met
    }
}

fn definition(ty: &Value) -> Definition {
    let inputs = |list: &Value| -> Vec<(String, Shape)> {
        items(list)
            .map(|item| (text(&item["name"]), Shape::read(&item["type"])))
            .collect()
    };
    let named = |list: &Value| items(list).map(|item| text(&item["name"])).collect();
    let fields = items(&ty["fields"]).map(|field| Field {
        name: text(&field["name"]),
        arguments: inputs(&field["args"]),
        shape: Shape::read(&field["type"]),
    });
    Definition {
        kind: text(&ty["kind"]),
        fields: fields.collect(),
        inputs: inputs(&ty["inputFields"]),
        codes: named(&ty["enumValues"]),
        possible: named(&ty["possibleTypes"]),
    }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
