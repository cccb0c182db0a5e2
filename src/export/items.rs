//! The items of work plans, for their calendar: asked of the executor plan by plan, page by
//! page, as the plans are.

use async_graphql::Variables;
use serde_json::{Value, json};

use super::pages::{ExportError, ask};
use crate::http::Hub;

/// What is told of an item, in the order of its cells.
pub(super) const HEADS: [&str; 4] = ["id", "activity", "due", "status"];

const OF_PLAN: &str = "query Export($id: ID!, $after: String) { node(id: $id) { ... on WorkPlan { \
    objectives(first: 5, after: $after) { edges { node { id items(first: 100) { \
    edges { node { id activity due status } } pageInfo { hasNextPage endCursor } } } } \
    pageInfo { hasNextPage endCursor } } } } }";
const OF_OBJECTIVE: &str = "query Export($id: ID!, $after: String) { node(id: $id) { \
    ... on Objective { items(first: 100, after: $after) { edges { node { id activity due status } } \
    pageInfo { hasNextPage endCursor } } } } }";

/// The items of these plans that the viewer is told of; at most so many.
pub(super) async fn items<H: Hub>(
    hub: &H,
    viewer: &H::Viewer,
    plans: Vec<Value>,
    most: usize,
) -> Result<Vec<Vec<Value>>, ExportError> {
    let mut viewer = viewer.clone();
    let mut rows = Vec::new();
    for plan in plans {
        let mut after = Some(Value::Null);
        while let Some(cursor) = after {
            viewer = hub.again(&viewer).await?;
            let of_plan = page(hub, &viewer, OF_PLAN, (&plan, cursor)).await?;
            let mut objectives = of_plan.get("objectives").cloned().unwrap_or_default();
            after = next(&objectives);
            for mut objective in nodes(&mut objectives) {
                let id = objective.get("id").cloned().unwrap_or_default();
                let mut list = objective.get_mut("items").map(Value::take);
                while let Some(mut of_objective) = list.take() {
                    let more = next(&of_objective);
                    rows.extend(nodes(&mut of_objective).into_iter().map(cells));
                    if rows.len() > most {
                        return Err(ExportError::TooLong(most));
                    }
                    if let Some(cursor) = more {
                        viewer = hub.again(&viewer).await?;
                        let next = page(hub, &viewer, OF_OBJECTIVE, (&id, cursor)).await?;
                        list = next.get("items").cloned();
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// A page of what is below a record; nothing where it is not told any more.
async fn page<H: Hub>(
    hub: &H,
    viewer: &H::Viewer,
    query: &str,
    (id, after): (&Value, Value),
) -> Result<Value, ExportError> {
    let variables = Variables::from_json(json!({ "id": id, "after": after }));
    let mut data = ask(hub, viewer, query, variables).await?;
    Ok(data.get_mut("node").map(Value::take).unwrap_or_default())
}

/// The cursor of the page after a page.
fn next(list: &Value) -> Option<Value> {
    let told = list.get("pageInfo")?;
    let more = told.get("hasNextPage") == Some(&Value::Bool(true));
    more.then(|| told.get("endCursor").cloned().unwrap_or_default())
}

fn nodes(list: &mut Value) -> Vec<Value> {
    match list.get_mut("edges").map(Value::take) {
        Some(Value::Array(edges)) => edges
            .into_iter()
            .filter_map(|mut edge| edge.get_mut("node").map(Value::take))
            .collect(),
        Some(_) | None => Vec::new(),
    }
}

fn cells(mut node: Value) -> Vec<Value> {
    let cells = HEADS.map(|head| node.get_mut(head).map(Value::take).unwrap_or_default());
    cells.to_vec()
}
