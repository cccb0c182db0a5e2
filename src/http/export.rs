//! `/export/KIND.FORM`: a list as a file; by `GET` what is public, by `POST` with a token.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, Method, header},
    response::Response,
    routing::{MethodRouter, get},
};

use super::{
    Hub, Refusal,
    asked::{credential, has_token},
    refusal::Stop,
    router::Lobby,
};
use crate::{
    export::{ExportError, Format, FormatError, List, MOST_OVER_HTTP, export, has_calendar},
    graphql::error::Code,
    identity::kind::Kind,
    vocabulary::codes::Coded,
};

/// Exports: by `GET` without a token, by `POST` with one.
pub(super) fn page<H: Hub>() -> MethodRouter<Arc<Lobby<H>>> {
    get(answer::<H>).post(answer::<H>)
}

async fn answer<H: Hub>(
    State(lobby): State<Arc<Lobby<H>>>,
    Path(file): Path<String>,
    request: Request,
) -> Result<Response, Stop> {
    let post = request.method() == Method::POST;
    let from = lobby.throttle.from(request.headers(), request.extensions());
    // An export is many questions: it counts for its address, whoever asks.
    lobby.throttle.address(from)?;
    let token = credential(request.headers());
    if !post && token != Ok(None) {
        return Err(Stop::PostOnly(Code::TokenWithGet));
    }
    let token = token?;
    if has_token(request.uri()) {
        return Err(Code::TokenInAddress.into());
    }
    let named = file.split_once('.');
    let named = named.and_then(|(kind, form)| List::from_code(kind).zip(Format::from_code(form)));
    let (list, format) = named.ok_or_else(unknown)?;
    // A proof is made for this one request, whatever the number of its pages.
    let viewer = lobby.hub.viewer(token, request.uri().path(), None).await;
    let viewer = viewer.map_err(|refusal| match refusal {
        Refusal::Token | Refusal::Purpose(..) => Code::Unauthenticated,
        Refusal::Unavailable => Code::Unavailable,
    })?;
    let made = export(&lobby.hub, viewer, (list, format), MOST_OVER_HTTP).await;
    let made = made.map_err(|error| match error {
        ExportError::NoList(_) => unknown(),
        ExportError::Format(FormatError::Undated) => undated(list),
        ExportError::Token => Code::Unauthenticated.into(),
        ExportError::TooLong(_) => Code::AnswerTooLarge.into(),
        ExportError::Changed => Code::Unavailable.into(),
        ExportError::Page(_) | ExportError::Format(_) => {
            tracing::error!(cause = %error, "an export failed");
            Code::Unavailable.into()
        }
    })?;
    let mut response = Response::new(Body::from(made));
    let headers = response.headers_mut();
    let media = HeaderValue::from_static(format.media_type());
    headers.insert(header::CONTENT_TYPE, media);
    let kept = HeaderValue::from_static("private, no-store");
    headers.insert(header::CACHE_CONTROL, kept);
    let saved = format!("attachment; filename=\"{}.{}\"", list.code(), format.code());
    if let Ok(saved) = HeaderValue::from_str(&saved) {
        headers.insert(header::CONTENT_DISPOSITION, saved);
    }
    Ok(response)
}

/// What exports there are, for an address that is none.
fn unknown() -> Stop {
    let forms = Format::ALL.iter().map(|form| form.code());
    let forms: Vec<&str> = forms.collect();
    no_page(format!(
        "an export is `/export/KIND.FORM`, as in `/export/mechanism.csv`: KIND is a kind of record \
         that has a list, FORM is one of {}; calendars (ics) are of {}",
        forms.join(", "),
        calendars()
    ))
}

/// What forms there are of records without dates.
fn undated(list: List) -> Stop {
    let forms = Format::ALL.iter().filter(|form| **form != Format::Ics);
    let forms = forms.map(|form| format!("`/export/{list}.{}`", form.code()));
    let forms: Vec<String> = forms.collect();
    no_page(format!(
        "entries of `{list}` have no dates, so there is no calendar of them; there are {}; \
         calendars (ics) are of {}",
        forms.join(", "),
        calendars()
    ))
}

fn calendars() -> String {
    let kinds = Kind::ALL.into_iter().filter(|kind| has_calendar(*kind));
    let kinds: Vec<&str> = kinds.map(Kind::code).collect();
    kinds.join(", ")
}

fn no_page(sentence: String) -> Stop {
    Stop::Request(Code::NoSuchPage, Some(sentence))
}
