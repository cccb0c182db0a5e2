//! Pages for those who run the hub: alive, ready, meters, and the schema.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{Hub, meters::Meters, refusal, router::Lobby};

/// Headers by which a proxy says whom it stands in front of.
const FORWARDED: [&str; 7] = [
    "forwarded",
    "via",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-real-ip",
    "cf-connecting-ip",
];

/// Says that the process is there.
pub(super) async fn alive() -> Response {
    plain(StatusCode::OK, "alive\n".to_owned())
}

/// What whoever looks after the hub has to see to. Yes or no, and the same words always: not
/// who signs, nor what.
const NOT_WITNESSED: &str =
    "warning: witnesses of fewer than two mechanisms have signed the log within 24 hours\n";

/// What a hub says that was restored: not from when, nor what has to be looked at.
const RESTORED: &str = "not ready: restored from a backup, and closed until it is confirmed\n";

/// Says whether the hub can answer: its database is there and migrated; and warns where nobody
/// else would see that its log was written anew. That stops no answer.
pub(super) async fn ready<H: Hub>(State(lobby): State<Arc<Lobby<H>>>) -> Response {
    if lobby.hub.is_closed() {
        return plain(StatusCode::SERVICE_UNAVAILABLE, RESTORED.to_owned());
    }
    if lobby.hub.ready().await {
        let witnessed = lobby.hub.is_witnessed().await;
        let warning = if witnessed { "" } else { NOT_WITNESSED };
        plain(StatusCode::OK, format!("ready\n{warning}"))
    } else {
        plain(StatusCode::SERVICE_UNAVAILABLE, "not ready\n".to_owned())
    }
}

/// The meters, for this machine alone: how much others ask, and how often they are refused,
/// is nobody's business. Whoever comes through a proxy is not of this machine.
///
/// Whether the log is witnessed is one of two words, by the clock of the witnesses' signatures:
/// they visit at their own pace, whatever was done here.
pub(super) async fn metrics<H: Hub>(
    State((meters, hub)): State<(Arc<Meters>, H)>,
    request: Request,
) -> Response {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let here = peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let headers = request.headers();
    if !here || FORWARDED.iter().any(|name| headers.contains_key(*name)) {
        return refusal::no_such_page().await;
    }
    let mut response = plain(StatusCode::OK, meters.text(hub.is_witnessed().await));
    let form = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, form);
    response
}

/// The schema as text.
pub(super) async fn schema<H: Hub>(State(lobby): State<Arc<Lobby<H>>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "public, no-cache"),
    ];
    (headers, lobby.hub.sdl().to_string()).into_response()
}

/// The public halves of the keys that sign tokens (RFC 7517): the next one, too, so that
/// whoever keeps a copy for an hour has it before it signs.
pub(super) async fn keys<H: Hub>(State(lobby): State<Arc<Lobby<H>>>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/jwk-set+json"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, lobby.hub.published_keys()).into_response()
}

fn plain(status: StatusCode, text: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    (status, headers, text).into_response()
}
