//! GraphQL over HTTP: token, viewer, limits, execution, answer.

use std::sync::Arc;

use async_graphql::{Request as GraphqlRequest, ServerError, parser::types::OperationType};
use axum::{
    body::{Body, Bytes},
    extract::{Extension, FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
    routing::{MethodRouter, get},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use super::{
    Hub, Refusal,
    answer::{self, Media, Told},
    asked::{Asked, bearer},
    log::{Ran, RequestId},
    refusal::Stop,
    router::Lobby,
};
use crate::graphql::{
    error::{self, Code},
    language::Language,
    limits::{LimitError, Limits, Measure, Tier, fill_defaults, inspect, operation, scan},
};

/// `/graphql`: queries by `GET`, anything by `POST`.
pub(super) fn page<H: Hub>() -> MethodRouter<Arc<Lobby<H>>> {
    get(answer::<H>).post(answer::<H>)
}

/// Answers a request, whichever way it came.
async fn answer<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    Extension(id): Extension<RequestId>,
    request: Request,
) -> Result<Response, Stop> {
    let post = request.method() == Method::POST;
    let headers = request.headers().clone();
    let media = Media::accepted(&headers).ok_or(Code::NotAcceptable)?;
    let from = lobby.throttle.from(&headers, request.extensions());
    let token = bearer(&headers);
    if !post && token != Ok(None) {
        // Before it is looked at: a good token and a bad one are told the same.
        return Err(Stop::PostOnly(Code::TokenWithGet));
    }
    if !matches!(token, Ok(Some(_))) {
        lobby.throttle.address(from)?;
    }
    let token = token?;
    // What is not well formed is counted by address, whatever token it says to have.
    let counted = |stop: Stop| match lobby.throttle.address(from) {
        Ok(()) => stop,
        Err(over) => over,
    };
    let asked = match post {
        true => match body(request).await {
            Ok(body) => Asked::from_body(&headers, &body),
            Err(stop) => Err(stop),
        },
        false => Asked::from_uri(request.uri()),
    };
    let asked = asked.map_err(counted)?;

    let viewer = match lobby
        .hub
        .viewer(token, asked.extensions.get("purpose"))
        .await
    {
        Ok(viewer) => viewer,
        Err(Refusal::Token) => {
            lobby.throttle.address(from)?;
            return Err(Code::Unauthenticated.into());
        }
        Err(Refusal::Purpose(code, sentence)) => {
            return Err(counted(Stop::Request(code, Some(sentence))));
        }
        Err(Refusal::Unavailable) => return Err(Code::Unavailable.into()),
    };
    let tier = match H::subject(&viewer) {
        Some(subject) => {
            lobby.throttle.subject(subject)?;
            Tier::Token
        }
        None => Tier::Anonymous,
    };

    let (request, kind) = prepared(&lobby, asked, tier, post).map_err(|no| no.told(media))?;
    let language = headers
        .get(header::ACCEPT_LANGUAGE)
        .and_then(|wish| wish.to_str().ok());
    let language = language.map(Language::preferred).unwrap_or_default();
    let mut answer = lobby
        .hub
        .execute(viewer, request.data(language).data(id))
        .await;
    error::mask(&mut answer, &id.to_string());

    let (status, bytes) = answer::written(media, &answer).ok_or(Code::Internal)?;
    let public = !post && tier == Tier::Anonymous && answer.errors.is_empty();
    let mut response = sent(&headers, media, status, bytes, public);
    let tag = HeaderValue::from_static(language.code());
    response.headers_mut().insert(header::CONTENT_LANGUAGE, tag);
    response.extensions_mut().insert(Ran(kind));
    if let Some(code) = answer.errors.first().and_then(Code::of) {
        response.extensions_mut().insert(Told(code));
    }
    Ok(response)
}

/// The body within its limit, or the refusal.
async fn body(request: Request) -> Result<Bytes, Stop> {
    Bytes::from_request(request, &())
        .await
        .map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let sentence = format!(
                    "{} is over the limit of {}",
                    Measure::Body,
                    Limits::BODY_BYTES
                );
                Stop::Request(Code::BodyTooLarge, Some(sentence))
            } else {
                Stop::Request(
                    Code::BadRequest,
                    Some("the body could not be read".to_owned()),
                )
            }
        })
}

/// Why a document is not run.
enum No {
    Document(Box<ServerError>),
    MutationOverGet,
}

impl No {
    fn told(self, media: Media) -> Stop {
        match self {
            Self::Document(error) => Stop::Document(media, error),
            Self::MutationOverGet => Stop::PostOnly(Code::MethodNotAllowed),
        }
    }
}

impl From<LimitError> for No {
    fn from(error: LimitError) -> Self {
        Self::Document(Box::new(error.server_error()))
    }
}

/// Parses, counts and completes a request; nothing of it has been run yet.
fn prepared<H: Hub>(
    lobby: &Lobby<H>,
    mut asked: Asked,
    tier: Tier,
    post: bool,
) -> Result<(GraphqlRequest, OperationType), No> {
    scan(&asked.document)?;
    let parsed = lobby.documents.parse(&asked.document);
    let document = parsed.map_err(|e| No::Document(Box::new(error::parse_failed(e))))?;
    let name = asked.operation_name.as_deref();
    match operation(&document, name)?.ty {
        OperationType::Query => {}
        OperationType::Mutation if post => {}
        OperationType::Mutation => return Err(No::MutationOverGet),
        OperationType::Subscription => {
            let code = Code::SubscriptionNotSupported;
            return Err(No::Document(Box::new(code.server_error(code.sentence()))));
        }
    }
    fill_defaults(&document, name, &mut asked.variables)?;
    let knowledge = lobby.hub.knowledge();
    let cost = inspect(&document, name, &asked.variables, tier, knowledge)?;

    let mut request = GraphqlRequest::new(asked.document).variables(asked.variables);
    request.operation_name = asked.operation_name;
    request.set_parsed_query(document);
    Ok((request, cost.operation))
}

/// The answer with the headers that tell caches what they may do with it.
fn sent(
    asked: &HeaderMap,
    media: Media,
    status: StatusCode,
    bytes: Vec<u8>,
    cacheable: bool,
) -> Response {
    let etag = if cacheable { etag(media, &bytes) } else { None };
    let known = etag.as_ref().is_some_and(|etag| matches(asked, etag));
    let mut response = if known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let content_type = [(header::CONTENT_TYPE, media.content_type())];
        (status, content_type, Body::from(bytes)).into_response()
    };
    match etag {
        Some(etag) => answer::keep_if_unchanged(response.headers_mut(), etag),
        None => answer::keep_out_of_caches(response.headers_mut()),
    }
    response
}

/// A strong validator: the hash of the body, and of the form it is sent in.
fn etag(media: Media, bytes: &[u8]) -> Option<HeaderValue> {
    let hash = Sha256::new()
        .chain_update(media.content_type())
        .chain_update(bytes)
        .finalize();
    HeaderValue::from_str(&format!("\"{}\"", URL_SAFE_NO_PAD.encode(hash))).ok()
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
