//! Leaks that were found in systems of this kind, each with the test that it does not come
//! back here (`confidentiality.md`, section 11.6).

use axum::{
    body::Body,
    http::{Request, header},
};
use liaison::confidentiality::Level;
use serde_json::{Value, json};

use crate::{
    access_matrix::introspected,
    support::{
        harness::{Backend, Suite},
        house::House,
    },
};

/// What leaked elsewhere, and what is tested here.
const LEAKS: [(&str, &str); 15] = [
    (
        "a hidden column inside a cursor, through an order",
        "a_cursor_carries_no_value_that_it_was_ordered_by",
    ),
    (
        "filters that guess a value letter by letter",
        "a_filter_cannot_guess_a_withheld_value_letter_by_letter",
    ),
    (
        "a count without the row filter",
        "a_count_counts_no_more_than_a_list_lists",
    ),
    ("the error as an oracle", "an_error_is_no_oracle"),
    (
        "a socket kept after the role changed",
        "what_is_being_answered_is_denied_at_the_commit",
    ),
    (
        "`first` applied before the row filter",
        "a_page_is_as_full_as_if_nothing_hidden_lay_between",
    ),
    (
        "history that names hidden records",
        "history_tells_a_change_at_the_higher_of_its_levels",
    ),
    (
        "filter pick-lists with hidden values",
        "no_list_of_choices_is_made_of_what_is_stored",
    ),
    (
        "an edge that betrays a hidden node",
        "an_edge_does_not_betray_a_hidden_record",
    ),
    (
        "a unique-key error that prints a hidden key",
        "a_reference_that_another_docket_has_is_free",
    ),
    (
        "exports and streams with a second path to the data",
        "exports_of_two_hubs_that_differ_in_what_is_hidden_are_alike",
    ),
    (
        "`already exists` on write",
        "a_reference_that_another_docket_has_is_free",
    ),
    (
        "a relation loaded without the rule",
        "a_relation_is_loaded_under_the_rule_of_its_target",
    ),
    (
        "a file's address replayed by another token",
        "an_address_gives_each_who_asks_their_own_file",
    ),
    (
        "events that carry the record's body",
        "a_mechanism_is_notified_of_what_others_have_done",
    ),
];

/// Registered last: it looks at the tests that are there.
pub(crate) fn register(suite: &mut Suite) {
    suite.test("no_list_of_choices_is_made_of_what_is_stored", choices);
    suite.test("a_reference_that_another_docket_has_is_free", references);
    suite.test("an_address_gives_each_who_asks_their_own_file", addresses);
    let tests = suite.names();
    suite.plain("each_leak_of_others_has_a_test_that_is_run", move || {
        for (leak, test) in LEAKS {
            for backend in [Backend::Sqlite, Backend::Postgres] {
                let name = format!("{backend}::{test}");
                assert!(tests.contains(&name), "{leak}: no test is called `{name}`");
            }
        }
    });
}

/// What can be chosen from is in the schema, which is of the code; of what is stored, lists
/// are lists of records, each told to whom it is told.
async fn choices(backend: Backend) {
    let house = House::open(backend).await;
    let fields = introspected(&house).await;
    let schema = "{ __schema { queryType { fields { name type { ...T } } }
        types { kind name inputFields { name defaultValue } enumValues { name } } } }
        fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";
    let before = house.ask(None, schema).await;
    let data = before.data();
    for field in data["__schema"]["queryType"]["fields"].as_array().unwrap() {
        let (mut ty, mut list) = (&field["type"], false);
        while !ty["ofType"].is_null() {
            list |= ty["kind"] == "LIST";
            ty = &ty["ofType"];
        }
        let plain = matches!(ty["kind"].as_str(), Some("SCALAR" | "ENUM"));
        assert!(!(list && plain), "{field} lists values of no record");
    }
    assert!(!fields.is_empty());
    // Whatever is stored, and whoever asks, the schema is the same.
    house.meddle("DELETE FROM sealed_field").await;
    house
        .meddle("UPDATE communication SET title = 'Changed'")
        .await;
    let token = house.token_up_to("cat.secretary", Level::Secretariat).await;
    assert_eq!(house.ask(None, schema).await.body, before.body);
    assert_eq!(house.ask(Some(&token), schema).await.body, before.body);
}

async fn references(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = "read:communication@SECRETARIAT write:communication@SECRETARIAT";
    let cat = house.token("cat.petitions", keeper).await;
    let other = house.token("achpr.protection", keeper).await;
    let lodge = async |token: &str, reference: &str| -> Value {
        let input = json!({
            "kind": "PETITION", "title": "Y v. Examplia (invented)", "reference": reference,
        });
        let act = ("lodgeCommunication", "LodgeCommunicationInput");
        let told = "communication { reference title version }";
        house.act(Some(token), act, &input, told).await
    };
    let first = lodge(&cat, "1/2026").await;
    assert_eq!(first["userErrors"], json!([]), "{first}");
    let taken = lodge(&other, "1/2026").await.to_string();
    let free = lodge(&other, "2/2026").await.to_string();
    let version = |text: &str| {
        let told: Value = serde_json::from_str(text).unwrap();
        let version = told["communication"]["version"].as_str().unwrap();
        text.replace(version, "").replace("2/2026", "1/2026")
    };
    assert_eq!(version(&taken), version(&free));
}

async fn addresses(backend: Backend) {
    let house = House::open(backend).await;
    let secretary = house.token_up_to("cat.secretary", Level::Secretariat).await;
    let partner = house.token_up_to("iachr.sync", Level::Partner).await;
    let file = async |token: Option<&str>| {
        let page = "/export/communication.csv";
        let request = match token {
            Some(token) => {
                Request::post(page).header(header::AUTHORIZATION, format!("Bearer {token}"))
            }
            None => Request::get(page),
        };
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        String::from_utf8(answer.body).unwrap()
    };
    let (open, shared) = (file(None).await, file(Some(&partner)).await);
    let whole = file(Some(&secretary)).await;
    assert!(whole.lines().count() > open.lines().count(), "{whole}");
    // After the secretariat's file has been made, each who asks still has their own.
    assert_eq!(file(None).await, open);
    assert_eq!(file(Some(&partner)).await, shared);
    assert_eq!(file(Some(&secretary)).await, whole);
}
