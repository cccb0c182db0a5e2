//! `@classified`: the rule of a field, where partners read its type.

use async_graphql::{
    Name, Value,
    registry::{__DirectiveLocation, MetaDirective, MetaDirectiveInvocation, Registry},
};

use super::filter::input;
use crate::{
    confidentiality::{FieldRule, Level, scalar::register_codes},
    vocabulary::Coded,
};

const NAME: &str = "classified";

/// Defines the directive in the schema.
pub(super) fn define(registry: &mut Registry) {
    let level = register_codes(registry, Level::LIST);
    let args = [
        (
            "level",
            format!("{level}!"),
            "What it takes to be told, where the record's label says nothing else.",
        ),
        (
            "floor",
            level,
            "The lowest level that the owner of a record may set.",
        ),
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
            .map(|(name, ty, doc)| (name.to_owned(), input(name.to_owned(), ty, doc.to_owned())))
            .collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    });
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
