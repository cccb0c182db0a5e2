//! Levels, raised at once and lowered by two officers; what records said before; and what
//! mechanisms are told has happened.

use liaison::{
    agreement::{Agreement, Clause},
    communication::Communication,
    confidentiality::Level,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, bare, concluded, opening},
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_level_is_raised_at_once_and_its_past_with_it", raised);
    suite.test(
        "a_version_moves_with_what_one_is_told_and_nothing_else",
        versions,
    );
    suite.test(
        "a_level_is_lowered_by_a_second_officer_of_every_owner",
        lowered,
    );
    suite.test("who_asks_to_lower_a_level_does_not_approve_it", second);
    suite.test(
        "history_tells_a_change_at_the_higher_of_its_levels",
        history,
    );
    suite.test(
        "who_is_named_on_a_record_is_told_what_the_secretariat_knows",
        named,
    );
    suite.test("a_mechanism_is_notified_of_what_others_have_done", notified);
}

/// A token that reads all, writes and labels communications, and has these rights.
pub(crate) async fn officer(house: &House, holder: &str, rights: &str) -> String {
    let scope = format!(
        "{} write:communication@SECRETARIAT label:communication@SECRETARIAT {rights}",
        reads(Level::Secretariat)
    );
    house.token(holder, scope.trim()).await
}

pub(crate) const BOTH: &str = "declassify:request declassify:approve";

async fn decided(house: &House, key: &str, owners: &[&str]) -> String {
    let mut record = bare(Kind::Communication, key, owners);
    record.values = vec![
        ("reference", key.into()),
        ("status", "DECIDED_VIOLATION".into()),
        ("outcome", "A violation (invented)".into()),
        ("docket_note", "A note (invented)".into()),
    ];
    house.add::<Communication>(owners[0], record).await
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

async fn act(house: &House, token: Option<&str>, name: &str, input: Value) -> Value {
    let kind = match name {
        "raiseLevel" => "RaiseLevelInput",
        "lowerLevel" => "LowerLevelInput",
        "amendCommunication" => "AmendCommunicationInput",
        _ => "LoweringActInput",
    };
    let told = if name == "amendCommunication" {
        "communication { id }"
    } else {
        "record { id } lowerings { id field level reason status askedBy }"
    };
    house.act(token, (name, kind), &input, told).await
}

async fn outcome(house: &House, token: Option<&str>, id: &str) -> Value {
    let query = format!("{{ communication(id: \"{id}\") {{ outcome }} }}");
    house.ask(token, &query).await.data()["communication"].clone()
}

/// The request that waits: those of one second are in no order.
fn waiting(answer: &Value) -> Value {
    let all = answer["lowerings"].as_array().unwrap();
    let one = all.iter().find(|one| one["status"] == "PENDING");
    one.unwrap()["id"].clone()
}

/// The changes that a viewer is told: field, before, after, and by whom.
async fn past(house: &House, token: Option<&str>, id: &str) -> Vec<[Value; 4]> {
    let query =
        format!("{{ history(id: \"{id}\") {{ edges {{ node {{ field before after by }} }} }} }}");
    let data = house.ask(token, &query).await.data();
    let edges = data["history"]["edges"].as_array().unwrap();
    let told = edges.iter().map(|edge| {
        let node = &edge["node"];
        ["field", "before", "after", "by"].map(|name| node[name].clone())
    });
    told.collect()
}

async fn raised(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "raised", &["cat"]).await;
    let cat = officer(&house, "cat.secretary", "").await;
    let other = officer(&house, "achpr.secretary", "").await;
    let amended = json!({ "id": id, "outcome": "Two violations (invented)" });
    act(&house, Some(&cat), "amendCommunication", amended).await;
    assert_eq!(past(&house, None, &id).await.len(), 1);

    let raise = |field: &str, level: &str| json!({ "id": id, "field": field, "level": level });
    for (token, input, expected) in [
        (None, raise("outcome", "CHANNEL"), "TOKEN_NEEDED"),
        (Some(&other), raise("outcome", "CHANNEL"), "FORBIDDEN"),
        (Some(&cat), raise("outcome", "PUBLIC"), "CONFLICT"),
        (Some(&cat), raise("nothing", "CHANNEL"), "INVALID"),
        (Some(&cat), raise("persons", "CHANNEL"), "INVALID"),
        (Some(&cat), raise("outcome", "CHANNEL"), "DONE"),
        (Some(&cat), raise("outcome", "PARTNER"), "CONFLICT"),
    ] {
        let answer = act(
            &house,
            token.map(String::as_str),
            "raiseLevel",
            input.clone(),
        )
        .await;
        assert_eq!(code(&answer), expected, "{input}: {answer}");
    }
    assert_eq!(outcome(&house, None, &id).await["outcome"], Value::Null);
    assert_eq!(past(&house, None, &id).await, Vec::<[Value; 4]>::new());
    assert_eq!(past(&house, Some(&cat), &id).await.len(), 2);

    // Raised as a whole, it is gone with its history, like one that never was.
    let whole = json!({ "id": id, "level": "SECRETARIAT" });
    assert_eq!(
        code(&act(&house, Some(&cat), "raiseLevel", whole).await),
        "DONE"
    );
    assert_eq!(outcome(&house, Some(&other), &id).await, Value::Null);
    let unknown = GlobalId {
        kind: Kind::Communication,
        id: RecordId::derived(Kind::Communication, "never"),
    };
    let asked = |id: &str| {
        format!(
            "{{ history(id: \"{id}\") {{ edges {{ cursor }} pageInfo {{ hasNextPage }} }} lowerings(record: \"{id}\") {{ id }} }}"
        )
    };
    let hidden = house.ask(Some(&other), &asked(&id)).await;
    let missing = house.ask(Some(&other), &asked(&unknown.to_string())).await;
    assert_eq!(hidden.body, missing.body);
    for input in [raise("outcome", "SECRETARIAT"), raise("nothing", "CHANNEL")] {
        let mut never = input.clone();
        never["id"] = json!(unknown.to_string());
        let hidden = act(&house, Some(&other), "raiseLevel", input).await;
        let missing = act(&house, Some(&other), "raiseLevel", never).await;
        assert_eq!(hidden, missing);
        assert_eq!(code(&hidden), "NOT_FOUND");
    }
}

async fn versions(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "versions", &["cat"]).await;
    let cat = officer(&house, "cat.secretary", "").await;
    let partner = house
        .token("iachr.sync", "read:communication@PARTNER")
        .await;
    let version = async |token: Option<&str>| {
        let query = format!("{{ communication(id: \"{id}\") {{ version }} }}");
        let data = house.ask(token, &query).await.data();
        data["communication"]["version"].clone()
    };
    let all = async || {
        [
            version(None).await,
            version(Some(&partner)).await,
            version(Some(&cat)).await,
        ]
    };
    let amend = async |outcome: &str| {
        let input = json!({ "id": id, "outcome": outcome });
        let answer = act(&house, Some(&cat), "amendCommunication", input).await;
        assert_eq!(code(&answer), "DONE", "{answer}");
    };
    let [anyone, other, owner] = all().await;
    amend("Two violations (invented)").await;
    let [told_anyone, told_other, told_owner] = all().await;
    assert!(anyone != told_anyone && other != told_other && owner != told_owner);

    // Raised, it moves once for who is told less, and not with what is written then: neither
    // by another value, nor by none.
    let raise = json!({ "id": id, "field": "outcome", "level": "CHANNEL" });
    let raised = act(&house, Some(&cat), "raiseLevel", raise).await;
    assert_eq!(code(&raised), "DONE");
    let [anyone, other, owner] = all().await;
    assert!(anyone != told_anyone && other != told_other);
    assert_eq!(owner, told_owner, "to the owner it says what it said");
    amend("Three violations (invented)").await;
    let [later_anyone, later_other, later_owner] = all().await;
    assert_eq!((&anyone, &other), (&later_anyone, &later_other));
    assert_ne!(owner, later_owner);
    let none = json!({ "id": id, "outcome": null });
    assert_eq!(
        code(&act(&house, Some(&cat), "amendCommunication", none).await),
        "DONE"
    );
    let [none_anyone, none_other, none_owner] = all().await;
    assert_eq!((&anyone, &other), (&none_anyone, &none_other));
    assert_ne!(later_owner, none_owner);
}

async fn lowered(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "lowered", &["cat", "achpr"]).await;
    let [cat, cat_too, achpr] = [
        officer(&house, "cat.secretary", BOTH).await,
        officer(&house, "cat.petitions", BOTH).await,
        officer(&house, "achpr.secretary", BOTH).await,
    ];
    let raise = json!({ "id": id, "field": "outcome", "level": "SECRETARIAT" });
    assert_eq!(
        code(&act(&house, Some(&cat), "raiseLevel", raise).await),
        "DONE"
    );
    let lower = json!({ "id": id, "field": "outcome", "level": "PUBLIC", "reason": "Published (invented)" });
    let asked = act(&house, Some(&cat), "lowerLevel", lower).await;
    assert_eq!(asked["lowerings"][0]["status"], "PENDING", "{asked}");
    assert_eq!(outcome(&house, None, &id).await["outcome"], Value::Null);
    let approve = json!({ "record": id, "lowering": asked["lowerings"][0]["id"] });
    let done = async |token: &str| {
        let answer = act(&house, Some(token), "approveLowering", approve.clone()).await;
        code(&answer).to_owned()
    };
    assert_eq!(done(&cat).await, "FORBIDDEN");
    assert_eq!(done(&cat_too).await, "DONE");
    assert_eq!(done(&cat_too).await, "CONFLICT");
    assert_eq!(
        outcome(&house, None, &id).await["outcome"],
        Value::Null,
        "one owner of two"
    );
    assert_eq!(done(&achpr).await, "DONE");
    assert_eq!(
        outcome(&house, None, &id).await["outcome"],
        "A violation (invented)"
    );
    assert_eq!(done(&achpr).await, "CONFLICT");
    // That it was higher is told to no more than it was told to then.
    assert_eq!(past(&house, None, &id).await, Vec::<[Value; 4]>::new());
    let told = past(&house, Some(&cat), &id).await;
    assert_eq!(
        told[0],
        [
            json!("outcome"),
            json!("SECRETARIAT"),
            json!("PUBLIC"),
            json!("achpr.secretary")
        ]
    );
}

async fn second(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "second", &["cat"]).await;
    let cat = officer(&house, "cat.secretary", BOTH).await;
    let plain = officer(&house, "cat.petitions", "").await;
    let other = officer(&house, "achpr.secretary", BOTH).await;
    let lower = |field: &str, level: &str| json!({ "id": id, "field": field, "level": level, "reason": "A reason (invented)" });
    let raise = json!({ "id": id, "field": "outcome", "level": "CHANNEL" });
    act(&house, Some(&cat), "raiseLevel", raise).await;
    for (token, input, expected) in [
        (&plain, lower("outcome", "PUBLIC"), "FORBIDDEN"),
        (&other, lower("outcome", "PUBLIC"), "FORBIDDEN"),
        (&cat, lower("outcome", "SECRETARIAT"), "CONFLICT"),
        // The docket note has a floor.
        (&cat, lower("docketNote", "PUBLIC"), "INVALID"),
    ] {
        let answer = act(&house, Some(token), "lowerLevel", input.clone()).await;
        assert_eq!(code(&answer), expected, "{input}: {answer}");
    }
    // Whatever the level was: what has changed since it was read is not approved.
    let asked = act(&house, Some(&cat), "lowerLevel", lower("outcome", "PUBLIC")).await;
    assert_eq!(outcome(&house, None, &id).await["outcome"], Value::Null);
    let second = officer(&house, "cat.petitions", BOTH).await;
    let query = format!("{{ communication(id: \"{id}\") {{ version }} }}");
    let read = house.ask(Some(&second), &query).await.data();
    let approve = json!({ "record": id, "lowering": waiting(&asked),
        "expectedVersion": read["communication"]["version"] });
    let amend = json!({ "id": id, "outcome": "A violation (invented), and a name" });
    act(&house, Some(&cat), "amendCommunication", amend).await;
    let answer = act(&house, Some(&second), "approveLowering", approve.clone()).await;
    assert_eq!(code(&answer), "CONFLICT");
    let amend = json!({ "id": id, "outcome": "A violation (invented)" });
    act(&house, Some(&cat), "amendCommunication", amend).await;
    let answer = act(&house, Some(&second), "approveLowering", approve).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    assert_eq!(
        outcome(&house, None, &id).await["outcome"],
        "A violation (invented)"
    );

    let raise = json!({ "id": id, "level": "SECRETARIAT" });
    act(&house, Some(&cat), "raiseLevel", raise).await;
    let lower = json!({ "id": id, "level": "PUBLIC", "reason": "Published (invented)" });
    let asked = act(&house, Some(&cat), "lowerLevel", lower.clone()).await;
    let about = json!({ "record": id, "lowering": waiting(&asked) });
    let answer = async |token: &str, name: &str| {
        let answer = act(&house, Some(token), name, about.clone()).await;
        code(&answer).to_owned()
    };
    assert_eq!(answer(&other, "approveLowering").await, "NOT_FOUND");
    assert_eq!(answer(&plain, "approveLowering").await, "FORBIDDEN");
    assert_eq!(answer(&plain, "refuseLowering").await, "FORBIDDEN");
    assert_eq!(
        answer(&cat, "refuseLowering").await,
        "DONE",
        "one's own is taken back"
    );
    let too = officer(&house, "cat.petitions", BOTH).await;
    assert_eq!(answer(&too, "approveLowering").await, "CONFLICT");
    assert_eq!(outcome(&house, None, &id).await, Value::Null);
    let asked = act(&house, Some(&cat), "lowerLevel", lower).await;
    let about = json!({ "record": id, "lowering": waiting(&asked) });
    let approved = act(&house, Some(&too), "approveLowering", about).await;
    assert_eq!(code(&approved), "DONE", "{approved}");
    assert_eq!(
        outcome(&house, None, &id).await["outcome"],
        "A violation (invented)"
    );
}

async fn history(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "history", &["cat"]).await;
    let cat = officer(&house, "cat.secretary", "").await;
    for (field, text) in [
        ("outcome", "B (invented)"),
        ("docketNote", "Secret (invented)"),
        ("outcome", "C (invented)"),
    ] {
        let input = json!({ "id": id, field: text });
        assert_eq!(
            code(&act(&house, Some(&cat), "amendCommunication", input).await),
            "DONE"
        );
    }
    let public = past(&house, None, &id).await;
    assert_eq!(
        public,
        [
            [
                json!("outcome"),
                json!("B (invented)"),
                json!("C (invented)"),
                Value::Null
            ],
            [
                json!("outcome"),
                json!("A violation (invented)"),
                json!("B (invented)"),
                Value::Null
            ],
        ]
    );
    let own = past(&house, Some(&cat), &id).await;
    assert_eq!(own.len(), 3);
    assert_eq!(own[1][3], "cat.secretary");
    // Page by page it is the same, and a cursor of what one isn't told is none.
    let page = async |token: Option<&str>, after: Value| {
        let query = "query($id: ID!, $after: String) { history(id: $id, first: 1, after: $after) { edges { cursor node { after } } pageInfo { hasNextPage } } }";
        let request = json!({ "query": query, "variables": { "id": id, "after": after } });
        house.post(token, &request).await
    };
    let first = page(None, Value::Null).await.data()["history"].clone();
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    let second = page(None, first["edges"][0]["cursor"].clone()).await.data()["history"].clone();
    assert_eq!(second["edges"][0]["node"]["after"], "B (invented)");
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    let query = format!("{{ history(id: \"{id}\") {{ edges {{ cursor node {{ field }} }} }} }}");
    let all = house.ask(Some(&cat), &query).await.data();
    let edges = all["history"]["edges"].as_array().unwrap();
    let note = edges
        .iter()
        .find(|edge| edge["node"]["field"] == "docketNote")
        .unwrap();
    assert_eq!(
        page(None, note["cursor"].clone()).await.code(),
        "CURSOR_INVALID"
    );
    assert_eq!(page(None, json!("x")).await.code(), "CURSOR_INVALID");
}

async fn named(backend: Backend) {
    let house = House::open(backend).await;
    let id = decided(&house, "named", &["cat"]).await;
    let agreement = concluded(&["cat", "spt"], LATER);
    let clause = opening(agreement.id, "cat", "spt", Level::Secretariat, LATER);
    house.add::<Agreement>("cat", agreement).await;
    house.add::<Clause>("cat", clause).await;
    house
        .admit("spt", "spt.liaison", Level::Secretariat, false, Some(0))
        .await;
    let cat = officer(&house, "cat.secretary", "").await;
    let spt = officer(&house, "spt.liaison", "").await;
    let note = async || {
        let query = format!("{{ communication(id: \"{id}\") {{ docketNote }} }}");
        house.ask(Some(&spt), &query).await.data()["communication"]["docketNote"].clone()
    };
    let done = async |token: &str, name: &str, until: Value| {
        let (kind, input) = match name {
            "nameMechanism" => (
                "NameMechanismInput",
                json!({ "id": id, "mechanism": "spt", "until": until }),
            ),
            _ => ("EndNamingInput", json!({ "id": id, "mechanism": "spt" })),
        };
        let answer = house
            .act(Some(token), (name, kind), &input, "record { id }")
            .await;
        code(&answer).to_owned()
    };
    let until = json!("2026-06-01T12:01:00Z");
    assert_eq!(note().await, Value::Null);
    assert_eq!(
        done(&spt, "nameMechanism", until.clone()).await,
        "FORBIDDEN"
    );
    assert_eq!(done(&cat, "endNaming", Value::Null).await, "CONFLICT");
    assert_eq!(
        done(&cat, "nameMechanism", json!("2020-01-01T00:00:00Z")).await,
        "INVALID"
    );
    assert_eq!(done(&cat, "nameMechanism", until).await, "DONE");
    assert_eq!(note().await, "A note (invented)");
    assert_eq!(done(&cat, "endNaming", Value::Null).await, "DONE");
    assert_eq!(note().await, Value::Null);
}

async fn notified(backend: Backend) {
    let house = House::open(backend).await;
    let scope = format!(
        "{} write:agreement@SECRETARIAT write:clause@SECRETARIAT",
        reads(Level::Secretariat)
    );
    let cat = house.token("cat.secretary", &scope).await;
    let achpr = house.token("achpr.secretary", &scope).await;
    let low = house
        .token("achpr.secretary", "read:agreement@CHANNEL")
        .await;
    let told = async |token: Option<&str>| {
        let query = "{ notifications { edges { node { type id } } } }";
        let data = house.ask(token, query).await.data();
        let edges = data["notifications"]["edges"].as_array().unwrap().clone();
        let types = edges
            .iter()
            .map(|edge| edge["node"]["type"].as_str().unwrap().to_owned());
        types.collect::<Vec<_>>()
    };
    let before = told(Some(&achpr)).await.len();
    let draft = json!({
        "title": "On plans (invented)", "form": "EXCHANGE_OF_LETTERS", "parties": ["cat", "achpr"],
        "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z", "clauses": [],
    });
    let drafting = ("draftAgreement", "DraftAgreementInput");
    let made = house
        .act(Some(&cat), drafting, &draft, "agreement { id }")
        .await;
    let input = json!({ "id": made["agreement"]["id"] });
    for (token, name) in [
        (&cat, "signAgreement"),
        (&achpr, "signAgreement"),
        (&cat, "suspendAgreement"),
    ] {
        let answer = house
            .act(
                Some(token),
                (name, "AgreementActInput"),
                &input,
                "agreement { id }",
            )
            .await;
        assert_eq!(code(&answer), "DONE", "{answer}");
    }
    let achpr_told = told(Some(&achpr)).await;
    assert_eq!(
        achpr_told[..achpr_told.len() - before],
        [
            "AGREEMENT_SUSPENDED",
            "AGREEMENT_SIGNED",
            "AGREEMENT_DRAFTED"
        ]
    );
    assert_eq!(told(Some(&cat)).await[0], "AGREEMENT_IN_FORCE");
    assert!(told(None).await.is_empty());
    assert!(
        told(Some(&low)).await.is_empty(),
        "the token does not reach what it is about"
    );
    let iachr = house.token_up_to("iachr.sync", Level::Partner).await;
    assert!(told(Some(&iachr)).await.is_empty());
}
