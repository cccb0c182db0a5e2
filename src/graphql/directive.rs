//! `@classified`: the rule of a field, where partners read its type.

use std::borrow::Cow;

use async_graphql::{
    Name, TypeDirective, Value,
    registry::{
        __DirectiveLocation, MetaDirective, MetaDirectiveInvocation, Registry, location_traits,
    },
};

use super::inputs::input;
use crate::{
    confidentiality::{FieldRule, Level, scalar::register_codes},
    vocabulary::Coded,
};

const NAME: &str = "classified";
const LEVEL: &str = "What it takes to be told, where the record's label says nothing else.";
const FLOOR: &str = "The lowest level that the owner of a record may set.";

/// The definition as async-graphql exports it, and with its arguments described.
pub(super) fn definition() -> (String, String) {
    let described =
        |doc: &str, argument: &str| format!("\t\"\"\"\n\t{doc}\n\t\"\"\"\n\t{argument}\n");
    (
        format!("directive @{NAME}(level: Level!, floor: Level)"),
        format!(
            "directive @{NAME}(\n{}{})",
            described(LEVEL, "level: Level!"),
            described(FLOOR, "floor: Level"),
        ),
    )
}

/// The directive itself, for fields of types that are no record.
pub struct Classified;

impl Classified {
    /// The directive on a field with this rule.
    pub fn apply(rule: Option<&FieldRule>) -> MetaDirectiveInvocation {
        rule.map_or_else(|| on_type(Level::Victim), on_field)
    }
}

impl location_traits::Directive_At_FIELD_DEFINITION for Classified {}

impl TypeDirective for Classified {
    fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(NAME)
    }

    fn register(&self, registry: &mut Registry) {
        let level = register_codes(registry, Level::LIST);
        let args = [
            ("level", format!("{level}!"), LEVEL),
            ("floor", level, FLOOR),
        ];
        registry.add_directive(MetaDirective {
            name: NAME.to_owned(),
            description: Some(
                "The class of a field, or of the fields of a type: who is told it on a record."
                    .to_owned(),
            ),
            locations: vec![
                __DirectiveLocation::FIELD_DEFINITION,
                __DirectiveLocation::OBJECT,
            ],
            args: args
                .into_iter()
                .map(|(name, ty, doc)| {
                    (name.to_owned(), input(name.to_owned(), ty, doc.to_owned()))
                })
                .collect(),
            is_repeatable: false,
            visible: None,
            composable: None,
        });
    }
}

/// The directive on a field: its level and its floor.
pub(super) fn on_field(rule: &FieldRule) -> MetaDirectiveInvocation {
    invocation([("level", rule.level), ("floor", rule.floor)])
}

/// The directive on a type: the level of its fields where they say nothing else.
pub(super) fn on_type(level: Level) -> MetaDirectiveInvocation {
    invocation([("level", level)])
}

fn invocation(levels: impl IntoIterator<Item = (&'static str, Level)>) -> MetaDirectiveInvocation {
    let levels = levels.into_iter();
    let args = levels.map(|(name, level)| (name.to_owned(), Value::Enum(Name::new(level.code()))));
    MetaDirectiveInvocation {
        name: NAME.to_owned(),
        args: args.collect(),
    }
}
