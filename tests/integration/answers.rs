//! Three viewers, one question, three answers: the README's first example.

use liaison::confidentiality::Level;

use crate::support::{harness::Suite, house::House};

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
