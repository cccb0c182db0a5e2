//! `/audit/…`: what a registered witness of the log asks for, and what it brings.
//!
//! C2SP's `tlog-tiles`, of the outer tree alone. To anyone else these pages are not there: the
//! answer is that for any address which leads nowhere.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Hub, refusal, refusal::Stop, router::Lobby};
use crate::graphql::error::Code;

/// The longest body that is read: a note is short.
const LONGEST: usize = 16_384;

/// A request as a witness has signed it.
#[derive(Clone, Copy, Debug)]
pub struct FromWitness<'a> {
    /// `Authorization`, as it came.
    pub authorization: &'a str,
    /// The method.
    pub method: &'a str,
    /// The path.
    pub path: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What a witness is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ToWitness {
    /// A signed note.
    Note(String),
    /// The bytes of a tile.
    Tile(Vec<u8>),
    /// Its cosignature is kept.
    Taken,
    /// What it brings is no cosignature of its own on a checkpoint of this log.
    Refused,
}

/// Answers a witness; nobody else finds the page.
pub(super) async fn page<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    request: Request,
) -> Result<Response, Stop> {
    let from = lobby.throttle.from(request.headers(), request.extensions());
    let (parts, body) = request.into_parts();
    let mut given = parts.headers.get_all(header::AUTHORIZATION).iter();
    let sent = given.next().filter(|_| given.next().is_none());
    let sent = sent.and_then(|sent| sent.to_str().ok()).unwrap_or_default();
    let body = to_bytes(body, LONGEST).await;
    if !sent.is_empty() {
        // Whether somebody is a witness takes a signature to find out.
        lobby.throttle.address(from)?;
    }
    let asked = body.as_ref().ok().map(|body| FromWitness {
        authorization: sent,
        method: parts.method.as_str(),
        path: parts.uri.path(),
        body,
    });
    let answer = match asked.filter(|_| parts.uri.query().is_none()) {
        Some(asked) => lobby.hub.to_witness(asked).await,
        None => Ok(None),
    };
    let Some(answer) = answer.map_err(|_| Code::Unavailable)? else {
        return Ok(refusal::no_such_page().await);
    };
    let (status, media, body) = match answer {
        ToWitness::Note(note) => (StatusCode::OK, TEXT, Body::from(note)),
        ToWitness::Tile(bytes) => (StatusCode::OK, "application/octet-stream", bytes.into()),
        ToWitness::Taken => (StatusCode::OK, TEXT, Body::from("taken\n")),
        ToWitness::Refused => (StatusCode::CONFLICT, TEXT, Body::from("refused\n")),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        // For its witness alone: nothing between the two keeps it.
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((status, headers, body).into_response())
}

const TEXT: &str = "text/plain; charset=utf-8";
