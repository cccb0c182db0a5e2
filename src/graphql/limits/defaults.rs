//! Gives the variables that a request left out the defaults of its document.

use async_graphql::{Value, Variables, parser::types::ExecutableDocument};

use super::{LimitError, operation};

/// Fills in defaults, and refuses a required variable without a value.
///
/// The executor applies defaults to arguments, and forgets them in `@include`
/// and `@skip`; with the values in place it has nothing to forget.
pub fn fill_defaults(
    document: &ExecutableDocument,
    operation_name: Option<&str>,
    variables: &mut Variables,
) -> Result<(), LimitError> {
    for definition in &operation(document, operation_name)?.variable_definitions {
        let definition = &definition.node;
        let name = &definition.name.node;
        let given = variables.get(name);
        match (&definition.default_value, given) {
            (Some(default), None) => {
                variables.insert(name.clone(), default.node.clone());
            }
            (_, None | Some(Value::Null)) if !definition.var_type.node.nullable => {
                return Err(LimitError::VariableMissing(name.to_string()));
            }
            _ => {}
        }
    }
    Ok(())
}
