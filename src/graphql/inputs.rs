//! Input types as the schema shows them: tests, orders, and what they are made of.

use async_graphql::{
    indexmap::IndexMap,
    registry::{Deprecation, MetaEnumValue, MetaInputValue, MetaType, Registry},
};

use crate::confidentiality::{
    scalar::{self, text},
    stored::Shape,
};

/// The input type of the tests on a column of this shape.
pub(super) fn test_type(registry: &mut Registry, shape: Shape) -> Option<String> {
    const EQ: (&str, &str) = ("eq", "It is this.");
    const IN: (&str, &str) = ("in", "It is one of these.");
    const GTE: (&str, &str) = ("gte", "It is this or later.");
    const LT: (&str, &str) = ("lt", "It is before this.");
    const CONTAINS: (&str, &str) = (
        "contains",
        "Its text holds this one; capital and small letters differ.",
    );
    let (name, doc, value, tests): (String, String, String, &[(&str, &str)]) = match shape {
        Shape::Text => (
            "TextFilter".into(),
            "Tests a text.".into(),
            "String".into(),
            &[EQ, IN, CONTAINS],
        ),
        Shape::Date => (
            "DateFilter".into(),
            "Tests a date; a year comes before its months, a month before its days.".into(),
            scalar::PARTIAL_DATE.register(registry),
            &[EQ, IN, GTE, LT],
        ),
        Shape::Time => (
            "TimeFilter".into(),
            "Tests a moment.".into(),
            scalar::DATE_TIME.register(registry),
            &[EQ, IN, GTE, LT],
        ),
        Shape::Code(codes) => (
            format!("{}Filter", codes.name),
            format!("Tests a code of the list `{}`.", codes.name),
            scalar::register_codes(registry, codes),
            &[EQ, IN],
        ),
        Shape::Number => (
            "NumberFilter".into(),
            "Tests a whole number.".into(),
            "Int".into(),
            &[EQ, IN, GTE, LT],
        ),
        Shape::Flag => (
            "FlagFilter".into(),
            "Tests yes or no.".into(),
            "Boolean".into(),
            &[EQ],
        ),
        Shape::List => return None,
    };
    register_tests(registry, &name, &doc, &value, tests);
    Some(name)
}

/// The input type of the tests on the code of what an edge leads to.
pub(super) fn code_test(registry: &mut Registry) -> String {
    let tests = [
        ("eq", "It has this code."),
        ("in", "It has one of these codes."),
    ];
    register_tests(
        registry,
        "CodeFilter",
        "Tests the code of what an edge leads to.",
        "String",
        &tests,
    );
    "CodeFilter".to_owned()
}

fn register_tests(
    registry: &mut Registry,
    name: &str,
    doc: &str,
    value: &str,
    tests: &[(&str, &str)],
) {
    let inputs = tests
        .iter()
        .map(|(test, doc)| {
            let ty = if *test == "in" {
                format!("[{value}!]")
            } else {
                value.to_owned()
            };
            (
                (*test).to_owned(),
                input((*test).to_owned(), ty, (*doc).to_owned()),
            )
        })
        .collect();
    let made = input_object(name.to_owned(), doc.to_owned(), inputs);
    registry.types.entry(name.to_owned()).or_insert(made);
}

/// Registers an enumeration that no code list stands behind.
pub(super) fn register_enum(
    registry: &mut Registry,
    name: &str,
    doc: &str,
    values: impl IntoIterator<Item = (String, String)>,
) {
    registry
        .types
        .entry(name.to_owned())
        .or_insert_with(|| MetaType::Enum {
            name: name.to_owned(),
            description: Some(text(doc)),
            enum_values: values
                .into_iter()
                .map(|(value, doc)| {
                    (
                        value.clone(),
                        MetaEnumValue {
                            name: value,
                            description: Some(doc),
                            deprecation: Deprecation::NoDeprecated,
                            visible: None,
                            inaccessible: false,
                            tags: Vec::new(),
                            directive_invocations: Vec::new(),
                        },
                    )
                })
                .collect(),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            rust_typename: None,
            directive_invocations: Vec::new(),
            requires_scopes: Vec::new(),
        });
}

/// An argument, or a field of an input type.
pub(super) fn input(name: String, ty: String, doc: String) -> MetaInputValue {
    MetaInputValue {
        name,
        description: Some(doc),
        ty,
        deprecation: Deprecation::NoDeprecated,
        default_value: None,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        is_secret: false,
        directive_invocations: Vec::new(),
    }
}

/// An input type with these fields.
pub(super) fn input_object(
    name: String,
    doc: String,
    input_fields: IndexMap<String, MetaInputValue>,
) -> MetaType {
    MetaType::InputObject {
        name,
        description: Some(doc),
        input_fields,
        visible: None,
        inaccessible: false,
        tags: Vec::new(),
        rust_typename: None,
        oneof: false,
        directive_invocations: Vec::new(),
    }
}
