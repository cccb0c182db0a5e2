//! How many rows a field asks for, read from its arguments and variables.

use async_graphql::{
    Positioned, Value, Variables,
    parser::types::{Directive, Field},
};
use async_graphql_value::Value as Argument;

use super::{LimitError, Limits, Measure, SchemaKnowledge};

/// What the request says besides its document, and what the schema says.
pub(super) struct Asked<'a> {
    pub(super) variables: &'a Variables,
    pub(super) knowledge: &'a dyn SchemaKnowledge,
}

/// How often, and whether that many rows are objects of their own.
pub(super) struct Times {
    pub(super) count: u64,
    pub(super) rows: bool,
}

impl Asked<'_> {
    /// How often what a field holds is in the answer.
    pub(super) fn times(&self, field: &Field, asks_for_rows: bool) -> Result<Times, LimitError> {
        let connection = self.knowledge.is_connection(&field.name.node);
        let mut asked: Option<u64> = None;
        for (argument, value) in &field.arguments {
            let size = match argument.node.as_str() {
                "first" | "last" if connection => self.number(&value.node),
                "ids" => self.length(&value.node),
                _ => None,
            };
            if let Some(size) = size {
                Measure::Page.check(size, Limits::PAGE)?;
                asked = asked.max(Some(size));
            }
        }
        Ok(match (connection, asked) {
            (true, _) if !asks_for_rows => Times {
                count: 1,
                rows: false,
            },
            (true, asked) => Times {
                count: asked.unwrap_or(Limits::PAGE_DEFAULT).max(1),
                rows: true,
            },
            (false, Some(ids)) => Times {
                count: ids.max(1),
                rows: true,
            },
            (false, None) if self.knowledge.is_list(&field.name.node) => Times {
                count: Limits::LIST,
                rows: true,
            },
            (false, None) => Times {
                count: 1,
                rows: false,
            },
        })
    }

    fn number(&self, value: &Argument) -> Option<u64> {
        match value {
            Argument::Number(number) => number.as_u64(),
            Argument::Variable(name) => match self.variables.get(name)? {
                Value::Number(number) => number.as_u64(),
                _ => None,
            },
            _ => None,
        }
    }

    fn length(&self, value: &Argument) -> Option<u64> {
        let length = match value {
            Argument::List(items) => items.len(),
            Argument::Variable(name) => match self.variables.get(name)? {
                Value::List(items) => items.len(),
                _ => 1,
            },
            _ => 1,
        };
        Some(length as u64)
    }

    /// Whether `@skip` or `@include` leaves a selection out of the answer.
    pub(super) fn skips(&self, directives: &[Positioned<Directive>]) -> bool {
        directives.iter().any(|directive| {
            let left_out_when = match directive.node.name.node.as_str() {
                "skip" => true,
                "include" => false,
                _ => return false,
            };
            let said = match directive.node.get_argument("if").map(|value| &value.node) {
                Some(Argument::Boolean(said)) => Some(*said),
                Some(Argument::Variable(name)) => match self.variables.get(name) {
                    Some(Value::Boolean(said)) => Some(*said),
                    _ => None,
                },
                _ => None,
            };
            said == Some(left_out_when)
        })
    }
}

/// How long the lists of introspection usually are.
pub(super) fn usual_length(field: &str) -> u64 {
    match field {
        "types" => 100,
        "fields" | "inputFields" | "directives" => 10,
        "enumValues" | "possibleTypes" => 5,
        "args" | "interfaces" | "locations" => 2,
        _ => 1,
    }
}
