//! Answers: which media type, which status, which headers for caches.

use async_graphql::{Response as Answer, ServerError};
use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::log::Ran;
use crate::graphql::{
    error::Code,
    language::{Language, weight},
};

/// What an answer depends on besides its address.
const VARY: HeaderValue = HeaderValue::from_static("Authorization, Accept-Language, Accept");
/// For answers that no cache may keep.
const NO_STORE: HeaderValue = HeaderValue::from_static("private, no-store");

/// The two forms in which GraphQL answers travel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

/// The form of an answer: its media type and its language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Form {
    pub(super) media: Media,
    pub(super) language: Language,
}

impl Form {
    /// The form that the caller likes best, or `None` if it accepts none of ours.
    pub(super) fn accepted(headers: &HeaderMap) -> Option<Self> {
        let wish = headers.get(header::ACCEPT_LANGUAGE);
        let language = wish.and_then(|wish| wish.to_str().ok());
        Some(Self {
            media: Media::accepted(headers)?,
            language: language.map(Language::preferred).unwrap_or_default(),
        })
    }
}

/// An answer as it goes out.
#[derive(Debug)]
pub(super) struct Sent {
    status: StatusCode,
    pub(super) bytes: Bytes,
    /// What revalidates it, where anyone may have it.
    pub(super) etag: Option<HeaderValue>,
    ran: Ran,
    told: Option<Code>,
}

impl Sent {
    /// An answer whose errors are masked; `public` where anyone may have it.
    pub(super) fn of(
        answer: &Answer,
        form: Form,
        ran: Ran,
        (public, restored): (bool, i64),
    ) -> Option<Self> {
        let (status, bytes) = written(form.media, answer)?;
        Some(Self {
            status,
            etag: if public {
                etag(form.media.content_type(), &bytes, restored)
            } else {
                None
            },
            bytes: bytes.into(),
            ran,
            told: answer.errors.first().and_then(Code::of),
        })
    }

    /// The answer with the headers that tell caches what they may do with it.
    pub(super) fn response(&self, asked: &HeaderMap, form: Form) -> Response {
        let known = self.etag.as_ref().is_some_and(|etag| matches(asked, etag));
        let mut response = if known {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            let content_type = [(header::CONTENT_TYPE, form.media.content_type())];
            (self.status, content_type, Body::from(self.bytes.clone())).into_response()
        };
        let headers = response.headers_mut();
        match &self.etag {
            Some(etag) => keep_if_unchanged(headers, etag.clone()),
            None => keep_out_of_caches(headers),
        }
        let language = HeaderValue::from_static(form.language.code());
        headers.insert(header::CONTENT_LANGUAGE, language);
        response.extensions_mut().insert(self.ran);
        if let Some(code) = self.told {
            response.extensions_mut().insert(Told(code));
        }
        response
    }
}

/// A strong validator: the hash of the body, of the form it is sent in, and of when the hub was
/// restored, where it was: no cache goes on with what it has of before.
fn etag(content_type: &str, bytes: &[u8], restored: i64) -> Option<HeaderValue> {
    let mut hash = Sha256::new().chain_update(content_type).chain_update(bytes);
    if restored != 0 {
        hash.update(restored.to_be_bytes());
    }
    HeaderValue::from_str(&format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash.finalize()))).ok()
}

/// A file that anyone may have, revalidated each time.
pub(super) fn public_file(
    asked: &HeaderMap,
    content_type: &'static str,
    bytes: Vec<u8>,
    restored: i64,
) -> Response {
    let Some(etag) = etag(content_type, &bytes, restored) else {
        return private_file(content_type, bytes);
    };
    let mut response = if matches(asked, &etag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, content_type)], Body::from(bytes)).into_response()
    };
    keep_if_unchanged(response.headers_mut(), etag);
    response
}

/// A file for one caller, which no cache may keep.
pub(super) fn private_file(content_type: &'static str, bytes: Vec<u8>) -> Response {
    let content_type = [(header::CONTENT_TYPE, content_type)];
    let mut response = (content_type, Body::from(bytes)).into_response();
    keep_out_of_caches(response.headers_mut());
    response
}

/// Whether the caller has this answer already.
fn matches(asked: &HeaderMap, etag: &HeaderValue) -> bool {
    let known = asked.get_all(header::IF_NONE_MATCH).iter();
    known
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|tag| {
            let tag = tag.trim();
            tag == "*" || tag.strip_prefix("W/").unwrap_or(tag).as_bytes() == etag.as_bytes()
        })
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
fn written(media: Media, answer: &Answer) -> Option<(StatusCode, Vec<u8>)> {
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
fn keep_if_unchanged(headers: &mut HeaderMap, etag: HeaderValue) {
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
