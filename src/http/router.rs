//! The pages and the layers around them.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::HeaderValue,
    middleware::{from_fn, from_fn_with_state},
    routing::{any, get, post},
};

use super::{
    Hub, Quota, blind, calendar, documents::Documents, explorer, export, graphql, guard, health,
    kept::Kept, log, meters::Meters, refusal, throttle::Throttle, token, witness,
};
use crate::{graphql::limits::Limits, same_matter::blind::wire};

/// What the door is told when it is hung: the hub behind it and its settings.
#[derive(Clone, Debug)]
pub struct Door<H> {
    /// The house.
    pub hub: H,
    /// Origins whose pages may send a token, as in `https://desk.example`.
    pub origins: Vec<HeaderValue>,
    /// Requests allowed to an address without a token.
    pub anonymous: Quota,
    /// Requests allowed to the subject of a token.
    pub token: Quota,
    /// Whether a proxy of ours stands in front and names the caller's address.
    pub behind_proxy: bool,
    /// Time allowed to a request.
    pub time: Duration,
}

impl<H> Door<H> {
    /// A door with the published limits, for no origin in particular.
    pub fn new(hub: H) -> Self {
        Self {
            hub,
            origins: Vec::new(),
            anonymous: Quota::ANONYMOUS,
            token: Quota::TOKEN,
            behind_proxy: false,
            time: Limits::TIME,
        }
    }
}

/// What the handlers share.
#[derive(Debug)]
pub(super) struct Lobby<H> {
    pub(super) hub: H,
    pub(super) throttle: Throttle,
    pub(super) documents: Documents,
    pub(super) kept: Kept,
}

/// The whole of what the hub answers over HTTP.
///
/// Serve it with [`listen`](super::listen): the rate limit counts by address where there
/// is no token.
pub fn router<H: Hub>(door: Door<H>) -> Router {
    let meters = Arc::new(Meters::default());
    let hub = door.hub.clone();
    let lobby = Arc::new(Lobby {
        hub: door.hub,
        throttle: Throttle::new(door.anonymous, door.token, door.behind_proxy),
        documents: Documents::default(),
        kept: Kept::default(),
    });
    let pages = Router::new()
        .route("/graphql", graphql::page::<H>())
        .route("/export/{file}", export::page::<H>())
        .route("/calendar.ics", get(calendar::public::<H>))
        .route("/calendar/own.ics", get(calendar::own::<H>))
        .route("/schema.graphql", get(health::schema::<H>))
        .route("/token", post(token::next_pair::<H>))
        // Whatever the method: to who is no witness, there is no such page.
        .route("/audit/checkpoint", any(witness::page::<H>))
        .route("/audit/cosignature", any(witness::page::<H>))
        .route("/audit/tile/{*path}", any(witness::page::<H>))
        .route(wire::SHARES_PAGE, get(blind::shares::<H>))
        .route(wire::EVALUATE_PAGE, post(blind::evaluate::<H>))
        .route("/readyz", get(health::ready::<H>))
        .route("/.well-known/jwks.json", get(health::keys::<H>))
        .with_state(lobby)
        .route("/healthz", get(health::alive))
        .route("/metrics", get(health::metrics::<H>).with_state((meters.clone(), hub.clone())))
        .merge(explorer::pages())
        .method_not_allowed_fallback(refusal::method_not_allowed)
        .fallback(refusal::no_such_page);
    pages
        .layer(DefaultBodyLimit::max(Limits::BODY_BYTES))
        .layer(from_fn_with_state(hub, guard::closed::<H>))
        .layer(from_fn_with_state(door.time, guard::time_limit))
        .layer(from_fn(guard::catch_panic))
        .layer(guard::cors(door.origins))
        .layer(from_fn(guard::security_headers))
        .layer(from_fn_with_state(meters, log::line))
}
