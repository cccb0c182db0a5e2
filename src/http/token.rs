//! `POST /token`: a refresh token for the next pair (RFC 6749, section 6).

use std::sync::Arc;

use axum::{
    Form,
    extract::{FromRequest, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

use super::{Hub, asked::proof, refusal::Stop, router::Lobby};
use crate::graphql::error::Code;

/// Longest form that is read: a token is short.
const FIELDS: usize = 16;

/// What a client presents for the next pair of tokens.
pub struct Presented<'a> {
    /// The refresh token.
    pub refresh_token: &'a str,
    /// As which client it asks, where it says so.
    pub client: Option<&'a str>,
    /// The proof that it has the key of its tokens.
    pub proof: Option<&'a str>,
}

/// Answers with the next pair, or with the one refusal.
pub(super) async fn next_pair<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    request: Request,
) -> Result<Response, Stop> {
    let headers = request.headers().clone();
    let from = lobby.throttle.from(&headers, request.extensions());
    lobby.throttle.address(from)?;
    let in_address = request.uri().query().is_some();
    let form = Form::<Vec<(String, String)>>::from_request(request, &()).await;
    let answer = match form {
        Ok(Form(fields)) if !in_address => answer(lobby.as_ref(), &headers, &fields).await?,
        _ => None,
    };
    let (status, body) = match answer {
        Some(pair) => (StatusCode::OK, pair),
        // Whatever the reason: what was never issued and what was used are told alike.
        None => (StatusCode::BAD_REQUEST, json!({ "error": "invalid_grant" })),
    };
    let kept_out = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::PRAGMA, HeaderValue::from_static("no-cache")),
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json"),
        ),
    ];
    Ok((status, kept_out, body.to_string()).into_response())
}

async fn answer<H: Hub>(
    lobby: &Lobby<H>,
    headers: &HeaderMap,
    fields: &[(String, String)],
) -> Result<Option<Value>, Stop> {
    let one = |name: &str| {
        let mut given = fields.iter().filter(|(field, _)| field == name);
        match (given.next(), given.next()) {
            (Some((_, text)), None) => Some(text.as_str()),
            _ => None,
        }
    };
    let twice = |name: &str| fields.iter().filter(|(field, _)| field == name).count() > 1;
    let (Some("refresh_token"), Some(refresh_token), Ok(proof)) =
        (one("grant_type"), one("refresh_token"), proof(headers))
    else {
        return Ok(None);
    };
    if fields.len() > FIELDS || twice("client_id") {
        return Ok(None);
    }
    let presented = Presented {
        refresh_token,
        client: one("client_id"),
        proof,
    };
    lobby
        .hub
        .next_pair(presented)
        .await
        .map_err(|_| Code::Unavailable.into())
}
