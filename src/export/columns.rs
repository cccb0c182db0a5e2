//! The columns of an export: the fields of a type that are values, or lead to what has a
//! code; read from the schema itself, so that a new field is in the next export.

use async_graphql::parser::{
    parse_schema,
    types::{BaseType, FieldDefinition, TypeDefinition, TypeKind, TypeSystemDefinition},
};

use super::{List, tongues};

/// What an export asks for of a list.
pub(super) struct Columns {
    /// The list among the root fields.
    pub(super) list: String,
    /// The columns.
    pub(super) columns: Vec<Column>,
    /// Whether its records have texts in other languages.
    pub(super) translated: bool,
}

/// A column: a field, and whether it is its code that is told.
pub(super) struct Column {
    pub(super) name: String,
    pub(super) by_code: bool,
}

impl Columns {
    /// The columns of a list; `None` where the schema has no list of all its records.
    pub(super) fn of(sdl: &str, of: List) -> Option<Self> {
        let document = parse_schema(sdl).ok()?;
        let types = document.definitions.into_iter();
        let types: Vec<TypeDefinition> = types
            .filter_map(|definition| match definition {
                TypeSystemDefinition::Type(ty) => Some(ty.node),
                TypeSystemDefinition::Schema(_) | TypeSystemDefinition::Directive(_) => None,
            })
            .collect();
        let connection = format!("{}Connection", of.type_name());
        let list = fields(&types, "Query")?
            .into_iter()
            .find(|field| inner(field) == connection && field.arguments.len() > 2)?;
        let told = fields(&types, of.type_name())?;
        let columns = told.iter().filter_map(|field| {
            let by_code = match fields(&types, &inner(field)) {
                None => false,
                Some(far) if far.iter().any(|field| field.name.node == "code") => true,
                Some(_) => return None,
            };
            // In which language it is told is not what decides whether it is.
            let mut arguments = field.arguments.iter();
            let plain = arguments.all(|argument| argument.node.name.node == "language");
            plain.then(|| Column {
                name: field.name.node.to_string(),
                by_code,
            })
        });
        let mut columns: Vec<Column> = columns.collect();
        // The id first; the version is of no use outside the hub.
        columns.retain(|column| column.name != "version");
        columns.sort_by_key(|column| column.name != "id");
        let translated = told.iter().any(|field| field.name.node == tongues::FIELD);
        Some(Self {
            list: list.name.node.to_string(),
            columns,
            translated,
        })
    }

    /// The heads of the columns.
    pub(super) fn heads(&self) -> Vec<&str> {
        let names = self.columns.iter().map(|column| column.name.as_str());
        names.collect()
    }

    /// The question for a page, of what passes a filter.
    pub(super) fn query(&self, filter: Option<&str>) -> String {
        let filter = filter.map(|filter| format!(", filter: {filter}"));
        let fields = self.columns.iter().map(|column| {
            let code = if column.by_code { " { code }" } else { "" };
            format!("{}{code}", column.name)
        });
        let texts = self.translated.then(|| tongues::ASKED.to_owned());
        let fields: Vec<String> = fields.chain(texts).collect();
        format!(
            "query Export($after: String) {{ {}(first: 100, after: $after{}) {{ \
             edges {{ node {{ {} }} }} pageInfo {{ hasNextPage endCursor }} }} }}",
            self.list,
            filter.unwrap_or_default(),
            fields.join(" ")
        )
    }
}

/// The fields of an object type; `None` for any other type.
fn fields<'a>(types: &'a [TypeDefinition], name: &str) -> Option<Vec<&'a FieldDefinition>> {
    let found = types.iter().find(|ty| ty.name.node == name)?;
    match &found.kind {
        TypeKind::Object(object) => Some(object.fields.iter().map(|field| &field.node).collect()),
        TypeKind::Scalar
        | TypeKind::Interface(_)
        | TypeKind::Union(_)
        | TypeKind::Enum(_)
        | TypeKind::InputObject(_) => None,
    }
}

/// The name of a field's type, out of its lists.
fn inner(field: &FieldDefinition) -> String {
    let mut base = &field.ty.node.base;
    loop {
        match base {
            BaseType::Named(name) => return name.to_string(),
            BaseType::List(of) => base = &of.base,
        }
    }
}
