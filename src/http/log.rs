//! One line a request: no bodies, no tokens, no text of anybody's.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use async_graphql::parser::types::OperationType;
use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, Method},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use super::{answer::Told, meters::Meters};
use crate::{id::RecordId, same_matter::blind::wire};

/// The paths that a line may name.
const PAGES: [&str; 14] = [
    wire::SHARES_PAGE,
    wire::EVALUATE_PAGE,
    "/token",
    "/audit/checkpoint",
    "/audit/cosignature",
    "/.well-known/jwks.json",
    "/graphql",
    "/",
    "/explorer.js",
    "/explorer.css",
    "/schema.graphql",
    "/healthz",
    "/readyz",
    "/metrics",
];

/// The id under which the log holds what happened to a request.
///
/// Made here and never taken from the caller, who could write into the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestId(Uuid);

impl RequestId {
    /// The header in which the caller is told the id.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

/// The operation that a request ran, for its log line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ran(pub(super) OperationType);

/// Keeps panics from printing what was being worked on; their place suffices.
///
/// For `main`, once: the hook belongs to the process.
pub fn keep_panics_short() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(ToString::to_string)
            .unwrap_or_default();
        tracing::error!(panic.place = %place, "panic");
    }));
}

/// Gives a request its id, meters it, and writes its line when it is over.
pub(super) async fn line(
    State(meters): State<Arc<Meters>>,
    mut request: Request,
    next: Next,
) -> Response {
    let id = RequestId(RecordId::random().0);
    request.extensions_mut().insert(id);
    let mut entry = Entry::begin(id, &request, meters);
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(RequestId::HEADER, value);
    }
    entry.answered(&response);
    response
}

/// What the line will say; it is written when this is dropped.
struct Entry {
    id: RequestId,
    method: &'static str,
    path: &'static str,
    begun: Instant,
    meters: Arc<Meters>,
    /// 499 until there is an answer: the caller has gone away.
    status: u16,
    operation: Option<OperationType>,
    code: Option<&'static str>,
}

impl Entry {
    fn begin(id: RequestId, request: &Request, meters: Arc<Meters>) -> Self {
        meters.begin();
        Self {
            id,
            method: known(request.method()),
            path: page(request.uri().path()),
            begun: Instant::now(),
            meters,
            status: 499,
            operation: None,
            code: None,
        }
    }

    fn answered(&mut self, response: &Response) {
        self.status = response.status().as_u16();
        self.operation = response.extensions().get::<Ran>().map(|ran| ran.0);
        self.code = response
            .extensions()
            .get::<Told>()
            .map(|told| told.0.name());
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let took = self.begun.elapsed();
        self.meters.end(self.status, took);
        tracing::info!(
            request.id = %self.id,
            http.method = self.method,
            http.path = self.path,
            http.status = self.status,
            duration_ms = millis(took),
            graphql.operation = self.operation.map(word),
            code = self.code,
            "request"
        );
    }
}

/// A path of ours; another may hold anything, a token too, and is not written.
fn page(path: &str) -> &'static str {
    PAGES
        .iter()
        .copied()
        .find(|page| *page == path)
        .unwrap_or("-")
}

/// A method by name; one that the caller has made up is not written.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        _ => "-",
    }
}

const fn word(operation: OperationType) -> &'static str {
    match operation {
        OperationType::Query => "query",
        OperationType::Mutation => "mutation",
        OperationType::Subscription => "subscription",
    }
}

fn millis(took: Duration) -> f64 {
    (took.as_secs_f64() * 1e6).round() / 1e3
}
