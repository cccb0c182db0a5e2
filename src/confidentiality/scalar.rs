//! Names and descriptions of scalars and code lists in the schema.

use async_graphql::{
    Value,
    indexmap::IndexMap,
    registry::{Deprecation, MetaEnumValue, MetaType, Registry},
};

use crate::vocabulary::codes::CodeList;

/// A scalar that is told as text.
#[derive(Clone, Copy, Debug)]
pub struct TextScalar {
    name: &'static str,
    doc: &'static str,
    specified_by: Option<&'static str>,
}

/// A moment, in UTC.
pub const DATE_TIME: TextScalar = TextScalar {
    name: "DateTime",
    doc: "A moment in UTC, as RFC 3339 writes it: `2012-12-12T09:00:00Z`.",
    specified_by: Some("https://www.rfc-editor.org/rfc/rfc3339"),
};

/// A date with its precision.
pub const PARTIAL_DATE: TextScalar = TextScalar {
    name: "PartialDate",
    doc: "A date with the precision that is known, after ISO 8601: a year (`2012`), a month \
          (`2012-12`), a day (`2012-12-12`) or an interval (`2012-12-12/2012-12-14`).",
    specified_by: None,
};

impl TextScalar {
    /// Registers the scalar and gives its name.
    pub fn register(self, registry: &mut Registry) -> String {
        registry
            .types
            .entry(self.name.to_owned())
            .or_insert_with(|| MetaType::Scalar {
                name: self.name.to_owned(),
                description: Some(self.doc.to_owned()),
                is_valid: Some(std::sync::Arc::new(|value| {
                    matches!(value, Value::String(_))
                })),
                visible: None,
                inaccessible: false,
                tags: Vec::new(),
                specified_by_url: self.specified_by.map(str::to_owned),
                directive_invocations: Vec::new(),
                requires_scopes: Vec::new(),
            });
        self.name.to_owned()
    }
}

/// Registers a code list as an enumeration and gives its name.
pub fn register_codes(registry: &mut Registry, list: &'static CodeList) -> String {
    registry
        .types
        .entry(list.name.to_owned())
        .or_insert_with(|| MetaType::Enum {
            name: list.name.to_owned(),
            description: Some(text(list.doc)),
            enum_values: list
                .codes
                .iter()
                .map(|code| {
                    (
                        code.code.to_owned(),
                        MetaEnumValue {
                            name: code.code.into(),
                            description: Some(text(code.doc)),
                            deprecation: Deprecation::NoDeprecated,
                            visible: None,
                            inaccessible: false,
                            tags: Vec::new(),
                            directive_invocations: Vec::new(),
                        },
                    )
                })
                .collect::<IndexMap<_, _>>(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        });
    list.name.to_owned()
}

/// A doc comment as a description: each line without its leading space.
pub fn text(doc: &str) -> String {
    doc.lines()
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect::<Vec<_>>()
        .join("\n")
        .trim()
        .to_owned()
}

/// A name in snake case as GraphQL writes it: `docket_note` → `docketNote`.
pub fn camel(snake: &str) -> String {
    let mut upper = false;
    snake
        .chars()
        .filter_map(|letter| {
            if letter == '_' {
                upper = true;
                return None;
            }
            let shown = if upper {
                letter.to_ascii_uppercase()
            } else {
                letter
            };
            upper = false;
            Some(shown)
        })
        .collect()
}
