//! Many levels lowered at once: what was imported closed is published by one request, and by
//! one approval of each owner.

use liaison::{
    communication::Communication,
    confidentiality::Level,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};
use serde_json::{Value, json};

use crate::{
    labels::{BOTH, code, officer},
    support::{
        cast::bare,
        harness::{Backend, Suite},
        house::{House, reads},
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "many_records_are_published_by_one_request_and_one_approval",
        published,
    );
    suite.test("a_batch_is_done_whole_or_not_at_all", whole);
    suite.test(
        "of_a_batch_each_owner_is_told_of_its_own_records_alone",
        shared,
    );
}

/// A communication as an import leaves it: known to its owners alone, field by field.
async fn closed(house: &House, key: &str, owners: &[&str]) -> String {
    let mut record = bare(Kind::Communication, key, owners);
    record.existence = Level::Secretariat;
    record.overrides = ["reference", "outcome"]
        .map(|field| (field, Level::Secretariat))
        .to_vec();
    record.values = vec![
        ("reference", key.into()),
        ("status", "DECIDED_VIOLATION".into()),
        ("outcome", "A violation (invented)".into()),
        ("docket_note", "A note (invented)".into()),
    ];
    house.add::<Communication>(owners[0], record).await
}

fn asked(ids: &[&String], fields: &[&str]) -> Value {
    json!({ "ids": ids, "fields": fields, "level": "PUBLIC", "reason": "Published (invented)" })
}

async fn act(house: &House, token: &str, name: &str, input: Value) -> Value {
    let kind = match name {
        "lowerLevels" => "LowerLevelsInput",
        _ => "LoweringBatchActInput",
    };
    let told = "batch { id version lowerings { record field status } }";
    house.act(Some(token), (name, kind), &input, told).await
}

/// What anyone is told of these: reference and outcome.
async fn told(house: &House, ids: &[&String]) -> Vec<Value> {
    let mut told = Vec::new();
    for id in ids {
        let query = format!("{{ communication(id: \"{id}\") {{ reference outcome docketNote }} }}");
        told.push(house.ask(None, &query).await.data()["communication"].clone());
    }
    told
}

async fn batch(house: &House, token: Option<&str>, id: &Value) -> Value {
    let query = format!(
        "{{ loweringBatch(id: {id}) {{ version lowerings {{ record field status askedBy batch }} }} }}"
    );
    house.ask(token, &query).await.data()["loweringBatch"].clone()
}

async fn published(backend: Backend) {
    let house = House::open(backend).await;
    let (a, b) = (
        closed(&house, "a", &["cat"]).await,
        closed(&house, "b", &["cat"]).await,
    );
    let cat = officer(&house, "cat.secretary", BOTH).await;
    let second = officer(&house, "cat.petitions", BOTH).await;
    let ids = [&a, &b];
    let answer = act(
        &house,
        &cat,
        "lowerLevels",
        asked(&ids, &["existence", "reference", "outcome", "status"]),
    )
    .await;
    let requests = answer["batch"]["lowerings"].as_array().unwrap();
    assert_eq!(requests.len(), 8, "{answer}");
    assert!(requests.iter().all(|one| one["status"] == "PENDING"));
    assert_eq!(told(&house, &ids).await, [Value::Null, Value::Null]);

    // Who asked does not approve; nor is anything approved that has changed since.
    let id = &answer["batch"]["id"];
    let approve = |version: &Value| json!({ "batch": id, "expectedVersion": version });
    let version = batch(&house, Some(&second), id).await["version"].clone();
    let own = act(&house, &cat, "approveLowerings", approve(&version)).await;
    assert_eq!(code(&own), "FORBIDDEN");
    let amend = json!({ "id": b, "outcome": "A violation, and a name (invented)" });
    let amending = ("amendCommunication", "AmendCommunicationInput");
    house
        .act(Some(&cat), amending, &amend, "communication { id }")
        .await;
    let late = act(&house, &second, "approveLowerings", approve(&version)).await;
    assert_eq!(code(&late), "CONFLICT", "{late}");
    assert_eq!(told(&house, &ids).await, [Value::Null, Value::Null]);

    let before = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    let version = batch(&house, Some(&second), id).await["version"].clone();
    let done = act(&house, &second, "approveLowerings", approve(&version)).await;
    assert_eq!(code(&done), "DONE", "{done}");
    let after = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    assert_eq!(after - before, 2, "an entry for each record");
    let [one, other] =
        [&told(&house, &ids).await[0], &told(&house, &ids).await[1]].map(Value::clone);
    assert_eq!(
        one,
        json!({ "reference": "a", "outcome": "A violation (invented)", "docketNote": null })
    );
    assert_eq!(other["outcome"], "A violation, and a name (invented)");
    let again = act(&house, &second, "approveLowerings", approve(&Value::Null)).await;
    assert_eq!(code(&again), "CONFLICT");

    // What is there already is not asked for again.
    let all = asked(&ids, &["reference", "outcome"]);
    let nothing = act(&house, &cat, "lowerLevels", all).await;
    assert_eq!(code(&nothing), "CONFLICT");
}

async fn whole(backend: Backend) {
    let house = House::open(backend).await;
    let a = closed(&house, "a", &["cat"]).await;
    let hidden = closed(&house, "hidden", &["achpr"]).await;
    let mut seen = bare(Kind::Communication, "seen", &["achpr"]);
    seen.values = vec![("reference", "seen".into())];
    let seen = house.add::<Communication>("achpr", seen).await;
    let missing = GlobalId {
        kind: Kind::Communication,
        id: RecordId::derived(Kind::Communication, "never"),
    };
    let missing = missing.to_string();
    let cat = officer(&house, "cat.secretary", BOTH).await;
    let plain = officer(&house, "cat.secretary", "").await;
    let many: Vec<&String> = vec![&a; 101];
    let both = ["existence", "reference"];
    for (token, input, expected) in [
        (&cat, asked(&[&a, &hidden], &both), "NOT_FOUND"),
        (&cat, asked(&[&a, &missing], &both), "NOT_FOUND"),
        (&cat, asked(&[&a, &seen], &both), "FORBIDDEN"),
        (&plain, asked(&[&a], &both), "FORBIDDEN"),
        // The docket note has a floor; persons are no field.
        (&cat, asked(&[&a], &["reference", "docketNote"]), "INVALID"),
        (&cat, asked(&[&a], &["persons"]), "INVALID"),
        (&cat, asked(&[&a], &["nothing"]), "INVALID"),
        (&cat, asked(&[&a], &[]), "INVALID"),
        (&cat, asked(&[], &both), "INVALID"),
        (&cat, asked(&[&a, &a], &both), "INVALID"),
        (&cat, asked(&many, &both), "INVALID"),
        (&cat, asked(&[&a], &["outcome", "outcome"]), "INVALID"),
    ] {
        let answer = act(&house, token, "lowerLevels", input.clone()).await;
        assert_eq!(code(&answer), expected, "{input}: {answer}");
    }
    let waiting = "SELECT COUNT(*) FROM lowering";
    assert_eq!(
        house.number(waiting).await,
        0,
        "nothing of it was asked for"
    );

    // Taken back whole, by who has asked; under one key it is asked for once.
    let mut input = asked(&[&a], &both);
    input["key"] = json!("one");
    let first = act(&house, &cat, "lowerLevels", input.clone()).await;
    let again = act(&house, &cat, "lowerLevels", input).await;
    assert_eq!(first, again);
    let back = json!({ "batch": first["batch"]["id"] });
    let back = act(&house, &cat, "refuseLowerings", back).await;
    assert_eq!(code(&back), "DONE", "{back}");
    let states = back["batch"]["lowerings"].as_array().unwrap();
    assert!(
        states.iter().all(|one| one["status"] == "REFUSED"),
        "{back}"
    );
    assert_eq!(states.len(), 2);
}

async fn shared(backend: Backend) {
    let house = House::open(backend).await;
    let (own, joint) = (
        closed(&house, "own", &["cat"]).await,
        closed(&house, "joint", &["cat", "achpr"]).await,
    );
    let cat = officer(&house, "cat.secretary", BOTH).await;
    let second = officer(&house, "cat.petitions", BOTH).await;
    let achpr = officer(&house, "achpr.secretary", BOTH).await;
    let other = house.token_up_to("iachr.sync", Level::Partner).await;
    let ids = [&own, &joint];
    let input = asked(&ids, &["existence", "outcome"]);
    let answer = act(&house, &cat, "lowerLevels", input).await;
    let id = &answer["batch"]["id"];
    let whole = batch(&house, Some(&second), id).await;
    assert_eq!(whole["lowerings"].as_array().unwrap().len(), 4);
    let part = batch(&house, Some(&achpr), id).await;
    let records: Vec<&Value> = part["lowerings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| &one["record"])
        .collect();
    assert_eq!(records, [&json!(joint), &json!(joint)]);
    let missing = json!(uuid::Uuid::from_u128(7).to_string());
    for token in [None, Some(other.as_str())] {
        assert_eq!(batch(&house, token, id).await, Value::Null);
        assert_eq!(batch(&house, token, &missing).await, Value::Null);
    }
    // Nor does the log tell an owner how many records of others were asked for with its own.
    let scope = format!("{} audit:read", reads(Level::Secretariat));
    let auditor = house.token("achpr.secretary", &scope).await;
    let query = "{ auditEntries(first: 100) { edges { node { act record } } } }";
    let entries = house.ask(Some(&auditor), query).await.data();
    let entries = entries["auditEntries"]["edges"].as_array().unwrap().clone();
    let asked = entries
        .iter()
        .filter(|entry| entry["node"]["act"] == "DECLASSIFY_REQUEST");
    let asked: Vec<&Value> = asked.map(|entry| &entry["node"]["record"]).collect();
    assert_eq!(asked, [&json!(joint)]);

    let approve = json!({ "batch": id });
    let foreign = act(&house, &other, "approveLowerings", approve.clone()).await;
    let never = act(
        &house,
        &other,
        "approveLowerings",
        json!({ "batch": missing }),
    )
    .await;
    assert_eq!(foreign, never);
    assert_eq!(code(&foreign), "NOT_FOUND");

    let done = act(&house, &achpr, "approveLowerings", approve.clone()).await;
    assert_eq!(code(&done), "DONE", "{done}");
    assert_eq!(told(&house, &ids).await, [Value::Null, Value::Null]);
    let done = act(&house, &achpr, "approveLowerings", approve.clone()).await;
    assert_eq!(code(&done), "CONFLICT", "{done}");
    let done = act(&house, &second, "approveLowerings", approve).await;
    assert_eq!(code(&done), "DONE", "{done}");
    for told in told(&house, &ids).await {
        assert_eq!(told["outcome"], "A violation (invented)");
    }
}
