//! Whatever is sent in, the hub says in a stable code and a sentence what is wrong with
//! it, tells nothing else, and lives.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{HeaderValue, Request, request::Builder},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use liaison::{
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{Cast, Stage},
    golden,
    harness::{Backend, Suite},
    house::{Answer, House, global},
    specimens::{MARK, collected, specimen},
};

const FOLDER: &str = "tests/golden/errors";

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "bad_input_is_answered_with_a_code_and_a_sentence",
        bad_input,
    );
    suite.test("an_id_that_leads_nowhere_is_null_and_no_error", ids);
    suite.test(
        "a_hostile_token_is_refused_in_one_and_the_same_body",
        tokens,
    );
}

/// A request that is wrong in one way, under the name of its golden file.
type Wrong = (&'static str, Request<Body>);

fn builder() -> Builder {
    Request::post("/graphql").header("content-type", "application/json")
}

/// A request with this body, as JSON.
fn body(text: impl Into<Body>) -> Request<Body> {
    builder().body(text.into()).unwrap()
}

/// A request with this document.
fn document(text: &str) -> Request<Body> {
    body(json!({ "query": text }).to_string())
}

/// A request with this document and these variables.
fn with(text: &str, variables: &Value) -> Request<Body> {
    body(json!({ "query": text, "variables": variables }).to_string())
}

/// A request of one of the cast.
fn of(stage: &Stage, cast: Cast, request: &Value) -> Request<Body> {
    let token = format!("Bearer {}", stage.token(cast).unwrap());
    builder()
        .header("authorization", token)
        .body(Body::from(request.to_string()))
        .unwrap()
}

/// A query nested so deep.
fn nested(depth: usize) -> String {
    let step = "parent { ";
    format!(
        "{{ mechanism(code: \"cat\") {{ {}id{} }} }}",
        step.repeat(depth),
        " }".repeat(depth)
    )
}

/// Fragments that spread one another twice: small to send, and large to count.
fn bomb() -> String {
    let mut text = "{ mechanism(code: \"cat\") { ...F0 } }".to_owned();
    for place in 0..24 {
        let next = place + 1;
        text.push_str(&format!(
            " fragment F{place} on Mechanism {{ ...F{next} ...F{next} }}"
        ));
    }
    text.push_str(" fragment F24 on Mechanism { id }");
    text
}

/// Requests that are wrong before anybody looks at their document.
fn transport() -> Vec<Wrong> {
    let plain = |form: &'static str| {
        Request::post("/graphql")
            .header("content-type", form)
            .body(Body::from("{\"query\": \"{ __typename }\"}"))
            .unwrap()
    };
    let method = |name: &str| {
        Request::builder()
            .method(name)
            .uri("/graphql")
            .body(Body::empty())
            .unwrap()
    };
    let accepts = builder()
        .header("accept", "text/html")
        .body(Body::from("{\"query\": \"{ __typename }\"}"))
        .unwrap();
    let elsewhere = Request::get("/graphqll").body(Body::empty()).unwrap();
    let token_with_get = Request::get("/graphql?query=%7B__typename%7D")
        .header("authorization", "Bearer x")
        .body(Body::empty())
        .unwrap();
    let token_in_address = Request::post("/graphql?access_token=x")
        .header("content-type", "application/json")
        .body(Body::from("{\"query\": \"{ __typename }\"}"))
        .unwrap();
    vec![
        ("body-empty", body("")),
        ("body-cut-off", body("{\"query\": \"{ __type")),
        ("body-not-utf8", body(&b"{\"query\": \"\xff\"}"[..])),
        ("body-is-a-number", body("7")),
        ("body-is-a-batch", body("[{\"query\": \"{ __typename }\"}]")),
        ("body-without-a-query", body("{}")),
        (
            "body-with-a-query-of-wrong-type",
            body("{\"query\": [\"{ __typename }\"]}"),
        ),
        (
            "body-with-variables-of-wrong-type",
            body("{\"query\": \"{ __typename }\", \"variables\": []}"),
        ),
        (
            "body-with-extensions-of-wrong-type",
            body("{\"query\": \"{ __typename }\", \"extensions\": 1}"),
        ),
        ("body-too-large", body(" ".repeat(256 * 1024 + 1))),
        (
            "body-nested-too-deep",
            body(format!(
                "{{\"query\": \"{{ __typename }}\", \"variables\": {{\"a\": {}1{}}}}}",
                "[".repeat(1_000),
                "]".repeat(1_000)
            )),
        ),
        ("content-type-text", plain("text/plain")),
        (
            "content-type-form",
            plain("application/x-www-form-urlencoded"),
        ),
        (
            "content-type-multipart",
            plain("multipart/form-data; boundary=x"),
        ),
        (
            "content-type-latin1",
            plain("application/json; charset=latin1"),
        ),
        ("accept-html", accepts),
        ("method-put", method("PUT")),
        ("method-delete", method("DELETE")),
        ("no-such-page", elsewhere),
        ("token-with-get", token_with_get),
        ("token-in-address", token_in_address),
    ]
}

/// Documents that are refused before anything of them is run.
fn documents() -> Vec<Wrong> {
    vec![
        ("document-empty", document("")),
        ("document-cut-off", document("{ mechanisms {")),
        ("document-no-graphql", document("SELECT 1")),
        (
            "document-unknown-field",
            document("{ mechanisms { totalCount nothing } }"),
        ),
        (
            "document-sealed-filter",
            document("{ communications(filter: { names: { contains: \"a\" } }) { totalCount } }"),
        ),
        (
            "document-unknown-operation",
            body("{\"query\": \"query A { __typename }\", \"operationName\": \"B\"}"),
        ),
        (
            "document-several-operations",
            document("query A { __typename } query B { __typename }"),
        ),
        ("document-mutation", document("mutation { lodge }")),
        (
            "document-subscription",
            document("subscription { changes }"),
        ),
        (
            "document-too-large",
            document(&format!("{{ __typename # {}\n}}", "x".repeat(32 * 1024))),
        ),
        ("document-too-deep", document(&nested(70))),
        (
            "document-deep-list",
            document(&format!(
                "{{ nodes(ids: {}\"x\"{}) {{ id }} }}",
                "[".repeat(2_000),
                "]".repeat(2_000)
            )),
        ),
        (
            "document-too-many-tokens",
            document(&format!("{{ __typename {} }}", "a ".repeat(10_001))),
        ),
        (
            "document-too-many-aliases",
            document(&format!(
                "{{ viewer {{ {} }} }}",
                (0..31)
                    .map(|n| format!("a{n}: subject "))
                    .collect::<String>()
            )),
        ),
        (
            "document-too-many-root-fields",
            document(&format!("{{ {} }}", "viewer { subject } ".repeat(21))),
        ),
        (
            "document-too-many-directives",
            document(&format!(
                "{{ __typename {} }}",
                "@include(if: true) ".repeat(6)
            )),
        ),
        (
            "document-fragment-cycle",
            document(
                "{ mechanism(code: \"cat\") { ...A } } fragment A on Mechanism { ...B } fragment B on Mechanism { ...A }",
            ),
        ),
        ("document-fragment-bomb", document(&bomb())),
        (
            "document-too-wide",
            document(
                "{ mechanisms(first: 100) { edges { node { focalPoints(first: 100) { edges { node { id } } } communications(first: 100) { edges { node { id } } } } } } }",
            ),
        ),
        (
            "variable-missing",
            document("query ($id: ID!) { node(id: $id) { id } }"),
        ),
        (
            "variable-of-wrong-type",
            with(
                "query ($first: Int) { mechanisms(first: $first) { totalCount } }",
                &json!({ "first": "many" }),
            ),
        ),
        (
            "variable-not-declared",
            document("{ node(id: $id) { id } }"),
        ),
    ]
}

/// Arguments that a resolver, or the reading of its arguments, refuses.
fn arguments() -> Vec<Wrong> {
    let list = |arguments: &str| {
        document(&format!(
            "{{ communications({arguments}) {{ totalCount }} }}"
        ))
    };
    let many: Vec<String> = (0..101)
        .map(|_| {
            GlobalId {
                kind: Kind::Person,
                id: RecordId::random(),
            }
            .to_string()
        })
        .collect();
    vec![
        ("page-over-limit", list("first: 101")),
        (
            "page-over-limit-by-variable",
            with(
                "query ($n: Int) { mechanisms(last: $n) { totalCount } }",
                &json!({ "n": 2_000_000_000 }),
            ),
        ),
        ("page-negative", list("first: -1")),
        ("page-first-and-last", list("first: 1, last: 1")),
        ("page-beyond-numbers", list("first: 99999999999")),
        (
            "nodes-over-limit",
            with(
                "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
                &json!({ "ids": many }),
            ),
        ),
        ("cursor-garbage", list("after: \"not a cursor\"")),
        ("cursor-empty", list("after: \"\"")),
        (
            "filter-of-wrong-type",
            list("filter: { title: { contains: 7 } }"),
        ),
        (
            "filter-with-unknown-code",
            list("filter: { status: { eq: NO_SUCH_STATUS } }"),
        ),
        (
            "filter-with-unknown-code-by-variable",
            with(
                "query ($filter: CommunicationFilter) { communications(filter: $filter) { totalCount } }",
                &json!({ "filter": { "status": { "eq": "NO_SUCH_STATUS" } } }),
            ),
        ),
        (
            "filter-with-unknown-field-by-variable",
            with(
                "query ($filter: CommunicationFilter) { communications(filter: $filter) { totalCount } }",
                &json!({ "filter": { "names": { "contains": "a" } } }),
            ),
        ),
        (
            "filter-with-no-date",
            list("filter: { decidedOn: { gte: \"yesterday\" } }"),
        ),
        (
            "filter-with-empty-text",
            list("filter: { title: { contains: \"\" } }"),
        ),
        (
            "filter-with-nul",
            with(
                "query ($text: String) { communications(filter: { title: { contains: $text } }) { totalCount } }",
                &json!({ "text": "a\u{0}b" }),
            ),
        ),
        (
            "filter-with-long-list",
            with(
                "query ($all: [String!]) { communications(filter: { title: { in: $all } }) { totalCount } }",
                &json!({ "all": vec!["a"; 101] }),
            ),
        ),
        (
            "order-by-unknown-field",
            list("orderBy: [{ field: NAMES, direction: ASC }]"),
        ),
        (
            "order-by-too-many",
            list(&format!(
                "orderBy: [{}]",
                "{ field: TITLE, direction: ASC } ".repeat(6)
            )),
        ),
        (
            "explain-without-an-id",
            document("{ explainAccess(id: \"x\", field: \"title\") { answer } }"),
        ),
        (
            "explain-an-unknown-field",
            document(&format!(
                "{{ explainAccess(id: \"{}\", field: \"nothing\") {{ answer }} }}",
                specimen(Kind::Communication, "pending")
            )),
        ),
    ]
}

/// What those who bear a token can do wrong besides.
async fn of_bearers(stage: &Stage) -> Vec<Wrong> {
    let question = "{ viewer { purpose } }";
    let purpose = |purpose: Value| {
        let request = json!({ "query": question, "extensions": { "purpose": purpose } });
        of(stage, Cast::Officer, &request)
    };
    let list = "communications(first: 2, orderBy: [{ field: TITLE, direction: ASC }]";
    let first = format!("{{ {list}) {{ pageInfo {{ endCursor }} }} }}");
    let data = stage.ask(Cast::Owner, &first).await.data();
    let cursor = data["communications"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let after = |list: &str, cursor: &str| json!({ "query": format!("{{ {list}, after: \"{cursor}\") {{ totalCount }} }}") });
    let mut tampered = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
    tampered[0] ^= 1;
    let tampered = URL_SAFE_NO_PAD.encode(tampered);
    let sealed = json!({
        "query": "{ communications(first: 26) { edges { node { persons(first: 1) { edges { node { names { text } } } } } } } }",
    });
    vec![
        (
            "purpose-unknown",
            purpose(json!({ "code": "CURIOSITY", "reason": "a test" })),
        ),
        ("purpose-malformed", purpose(json!("EXAMINATION"))),
        (
            "purpose-without-reason",
            purpose(json!({ "code": "EXAMINATION" })),
        ),
        (
            "purpose-with-empty-reason",
            purpose(json!({ "code": "EXAMINATION", "reason": " " })),
        ),
        (
            "purpose-with-long-reason",
            purpose(json!({ "code": "EXAMINATION", "reason": "x".repeat(501) })),
        ),
        (
            "cursor-tampered",
            of(stage, Cast::Owner, &after(list, &tampered)),
        ),
        (
            "cursor-of-another-viewer",
            of(stage, Cast::Channel, &after(list, &cursor)),
        ),
        (
            "cursor-of-another-order",
            of(
                stage,
                Cast::Owner,
                &after(&list.replace("ASC", "DESC"), &cursor),
            ),
        ),
        (
            "cursor-of-another-list",
            of(
                stage,
                Cast::Owner,
                &after(
                    "documents(first: 2, orderBy: [{ field: TITLE, direction: ASC }]",
                    &cursor,
                ),
            ),
        ),
        (
            "cursor-of-another-filter",
            of(
                stage,
                Cast::Owner,
                &after(
                    &format!("{list}, filter: {{ joint: {{ eq: true }} }}"),
                    &cursor,
                ),
            ),
        ),
        (
            "sealed-openings-over-limit",
            of(stage, Cast::Officer, &sealed),
        ),
    ]
}

async fn bad_input(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    let leaves = "SELECT COUNT(*) FROM audit_leaf WHERE kind = 'OPEN_VICTIM'";
    let before = stage.house.number(leaves).await;
    let mut names = BTreeSet::new();
    let bearers = of_bearers(&stage).await;
    for (name, request) in transport()
        .into_iter()
        .chain(documents())
        .chain(arguments())
        .chain(bearers)
    {
        let answer = stage.house.send(request).await;
        let told = told(name, &answer);
        golden::compare(&format!("{FOLDER}/{name}.json"), &told);
        assert!(
            names.insert(format!("{name}.json")),
            "`{name}` is there twice"
        );
        is_alive(&stage.house).await;
    }
    assert_eq!(
        stage.house.number(leaves).await,
        before,
        "nothing was opened"
    );
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(golden::path(FOLDER)).expect("the folder is there") {
        files.insert(entry.unwrap().file_name().into_string().unwrap());
    }
    assert_eq!(files, names, "each golden file is used");
}

/// The answer as its golden file holds it: status and errors, each with its code.
fn told(name: &str, answer: &Answer) -> String {
    let json = answer.json();
    let errors = json["errors"]
        .as_array()
        .unwrap_or_else(|| panic!("`{name}`: {json}"));
    assert!(!errors.is_empty());
    for error in errors {
        let code = error["extensions"]["code"].as_str().unwrap_or_default();
        assert!(!code.is_empty() && code != "INTERNAL", "`{name}`: {json}");
        let sentence = error["message"].as_str().unwrap_or_default();
        assert!(
            !sentence.is_empty() && sentence.len() < 500,
            "`{name}`: {sentence}"
        );
        for leak in [
            MARK, "SELECT ", "sqlx", "sea_orm", "sea-orm", "panicked", "src/",
        ] {
            assert!(
                !sentence.contains(leak) || name == "document-no-graphql",
                "`{name}`: {sentence}"
            );
        }
    }
    let told = json!({ "status": answer.status.as_u16(), "body": json });
    let mut text = serde_json::to_string_pretty(&told).unwrap();
    text.push('\n');
    text
}

async fn is_alive(house: &House) {
    let data = house.ask(None, "{ __typename }").await.data();
    assert_eq!(data["__typename"], "Query");
}

async fn ids(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let unknown = |kind| {
        GlobalId {
            kind,
            id: RecordId::random(),
        }
        .to_string()
    };
    let known = global(Kind::Mechanism, "cat");
    let longer = format!("{known}A");
    let no_kind = URL_SAFE_NO_PAD.encode([255; 17]);
    let nowhere = [
        unknown(Kind::Communication),
        unknown(Kind::Person),
        unknown(Kind::CommunicationPerson),
        String::new(),
        "x".to_owned(),
        "1".to_owned(),
        known[..22].to_owned(),
        longer,
        no_kind,
        "../../etc/passwd".to_owned(),
        "' OR 1 = 1 --".to_owned(),
        "\u{0}".to_owned(),
        "é".repeat(12),
        "x".repeat(10_000),
    ];
    for id in nowhere {
        let variables = json!({ "id": id, "ids": [id, known, id] });
        let question = "query ($id: ID!, $ids: [ID!]!) {
            node(id: $id) { id } communication(id: $id) { id } nodes(ids: $ids) { id } }";
        for cast in [Cast::Anyone, Cast::Officer] {
            let data = stage
                .ask_with(cast, question, variables.clone())
                .await
                .data();
            assert_eq!(
                data,
                json!({ "node": null, "communication": null, "nodes": [null, { "id": known }, null] })
            );
        }
    }
    // An id of another kind than the field's is no communication.
    let question = "query ($id: ID!) { communication(id: $id) { id } }";
    let data = stage
        .ask_with(Cast::Officer, question, json!({ "id": known }))
        .await
        .data();
    assert_eq!(data, json!({ "communication": null }));
}

/// A token with another header or other claims, under the old signature.
fn changed(token: &str, part: usize, change: impl Fn(&mut Value)) -> String {
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    let bytes = URL_SAFE_NO_PAD.decode(&parts[part]).unwrap();
    let mut value: Value = serde_json::from_slice(&bytes).unwrap();
    change(&mut value);
    parts[part] = URL_SAFE_NO_PAD.encode(value.to_string());
    parts.join(".")
}

async fn tokens(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let good = stage.token(Cast::Officer).unwrap().to_owned();
    let other = stage.token(Cast::Owner).unwrap().to_owned();
    let (head, tail) = good.rsplit_once('.').unwrap();
    let claims = other.split('.').nth(1).unwrap();
    let spliced = format!("{}.{claims}.{tail}", good.split('.').next().unwrap());
    let hostile = [
        "Bearer x".to_owned(),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        "Basic Y2F0OmNhdA==".to_owned(),
        good.clone(),
        format!("Bearer {good} {good}"),
        format!("Bearer {good}x"),
        format!("Bearer {}", &good[..good.len() - 2]),
        format!("Bearer {head}."),
        format!("Bearer {head}"),
        format!("Bearer {spliced}"),
        format!(
            "Bearer {}",
            changed(&good, 0, |head| head["alg"] = json!("none"))
        ),
        format!(
            "Bearer {}",
            changed(&good, 0, |head| head["alg"] = json!("HS256"))
        ),
        format!(
            "Bearer {}",
            changed(&good, 0, |head| head["kid"] = json!("another"))
        ),
        format!(
            "Bearer {}",
            changed(&good, 0, |head| head["typ"] = json!("JWT"))
        ),
        format!(
            "Bearer {}",
            changed(&good, 0, |head| head["jwk"] = json!({ "kty": "OKP" }))
        ),
        format!(
            "Bearer {}",
            changed(&good, 1, |claims| claims["sub"] = json!("cat.director"))
        ),
        format!(
            "Bearer {}",
            changed(&good, 1, |claims| claims["exp"] = json!(4_000_000_000_u64))
        ),
        format!(
            "Bearer {}",
            changed(&good, 1, |claims| claims["aud"] = json!(["liaison"]))
        ),
        format!("Bearer {}", "x".repeat(9_000)),
        format!("Bearer {}.{}.{}", "e30", "e30", "e30"),
    ];
    let ask = async |authorization: HeaderValue| {
        let request = builder()
            .header("authorization", authorization)
            .body(Body::from(
                json!({ "query": "{ viewer { subject } }" }).to_string(),
            ))
            .unwrap();
        stage.house.send(request).await
    };
    let refused = ask(HeaderValue::from_static("Bearer x")).await;
    assert_eq!(
        (refused.status.as_u16(), refused.code().as_str()),
        (401, "UNAUTHENTICATED")
    );
    let comparable = |answer: &Answer| {
        let mut headers = answer.headers.clone();
        headers.remove("x-request-id");
        headers.remove("date");
        (answer.status, headers, answer.body.clone())
    };
    let not_utf8 = HeaderValue::from_bytes(b"Bearer \xff\xfe").unwrap();
    let hostile = hostile
        .iter()
        .map(|text| HeaderValue::from_str(text).unwrap());
    for authorization in hostile.chain([not_utf8]) {
        let answer = ask(authorization.clone()).await;
        assert_eq!(
            comparable(&answer),
            comparable(&refused),
            "{authorization:?}"
        );
    }
    // Two headers are not one token, even where the first is good.
    let bearer = format!("Bearer {good}");
    let twice = builder()
        .header("authorization", &bearer)
        .header("authorization", &bearer)
        .body(Body::from(
            json!({ "query": "{ viewer { subject } }" }).to_string(),
        ))
        .unwrap();
    assert_eq!(
        comparable(&stage.house.send(twice).await),
        comparable(&refused)
    );
    let good = ask(HeaderValue::from_str(&bearer).unwrap()).await.data();
    assert_eq!(good["viewer"]["subject"], "cat.petitions");
}
