//! The joint calendar for calendar programs: `/calendar.ics` for anyone, `/calendar/own.ics`
//! for the holder of a feed, by HTTP Basic.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    response::Response,
};
use base64::{Engine, engine::general_purpose::STANDARD};

use super::{
    Hub, Refusal,
    answer::{private_file, public_file},
    asked::{credential, has_token},
    refusal::Stop,
    router::Lobby,
};
use crate::{
    export::{ExportError, Format, feed},
    graphql::error::Code,
};

/// Bytes of a credential at most, in base64.
const LONGEST: usize = 400;

/// The calendar as anyone is told it.
pub(super) async fn public<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    request: Request,
) -> Result<Response, Stop> {
    let from = lobby.throttle.from(request.headers(), request.extensions());
    lobby.throttle.address(from)?;
    if credential(request.headers())?.is_some() {
        return Err(Stop::PostOnly(Code::TokenWithGet));
    }
    if has_token(request.uri()) {
        return Err(Code::TokenInAddress.into());
    }
    let viewer = lobby.hub.viewer(None, request.uri().path(), None).await;
    let viewer = viewer.map_err(|_| Code::Unavailable)?;
    let made = feed(&lobby.hub, viewer).await.map_err(stop)?;
    let restored = lobby.hub.restored_at();
    let media = Format::Ics.media_type();
    Ok(public_file(request.headers(), media, made, restored))
}

/// The calendar as the holder of a feed is told it: at most at `PARTNER`.
pub(super) async fn own<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    request: Request,
) -> Result<Response, Stop> {
    let from = lobby.throttle.from(request.headers(), request.extensions());
    lobby.throttle.address(from)?;
    if has_token(request.uri()) {
        return Err(Code::TokenInAddress.into());
    }
    if !request.headers().contains_key(header::AUTHORIZATION) {
        return Err(Stop::Feed);
    }
    // What is no credential at all is looked for as one that is wrong.
    let (name, secret) = basic(request.headers()).unwrap_or_default();
    let told_to = viewer(&lobby.hub, &name, &secret).await?;
    let made = feed(&lobby.hub, told_to).await.map_err(stop)?;
    // A feed that was revoked while it was written is nobody's.
    viewer(&lobby.hub, &name, &secret).await?;
    Ok(private_file(Format::Ics.media_type(), made))
}

async fn viewer<H: Hub>(hub: &H, name: &str, secret: &str) -> Result<H::Viewer, Stop> {
    match hub.viewer_of_feed(name, secret).await {
        Ok(Some(viewer)) => Ok(viewer),
        Ok(None) | Err(Refusal::Token | Refusal::Purpose(..)) => Err(Stop::Feed),
        Err(Refusal::Unavailable) => Err(Code::Unavailable.into()),
    }
}

/// Name and secret of a request with one `Authorization: Basic` (RFC 7617).
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let (one, None) = (given.next()?, given.next()) else {
        return None;
    };
    let (scheme, text) = one.to_str().ok()?.split_once(' ')?;
    let text = text.trim_matches(' ');
    if !scheme.eq_ignore_ascii_case("basic") || text.len() > LONGEST {
        return None;
    }
    let both = String::from_utf8(STANDARD.decode(text).ok()?).ok()?;
    let (name, secret) = both.split_once(':')?;
    Some((name.to_owned(), secret.to_owned()))
}

fn stop(error: ExportError) -> Stop {
    match error {
        ExportError::Token => Stop::Feed,
        ExportError::TooLong(_) => Code::AnswerTooLarge.into(),
        ExportError::Changed => Code::Unavailable.into(),
        ExportError::NoList(_) | ExportError::Page(_) | ExportError::Format(_) => {
            tracing::error!(cause = %error, "a calendar could not be written");
            Code::Unavailable.into()
        }
    }
}
