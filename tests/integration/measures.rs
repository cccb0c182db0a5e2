//! Interim measures on their course: who is told of them, when they read as expired; and
//! levels that an author chooses as a text is written.

use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::Level,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{LATER, concluded, opening},
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_measure_goes_its_course_and_no_other", course);
    suite.test("a_measure_is_told_to_those_a_clause_names", told_to);
    suite.test("a_measure_past_its_day_reads_as_expired", expired);
    suite.test("a_day_that_is_withheld_makes_nothing_expire", withheld_day);
    suite.test("a_hidden_communication_is_no_edge_of_a_measure", hidden);
    suite.test("a_text_is_written_at_the_level_of_its_author", chosen);
    suite.test("an_author_chooses_levels_upwards_only", upwards);
}

const MEASURE: &str = "interimMeasure { id version kind status statusLabel decidedOn inForceUntil \
     askedOfState risk reasonForLifting communication { id } beneficiaries { id } }";
const DAY: i64 = 24 * 3_600;

pub(crate) async fn keeper(house: &House, holder: &str) -> String {
    let writes = ["interim_measure", "communication", "communication_person"];
    let writes = writes.map(|kind| format!("write:{kind}@SECRETARIAT label:{kind}@SECRETARIAT"));
    let scope = format!(
        "{} {} write:person@VICTIM declassify:request",
        reads(Level::Secretariat),
        writes.join(" ")
    );
    house.token(holder, &scope).await
}

async fn act(house: &House, token: &str, name: &str, kind: &str, input: Value) -> Value {
    let act = (name, kind);
    house.act(Some(token), act, &input, MEASURE).await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

/// Asks for a measure; its id.
pub(crate) async fn requested(house: &House, token: &str, input: Value) -> Value {
    let answer = act(
        house,
        token,
        "requestInterimMeasure",
        "RequestInterimMeasureInput",
        input,
    )
    .await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    answer["interimMeasure"]["id"].clone()
}

pub(crate) async fn granted(house: &House, token: &str, id: &Value, until: &str) {
    let input = json!({ "id": id, "until": until });
    let kind = "GrantInterimMeasureInput";
    let answer = act(house, token, "grantInterimMeasure", kind, input).await;
    assert_eq!(answer["interimMeasure"]["status"], "GRANTED", "{answer}");
}

/// A record by its id, as a token is told of it.
async fn node(house: &House, token: Option<&str>, id: &Value, told: &str) -> Value {
    let query = format!(
        "{{ interimMeasure(id: {id}) {{ {told} }} node(id: {id}) {{ id }} \
           interimMeasures(first: 100, filter: {{ mechanism: {{ eq: \"cat\" }} }}) {{ edges {{ node {{ id }} }} }} }}"
    );
    let data = house.ask(token, &query).await.data();
    let there = !data["interimMeasure"].is_null();
    assert_eq!(!data["node"].is_null(), there);
    let edges = data["interimMeasures"]["edges"].as_array().unwrap();
    assert_eq!(edges.iter().any(|edge| edge["node"]["id"] == *id), there);
    data["interimMeasure"].clone()
}

async fn course(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = requested(&house, &cat, json!({ "risk": "Return (invented)" })).await;
    let own = node(&house, Some(&cat), &id, "kind statusLabel risk").await;
    assert_eq!(own["kind"], "INTERIM_MEASURES");
    assert_eq!(own["statusLabel"], "Interim measures: requested");
    assert_eq!(own["risk"], "Return (invented)");
    let extend = |until: &str| {
        let input = json!({ "until": until });
        ("extendInterimMeasure", "ExtendInterimMeasureInput", input)
    };
    let compliance = |complied: bool| {
        let kind = "RecordInterimMeasureComplianceInput";
        (
            "recordInterimMeasureCompliance",
            kind,
            json!({ "complied": complied }),
        )
    };
    let ask = || {
        let kind = "InterimMeasureStepInput";
        ("askStateOnInterimMeasure", kind, json!({}))
    };
    let grant = |until: &str| {
        let input = json!({ "until": until, "askedOfState": "Not to return (invented)" });
        ("grantInterimMeasure", "GrantInterimMeasureInput", input)
    };
    let refuse = || {
        let kind = "RefuseInterimMeasureInput";
        ("refuseInterimMeasure", kind, json!({ "on": "2026-06-01" }))
    };
    let modify = || {
        let input = json!({ "askedOfState": "To care (invented)" });
        ("modifyInterimMeasure", "ModifyInterimMeasureInput", input)
    };
    let lift = || {
        let input = json!({ "reasonForLifting": "Decided (invented)" });
        ("liftInterimMeasure", "LiftInterimMeasureInput", input)
    };
    for ((name, kind, said), expected) in [
        (lift(), "CONFLICT"),
        (extend("2027"), "CONFLICT"),
        (compliance(true), "CONFLICT"),
        (ask(), "INFORMATION_REQUESTED"),
        (ask(), "CONFLICT"),
        (grant("2026-05-31"), "INVALID"),
        (grant("2026-01/2027-01"), "INVALID"),
        (grant("2026-12"), "GRANTED"),
        (grant("2026-12"), "CONFLICT"),
        (refuse(), "CONFLICT"),
        (extend("2026-11"), "INVALID"),
        (extend("2027-06-30"), "EXTENDED"),
        (modify(), "MODIFIED"),
        (compliance(false), "NOT_COMPLIED"),
        (compliance(false), "CONFLICT"),
        (compliance(true), "COMPLIED"),
        (lift(), "LIFTED"),
        (modify(), "CONFLICT"),
    ] {
        let mut input = said;
        input["id"] = id.clone();
        // Who may not know of it is told the same at every stage.
        let theirs = act(&house, &other, name, kind, input.clone()).await;
        assert_eq!(code(&theirs), "NOT_FOUND", "{name}: {theirs}");
        let answer = act(&house, &cat, name, kind, input).await;
        let got = match code(&answer) {
            "DONE" => answer["interimMeasure"]["status"].as_str().unwrap(),
            code => code,
        };
        assert_eq!(got, expected, "{name}: {answer}");
    }
    let stale = json!({ "id": id, "expectedVersion": "of another day", "complied": true });
    let kind = "RecordInterimMeasureComplianceInput";
    let stale = act(&house, &cat, "recordInterimMeasureCompliance", kind, stale).await;
    assert_eq!(code(&stale), "CONFLICT");
    let query = format!("{{ history(id: {id}) {{ edges {{ node {{ field after }} }} }} }}");
    let past = house.ask(Some(&cat), &query).await.data().to_string();
    for after in [
        "GRANTED",
        "EXTENDED",
        "MODIFIED",
        "LIFTED",
        "To care (invented)",
    ] {
        assert!(past.contains(after), "{after}: {past}");
    }
    assert!(
        !house
            .ask(Some(&other), &query)
            .await
            .data()
            .to_string()
            .contains("GRANTED")
    );

    // One key, one act.
    let input = json!({ "key": "one", "risk": "Twice (invented)" });
    let first = requested(&house, &cat, input.clone()).await;
    assert_eq!(requested(&house, &cat, input).await, first);
}

async fn told_to(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let achpr = house
        .token_up_to("achpr.protection", Level::Secretariat)
        .await;
    let text = json!({ "askedOfState": "Not to return (invented)", "risk": "R (invented)" });
    let mut kept = text.clone();
    kept["discreet"] = json!(true);
    let discreet = requested(&house, &cat, kept).await;
    let id = requested(&house, &cat, text).await;
    let told = "status askedOfState risk beneficiaries { id }";
    for token in [None, Some(achpr.as_str())] {
        assert_eq!(node(&house, token, &id, told).await, Value::Null);
    }
    let agreement = concluded(&["cat", "achpr"], LATER);
    let clause = opening(agreement.id, "cat", "achpr", Level::Channel, LATER);
    house.add::<Agreement>("cat", agreement).await;
    house.add::<Clause>("cat", clause).await;
    let seen = node(&house, Some(&achpr), &id, told).await;
    assert_eq!(seen["askedOfState"], "Not to return (invented)", "{seen}");
    assert_eq!(
        (&seen["risk"], &seen["beneficiaries"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(
        node(&house, Some(&achpr), &discreet, told).await,
        Value::Null
    );
    assert_eq!(node(&house, None, &id, told).await, Value::Null);

    // Published, its text is not.
    house.publish(&cat, &id).await;
    let public = node(&house, None, &id, told).await;
    assert_eq!(
        (&public["status"], &public["askedOfState"]),
        (&json!("REQUESTED"), &Value::Null)
    );
}

async fn expired(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = requested(&house, &cat, json!({})).await;
    granted(&house, &cat, &id, "2026-06-02").await;
    let count = async |token: &str, test: &str| {
        let query = format!(
            "{{ interimMeasures(filter: {{ mechanism: {{ eq: \"cat\" }}, {test} }}) {{ totalCount edges {{ node {{ id }} }} }} }}"
        );
        let data = house.ask(Some(token), &query).await.data();
        let edges = data["interimMeasures"]["edges"].as_array().unwrap().clone();
        edges.iter().any(|edge| edge["node"]["id"] == id)
    };
    let told = "status statusLabel version";
    let before = node(&house, Some(&cat), &id, told).await;
    house.clock.advance(DAY);
    let cat = keeper(&house, "cat.petitions").await;
    assert_eq!(
        node(&house, Some(&cat), &id, told).await,
        before,
        "its last day"
    );
    assert!(count(&cat, "status: { eq: GRANTED }").await);
    house.clock.advance(DAY);
    let cat = keeper(&house, "cat.petitions").await;
    let after = node(&house, Some(&cat), &id, told).await;
    assert_eq!(after["status"], "EXPIRED");
    assert_eq!(after["statusLabel"], "Interim measures: expired");
    assert_ne!(after["version"], before["version"]);
    assert!(count(&cat, "status: { eq: EXPIRED }").await);
    assert!(!count(&cat, "status: { eq: GRANTED }").await);
    assert!(count(&cat, "not: { status: { eq: GRANTED } }").await);
    let order = "{ interimMeasures(first: 100, orderBy: [{ field: STATUS, direction: ASC }]) { edges { node { status } } } }";
    let data = house.ask(Some(&cat), order).await.data();
    let statuses = data["interimMeasures"]["edges"].as_array().unwrap();
    let statuses = statuses
        .iter()
        .map(|edge| edge["node"]["status"].as_str().unwrap());
    assert!(statuses.is_sorted());
    let extend = json!({ "id": id, "until": "2027" });
    let kind = "ExtendInterimMeasureInput";
    let late = act(&house, &cat, "extendInterimMeasure", kind, extend).await;
    assert_eq!(code(&late), "CONFLICT", "{late}");
    let input = json!({ "id": id, "expectedVersion": after["version"], "complied": false });
    let kind = "RecordInterimMeasureComplianceInput";
    let answer = act(&house, &cat, "recordInterimMeasureCompliance", kind, input).await;
    assert_eq!(
        answer["interimMeasure"]["status"], "NOT_COMPLIED",
        "{answer}"
    );
}

async fn withheld_day(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = requested(&house, &cat, json!({})).await;
    granted(&house, &cat, &id, "2026-06-02").await;
    let raise = json!({ "id": id, "field": "inForceUntil", "level": "SECRETARIAT" });
    let act_ = ("raiseLevel", "RaiseLevelInput");
    let answer = house.act(Some(&cat), act_, &raise, "record { id }").await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    house.publish(&cat, &id).await;
    house.clock.advance(10 * DAY);
    let cat = keeper(&house, "cat.petitions").await;
    assert_eq!(
        node(&house, Some(&cat), &id, "status").await["status"],
        "EXPIRED"
    );
    let public = node(&house, None, &id, "status inForceUntil").await;
    assert_eq!(public, json!({ "status": "GRANTED", "inForceUntil": null }));
}

async fn hidden(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let lodge = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "M v. Examplia (invented)",
        "persons": [{ "role": "COMPLAINANT", "names": [{ "text": "Mm Invented", "script": "Latn", "language": "en" }] }],
    });
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let told = "communication { id persons { edges { node { id } } } }";
    let made = house.act(Some(&cat), lodging, &lodge, told).await["communication"].clone();
    let person = made["persons"]["edges"][0]["node"]["id"].clone();
    let input = json!({ "communication": made["id"], "beneficiaries": [person] });
    let id = requested(&house, &cat, input).await;
    let told =
        "communication { id interimMeasures { edges { node { id } } } } beneficiaries { id }";
    let own = node(&house, Some(&cat), &id, told).await;
    assert_eq!(own["communication"]["id"], made["id"]);
    assert_eq!(
        own["communication"]["interimMeasures"]["edges"][0]["node"]["id"],
        id
    );
    assert_eq!(own["beneficiaries"], json!([{ "id": person }]));
    house.publish(&cat, &id).await;
    let query = format!("{{ interimMeasure(id: {id}) {{ status communication {{ id }} }} }}");
    let body = house.ask(None, &query).await.json();
    assert_eq!(
        body["data"]["interimMeasure"],
        json!({ "status": "REQUESTED", "communication": null })
    );
    assert!(!body.to_string().contains("withheld\":[{"), "{body}");

    // What is another's, or nobody's, is asked for in vain, and alike.
    let other = keeper(&house, "achpr.protection").await;
    for input in [
        json!({ "communication": made["id"] }),
        json!({ "communication": "none" }),
        json!({ "beneficiaries": [person] }),
    ] {
        let kind = "RequestInterimMeasureInput";
        let answer = act(&house, &other, "requestInterimMeasure", kind, input).await;
        assert_eq!(code(&answer), "NOT_FOUND", "{answer}");
    }
}

async fn chosen(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let lodge = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "L v. Examplia (invented)",
        "articles": ["Art. 3"],
        "levels": [{ "field": "title", "level": "SECRETARIAT" }],
    });
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let made = house
        .act(Some(&cat), lodging, &lodge, "communication { id title }")
        .await;
    assert_eq!(
        made["communication"]["title"], "L v. Examplia (invented)",
        "{made}"
    );
    let id = made["communication"]["id"].clone();
    house.publish(&cat, &id).await;
    let query = format!(
        "{{ communication(id: {id}) {{ title outcome articles }} history(id: {id}) {{ edges {{ node {{ field before after }} }} }} }}"
    );
    let public = async || house.ask(None, &query).await.data();
    let first = public().await;
    assert_eq!(first["communication"]["title"], Value::Null);
    assert_eq!(first["communication"]["articles"], json!(["Art. 3"]));

    // An outcome that anyone read, written anew at a higher level: its past goes with it.
    let amending = ("amendCommunication", "AmendCommunicationInput");
    let open = json!({ "id": id, "outcome": "First (invented)" });
    let answer = house
        .act(Some(&cat), amending, &open, "communication { id }")
        .await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    assert!(public().await.to_string().contains("First (invented)"));
    let raised = json!({
        "id": id, "outcome": "Second (invented)",
        "levels": [{ "field": "outcome", "level": "SECRETARIAT" }],
    });
    let answer = house
        .act(Some(&cat), amending, &raised, "communication { outcome }")
        .await;
    assert_eq!(
        answer["communication"]["outcome"], "Second (invented)",
        "{answer}"
    );
    let after = public().await.to_string();
    assert!(
        !after.contains("First (invented)") && !after.contains("Second (invented)"),
        "{after}"
    );
    assert!(!after.contains("outcome\",\"before"), "{after}");
    let own = house.ask(Some(&cat), &query).await.data().to_string();
    assert!(
        own.contains("First (invented)") && own.contains("Second (invented)"),
        "{own}"
    );
}

async fn upwards(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let low = "read:communication@CHANNEL write:communication@CHANNEL read:mechanism@PUBLIC";
    let low = house.token("cat.petitions", low).await;
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let lodge = async |token: &str, levels: Value, note: bool| {
        let mut input = json!({
            "kind": "PETITION", "title": "U v. Examplia (invented)", "levels": levels,
        });
        if note {
            input["docketNote"] = json!("A note (invented)");
        }
        let answer = house
            .act(Some(token), lodging, &input, "communication { id }")
            .await;
        (
            code(&answer).to_owned(),
            answer["communication"]["id"].clone(),
        )
    };
    let level = |field: &str, level: &str| json!([{ "field": field, "level": level }]);
    for (levels, note, expected) in [
        (level("docketNote", "CHANNEL"), true, "INVALID"),
        (level("docketNote", "SECRETARIAT"), true, "DONE"),
        (level("docketNote", "SECRETARIAT"), false, "INVALID"),
        (level("title", "VICTIM"), true, "INVALID"),
        (level("nothing", "SECRETARIAT"), true, "INVALID"),
        (level("persons", "SECRETARIAT"), true, "INVALID"),
        (
            json!([{ "field": "title", "level": "CHANNEL" }, { "field": "title", "level": "PARTNER" }]),
            true,
            "INVALID",
        ),
    ] {
        let (code, _) = lodge(&cat, levels.clone(), note).await;
        assert_eq!(code, expected, "{levels}");
    }
    assert_eq!(
        lodge(&low, level("title", "SECRETARIAT"), false).await.0,
        "FORBIDDEN"
    );
    let (_, id) = lodge(&cat, level("title", "SECRETARIAT"), false).await;
    let amending = ("amendCommunication", "AmendCommunicationInput");
    for (input, expected) in [
        (
            json!({ "id": id, "title": "T (invented)", "levels": level("title", "CHANNEL") }),
            "CONFLICT",
        ),
        (
            json!({ "id": id, "title": "T (invented)", "levels": level("outcome", "CHANNEL") }),
            "INVALID",
        ),
        (
            json!({ "id": id, "title": "T (invented)", "levels": level("title", "SECRETARIAT") }),
            "DONE",
        ),
    ] {
        let answer = house
            .act(Some(&cat), amending, &input, "communication { id }")
            .await;
        assert_eq!(code(&answer), expected, "{input}: {answer}");
    }
}
