//! GraphQL over HTTP: token, viewer, limits, execution, answer.

use std::{net::IpAddr, sync::Arc};

use async_graphql::{
    Positioned, Request as GraphqlRequest, ServerError,
    parser::types::{OperationDefinition, OperationType, Selection},
};
use axum::{
    body::Bytes,
    extract::{Extension, FromRequest, Request, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::Response,
    routing::{MethodRouter, get},
};

use super::{
    Hub, Refusal,
    answer::{Form, Media, Sent},
    asked::{Asked, Credential, credential, has_token},
    kept::Question,
    log::{Ran, RequestId},
    refusal::Stop,
    router::Lobby,
};
use crate::graphql::{
    error::{self, Code},
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
    if lobby.hub.is_closed() {
        return confirmed(&lobby, id, request).await;
    }
    let form = Form::accepted(&headers).ok_or(Code::NotAcceptable)?;
    let from = lobby.throttle.from(&headers, request.extensions());
    let token = credential(&headers);
    if !post && token != Ok(None) {
        // Before it is looked at: a good token and a bad one are told the same.
        return Err(Stop::PostOnly(Code::TokenWithGet));
    }
    if !matches!(token, Ok(Some(_))) {
        lobby.throttle.address(from)?;
    }
    let token = token?;
    let lobby = lobby.as_ref();
    let turn = Turn {
        lobby,
        id,
        from,
        form,
    };
    let sent = if post {
        turn.posted(token, &headers, request).await?
    } else {
        turn.public(request.uri()).await?
    };
    Ok(sent.response(&headers, form))
}

/// Answers at a hub that was restored and is not opened: the act that confirms what came back,
/// sent with a token, and nothing else. Whatever is wrong with another request, it is told alike.
async fn confirmed<H: Hub>(
    lobby: &Lobby<H>,
    id: RequestId,
    request: Request,
) -> Result<Response, Stop> {
    let headers = request.headers().clone();
    let from = lobby.throttle.from(&headers, request.extensions());
    lobby.throttle.address(from)?;
    let closed = || Stop::from(Code::RestoredClosed);
    let form = Form::accepted(&headers).ok_or_else(closed)?;
    let token = credential(&headers).ok().flatten().ok_or_else(closed)?;
    if request.method() != Method::POST || request.uri().query().is_some() {
        return Err(closed());
    }
    let body = body(request).await.map_err(|_| closed())?;
    let asked = Asked::from_body(&headers, &body).map_err(|_| closed())?;
    scan(&asked.document).map_err(|_| closed())?;
    let parsed = lobby.documents.parse(&asked.document);
    let document = parsed.map_err(|_| closed())?;
    let name = asked.operation_name.as_deref();
    let operation = operation(&document, name).map_err(|_| closed())?;
    if !does_only(operation, CONFIRM) {
        return Err(closed());
    }
    let turn = Turn {
        lobby,
        id,
        from,
        form,
    };
    let sent = turn.sent(Some(token), asked, true).await?;
    Ok(sent.response(&headers, form))
}

/// The act that opens again what a restore has closed.
const CONFIRM: &str = "confirmRestored";

/// Whether an operation is this one act, asked for by its own name and without directives, and
/// asks of its answer for nothing but why it was not done.
fn does_only(operation: &OperationDefinition, act: &str) -> bool {
    let [
        Positioned {
            node: Selection::Field(field),
            ..
        },
    ] = operation.selection_set.node.items.as_slice()
    else {
        return false;
    };
    let field = &field.node;
    let told = &field.selection_set.node.items;
    operation.ty == OperationType::Mutation
        && operation.directives.is_empty()
        && field.name.node == act
        && field.directives.is_empty()
        && told.iter().all(|told| match &told.node {
            Selection::Field(told) => told.node.name.node == "userErrors",
            Selection::FragmentSpread(_) | Selection::InlineFragment(_) => false,
        })
}

/// One request on its way to its answer.
struct Turn<'a, H> {
    lobby: &'a Lobby<H>,
    id: RequestId,
    from: IpAddr,
    form: Form,
}

impl<H: Hub> Turn<'_, H> {
    /// Answers an anonymous `GET`, anew only where nobody has asked the same in this edition.
    async fn public(&self, uri: &Uri) -> Result<Arc<Sent>, Stop> {
        // Read before anything else is: what is kept under it is not older.
        let edition = self.lobby.hub.edition().await.ok_or(Code::Unavailable)?;
        let question = Question::of(uri, self.form);
        if let Some(kept) = self.lobby.kept.find(edition, &question) {
            return Ok(kept);
        }
        let asked = Asked::from_uri(uri).map_err(|stop| self.counted(stop))?;
        let sent = Arc::new(self.sent(None, asked, false).await?);
        if sent.etag.is_some() {
            self.lobby.kept.keep(edition, question, &sent);
        }
        Ok(sent)
    }

    async fn posted(
        &self,
        token: Option<Credential<'_>>,
        headers: &HeaderMap,
        request: Request,
    ) -> Result<Arc<Sent>, Stop> {
        let asked = if has_token(request.uri()) {
            Err(Code::TokenInAddress.into())
        } else {
            let body = body(request).await;
            body.and_then(|body| Asked::from_body(headers, &body))
        };
        let asked = asked.map_err(|stop| self.counted(stop))?;
        #[cfg(feature = "planted-leaks")]
        if planted!(KeptForAnyone) {
            return self.kept_for_anyone(token, asked).await;
        }
        self.sent(token, asked, true).await.map(Arc::new)
    }

    /// The answer that somebody else was given to the same: for a planted leak alone.
    #[cfg(feature = "planted-leaks")]
    async fn kept_for_anyone(
        &self,
        token: Option<Credential<'_>>,
        asked: Asked,
    ) -> Result<Arc<Sent>, Stop> {
        let edition = self.lobby.hub.edition().await.ok_or(Code::Unavailable)?;
        let question = Question::posted(&asked, self.form);
        if let Some(kept) = self.lobby.kept.find(edition, &question) {
            return Ok(kept);
        }
        let sent = Arc::new(self.sent(token, asked, true).await?);
        self.lobby.kept.keep(edition, question, &sent);
        Ok(sent)
    }

    /// What is not well formed is counted by address, whatever token it says to have.
    fn counted(&self, stop: Stop) -> Stop {
        match self.lobby.throttle.address(self.from) {
            Ok(()) => stop,
            Err(over) => over,
        }
    }

    async fn sent(
        &self,
        token: Option<Credential<'_>>,
        asked: Asked,
        post: bool,
    ) -> Result<Sent, Stop> {
        let Self { lobby, form, .. } = self;
        let purpose = asked.extensions.get("purpose");
        let viewer = match lobby.hub.viewer(token, "/graphql", purpose).await {
            Ok(viewer) => viewer,
            Err(Refusal::Token) => return Err(self.counted(Code::Unauthenticated.into())),
            Err(Refusal::Purpose(code, sentence)) => {
                return Err(self.counted(Stop::Request(code, Some(sentence))));
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
        let prepared = prepared(lobby, asked, tier, post);
        let (request, kind) = prepared.map_err(|no| no.told(form.media))?;
        let request = request.data(form.language).data(self.id);
        let mut answer = lobby.hub.execute(viewer, request).await;
        error::mask(&mut answer, &self.id.to_string());
        let public = !post && tier == Tier::Anonymous && answer.errors.is_empty();
        let public = (public, lobby.hub.restored_at());
        Sent::of(&answer, *form, Ran(kind), public).ok_or_else(|| Code::Internal.into())
    }
}

/// The body within its limit, or the refusal.
pub(super) async fn body(request: Request) -> Result<Bytes, Stop> {
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
