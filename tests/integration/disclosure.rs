//! One secretariat asks another for a person's file: the question tells nothing of what is
//! there, and neither does a refusal.

use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::Level,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, concluded, opening},
    harness::{Backend, Suite},
    house::House,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "what_is_asked_for_is_taken_alike_and_refused_in_silence",
        silence,
    );
    suite.test(
        "a_request_is_granted_to_who_has_asked_and_no_further_than_consent",
        granted,
    );
}

const REQUEST: &str = "request { id direction mechanism reference status person }";

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

fn question(reference: &str) -> Value {
    json!({
        "mechanism": "cat",
        "reference": reference,
        "purpose": "EXAMINATION",
        "fields": ["NAMES", "CONTACT"],
        "reason": "the same complainant seems to be before us (invented)",
        "due": "2026-08-01T00:00:00Z",
    })
}

async fn ask(house: &House, token: &str, input: Value) -> Value {
    let act = ("askDisclosure", "AskDisclosureInput");
    house.act(Some(token), act, &input, REQUEST).await
}

async fn answer(house: &House, token: &str, name: &str, input: Value) -> Value {
    let kind = match name {
        "grantDisclosure" => "GrantDisclosureInput",
        _ => "RefuseDisclosureInput",
    };
    house.act(Some(token), (name, kind), &input, REQUEST).await
}

/// Officers: of the ACHPR, who asks; of CAT, who is charged with grants, and who is not.
async fn officers(house: &House) -> [String; 3] {
    let scope = "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT";
    [
        house.token("achpr.protection", scope).await,
        house.token("cat.grants", scope).await,
        house.token("cat.petitions", scope).await,
    ]
}

async fn told(house: &House, token: &str) -> Vec<Value> {
    let query = "{ disclosureRequests { id direction mechanism reference status person } }";
    let data = house.ask(Some(token), query).await.data();
    data["disclosureRequests"].as_array().unwrap().clone()
}

async fn silence(backend: Backend) {
    let house = House::open(backend).await;
    let [achpr, grants, petitions] = officers(&house).await;
    let known = house
        .texts("SELECT reference FROM communication ORDER BY reference LIMIT 1")
        .await;
    // A matter that is there and one that is not are asked for alike.
    let mut answers = Vec::new();
    for reference in [known[0].as_str(), "CAT-NONE-2020"] {
        let mut asked = ask(&house, &achpr, question(reference)).await;
        assert_eq!(code(&asked), "DONE", "{asked}");
        asked["request"]["id"] = Value::Null;
        asked["request"]["reference"] = Value::Null;
        answers.push(asked);
    }
    assert_eq!(answers[0], answers[1]);
    for (change, wrong) in [
        ("mechanism", json!("achpr")),
        ("mechanism", json!("nobody")),
        ("fields", json!([])),
        ("reason", json!("")),
        ("due", json!("2020-01-01T00:00:00Z")),
        ("due", json!("2030-01-01T00:00:00Z")),
    ] {
        let mut input = question("CAT-1-2020");
        input[change] = wrong;
        let refused = ask(&house, &achpr, input).await;
        assert_eq!(code(&refused), "INVALID", "{change}: {refused}");
    }
    let received = told(&house, &grants).await;
    assert_eq!(received.len(), 2);
    assert_eq!(received[0]["direction"], "RECEIVED");
    assert_eq!(received[0]["mechanism"], "achpr");
    assert!(
        told(&house, &petitions).await.is_empty(),
        "not charged with grants"
    );

    // Refused: who has asked sees no difference.
    let before = told(&house, &achpr).await;
    let input = json!({ "request": received[0]["id"] });
    let not_charged = answer(&house, &petitions, "refuseDisclosure", input.clone()).await;
    assert_eq!(code(&not_charged), "FORBIDDEN");
    let theirs = answer(&house, &achpr, "refuseDisclosure", input.clone()).await;
    assert_eq!(code(&theirs), "FORBIDDEN");
    let refused = answer(&house, &grants, "refuseDisclosure", input.clone()).await;
    assert_eq!(refused["request"]["status"], "REFUSED", "{refused}");
    assert_eq!(told(&house, &achpr).await, before);
    assert!(before.iter().all(|request| request["status"] == "WAITING"));
    assert_eq!(
        code(&answer(&house, &grants, "refuseDisclosure", input).await),
        "CONFLICT"
    );
}

async fn granted(backend: Backend) {
    let house = House::open(backend).await;
    let [achpr, grants, _] = officers(&house).await;
    let keeper = "read:communication@SECRETARIAT read:person@SECRETARIAT \
                  read:communication_person@SECRETARIAT write:communication@SECRETARIAT \
                  write:communication_person@SECRETARIAT write:person@VICTIM consent:write";
    let keeper = house.token("cat.petitions", keeper).await;
    let lodge = json!({
        "kind": "INDIVIDUAL_COMMUNICATION",
        "title": "Q v. Examplia (invented)",
        "persons": [{
            "role": "COMPLAINANT",
            "names": [{ "text": "Qqx Invented", "script": "Latn", "language": "en" }],
            "contact": "through Invented Counsel",
        }],
    });
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let made = "communication { id persons { edges { node { id } } } }";
    let made = house.act(Some(&keeper), lodging, &lodge, made).await;
    let person = made["communication"]["persons"]["edges"][0]["node"]["id"].clone();
    let asked = ask(&house, &achpr, question("CAT-Q-2026")).await;
    let grant = json!({
        "request": asked["request"]["id"],
        "person": person,
        "validUntil": "2027-01-01T00:00:00Z",
    });
    let refused = answer(&house, &grants, "grantDisclosure", grant.clone()).await;
    assert_eq!(
        code(&refused),
        "CONFLICT",
        "nobody has consented: {refused}"
    );
    let word = json!({
        "person": person, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": ["NAMES"], "basis": "GIVEN", "validUntil": "2030-01-01T00:00:00Z",
    });
    let recording = ("recordConsent", "RecordConsentInput");
    let recorded = house
        .act(Some(&keeper), recording, &word, "person { id }")
        .await;
    assert_eq!(code(&recorded), "DONE", "{recorded}");
    let more = answer(&house, &grants, "grantDisclosure", grant.clone()).await;
    assert_eq!(
        code(&more),
        "CONFLICT",
        "more than was consented to: {more}"
    );
    let mut beyond = grant.clone();
    beyond["fields"] = json!(["BIRTH_DATE"]);
    let beyond = answer(&house, &grants, "grantDisclosure", beyond).await;
    assert_eq!(
        code(&beyond),
        "INVALID",
        "more than was asked for: {beyond}"
    );
    let mut names = grant.clone();
    names["fields"] = json!(["NAMES"]);
    let done = answer(&house, &grants, "grantDisclosure", names).await;
    assert_eq!(done["request"]["status"], "GRANTED", "{done}");
    let sent = async || {
        let sent = told(&house, &achpr).await;
        (sent[0]["status"].clone(), sent[0]["person"].clone())
    };
    // Without a channel there is no file to be told of; the grant waits for one.
    assert_eq!(sent().await, (json!("GRANTED"), Value::Null));

    // With a channel of the highest cap, the officer who has asked opens what was granted.
    let agreement = concluded(&["cat", "achpr"], LATER);
    let clause = opening(agreement.id, "cat", "achpr", Level::Victim, LATER);
    house.add::<Agreement>("cat", agreement).await;
    house.add::<Clause>("cat", clause).await;
    assert_eq!(sent().await, (json!("GRANTED"), person.clone()));
    let officer = house.token("achpr.protection", "read:person@VICTIM").await;
    let id = person.as_str().unwrap();
    let query =
        format!("{{ node(id: \"{id}\") {{ ... on Person {{ names {{ text }} contact }} }} }}");
    let opened = async || {
        let answer = house.ask_for(&officer, "EXAMINATION", &query).await;
        answer.data()["node"]["names"][0]["text"].clone()
    };
    assert_eq!(opened().await, "Qqx Invented");

    // Who is added to the communication later was not asked for, and is in nobody's leave.
    let add = json!({ "communication": made["communication"]["id"], "person": {
        "role": "WITNESS",
        "names": [{ "text": "Qqy Invented", "script": "Latn", "language": "en" }],
    } });
    let adding = ("addPerson", "AddPersonInput");
    let added = house
        .act(Some(&keeper), adding, &add, "person { id }")
        .await;
    let later = added["person"]["id"].clone();
    let query_of = |id: &Value| {
        format!(
            "{{ node(id: {id}) {{ id ... on Person {{ names {{ text }} }} }} \
             history(id: {id}) {{ edges {{ node {{ field }} }} }} \
             disclosureRequests {{ status person }} }}"
        )
    };
    let about = house
        .ask_for(&officer, "EXAMINATION", &query_of(&later))
        .await;
    let about = about.data();
    assert_eq!(about["node"], Value::Null);
    assert_eq!(about["history"]["edges"], json!([]));
    assert_eq!(about["disclosureRequests"].as_array().unwrap().len(), 1);
    assert_eq!(about["disclosureRequests"][0]["person"], person);
    let mut other = grant.clone();
    other["person"] = later.clone();
    other["fields"] = json!(["NAMES"]);
    let other = answer(&house, &grants, "grantDisclosure", other).await;
    assert_eq!(code(&other), "CONFLICT", "one request, one file");
    let word_of_later = json!({
        "person": later, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": ["NAMES"], "basis": "GIVEN", "validUntil": "2030-01-01T00:00:00Z",
    });
    let recorded = house
        .act(Some(&keeper), recording, &word_of_later, "person { id }")
        .await;
    assert_eq!(code(&recorded), "DONE", "{recorded}");
    let about = house
        .ask_for(&officer, "EXAMINATION", &query_of(&later))
        .await;
    assert_eq!(about.data()["node"], Value::Null, "nor does consent alone");

    let withdrawn = json!({
        "person": person, "recipient": "achpr", "purpose": "EXAMINATION",
        "fields": [], "basis": "WITHDRAWN",
    });
    let recorded = house
        .act(Some(&keeper), recording, &withdrawn, "person { id }")
        .await;
    assert_eq!(code(&recorded), "DONE", "{recorded}");
    assert_eq!(opened().await, Value::Null);
    assert_eq!(
        sent().await,
        (json!("GRANTED"), Value::Null),
        "hidden again"
    );
    let notified = "{ notifications { edges { node { type } } } }";
    let data = house.ask(Some(&achpr), notified).await.data();
    let types = data["notifications"]["edges"].as_array().unwrap();
    let types: Vec<_> = types.iter().map(|edge| &edge["node"]["type"]).collect();
    assert_eq!(
        types[..3],
        ["CONSENT_WITHDRAWN", "DISCLOSURE_GRANTED", "GRANT_GIVEN"]
    );
}
