//! Refusals and faults: everything that is told without an answer of GraphQL's.

use std::time::Duration;

use async_graphql::ServerError;
use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    answer::{self, Media, Told},
    log::RequestId,
};
use crate::graphql::error::Code;

/// Why a request is not answered.
#[derive(Debug)]
pub(super) enum Stop {
    /// The request is refused, in a sentence of its own or the code's.
    Request(Code, Option<String>),
    /// The request is refused, and would not be by `POST`.
    PostOnly(Code),
    /// It asks for a feed of the calendar, and has no credential that is good: told alike,
    /// whatever the reason.
    Feed,
    /// Too many requests; there is room again after a while.
    TooMany(Duration),
    /// The document is refused, in the form that the caller accepts.
    Document(Media, Box<ServerError>),
}

impl From<Code> for Stop {
    fn from(code: Code) -> Self {
        Self::Request(code, None)
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        match self {
            Self::Request(code, sentence) => {
                refusal(code, sentence.as_deref().unwrap_or(code.sentence()))
            }
            Self::PostOnly(code) => with(
                refused(code),
                header::ALLOW,
                HeaderValue::from_static("POST"),
            ),
            Self::Feed => with(
                refused(Code::Unauthenticated),
                header::WWW_AUTHENTICATE,
                HeaderValue::from_static("Basic realm=\"calendar\", charset=\"UTF-8\""),
            ),
            Self::TooMany(wait) => {
                let seconds = HeaderValue::from(wait.as_secs() + 1);
                with(refused(Code::RateLimited), header::RETRY_AFTER, seconds)
            }
            Self::Document(media, error) => {
                let code = Code::of(&error);
                let mut response = answer::errors(media, media.refused(), &[*error]);
                if let Some(code) = code {
                    response.extensions_mut().insert(Told(code));
                }
                response
            }
        }
    }
}

/// A refusal before GraphQL has a say in it.
pub(super) fn refusal(code: Code, sentence: &str) -> Response {
    told(code, code.server_error(sentence))
}

/// A fault of ours, told as nothing but its request id.
pub(super) fn internal(id: &RequestId) -> Response {
    let mut error = Code::Internal.server_error(Code::Internal.sentence());
    if let Some(extensions) = &mut error.extensions {
        extensions.set("requestId", id.to_string());
    }
    told(Code::Internal, error)
}

/// For addresses that lead nowhere.
pub(super) async fn no_such_page() -> Response {
    refused(Code::NoSuchPage)
}

/// For methods that a page does not know; `Allow` is set by the router.
pub(super) async fn method_not_allowed() -> Response {
    refused(Code::MethodNotAllowed)
}

fn refused(code: Code) -> Response {
    refusal(code, code.sentence())
}

fn told(code: Code, error: ServerError) -> Response {
    let mut response = answer::errors(Media::Json, status(code), &[error]);
    if code == Code::Unauthenticated {
        let challenge = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, challenge);
    }
    response.extensions_mut().insert(Told(code));
    response
}

fn with(mut response: Response, name: header::HeaderName, value: HeaderValue) -> Response {
    response.headers_mut().insert(name, value);
    response
}

/// The status of a refusal that HTTP has a word for.
const fn status(code: Code) -> StatusCode {
    match code {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::NoSuchPage => StatusCode::NOT_FOUND,
        Code::MethodNotAllowed | Code::TokenWithGet => StatusCode::METHOD_NOT_ALLOWED,
        Code::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
        Code::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Code::RateLimited => StatusCode::TOO_MANY_REQUESTS,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        Code::TimedOut | Code::Unavailable | Code::RestoredClosed => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        Code::BadRequest
        | Code::TokenInAddress
        | Code::BadInput
        | Code::BatchNotSupported
        | Code::PurposeMalformed
        | Code::PurposeUnknown
        | Code::PurposeReasonInvalid
        | Code::ParseFailed
        | Code::ValidationFailed
        | Code::OperationUnknown
        | Code::OperationNameRequired
        | Code::SubscriptionNotSupported
        | Code::VariableMissing
        | Code::ActTwice
        | Code::DocumentTooLarge
        | Code::DocumentTooDeep
        | Code::InputTooDeep
        | Code::TooManyTokens
        | Code::TooManyFields
        | Code::TooManyAliases
        | Code::TooManyRootFields
        | Code::TooManyDirectives
        | Code::PageTooLarge
        | Code::AnswerTooLarge
        | Code::TooManySealedOpenings
        | Code::FragmentCycle
        | Code::NotFound
        | Code::Forbidden
        | Code::Conflict
        | Code::CursorInvalid => StatusCode::BAD_REQUEST,
    }
}
