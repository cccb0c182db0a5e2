//! A house of straw behind the real door: a small schema and two tokens.

use std::{sync::Arc, time::Duration};

use async_graphql::{Context, EmptySubscription, Error, ID, Object, Request, Response, Schema};
use axum::{
    Router,
    body::{Body, to_bytes},
    http::{self, HeaderMap, StatusCode, header},
};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::{
    graphql::{error::Code, language::Language, limits::SchemaKnowledge},
    http::{Credential, Door, Edition, Hub, Presented, Refusal, router},
};

#[derive(Clone)]
pub(super) struct Straw(Schema<Query, Mutation, EmptySubscription>);

pub(super) struct Query;
pub(super) struct Mutation;

#[Object]
impl Query {
    async fn hello(&self, times: Option<i32>) -> String {
        "hello ".repeat(usize::try_from(times.unwrap_or(1)).unwrap_or(0))
    }

    async fn language(&self, ctx: &Context<'_>) -> &'static str {
        ctx.data_opt::<Language>()
            .map_or("", |language| language.code())
    }

    async fn node(&self, id: ID) -> Option<String> {
        (id == "1").then(|| "one".to_owned())
    }

    async fn missing(&self) -> Result<String, Error> {
        Err(Code::NotFound.error())
    }

    async fn leaks(&self) -> Result<String, Error> {
        Err(Error::new("the driver says \"CANARY\" in (CANARY)"))
    }

    async fn breaks(&self) -> String {
        std::env::var("CANARY_THAT_IS_NOT_SET").expect("CANARY")
    }

    async fn sleeps(&self) -> String {
        tokio::time::sleep(Duration::from_secs(60)).await;
        String::new()
    }

    async fn mechanisms(&self, first: Option<i32>) -> Vec<i32> {
        (0..first.unwrap_or(20)).collect()
    }
}

#[Object]
impl Mutation {
    async fn touch(&self) -> bool {
        true
    }
}

impl SchemaKnowledge for Straw {
    fn is_connection(&self, field: &str) -> bool {
        field == "mechanisms"
    }

    fn is_list(&self, field: &str) -> bool {
        field == "tags"
    }

    fn is_sealed(&self, _: &str) -> bool {
        false
    }
}

impl Hub for Straw {
    type Viewer = Option<String>;

    async fn viewer(
        &self,
        token: Option<Credential<'_>>,
        _: &str,
        purpose: Option<&Value>,
    ) -> Result<Self::Viewer, Refusal> {
        if purpose.is_some_and(|purpose| purpose["code"] != "EXAMINATION") {
            return Err(Refusal::Purpose(
                Code::PurposeUnknown,
                "not on the list".to_owned(),
            ));
        }
        match token.map(|token| token.token) {
            None => Ok(None),
            Some("good") => Ok(Some("desk".to_owned())),
            Some(_) => Err(Refusal::Token),
        }
    }

    async fn again(&self, viewer: &Self::Viewer) -> Result<Self::Viewer, Refusal> {
        Ok(viewer.clone())
    }

    fn keeps(_: &Self::Viewer) -> bool {
        true
    }

    fn is_anyone(viewer: &Self::Viewer) -> bool {
        viewer.is_none()
    }

    async fn next_pair(&self, _: Presented<'_>) -> Result<Option<Value>, Refusal> {
        Ok(None)
    }

    fn subject(viewer: &Self::Viewer) -> Option<&str> {
        viewer.as_deref()
    }

    async fn execute(&self, _: Self::Viewer, request: Request) -> Response {
        self.0.execute(request).await
    }

    async fn edition(&self) -> Option<Edition> {
        Some(Edition::default())
    }

    async fn ready(&self) -> bool {
        true
    }

    fn sdl(&self) -> Arc<str> {
        self.0.sdl().into()
    }

    fn published_keys(&self) -> String {
        r#"{"keys":[]}"#.to_owned()
    }

    fn knowledge(&self) -> &(dyn SchemaKnowledge + Sync) {
        self
    }
}

/// A door to the house of straw.
pub(super) fn door() -> Door<Straw> {
    Door::new(Straw(
        Schema::build(Query, Mutation, EmptySubscription).finish(),
    ))
}

/// An answer, read to its end.
pub(super) struct Told {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Told {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub(super) fn code(&self) -> String {
        let code = &self.json()["errors"][0]["extensions"]["code"];
        code.as_str().unwrap_or_default().to_owned()
    }
}

/// Sends a request through a door.
pub(super) async fn send(router: &Router, request: http::Request<Body>) -> Told {
    let response = router.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.expect("a body");
    let body = String::from_utf8(bytes.to_vec()).expect("UTF-8");
    Told {
        status: parts.status,
        headers: parts.headers,
        body,
    }
}

/// A request of `method` to `/graphql` with headers and a body.
pub(super) fn request(
    method: &str,
    query: &str,
    headers: &[(&str, &str)],
    body: impl Into<Body>,
) -> http::Request<Body> {
    let mut request = http::Request::builder()
        .method(method)
        .uri(format!("/graphql{query}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).expect("a request")
}

/// A `POST` of a JSON body, with further headers.
pub(super) async fn post(headers: &[(&str, &str)], body: &Value) -> Told {
    let mut all = vec![(header::CONTENT_TYPE.as_str(), "application/json")];
    all.extend_from_slice(headers);
    send(&router(door()), request("POST", "", &all, body.to_string())).await
}

/// A `POST` of a document alone.
pub(super) async fn ask(document: &str) -> Told {
    post(&[], &json!({ "query": document })).await
}

/// A `GET` with a query string and headers.
pub(super) async fn get(query: &str, headers: &[(&str, &str)]) -> Told {
    send(
        &router(door()),
        request("GET", query, headers, Body::empty()),
    )
    .await
}

/// Checks the status of an answer and the code that it tells.
pub(super) fn is(told: &Told, status: u16, code: &str) {
    assert_eq!(
        (told.status.as_u16(), told.code().as_str()),
        (status, code),
        "{}",
        told.body
    );
}
