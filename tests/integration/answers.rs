//! Three viewers, one question, three answers: the README's first example.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use liaison::{clock::Moment, confidentiality::Level, document::Document, identity::kind::Kind};

use crate::support::{
    cast::{OWNER, bare},
    harness::{Backend, Suite},
    house::{Answer, House, NOW},
};

const DOCKET: &str = r#"{
    communications(first: 20, filter: { mechanism: { eq: "cat" } }) {
        totalCount
        edges { node { reference status docketNote persons(first: 1) { totalCount edges { role node { names { text } } } } } }
    }
}"#;

pub(crate) fn register(suite: &mut Suite) {
    suite.test("anyone_is_told_what_is_decided_and_published", |backend| async move {
        let house = House::open(backend).await;
        let data = house.ask(None, "{ communications(first: 100) { edges { node { status docketNote persons(first: 0) { totalCount } } } } }").await;
        for edge in data.data()["communications"]["edges"].as_array().unwrap() {
            assert!(edge["node"]["docketNote"].is_null());
            assert_eq!(edge["node"]["persons"]["totalCount"], 0);
        }
    });
    suite.test(
        "a_secretariat_is_told_its_docket_and_no_name",
        |backend| async move {
            let house = House::open(backend).await;
            let token = house.token_up_to("cat.secretary", Level::Secretariat).await;
            let own = house.ask(Some(&token), DOCKET).await.data();
            let public = house.ask(None, DOCKET).await.data();
            let total =
                |data: &serde_json::Value| data["communications"]["totalCount"].as_i64().unwrap();
            assert!(total(&own) > total(&public));
            let mut persons = 0;
            for edge in own["communications"]["edges"].as_array().unwrap() {
                assert!(edge["node"]["docketNote"].is_string(), "{edge}");
                for person in edge["node"]["persons"]["edges"].as_array().unwrap() {
                    assert!(person["role"].is_string());
                    assert!(person["node"]["names"].is_null());
                    persons += 1;
                }
            }
            assert!(persons > 0);
        },
    );
    suite.test("a_kept_answer_is_never_late", kept);
    suite.test("an_edge_read_backwards_tells_no_more_than_read_forwards", |backend| async move {
        let house = House::open(backend).await;
        const PARTIES: &str = "{ agreements(first: 100) { edges { node { id parties { id } } } } \
             mechanisms(first: 100) { edges { node { id agreements(first: 50) { edges { node { id } } } } } } }";
        for level in [None, Some(Level::Partner)] {
            let token = match level {
                Some(level) => Some(house.token_up_to("iachr.sync", level).await),
                None => None,
            };
            let data = house.ask(token.as_deref(), PARTIES).await.data();
            let mut forwards = Vec::new();
            for edge in data["agreements"]["edges"].as_array().unwrap() {
                for party in edge["node"]["parties"].as_array().into_iter().flatten() {
                    forwards.push((party["id"].to_string(), edge["node"]["id"].to_string()));
                }
            }
            let mut backwards = Vec::new();
            for edge in data["mechanisms"]["edges"].as_array().unwrap() {
                for agreement in edge["node"]["agreements"]["edges"].as_array().unwrap() {
                    backwards.push((edge["node"]["id"].to_string(), agreement["node"]["id"].to_string()));
                }
            }
            forwards.sort();
            backwards.sort();
            assert_eq!(forwards, backwards, "at {level:?}");
            assert!(!forwards.is_empty());
        }
    });
}

/// Asks without a token, by `GET`.
async fn get(house: &House, known: &str) -> Answer {
    let query = "query=%7Bdocuments%28first%3A1%29%7BtotalCount%7D%7D";
    let request = Request::get(format!("/graphql?{query}")).header(header::IF_NONE_MATCH, known);
    house.send(request.body(Body::empty()).unwrap()).await
}

async fn kept(backend: Backend) {
    let house = House::open(backend).await;
    let total = async || {
        let answer = get(&house, "").await;
        let tag = answer.headers[header::ETAG].to_str().unwrap().to_owned();
        (
            answer.data()["documents"]["totalCount"].as_i64().unwrap(),
            tag,
        )
    };
    let (before, tag) = total().await;
    let statements = house.store.statements();
    assert_eq!(total().await, (before, tag.clone()));
    assert_eq!(
        house.store.statements(),
        statements,
        "the second answer is kept"
    );
    assert_eq!(get(&house, &tag).await.status, StatusCode::NOT_MODIFIED);

    // An act that is public, in the same second.
    house
        .add::<Document>(OWNER, bare(Kind::Document, "new", &[OWNER]))
        .await;
    let (after, other) = total().await;
    assert_eq!(after, before + 1);
    assert_eq!(get(&house, &tag).await.status, StatusCode::OK);
    assert_eq!(get(&house, &other).await.status, StatusCode::NOT_MODIFIED);

    // An act that nobody may know of leaves all as it was, to the time that it takes.
    let mut hidden = bare(Kind::Document, "hidden", &[OWNER]);
    hidden.existence = Level::Secretariat;
    house.add::<Document>(OWNER, hidden).await;
    let statements = house.store.statements();
    assert_eq!(total().await.0, after);
    assert_eq!(house.store.statements(), statements);

    // The end of an embargo, without an act.
    let mut embargoed = bare(Kind::Document, "embargoed", &[OWNER]);
    embargoed.public_from = Some(Moment::from_seconds(NOW + 1));
    house.add::<Document>(OWNER, embargoed).await;
    assert_eq!(total().await.0, after);
    house.clock.advance(1);
    assert_eq!(total().await.0, after + 1);
}
