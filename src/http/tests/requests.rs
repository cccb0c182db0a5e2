//! What is read, what is refused, and in which form it is told.

use axum::{body::Body, http::StatusCode};
use serde_json::json;

use super::{
    HELLO, STRICT,
    house::{door, get, is, post, request, send},
};
use crate::{graphql::limits::Limits, http::router};

#[tokio::test]
async fn a_query_is_answered_in_the_form_that_is_accepted() {
    for (accept, form) in [
        (
            "application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/graphql-response+json;q=0.4, application/json;q=0.5",
            "application/json; charset=utf-8",
        ),
        ("text/html, */*;q=0.1", "application/json; charset=utf-8"),
    ] {
        let told = post(&[("accept", accept)], &json!({ "query": "{ hello }" })).await;
        assert_eq!(told.header("content-type"), form);
        assert_eq!(told.body, r#"{"data":{"hello":"hello "}}"#);
    }
    is(
        &post(&[("accept", "text/html")], &json!({ "query": "{ hello }" })).await,
        406,
        "NOT_ACCEPTABLE",
    );
}

#[tokio::test]
async fn a_document_refused_has_no_data() {
    for (document, code) in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query($id: ID!) { node(id: $id) }", "VARIABLE_MISSING"),
        ("{ mechanisms(first: 101) }", "PAGE_TOO_LARGE"),
        (
            "query A { hello } query B { hello }",
            "OPERATION_NAME_REQUIRED",
        ),
        ("subscription { hello }", "SUBSCRIPTION_NOT_SUPPORTED"),
    ] {
        let body = json!({ "query": document });
        let (loose, strict) = (post(&[], &body).await, post(&[STRICT], &body).await);
        is(&loose, 200, code);
        is(&strict, 400, code);
        assert!(loose.json().get("data").is_none() && strict.json().get("data").is_none());
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_read_says_why() {
    let router = router(door());
    let json = [("content-type", "application/json")];
    for (body, code) in [
        ("{ \"query", "BAD_REQUEST"),
        ("", "BAD_REQUEST"),
        ("7", "BAD_REQUEST"),
        ("[{\"query\": \"{ hello }\"}]", "BATCH_NOT_SUPPORTED"),
        ("{\"query\": 1}", "BAD_REQUEST"),
        ("{\"query\": \"{hello}\", \"variables\": []}", "BAD_REQUEST"),
        ("{\"query\": \"{hello}\", \"extensions\": 0}", "BAD_REQUEST"),
        (
            "{\"query\": \"{hello}\", \"operationName\": {}}",
            "BAD_REQUEST",
        ),
        (
            "{\"query\": \"{hello}\", \"extensions\": {\"purpose\": {}}}",
            "PURPOSE_UNKNOWN",
        ),
    ] {
        is(
            &send(&router, request("POST", "", &json, body)).await,
            400,
            code,
        );
    }
    let deep = format!(
        "{{\"query\": \"{{hello}}\", \"variables\": {{\"a\": {}1{}}}}}",
        "[".repeat(64),
        "]".repeat(64)
    );
    is(
        &send(&router, request("POST", "", &json, deep)).await,
        400,
        "INPUT_TOO_DEEP",
    );
    let large = " ".repeat(Limits::BODY_BYTES + 1);
    is(
        &send(&router, request("POST", "", &json, large)).await,
        413,
        "BODY_TOO_LARGE",
    );
}

#[tokio::test]
async fn only_json_in_utf8_is_read() {
    let router = router(door());
    for form in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin1",
        "application/jsonp",
    ] {
        let told = send(
            &router,
            request(
                "POST",
                "",
                &[("content-type", form)],
                "{\"query\":\"{hello}\"}",
            ),
        )
        .await;
        is(&told, 415, "UNSUPPORTED_MEDIA_TYPE");
    }
    let told = send(&router, request("POST", "", &[], "{\"query\":\"{hello}\"}")).await;
    is(&told, 415, "UNSUPPORTED_MEDIA_TYPE");
    let headers = [("content-type", "Application/JSON; charset=\"UTF-8\"")];
    let told = send(
        &router,
        request("POST", "", &headers, "{\"query\":\"{hello}\"}"),
    )
    .await;
    assert_eq!(told.status, StatusCode::OK);
}

#[tokio::test]
async fn get_is_for_queries_and_honours_the_name() {
    let both = "query=query+A%7Bhello%7D+mutation+B%7Btouch%7D";
    let told = get(&format!("?{both}&operationName=A"), &[]).await;
    assert_eq!(told.body, r#"{"data":{"hello":"hello "}}"#);
    let told = get(&format!("?{both}&operationName=B"), &[]).await;
    is(&told, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(told.header("allow"), "POST");
    is(
        &get(&format!("?{both}&operationName=C"), &[STRICT]).await,
        400,
        "OPERATION_UNKNOWN",
    );
    is(
        &get(&format!("{HELLO}&{both}"), &[]).await,
        400,
        "BAD_REQUEST",
    );
    is(
        &get(&format!("{HELLO}&variables=%5B"), &[]).await,
        400,
        "BAD_REQUEST",
    );
    let told = send(&router(door()), request("PUT", "", &[], Body::empty())).await;
    is(&told, 405, "METHOD_NOT_ALLOWED");
    assert_eq!(told.header("allow"), "GET,HEAD,POST");
}
