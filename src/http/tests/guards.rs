//! Tokens, caches, masks, quotas, origins, and the other pages.

use std::{net::SocketAddr, time::Duration};

use axum::{body::Body, extract::ConnectInfo, http::StatusCode};
use serde_json::json;

use super::{
    HELLO, STRICT,
    house::{Told, ask, door, get, is, post, request, send},
};
use crate::http::{Quota, router};

#[tokio::test]
async fn a_token_with_get_is_refused_unread() {
    for token in ["Bearer good", "Bearer bad", "Basic x"] {
        let told = get(HELLO, &[("authorization", token)]).await;
        is(&told, 405, "TOKEN_WITH_GET");
        assert_eq!(told.header("allow"), "POST");
    }
    is(
        &get(&format!("{HELLO}&access_token=good"), &[]).await,
        405,
        "TOKEN_WITH_GET",
    );
    let headers = [("content-type", "application/json")];
    let posted = request(
        "POST",
        "?access_token=good",
        &headers,
        "{\"query\":\"{hello}\"}",
    );
    is(
        &send(&router(door()), posted).await,
        400,
        "TOKEN_IN_ADDRESS",
    );
}

#[tokio::test]
async fn a_bad_token_has_one_answer_and_is_never_taken_for_none() {
    let body = json!({ "query": "{ hello }" });
    let mut answers = Vec::new();
    for token in [
        "Bearer bad",
        "Bearer ",
        "Bearer",
        "Basic Z29vZA==",
        "good",
        "",
    ] {
        let told = post(&[("authorization", token)], &body).await;
        is(&told, 401, "UNAUTHENTICATED");
        assert_eq!(told.header("www-authenticate"), "Bearer");
        answers.push(told.body);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1);
    let two = [
        ("authorization", "Bearer good"),
        ("authorization", "Bearer good"),
    ];
    is(&post(&two, &body).await, 401, "UNAUTHENTICATED");
    let told = post(&[("authorization", "bearer good")], &body).await;
    assert_eq!(told.status, StatusCode::OK);
    assert_eq!(told.header("cache-control"), "private, no-store");
}

#[tokio::test]
async fn an_anonymous_get_is_kept_and_revalidated() {
    let told = get(HELLO, &[]).await;
    assert_eq!(told.header("cache-control"), "public, no-cache");
    assert_eq!(
        told.header("vary").to_lowercase(),
        "authorization, accept-language, accept"
    );
    let etag = told.header("etag").to_owned();
    assert!(etag.starts_with('"') && etag.len() == 45, "{etag}");
    for known in [etag.clone(), format!("\"x\", W/{etag}")] {
        let told = get(HELLO, &[("if-none-match", known.as_str())]).await;
        assert_eq!(
            (told.status, told.body.as_str()),
            (StatusCode::NOT_MODIFIED, "")
        );
        assert_eq!(told.header("etag"), etag);
        assert_eq!(told.header("content-type"), "");
    }
    let strict = get(HELLO, &[STRICT]).await;
    assert_ne!(strict.header("etag"), etag);
    let failed = get("?query=%7Bmissing%7D", &[]).await;
    assert_eq!(
        (failed.header("etag"), failed.header("cache-control")),
        ("", "private, no-store")
    );
    let posted = ask("{ hello }").await;
    assert_eq!(
        (posted.header("etag"), posted.header("cache-control")),
        ("", "private, no-store")
    );
}

#[tokio::test]
async fn what_is_not_meant_for_the_caller_is_masked() {
    let told = ask("{ leaks }").await;
    is(&told, 200, "INTERNAL");
    assert!(
        told.json()
            .as_object()
            .expect("an object")
            .contains_key("data")
    );
    assert_eq!(
        told.json()["errors"][0]["extensions"]["requestId"],
        told.header("x-request-id")
    );
    assert!(!told.body.contains("CANARY"));
    let told = ask("{ missing }").await;
    is(&told, 200, "NOT_FOUND");
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_named_by_its_type() {
    let body =
        json!({ "query": "query($n: Int) { hello(times: $n) }", "variables": { "n": "CANARY" } });
    let told = post(&[], &body).await;
    assert!(
        matches!(
            told.code().as_str(),
            "BAD_INPUT" | "GRAPHQL_VALIDATION_FAILED"
        ),
        "{}",
        told.body
    );
}

#[tokio::test]
async fn a_panic_is_a_masked_fault_with_all_headers() {
    let told = ask("{ breaks }").await;
    is(&told, 500, "INTERNAL");
    assert!(!told.body.contains("CANARY"));
    assert_eq!(told.header("cache-control"), "private, no-store");
    assert_eq!(told.header("x-content-type-options"), "nosniff");
    assert_eq!(
        told.json()["errors"][0]["extensions"]["requestId"],
        told.header("x-request-id")
    );
}

#[tokio::test]
async fn what_takes_too_long_is_given_up() {
    let mut door = door();
    door.time = Duration::from_millis(20);
    let headers = [("content-type", "application/json")];
    let told = send(
        &router(door),
        request("POST", "", &headers, "{\"query\":\"{ sleeps }\"}"),
    )
    .await;
    is(&told, 503, "TIMED_OUT");
}

#[tokio::test]
async fn requests_over_the_quota_wait() {
    let mut door = door();
    (door.anonymous, door.token) = (Quota::of(1, 2), Quota::of(1, 3));
    let router = router(door);
    let headers = [
        ("content-type", "application/json"),
        ("authorization", "Bearer good"),
    ];
    let body = "{\"query\":\"{ hello }\"}";
    for allowed in [200, 200, 429] {
        assert_eq!(
            send(&router, request("GET", HELLO, &[], "")).await.status,
            allowed
        );
    }
    let told = send(&router, request("GET", HELLO, &[], "")).await;
    is(&told, 429, "RATE_LIMITED");
    assert_eq!(told.header("retry-after"), "1");
    for allowed in [200, 200, 200, 429] {
        assert_eq!(
            send(&router, request("POST", "", &headers, body))
                .await
                .status,
            allowed
        );
    }
    let bad = [
        ("content-type", "application/json"),
        ("authorization", "Bearer bad"),
    ];
    assert_eq!(
        send(&router, request("POST", "", &bad, body)).await.status,
        429
    );
}

#[tokio::test]
async fn any_origin_reads_and_only_known_ones_send_a_token() {
    let mut door = door();
    door.origins = vec!["https://desk.example".parse().expect("an origin")];
    let router = router(door);
    let allowed = |told: &Told| told.header("access-control-allow-origin").to_owned();
    for (origin, token, expected) in [
        ("https://other.example", "", "https://other.example"),
        ("https://other.example", "Bearer good", ""),
        (
            "https://desk.example",
            "Bearer good",
            "https://desk.example",
        ),
    ] {
        let mut headers = vec![("content-type", "application/json"), ("origin", origin)];
        headers.extend((!token.is_empty()).then_some(("authorization", token)));
        let told = send(
            &router,
            request("POST", "", &headers, "{\"query\":\"{hello}\"}"),
        )
        .await;
        assert_eq!(allowed(&told), expected);
        let wished = if token.is_empty() {
            "content-type"
        } else {
            "content-type,Authorization"
        };
        let preflight = [
            ("origin", origin),
            ("access-control-request-method", "POST"),
            ("access-control-request-headers", wished),
        ];
        let told = send(&router, request("OPTIONS", "", &preflight, "")).await;
        assert_eq!(allowed(&told), expected);
    }
    assert_eq!(
        allowed(&send(&router, request("GET", HELLO, &[], "")).await),
        ""
    );
}

#[tokio::test]
async fn the_language_asked_for_is_the_language_used() {
    let told = post(
        &[("accept-language", "fr-CH, en;q=0.5")],
        &json!({ "query": "{ language }" }),
    )
    .await;
    assert_eq!(told.json()["data"]["language"], "fr");
    assert_eq!(told.header("content-language"), "fr");
}

#[tokio::test]
async fn the_other_pages_are_there() {
    let router = router(door());
    let page = async |path: &str| {
        let request = axum::http::Request::get(path)
            .body(Body::empty())
            .expect("a request");
        send(&router, request).await
    };
    for path in [
        "/",
        "/explorer.js",
        "/explorer.css",
        "/healthz",
        "/readyz",
        "/schema.graphql",
    ] {
        let told = page(path).await;
        assert_eq!(told.status, StatusCode::OK, "{path}");
        assert!(
            told.header("content-security-policy")
                .starts_with("default-src 'none'")
        );
    }
    is(&page("/elsewhere").await, 404, "NO_SUCH_PAGE");
}

#[tokio::test]
async fn the_meters_are_for_this_machine_alone() {
    let router = router(door());
    let page = async |peer: Option<&str>, header: &str| {
        let mut request = axum::http::Request::get("/metrics").header(header, "192.0.2.7");
        if let Some(peer) = peer {
            let peer: SocketAddr = peer.parse().expect("an address");
            request = request.extension(ConnectInfo(peer));
        }
        send(&router, request.body(Body::empty()).expect("a request")).await
    };
    for here in ["127.0.0.1:9", "[::1]:9", "[::ffff:127.0.0.1]:9"] {
        let told = page(Some(here), "x-other").await;
        assert_eq!(told.status, StatusCode::OK);
        assert!(told.body.contains("liaison_http_requests_in_flight 1\n"));
        for proxy in ["forwarded", "x-forwarded-for", "via"] {
            is(&page(Some(here), proxy).await, 404, "NO_SUCH_PAGE");
        }
    }
    is(
        &page(Some("192.0.2.7:9"), "x-other").await,
        404,
        "NO_SUCH_PAGE",
    );
    is(&page(None, "x-other").await, 404, "NO_SUCH_PAGE");
}
