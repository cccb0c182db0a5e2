//! The pages on which a share of blind tokens is used: the hub's, and the second key holder's.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Request, State},
    http::{HeaderMap, HeaderValue, header},
    middleware::{from_fn, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use serde::Serialize;

use super::{
    Hub, Refusal,
    asked::{credential, has_token, is_plain_json},
    graphql::body,
    guard, log,
    meters::Meters,
    refusal::{self, Stop},
    router::Lobby,
    throttle::{Quota, Throttle},
};
use crate::{
    graphql::{error::Code, limits::Limits},
    key_holder::{Desk, DeskFault},
    same_matter::blind::wire::{AskedBatch, EVALUATE_PAGE},
};

/// Why the hub does not use its share for a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoEvaluation {
    /// This hub takes no blind tokens.
    NoShare,
    /// The batch is none, or is for another share; in words.
    Batch(String),
    /// The token does not allow it; in words.
    Forbidden(String),
    /// The mechanism's day is used up.
    Exhausted,
    /// The hub cannot tell now.
    Unavailable,
}

impl From<NoEvaluation> for Stop {
    fn from(no: NoEvaluation) -> Self {
        match no {
            NoEvaluation::NoShare => Code::NoSuchPage.into(),
            NoEvaluation::Batch(sentence) => Self::Request(Code::BadInput, Some(sentence)),
            NoEvaluation::Forbidden(sentence) => Self::Request(Code::Forbidden, Some(sentence)),
            NoEvaluation::Exhausted => exhausted(),
            NoEvaluation::Unavailable => Code::Unavailable.into(),
        }
    }
}

fn exhausted() -> Stop {
    let sentence = "there is no room for this batch today; it is counted in UTC days";
    Stop::Request(Code::RateLimited, Some(sentence.to_owned()))
}

/// Which shares this hub's blind tokens are of: public, as keys that verify are.
pub(super) async fn shares<H: Hub>(State(lobby): State<Arc<Lobby<H>>>) -> Result<Response, Stop> {
    let shares = lobby.hub.shares().ok_or(Code::NoSuchPage)?;
    told(&shares)
}

/// Multiplies a batch by the hub's share, for who may ask.
pub(super) async fn evaluate<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    request: Request,
) -> Result<Response, Stop> {
    let headers = request.headers().clone();
    let from = lobby.throttle.from(&headers, request.extensions());
    let counted = |stop: Stop| match lobby.throttle.address(from) {
        Ok(()) => stop,
        Err(over) => over,
    };
    let token = credential(&headers).map_err(|code| counted(code.into()))?;
    let Some(token) = token.filter(|_| !has_token(request.uri())) else {
        return Err(counted(Code::Unauthenticated.into()));
    };
    let viewer = lobby.hub.viewer(Some(token), EVALUATE_PAGE, None).await;
    let viewer = viewer.map_err(|refused| match refused {
        Refusal::Token | Refusal::Purpose(..) => counted(Code::Unauthenticated.into()),
        Refusal::Unavailable => Code::Unavailable.into(),
    })?;
    if let Some(subject) = H::subject(&viewer) {
        lobby.throttle.subject(subject)?;
    }
    let batch = batch(&headers, request).await?;
    told(&lobby.hub.evaluate(viewer, batch).await?)
}

/// What the pages of a second key holder share.
struct Room {
    desk: Arc<Desk>,
    throttle: Throttle,
}

/// The whole of what a second key holder answers over HTTP.
pub fn key_holder_router(desk: Arc<Desk>, behind_proxy: bool) -> Router {
    let room = Arc::new(Room {
        desk,
        throttle: Throttle::new(Quota::TOKEN, Quota::TOKEN, behind_proxy),
    });
    Router::new()
        .route(EVALUATE_PAGE, post(by_holder))
        .with_state(room)
        .route("/healthz", get(super::health::alive))
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::no_such_page)
        .layer(DefaultBodyLimit::max(Limits::BODY_BYTES))
        .layer(from_fn_with_state(Limits::TIME, guard::time_limit))
        .layer(from_fn(guard::catch_panic))
        .layer(from_fn(guard::security_headers))
        .layer(from_fn_with_state(Arc::new(Meters::default()), log::line))
}

async fn by_holder(State(room): State<Arc<Room>>, request: Request) -> Result<Response, Stop> {
    let headers = request.headers().clone();
    let from = room.throttle.from(&headers, request.extensions());
    // Secrets are not tried out faster than this, nor batches sent.
    room.throttle.address(from)?;
    let secret = credential(&headers)?.filter(|one| !one.bound);
    let secret = secret.ok_or(Code::Unauthenticated)?.token.to_owned();
    let batch = batch(&headers, request).await?;
    let desk = Arc::clone(&room.desk);
    let answered = tokio::task::spawn_blocking(move || desk.answer(&secret, &batch)).await;
    let answered = answered.map_err(|_| Code::Unavailable)?;
    let answered = answered.map_err(|fault| match fault {
        DeskFault::Unknown => Code::Unauthenticated.into(),
        DeskFault::Batch(_) | DeskFault::OtherShare => {
            Stop::Request(Code::BadInput, Some(fault.to_string()))
        }
        DeskFault::Exhausted => exhausted(),
        DeskFault::File(_) | DeskFault::Tally(_) => {
            tracing::error!(cause = %fault, "nothing can be answered");
            Code::Unavailable.into()
        }
    })?;
    told(&answered)
}

async fn batch(headers: &HeaderMap, request: Request) -> Result<AskedBatch, Stop> {
    if !is_plain_json(headers) {
        return Err(Code::UnsupportedMediaType.into());
    }
    let body = body(request).await?;
    serde_json::from_slice(&body).map_err(|_| {
        let sentence = "the body is no batch: `share`, and `elements` in base64url".to_owned();
        Stop::Request(Code::BadRequest, Some(sentence))
    })
}

fn told(answer: &impl Serialize) -> Result<Response, Stop> {
    let body = serde_json::to_string(answer).map_err(|_| Code::Internal)?;
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
    ];
    Ok((headers, body).into_response())
}
