//! An export, page by page: its viewer is made anew for each, so that what is revoked
//! meanwhile ends it.

use async_graphql::{Request, Variables};
use serde_json::{Value, json};

use super::{
    FormatError, List,
    calendar::{self, has_calendar},
    columns::Columns,
    formats::Format,
    items::{HEADS, items},
    tongues::{self, Tongues},
};
use crate::{
    graphql::{error::Code, error::mask},
    http::{Hub, Refusal},
    identity::kind::Kind,
};

/// Records that an export to a file holds at most.
pub const MOST: usize = 200_000;
/// Records that an export over HTTP holds at most.
pub const MOST_OVER_HTTP: usize = 5_000;

/// Why there is no export.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// There is no list of such records.
    #[error("there is no list of records of kind `{0}`")]
    NoList(List),
    /// The token is not accepted.
    #[error("the token is not valid")]
    Token,
    /// Something ended meanwhile on which the rows may rest.
    #[error("what you may see has become less meanwhile; export it again")]
    Changed,
    /// A page was refused, or failed.
    #[error("the export ended: {0}")]
    Page(String),
    /// The list is too long for one file.
    #[error("the list has more than {0} records; narrow your token, or ask page by page")]
    TooLong(usize),
    /// The file could not be made.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl From<Refusal> for ExportError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Token | Refusal::Purpose(..) => Self::Token,
            Refusal::Unavailable => Self::Page(Code::Unavailable.sentence().to_owned()),
        }
    }
}

/// The list of all records of a kind that a viewer may know of, as a file.
///
/// # Errors
/// Refuses a kind without a list, and a token that is revoked or has ended meanwhile; fails
/// where a page does.
pub async fn export<H: Hub>(
    hub: &H,
    viewer: H::Viewer,
    (list, format): (List, Format),
    most: usize,
) -> Result<Vec<u8>, ExportError> {
    let columns = Columns::of(&hub.sdl(), list).ok_or(ExportError::NoList(list))?;
    // Before anything is asked: that a kind has no dates is no news of its records.
    let dated = match list {
        List::Of(kind) => Some(kind).filter(|kind| has_calendar(*kind)),
        List::AuditEntries => None,
    };
    if format == Format::Ics && dated.is_none() {
        return Err(FormatError::Undated.into());
    }
    let first = viewer.clone();
    let (mut rows, texts, viewer) = rows(hub, viewer, (&columns, None), most).await?;
    let below = match (dated, format) {
        (Some(Kind::WorkPlan), Format::Ics) => {
            // The id is the first column.
            let plans = rows.iter().filter_map(|row| row.first().cloned());
            items(hub, &viewer, plans.collect(), most).await?
        }
        (_, Format::Csv | Format::Jsonl | Format::Xlsx | Format::Ics) => Vec::new(),
    };
    // What has ended since the first page may be in the rows: they are nobody's then.
    hub.again(&viewer).await?;
    if !H::keeps(&first) {
        return Err(ExportError::Changed);
    }
    let heads = columns.heads().into_iter();
    let mut heads: Vec<String> = heads.map(str::to_owned).collect();
    if format != Format::Ics {
        texts.beside(&mut heads, &mut rows);
    }
    let heads: Vec<&str> = heads.iter().map(String::as_str).collect();
    Ok(match dated {
        Some(kind) if format == Format::Ics => {
            let of = [
                (kind, (heads.as_slice(), rows.as_slice())),
                (Kind::WorkPlanItem, (HEADS.as_slice(), below.as_slice())),
            ];
            calendar::file(&[], &of, (H::is_anyone(&first), hub.now()))
        }
        Some(_) | None => format.file(&heads, &rows)?,
    })
}

/// The rows of a list that pass a filter, page by page, with their texts in other languages, and
/// the viewer of the last page.
///
/// # Errors
/// Refuses a token that is revoked or has ended meanwhile; fails where a page does.
pub(super) async fn rows<H: Hub>(
    hub: &H,
    mut viewer: H::Viewer,
    (columns, filter): (&Columns, Option<&str>),
    most: usize,
) -> Result<(Vec<Vec<Value>>, Tongues, H::Viewer), ExportError> {
    let query = columns.query(filter);
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut texts = Tongues::default();
    let mut after = Value::Null;
    loop {
        let variables = Variables::from_json(json!({ "after": after }));
        let mut data = ask(hub, &viewer, &query, variables).await?;
        let mut page = data
            .get_mut(columns.list.as_str())
            .map(Value::take)
            .unwrap_or_default();
        let edges = page.get_mut("edges").map(Value::take).unwrap_or_default();
        let Value::Array(edges) = edges else {
            return Err(ExportError::Page("a page was not told".to_owned()));
        };
        for mut edge in edges {
            let mut node = edge.get_mut("node").map(Value::take).unwrap_or_default();
            let cells = columns.columns.iter().map(|column| {
                let value = node.get_mut(column.name.as_str()).map(Value::take);
                let value = value.unwrap_or_default();
                if column.by_code { code(value) } else { value }
            });
            rows.push(cells.collect());
            let told = node.get_mut(tongues::FIELD).map(Value::take);
            texts.take(told.unwrap_or_default());
        }
        if rows.len() > most {
            return Err(ExportError::TooLong(most));
        }
        let told = page
            .get_mut("pageInfo")
            .map(Value::take)
            .unwrap_or_default();
        if told.get("hasNextPage") != Some(&Value::Bool(true)) {
            break;
        }
        after = told.get("endCursor").cloned().unwrap_or_default();
        viewer = hub.again(&viewer).await?;
    }
    Ok((rows, texts, viewer))
}

/// What the executor tells a viewer.
///
/// # Errors
/// Fails where the answer has an error.
pub(super) async fn ask<H: Hub>(
    hub: &H,
    viewer: &H::Viewer,
    query: &str,
    variables: Variables,
) -> Result<Value, ExportError> {
    let request = Request::new(query).variables(variables);
    let mut answer = hub.execute(viewer.clone(), request).await;
    mask(&mut answer, "export");
    if let Some(error) = answer.errors.first() {
        return Err(ExportError::Page(error.message.clone()));
    }
    let data = answer.data.into_json();
    data.map_err(|error| ExportError::Page(error.to_string()))
}

/// What an edge leads to, by its code.
fn code(value: Value) -> Value {
    match value {
        Value::Array(all) => Value::Array(all.into_iter().map(code).collect()),
        mut one => one.get_mut("code").map(Value::take).unwrap_or_default(),
    }
}
