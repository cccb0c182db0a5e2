//! The layers that guard every page: headers, origins, panics, time.

use std::{panic::AssertUnwindSafe, time::Duration};

use axum::{
    extract::{Extension, Request, State},
    http::{HeaderName, HeaderValue, Method, header, request::Parts},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::{Hub, asked::PROOF, log::RequestId, refusal};
use crate::graphql::error::Code;

/// Headers for every answer; a page may have set a policy of its own.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; frame-ancestors 'none'",
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// What is not refused at once by a hub that was restored and is not opened: whether it lives,
/// and tokens. What is posted to `/graphql` is looked at there.
const OPEN: [(&Method, &str); 4] = [
    (&Method::GET, "/healthz"),
    (&Method::GET, "/readyz"),
    (&Method::POST, "/token"),
    (&Method::POST, "/graphql"),
];

/// Refuses every other page of a hub that was restored and is not opened yet, whoever asks and
/// whether there is such a page or not.
pub(super) async fn closed<H: Hub>(State(hub): State<H>, request: Request, next: Next) -> Response {
    if hub.is_closed() && !OPEN.contains(&(request.method(), request.uri().path())) {
        let code = Code::RestoredClosed;
        return refusal::refusal(code, code.sentence());
    }
    next.run(request).await
}

/// Puts the headers on that keep a browser from doing more than it is asked.
pub(super) async fn security_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response
            .headers_mut()
            .entry(name)
            .or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Any origin without a token; with one, only the origins that are configured.
pub(super) fn cors(origins: Vec<HeaderValue>) -> CorsLayer {
    let allowed =
        move |origin: &HeaderValue, parts: &Parts| !brings_token(parts) || origins.contains(origin);
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(allowed))
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::ACCEPT_LANGUAGE,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            PROOF,
        ])
        .expose_headers([
            header::CONTENT_LANGUAGE,
            header::ETAG,
            header::RETRY_AFTER,
            header::WWW_AUTHENTICATE,
            RequestId::HEADER,
        ])
        .max_age(Duration::from_secs(600))
}

/// Whether a request has a token, or a preflight asks to send one.
fn brings_token(parts: &Parts) -> bool {
    let asked = parts
        .headers
        .get_all(header::ACCESS_CONTROL_REQUEST_HEADERS);
    parts.headers.contains_key(header::AUTHORIZATION)
        || asked.iter().any(|names| match names.to_str() {
            Ok(names) => names.split(',').any(|name| {
                name.trim()
                    .eq_ignore_ascii_case(header::AUTHORIZATION.as_str())
            }),
            Err(_) => true,
        })
}

/// Turns a panic into a masked fault; the connection stays.
///
/// What the panic says is not looked at: it may hold what was being worked on.
pub(super) async fn catch_panic(
    Extension(id): Extension<RequestId>,
    request: Request,
    next: Next,
) -> Response {
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(_) => {
            tracing::error!(request.id = %id, "a handler panicked");
            refusal::internal(&id)
        }
    }
}

/// Gives up what takes too long; the statements under way are cancelled.
pub(super) async fn time_limit(
    State(limit): State<Duration>,
    request: Request,
    next: Next,
) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => refusal::refusal(
            Code::TimedOut,
            &format!(
                "the request took longer than {} s and was given up",
                limit.as_secs_f32()
            ),
        ),
    }
}
