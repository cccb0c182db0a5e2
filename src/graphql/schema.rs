//! The schema, made once; and a request, answered as one viewer.

use std::sync::Arc;

use async_graphql::{EmptySubscription, Request, Response, SDLExportOptions, ServerError, Value};

use super::{
    context::Underway,
    directive,
    error::Code,
    limits::Limits,
    roots::{Mutation, Query},
};
use crate::{identity::viewer::Viewer, store::Store};

/// The schema of this hub.
pub type Schema = async_graphql::Schema<Query, Mutation, EmptySubscription>;

/// Makes the schema.
pub fn schema() -> Schema {
    async_graphql::Schema::build(Query, Mutation::default(), EmptySubscription)
        .limit_recursive_depth(Limits::NESTING as usize)
        .finish()
}

/// The schema in its definition language, as `schema.graphql` holds it.
pub fn sdl() -> String {
    let options = SDLExportOptions::new()
        .sorted_fields()
        .sorted_arguments()
        .sorted_enum_items();
    let sdl = schema().sdl_with_options(options);
    // The export leaves out what a directive's arguments mean.
    let (plain, described) = directive::definition();
    sdl.replace(&plain, &described)
}

/// Answers a request as one viewer.
pub async fn execute(
    schema: &Schema,
    store: &Store,
    viewer: Arc<Viewer>,
    request: Request,
) -> Response {
    let underway = Arc::new(Underway::by(store.read_as(viewer)));
    let execution = schema.execute(request.data(Arc::clone(&underway)));
    let fetches = underway.asked().fetches.clone();
    let mut response = fetches.serve(execution).await;
    let asked = underway.asked();
    if !response.errors.is_empty() {
        if response.errors.iter().any(ends_the_request) {
            response.data = Value::Null;
        }
        // A fault ends its neighbours wherever they are by then: what they had noted is
        // chance, and belongs to no data.
        return response;
    }
    let receipts = asked.files.receipts();
    if !receipts.is_empty() {
        let receipts = receipts.into_iter().map(Value::from).collect();
        response
            .extensions
            .insert("receipts".to_owned(), Value::List(receipts));
    }
    match asked.withheld.told(&asked.reader).await {
        Ok(Some(withheld)) => {
            response.extensions.insert("withheld".to_owned(), withheld);
        }
        Ok(None) => {}
        Err(error) => {
            tracing::error!(cause = %error, "the withheld list could not be made");
            response =
                Response::from_errors(vec![Code::Internal.server_error(Code::Internal.sentence())]);
        }
    }
    response
}

/// Whether an error refuses the whole request, whatever was answered by then.
fn ends_the_request(error: &ServerError) -> bool {
    let code = Code::of(error);
    code == Some(Code::TooManySealedOpenings) || code == Some(Code::AnswerTooLarge)
}
