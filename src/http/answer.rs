//! Answers: which media type, which status, which headers for caches.

use async_graphql::{Response as Answer, ServerError};
use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::graphql::{error::Code, language::weight};

/// What an answer depends on besides its address.
const VARY: HeaderValue = HeaderValue::from_static("Authorization, Accept-Language, Accept");
/// For answers that no cache may keep.
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

/// The two forms in which GraphQL answers travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    /// `application/graphql-response+json`: the status tells how it went.
    GraphqlResponse,
    /// `application/json`: a well-formed request has status 200.
    Json,
}

impl Media {
    /// The form that the caller likes best, or `None` if it accepts neither.
    ///
    /// Where the caller does not say, or says anything, it is JSON.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let mut said = false;
        let mut best: Option<((u16, u8), Self)> = None;
        for header in headers.get_all(header::ACCEPT) {
            for range in header.to_str().unwrap_or_default().split(',').take(32) {
                let mut parts = range.split(';');
                let name = parts.next().unwrap_or_default().trim().to_ascii_lowercase();
                if name.is_empty() {
                    continue;
                }
                said = true;
                let (media, precision) = match name.as_str() {
                    "application/graphql-response+json" => (Self::GraphqlResponse, 2),
                    "application/json" => (Self::Json, 2),
                    "application/*" => (Self::Json, 1),
                    "*/*" => (Self::Json, 0),
                    _ => continue,
                };
                let rank = (weight(parts), precision);
                if rank.0 > 0 && best.is_none_or(|(other, _)| rank > other) {
                    best = Some((rank, media));
                }
            }
        }
        match best {
            Some((_, media)) => Some(media),
            None if said => None,
            None => Some(Self::Json),
        }
    }

    /// The value of `Content-Type`.
    pub(super) const fn content_type(self) -> &'static str {
        match self {
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }

    /// The status of an answer without data: the document was refused.
    pub(super) const fn refused(self) -> StatusCode {
        match self {
            Self::GraphqlResponse => StatusCode::BAD_REQUEST,
            Self::Json => StatusCode::OK,
        }
    }
}

/// An answer as it is written: errors first, no `data` where nothing was run.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(skip_serializing_if = "<[ServerError]>::is_empty")]
    errors: &'a [ServerError],
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a async_graphql::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    extensions: Option<&'a std::collections::BTreeMap<String, async_graphql::Value>>,
}

/// The bytes and the status of an answer whose errors are masked.
pub(super) fn written(media: Media, answer: &Answer) -> Option<(StatusCode, Vec<u8>)> {
    let refused = !answer.errors.is_empty() && answer.errors.iter().all(is_refusal);
    let body = Written {
        errors: &answer.errors,
        data: (!refused).then_some(&answer.data),
        extensions: (!answer.extensions.is_empty()).then_some(&answer.extensions),
    };
    let status = if refused {
        media.refused()
    } else {
        StatusCode::OK
    };
    Some((status, serde_json::to_vec(&body).ok()?))
}

/// Whether an error says that the document was not run at all.
fn is_refusal(error: &ServerError) -> bool {
    matches!(Code::of(error), Some(Code::ValidationFailed))
}

/// The code that an answer tells first, for its log line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Told(pub(super) Code);

/// The headers of an answer that no cache may keep.
pub(super) fn keep_out_of_caches(headers: &mut HeaderMap) {
    headers.insert(header::CACHE_CONTROL, NO_STORE);
    headers.insert(header::VARY, VARY);
}

/// The headers of an answer that anyone may have, revalidated each time.
pub(super) fn keep_if_unchanged(headers: &mut HeaderMap, etag: HeaderValue) {
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("public, no-cache"),
    );
    headers.insert(header::VARY, VARY);
    headers.insert(header::ETAG, etag);
}

/// Errors alone, in the form and under the status that are given.
pub(super) fn errors(media: Media, status: StatusCode, errors: &[ServerError]) -> Response {
    let body = Written {
        errors,
        data: None,
        extensions: None,
    };
    let bytes = serde_json::to_vec(&body).unwrap_or_default();
    let mut response = (status, Body::from(bytes)).into_response();
    let content_type = HeaderValue::from_static(media.content_type());
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, content_type);
    keep_out_of_caches(response.headers_mut());
    response
}
