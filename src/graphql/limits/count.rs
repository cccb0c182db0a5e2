//! Counts what a parsed document asks for, with its fragments expanded.
//!
//! Each fragment is counted once and its count added where it is spread, so
//! fragments that spread each other twice cost no more than they are long.

use std::collections::{HashMap, HashSet};

use async_graphql::{
    Name, Positioned, Variables,
    parser::types::{
        Directive, DocumentOperations, ExecutableDocument, Field, OperationDefinition,
        OperationType, Selection, SelectionSet,
    },
};

use super::{
    LimitError, Limits, Measure, SchemaKnowledge, Tier,
    rows::{Asked, usual_length},
    sum::Sum,
};

/// What an operation asks for, as counted and estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Query, mutation or subscription.
    pub operation: OperationType,
    /// Fields and fragment spreads of the whole document, fragments expanded.
    pub fields: u64,
    /// Aliases of the operation.
    pub aliases: u64,
    /// Root fields of the operation.
    pub root_fields: u64,
    /// Levels of fields.
    pub depth: u64,
    /// Objects in the answer, as estimated.
    pub nodes: u64,
    /// Values in the answer, as estimated.
    pub values: u64,
    /// Persons' files to be opened, as estimated.
    pub sealed_openings: u64,
}

/// Counts a document against the limits of a tier.
///
/// The whole document is counted, because validation walks the whole of it;
/// the answer is estimated for the operation that would run. `variables` are
/// to have their defaults already (see [`super::fill_defaults`]).
pub fn inspect(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &Variables,
    tier: Tier,
    knowledge: &dyn SchemaKnowledge,
) -> Result<Cost, LimitError> {
    let chosen = operation(document, operation_name)?;
    let asked = Asked {
        variables,
        knowledge,
    };
    let mut count = Count {
        document,
        asked,
        fragments: HashMap::new(),
    };
    let mut fields = 0_u64;
    for (_, each) in document.operations.iter() {
        let sum = count.operation(&each.node)?;
        fields = fields.saturating_add(sum.fields);
    }
    for (name, fragment) in &document.fragments {
        check_directives(&fragment.node.directives)?;
        if !count.fragments.contains_key(name.as_str()) {
            fields = fields.saturating_add(count.fragment(name, 0)?.fields);
        }
    }
    Measure::Fields.check(fields, Limits::FIELDS)?;

    let sum = count.operation(chosen)?;
    if chosen.ty == OperationType::Mutation {
        // Equal fields are merged in a query; the executor does each act of a mutation.
        let mut names = HashSet::new();
        each_once(document, &chosen.selection_set.node, &mut names)?;
    }
    Measure::Nodes.check(sum.nodes, Limits::nodes(tier))?;
    Measure::Values.check(sum.values, Limits::values(tier))?;
    Measure::IntrospectionValues.check(sum.introspected, Limits::INTROSPECTION_VALUES)?;
    Measure::SealedOpenings.check(sum.openings(), Limits::SEALED_OPENINGS)?;
    Ok(Cost {
        operation: chosen.ty,
        fields,
        aliases: sum.aliases,
        root_fields: sum.own,
        depth: sum.depth,
        nodes: sum.nodes,
        values: sum.values,
        sealed_openings: sum.openings(),
    })
}

/// The operation that a request means.
pub fn operation<'a>(
    document: &'a ExecutableDocument,
    name: Option<&str>,
) -> Result<&'a OperationDefinition, LimitError> {
    let found = match (&document.operations, name) {
        (DocumentOperations::Single(only), None) => Some(only),
        (DocumentOperations::Single(_), Some(_)) => None,
        (DocumentOperations::Multiple(all), Some(name)) => all.get(name),
        (DocumentOperations::Multiple(all), None) if all.len() == 1 => all.values().next(),
        (DocumentOperations::Multiple(_), None) => return Err(LimitError::OperationNameRequired),
    };
    let unknown = || LimitError::OperationUnknown(name.unwrap_or_default().to_owned());
    found.map(|operation| &operation.node).ok_or_else(unknown)
}

struct Count<'a> {
    document: &'a ExecutableDocument,
    asked: Asked<'a>,
    /// Finished counts; `None` while a fragment is being counted.
    fragments: HashMap<&'a str, Option<Sum>>,
}

impl<'a> Count<'a> {
    fn operation(&mut self, operation: &'a OperationDefinition) -> Result<Sum, LimitError> {
        check_directives(&operation.directives)?;
        for variable in &operation.variable_definitions {
            check_directives(&variable.node.directives)?;
        }
        let sum = self.set(&operation.selection_set.node, false, 0)?;
        Measure::Fields.check(sum.fields, Limits::FIELDS)?;
        Measure::RootFields.check(sum.own, Limits::ROOT_FIELDS)?;
        Measure::Aliases.check(sum.aliases, Limits::ALIASES)?;
        Ok(sum)
    }

    /// `level` is how deep the recursion is; `about_schema`, below `__schema`.
    fn set(
        &mut self,
        set: &'a SelectionSet,
        about_schema: bool,
        level: u64,
    ) -> Result<Sum, LimitError> {
        Measure::Nesting.check(level, Limits::DEPTH)?;
        let mut sum = Sum::default();
        for selection in &set.items {
            let directives = selection.node.directives();
            check_directives(directives)?;
            let part = match &selection.node {
                Selection::Field(field) => self.field(&field.node, about_schema, level)?,
                Selection::FragmentSpread(spread) => {
                    let mut part = self.fragment(&spread.node.fragment_name.node, level + 1)?;
                    part.fields = part.fields.saturating_add(1);
                    part.levels += 1;
                    part
                }
                Selection::InlineFragment(inline) => {
                    let on = inline
                        .node
                        .type_condition
                        .as_ref()
                        .map(|on| &on.node.on.node);
                    let about_schema = about_schema || on.is_some_and(is_about_schema);
                    let inner = &inline.node.selection_set.node;
                    let mut part = self.set(inner, about_schema, level + 1)?;
                    part.levels += 1;
                    part
                }
            };
            if self.asked.skips(directives) {
                sum.add_text(part);
            } else {
                sum.add(part);
            }
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &'a Name, level: u64) -> Result<Sum, LimitError> {
        let Some(fragment) = self.document.fragments.get(name) else {
            return Ok(Sum::default()); // Validation names what is missing.
        };
        let sum = match self.fragments.get(name.as_str()) {
            Some(None) => return Err(LimitError::FragmentCycle(name.to_string())),
            Some(Some(sum)) => *sum,
            None => {
                self.fragments.insert(name, None);
                let about_schema = is_about_schema(&fragment.node.type_condition.node.on.node);
                let sum = self.set(&fragment.node.selection_set.node, about_schema, level)?;
                self.fragments.insert(name, Some(sum));
                sum
            }
        };
        Measure::Nesting.check(level.saturating_add(sum.levels), Limits::DEPTH)?;
        Ok(sum)
    }

    fn field(
        &mut self,
        field: &'a Field,
        about_schema: bool,
        level: u64,
    ) -> Result<Sum, LimitError> {
        let name = field.name.node.as_str();
        let opens_schema = !about_schema && matches!(name, "__schema" | "__type");
        let about_schema = about_schema || opens_schema;
        let below = &field.selection_set.node;
        let leaf = below.items.is_empty();
        let inner = if leaf {
            Sum::default()
        } else {
            self.set(below, about_schema, level + 1)?
        };

        let mut sum = Sum {
            fields: inner.fields.saturating_add(1),
            aliases: inner
                .aliases
                .saturating_add(u64::from(field.alias.is_some())),
            own: 1,
            depth: inner.depth + 1,
            levels: if leaf { 0 } else { inner.levels + 1 },
            rows: matches!(name, "edges" | "nodes"),
            ..Sum::default()
        };
        if opens_schema {
            Measure::IntrospectionNesting.check(sum.depth, Limits::INTROSPECTION_NESTING)?;
        }
        if about_schema {
            let each = inner.introspected.saturating_add(1);
            sum.introspected = each.saturating_mul(usual_length(name));
            return Ok(sum);
        }
        let times = self.asked.times(field, inner.rows)?;
        let object = !leaf && !matches!(name, "edges" | "node" | "pageInfo");
        // A connection's rows are objects besides those that each row holds.
        let rows = if times.rows { times.count } else { 0 };
        sum.nodes = times.count.saturating_mul(inner.nodes);
        sum.nodes = sum
            .nodes
            .saturating_add(rows)
            .saturating_add(u64::from(object));
        sum.values = times.count.saturating_mul(inner.values).saturating_add(1);
        sum.sealed = self.asked.knowledge.is_sealed(name);
        sum.sealed_below = times.count.saturating_mul(inner.openings());
        Ok(sum)
    }
}

/// Refuses a response key that comes twice at the root, through fragments too. They are
/// known to end, and to be few.
fn each_once<'a>(
    document: &'a ExecutableDocument,
    set: &'a SelectionSet,
    names: &mut HashSet<&'a str>,
) -> Result<(), LimitError> {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) => {
                let name = field.node.response_key().node.as_str();
                if !names.insert(name) {
                    return Err(LimitError::ActTwice(name.to_owned()));
                }
            }
            Selection::InlineFragment(inline) => {
                each_once(document, &inline.node.selection_set.node, names)?;
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    each_once(document, &fragment.node.selection_set.node, names)?;
                }
            }
        }
    }
    Ok(())
}

fn check_directives(directives: &[Positioned<Directive>]) -> Result<(), LimitError> {
    Measure::Directives.check(directives.len() as u64, Limits::DIRECTIVES)
}

fn is_about_schema(type_name: &Name) -> bool {
    type_name.starts_with("__")
}
