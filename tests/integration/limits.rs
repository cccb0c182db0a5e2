//! A token that is narrower than its holder does no more than it reads, and is told no more
//! by being refused.

use liaison::{confidentiality::Level, identity::kind::Kind};
use serde_json::{Value, json};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_token_for_some_states_writes_of_no_others", states);
    suite.test("one_officer_is_not_two", two);
    suite.test("who_is_not_told_of_parts_links_no_person", parts);
    suite.test(
        "a_person_concerns_the_states_of_every_communication",
        concerned,
    );
    suite.test("a_narrower_token_is_not_told_what_a_wider_one_did", keys);
    suite.test("numbers_of_objectives_have_no_gap_for_hidden_ones", numbers);
    suite.test(
        "an_act_is_for_the_institution_and_not_for_who_is_called_so",
        called,
    );
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

/// Everything that an officer may do whose token opens files, and a limit.
fn wide(limit: &str) -> String {
    up_to("VICTIM", limit)
}

/// The same, of one to whom no file is open.
fn plain() -> String {
    up_to("SECRETARIAT", "")
}

fn up_to(files: &str, limit: &str) -> String {
    let items = Kind::ALL.map(|kind| {
        let level = match kind {
            Kind::Person => files,
            _ => "SECRETARIAT",
        };
        format!("write:{kind}@{level} label:{kind}@SECRETARIAT")
    });
    let rights = "declassify:request declassify:approve token:issue";
    let reads = reads(Level::Secretariat);
    format!("{reads} {} {rights} {limit}", items.join(" "))
        .trim()
        .to_owned()
}

async fn lodged(house: &House, token: &str, state: &str) -> (Value, Value) {
    let input = json!({
        "kind": "PETITION", "title": "Q v. Examplia (invented)", "countries": [state],
        "persons": [{ "role": "AUTHOR", "names": [{ "text": "Qq Invented", "script": "Latn", "language": "en" }] }],
    });
    let told = "communication { id persons { edges { node { id } } } }";
    let act = ("lodgeCommunication", "LodgeCommunicationInput");
    let made = house.act(Some(token), act, &input, told).await;
    assert_eq!(code(&made), "DONE", "{made}");
    let made = &made["communication"];
    (
        made["id"].clone(),
        made["persons"]["edges"][0]["node"]["id"].clone(),
    )
}

async fn states(backend: Backend) {
    let house = House::open(backend).await;
    let all = house.token("cat.petitions", &wide("")).await;
    let kenya = house.token("cat.petitions", &wide("st:KEN")).await;
    let (own, _) = lodged(&house, &all, "KEN").await;
    let (other, _) = lodged(&house, &all, "UGA").await;
    // Both are published, so that the narrow token reads both.
    let table = "UPDATE communication SET existence = 0";
    house.meddle(table).await;
    let before = house.number("SELECT COUNT(*) FROM audit_leaf").await;
    let person = json!({ "role": "WITNESS", "names": [{ "text": "Pp Invented", "script": "Latn", "language": "en" }] });
    for (name, kind, input) in [
        (
            "amendCommunication",
            "AmendCommunicationInput",
            json!({ "docketNote": "Over (invented)" }),
        ),
        ("registerCommunication", "DatedStepInput", json!({})),
        (
            "raiseLevel",
            "RaiseLevelInput",
            json!({ "field": "title", "level": "SECRETARIAT" }),
        ),
        (
            "lowerLevel",
            "LowerLevelInput",
            json!({ "level": "PUBLIC", "reason": "A reason" }),
        ),
        (
            "nameMechanism",
            "NameMechanismInput",
            json!({ "mechanism": "achpr", "until": "2027-01-01T00:00:00Z" }),
        ),
        ("addPerson", "AddPersonInput", json!({ "person": person })),
    ] {
        let about = if name == "addPerson" {
            "communication"
        } else {
            "id"
        };
        let mut input = input;
        input[about] = other.clone();
        let answer = house
            .act(Some(&kenya), (name, kind), &input, "__typename")
            .await;
        assert_eq!(code(&answer), "FORBIDDEN", "{name}: {answer}");
    }
    for countries in [json!(["UGA"]), json!(["KEN", "UGA"]), json!([])] {
        let input = json!({ "kind": "PETITION", "title": "R (invented)", "countries": countries });
        let act = ("lodgeCommunication", "LodgeCommunicationInput");
        let answer = house.act(Some(&kenya), act, &input, "__typename").await;
        assert_eq!(code(&answer), "FORBIDDEN", "{answer}");
    }
    assert_eq!(
        house.number("SELECT COUNT(*) FROM audit_leaf").await,
        before
    );
    let input = json!({ "id": own, "docketNote": "Within (invented)" });
    let act = ("amendCommunication", "AmendCommunicationInput");
    let answer = house
        .act(Some(&kenya), act, &input, "communication { docketNote }")
        .await;
    assert_eq!(answer["communication"]["docketNote"], "Within (invented)");
}

/// Who keeps the holders can admit one; no token of it that they see approves or grants.
async fn two(backend: Backend) {
    let house = House::open(backend).await;
    let keeper = house.token("cat.secretary", &plain()).await;
    let admit = json!({ "name": "cat.ghost", "kind": "OFFICER", "clearance": "SECRETARIAT" });
    let act = ("admitHolder", "AdmitHolderInput");
    let admitted = house
        .act(Some(&keeper), act, &admit, "holder { name }")
        .await;
    assert_eq!(code(&admitted), "DONE", "{admitted}");
    for holder in ["cat.ghost", "cat.petitions"] {
        for scope in [
            "read:communication@SECRETARIAT declassify:approve",
            "read:communication@SECRETARIAT token:issue",
            "read:person@SECRETARIAT write:person@SECRETARIAT",
        ] {
            let input = json!({ "holder": holder, "scope": scope });
            let act = ("issueToken", "IssueTokenInput");
            let answer = house.act(Some(&keeper), act, &input, "text").await;
            assert_eq!(code(&answer), "FORBIDDEN", "{scope}: {answer}");
            assert!(answer["text"].is_null());
        }
    }
    // What is issued before a role is given does nothing that takes the role.
    let input = json!({ "holder": "cat.ghost", "scope": "read:person@SECRETARIAT" });
    let act = ("issueToken", "IssueTokenInput");
    let answer = house.act(Some(&keeper), act, &input, "text").await;
    let ghost = answer["text"].as_str().unwrap().to_owned();
    house
        .meddle("UPDATE holder SET roles = '[\"GRANTS\"]' WHERE subject = 'cat.ghost'")
        .await;
    let all = house.token("cat.petitions", &wide("")).await;
    let (_, person) = lodged(&house, &all, "KEN").await;
    let input = json!({
        "person": person, "holder": "cat.secretary", "mechanism": "cat", "purposes": ["EXAMINATION"],
        "fields": ["NAMES"], "validUntil": "2027-01-01T00:00:00Z",
    });
    let act = ("giveGrant", "GiveGrantInput");
    let answer = house.act(Some(&ghost), act, &input, "__typename").await;
    assert_eq!(code(&answer), "FORBIDDEN", "{answer}");
}

async fn parts(backend: Backend) {
    let house = House::open(backend).await;
    let all = house.token("cat.petitions", &wide("")).await;
    let (communication, person) = lodged(&house, &all, "KEN").await;
    let (_, stranger) = lodged(&house, &all, "KEN").await;
    let without = wide("").replace("read:communication_person@SECRETARIAT ", "");
    let narrow = house.token("cat.petitions", &without).await;
    let link = async |token: &str, person: &Value| {
        let input = json!({ "communication": communication, "person": person, "role": "WITNESS" });
        let act = ("linkPerson", "LinkPersonInput");
        house.act(Some(token), act, &input, "__typename").await
    };
    let linked = link(&narrow, &person).await;
    assert_eq!(linked, link(&narrow, &stranger).await);
    assert_eq!(code(&linked), "FORBIDDEN");
    assert_eq!(code(&link(&all, &person).await), "CONFLICT");
}

async fn concerned(backend: Backend) {
    let house = House::open(backend).await;
    let all = house.token("cat.petitions", &wide("")).await;
    let (_, person) = lodged(&house, &all, "KEN").await;
    let (second, _) = lodged(&house, &all, "UGA").await;
    let kenya = house.token("cat.petitions", &wide("st:KEN")).await;
    let seen = async || {
        let query = format!("{{ node(id: {person}) {{ id }} }}");
        house.ask(Some(&kenya), &query).await.data()["node"].is_object()
    };
    assert!(seen().await);
    let input = json!({ "communication": second, "person": person, "role": "WITNESS" });
    let act = ("linkPerson", "LinkPersonInput");
    let linked = house.act(Some(&all), act, &input, "__typename").await;
    assert_eq!(code(&linked), "DONE", "{linked}");
    // It is about two States now, and lies outside what is for one of them.
    assert!(!seen().await);
}

async fn keys(backend: Backend) {
    let house = House::open(backend).await;
    let all = house.token("cat.petitions", &wide("")).await;
    let (id, _) = lodged(&house, &all, "UGA").await;
    let narrow = house.token("cat.petitions", &wide("st:KEN")).await;
    let amend = async |token: &str, key: &str, title: &str| {
        let input = json!({ "id": id, "title": title, "key": key });
        let act = ("amendCommunication", "AmendCommunicationInput");
        house.act(Some(token), act, &input, "__typename").await
    };
    assert_eq!(code(&amend(&all, "k-1", "T (invented)").await), "DONE");
    assert_eq!(code(&amend(&all, "k-1", "T (invented)").await), "DONE");
    assert_eq!(
        code(&amend(&all, "k-1", "U (invented)").await),
        "KEY_REUSED"
    );
    for (key, title) in [
        ("k-1", "T (invented)"),
        ("k-1", "U (invented)"),
        ("k-2", "T (invented)"),
    ] {
        assert_eq!(code(&amend(&narrow, key, title).await), "NOT_FOUND");
    }
}

async fn numbers(backend: Backend) {
    let house = House::open(backend).await;
    let cat = house.token("cat.secretary", &plain()).await;
    let does = async |act: (&str, &str), input: Value, told: &str| {
        let answer = house.act(Some(&cat), act, &input, told).await;
        assert_eq!(code(&answer), "DONE", "{answer}");
        answer
    };
    let draft = json!({ "title": "Plan (invented)", "period": "2026" });
    let plan = does(
        ("draftWorkPlan", "DraftWorkPlanInput"),
        draft,
        "workPlan { id }",
    )
    .await;
    let plan = plan["workPlan"]["id"].clone();
    let mut objectives = Vec::new();
    for title in [
        "One (invented)",
        "Two (invented)",
        "Three (invented)",
        "Four (invented)",
    ] {
        let input = json!({ "workPlan": plan, "title": title });
        let made = does(
            ("addObjective", "AddObjectiveInput"),
            input,
            "objective { id }",
        )
        .await;
        objectives.push(made["objective"]["id"].clone());
    }
    for hidden in &objectives[1..3] {
        let input = json!({ "id": hidden, "level": "SECRETARIAT" });
        does(("raiseLevel", "RaiseLevelInput"), input, "record { id }").await;
    }
    does(
        ("publishWorkPlan", "WorkPlanActInput"),
        json!({ "id": plan }),
        "workPlan { id }",
    )
    .await;
    let more = json!({ "workPlan": plan, "title": "Five (invented)" });
    does(
        ("addObjective", "AddObjectiveInput"),
        more,
        "objective { id }",
    )
    .await;
    let query = format!(
        "{{ node(id: {plan}) {{ ... on WorkPlan {{ objectives(orderBy: [{{ field: POSITION, direction: ASC }}]) {{ edges {{ node {{ title position }} }} }} }} }} }}"
    );
    let told = house.ask(None, &query).await.data();
    let told = told["node"]["objectives"]["edges"]
        .as_array()
        .unwrap()
        .clone();
    let told: Vec<_> = told
        .iter()
        .map(|edge| {
            (
                edge["node"]["title"].clone(),
                edge["node"]["position"].clone(),
            )
        })
        .collect();
    let expected = [
        ("One (invented)", 1),
        ("Four (invented)", 2),
        ("Five (invented)", 3),
    ];
    assert_eq!(
        told,
        expected.map(|(title, place)| (json!(title), json!(place)))
    );
    // Nor does the past of what is published tell that there were others.
    let query = format!(
        "{{ history(id: {}) {{ edges {{ node {{ field }} }} }} }}",
        objectives[3]
    );
    assert_eq!(
        house.ask(None, &query).await.data()["history"]["edges"],
        json!([])
    );
}

async fn called(backend: Backend) {
    let house = House::open(backend).await;
    house
        .admit(
            "newcourt",
            "newcourt.registry",
            Level::Secretariat,
            false,
            Some(0),
        )
        .await;
    let achpr = house.token("achpr.secretary", &plain()).await;
    let mapping = |provider: &str| {
        json!({ "provider": provider, "kind": "mechanism", "id": "{no}", "existence": "PUBLIC",
            "fields": { "code": { "column": "code" }, "name": { "column": "name" } } })
        .to_string()
    };
    let import = async |code: &str| {
        let input = json!({ "kind": "mechanism", "columns": ["no", "code", "name"],
            "rows": [["1", code, "Court (invented)"]], "mapping": mapping("list") });
        let told = "rows { outcome } findings { code }";
        let act = ("importRows", "ImportRowsInput");
        house.act(Some(&achpr), act, &input, told).await
    };
    let made = import("elsewhere").await;
    assert_eq!(made["rows"][0]["outcome"], "CREATED", "{made}");
    // An entry keeps its code: nobody is called otherwise by a second import.
    let renamed = import("newcourt").await;
    assert_eq!(renamed["findings"][0]["code"], "CODE_TAKEN", "{renamed}");
    house
        .meddle("UPDATE mechanism SET code = 'newcourt' WHERE code = 'elsewhere'")
        .await;
    let ask = async || {
        let cat = house.token("cat.petitions", &wide("")).await;
        let input = json!({
            "mechanism": "newcourt", "reference": "NC-1 (invented)", "purpose": "SAME_MATTER",
            "fields": ["NAMES"], "reason": "A reason", "due": "2026-07-01T00:00:00Z",
        });
        let act = ("askDisclosure", "AskDisclosureInput");
        house.act(Some(&cat), act, &input, "__typename").await
    };
    // Whoever else is called so is asked nothing.
    assert_eq!(code(&ask().await), "INVALID");
    let court = house.token("newcourt.registry", &plain()).await;
    let register = json!({ "name": "The new court (invented)" });
    let act = ("registerMechanism", "MechanismInput");
    let registered = house.act(Some(&court), act, &register, "__typename").await;
    assert_eq!(code(&registered), "DONE", "{registered}");
    assert_eq!(code(&ask().await), "DONE");
    let told = |of: Value| of["notifications"]["edges"].as_array().unwrap().len();
    let query = "{ notifications { edges { node { type } } } }";
    let to_court = house.ask(Some(&court), query).await.data();
    assert_eq!(told(to_court), 1);
}
