//! What secretariats do, asked over HTTP: an agreement opens and closes what it names.

use axum::body::Body;
use liaison::{
    confidentiality::Level,
    id::{GlobalId, RecordId},
    identity::kind::Kind,
    work_plan::WorkPlanItem,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{Cast, Stage, bare},
    golden,
    harness::{Backend, Suite},
    house::House,
    specimens::{collected, specimen},
};

const GOLDEN: &str = "tests/golden/act-matrix.txt";

/// The acts on an agreement that is there.
const ACTS: [&str; 4] = [
    "signAgreement",
    "suspendAgreement",
    "resumeAgreement",
    "terminateAgreement",
];

pub(crate) fn register(suite: &mut Suite) {
    suite.test("an_agreement_opens_and_closes_what_it_names", opens);
    suite.test("each_act_is_done_or_refused_as_the_act_matrix_says", matrix);
    suite.test("an_act_on_a_hidden_agreement_is_as_on_none", hidden);
    suite.test("one_key_is_one_act", keys);
    suite.test("a_refused_act_leaves_nothing", nothing);
    suite.test("a_draft_that_is_not_valid_is_refused_in_words", invalid);
    suite.test("a_mechanism_keeps_its_own_profile", profile);
    suite.test("consent_and_grant_open_a_file_and_close_it", consents);
    suite.test("who_may_not_act_on_a_file_is_refused", files);
}

/// A token that reads and writes agreements up to a level.
async fn writer(house: &House, holder: &str, level: Level) -> String {
    let reads = Kind::ALL.map(|kind| format!("read:{kind}@{level}"));
    let scope = format!(
        "{} write:agreement@{level} write:clause@{level}",
        reads.join(" ")
    );
    house.token(holder, &scope).await
}

fn proposal() -> Value {
    json!({
        "title": "On plans (invented)",
        "form": "EXCHANGE_OF_LETTERS",
        "parties": ["cat", "achpr"],
        "validFrom": "2026-01-01T00:00:00Z",
        "validUntil": "2030-01-01T00:00:00Z",
        "clauses": [{
            "fromMechanism": "cat",
            "toMechanism": "achpr",
            "kinds": ["WORK_PLANS"],
            "countries": ["ALL"],
            "topics": ["ALL"],
            "cap": "CHANNEL",
            "purposes": ["VISIT_PLANNING"],
        }],
    })
}

/// Does an act; what it answers, with or without refusal.
async fn act(house: &House, token: Option<&str>, name: &str, input: &Value) -> Value {
    let kind = if name == "draftAgreement" {
        "DraftAgreementInput"
    } else {
        "AgreementActInput"
    };
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ \
         agreement {{ id status knownTo signatories {{ code }} }} \
         userErrors {{ code message field }} }} }}"
    );
    let request = json!({ "query": query, "variables": { "input": input } });
    house.post(token, &request).await.data()[name].clone()
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

async fn drafted(house: &House, token: &str, input: &Value) -> String {
    let answer = act(house, Some(token), "draftAgreement", input).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer["agreement"]["id"].as_str().unwrap().to_owned()
}

async fn opens(backend: Backend) {
    let house = House::open(backend).await;
    let mut item = bare(Kind::WorkPlanItem, "planned", &["cat"]);
    item.values = vec![("places_to_visit", "Example Camp (invented)".into())];
    house.add::<WorkPlanItem>("cat", item).await;
    let item = GlobalId {
        kind: Kind::WorkPlanItem,
        id: RecordId::derived(Kind::WorkPlanItem, "planned"),
    };
    let (cat, achpr) = (
        writer(&house, "cat.secretary", Level::Secretariat).await,
        writer(&house, "achpr.secretary", Level::Secretariat).await,
    );
    let told = async |token: &str| {
        let query =
            format!("{{ node(id: \"{item}\") {{ ... on WorkPlanItem {{ placesToVisit }} }} }}");
        !house.ask(Some(token), &query).await.data()["node"]["placesToVisit"].is_null()
    };
    let id = drafted(&house, &cat, &proposal()).await;
    let input = json!({ "id": id });
    let done = async |token: &str, name: &str| {
        let answer = act(&house, Some(token), name, &input).await;
        assert_eq!(answer["userErrors"], json!([]), "{name}: {answer}");
        answer["agreement"]["status"].as_str().unwrap().to_owned()
    };
    // An agreement that was concluded before is closed by one of its parties.
    let standing = GlobalId {
        kind: Kind::Agreement,
        id: RecordId::derived(Kind::Agreement, "channel-cat-achpr"),
    };
    assert!(told(&cat).await && told(&achpr).await);
    let input_of_standing = json!({ "id": standing.to_string() });
    let answer = act(&house, Some(&cat), "suspendAgreement", &input_of_standing).await;
    assert_eq!(answer["agreement"]["status"], "SUSPENDED", "{answer}");
    assert!(told(&cat).await && !told(&achpr).await);
    assert_eq!(done(&achpr, "signAgreement").await, "UNDER_NEGOTIATION");
    assert!(!told(&achpr).await, "one has signed");
    assert_eq!(done(&cat, "signAgreement").await, "IN_FORCE");
    assert!(told(&achpr).await, "both have signed");
    assert_eq!(done(&cat, "suspendAgreement").await, "SUSPENDED");
    assert!(!told(&achpr).await, "it is suspended");
    assert_eq!(done(&achpr, "suspendAgreement").await, "SUSPENDED");
    assert_eq!(done(&cat, "resumeAgreement").await, "SUSPENDED");
    assert!(!told(&achpr).await, "the other has suspended it, too");
    assert_eq!(done(&achpr, "resumeAgreement").await, "IN_FORCE");
    assert!(told(&achpr).await, "nobody suspends it any more");
    assert_eq!(done(&achpr, "terminateAgreement").await, "TERMINATED");
    assert!(!told(&achpr).await, "it has ended");
    // Nobody else ever knew of it.
    let query = format!("{{ node(id: \"{id}\") {{ id }} }}");
    let iachr = writer(&house, "iachr.sync", Level::Partner).await;
    assert!(house.ask(Some(&iachr), &query).await.data()["node"].is_null());
    assert!(house.ask(None, &query).await.data()["node"].is_null());
    assert!(house.store.ledger().verify(None).await.unwrap().is_whole());
}

/// Who acts in the matrix: a name, and the token.
async fn actors(house: &House) -> Vec<(&'static str, Option<String>)> {
    house
        .admit("spt", "spt.liaison", Level::Secretariat, false, Some(0))
        .await;
    let all = Level::Secretariat;
    vec![
        ("anyone", None),
        ("party", Some(writer(house, "cat.secretary", all).await)),
        (
            "other party",
            Some(writer(house, "achpr.secretary", all).await),
        ),
        (
            "no signatory",
            Some(writer(house, "cat.petitions", all).await),
        ),
        (
            "reader",
            Some(house.token_up_to("cat.secretary", all).await),
        ),
        ("stranger", Some(writer(house, "spt.liaison", all).await)),
    ]
}

/// An agreement as it stands after these acts of these parties.
async fn standing(house: &House, acts: &[(&str, &str)], known_to: &str) -> String {
    let mut input = proposal();
    input["knownTo"] = json!(known_to);
    let cat = writer(house, "cat.secretary", Level::Secretariat).await;
    let achpr = writer(house, "achpr.secretary", Level::Secretariat).await;
    let id = drafted(house, &cat, &input).await;
    for (party, name) in acts {
        let token = if *party == "cat" { &cat } else { &achpr };
        let answer = act(house, Some(token), name, &json!({ "id": id })).await;
        assert_eq!(answer["userErrors"], json!([]), "{name}");
    }
    id
}

async fn matrix(backend: Backend) {
    const SIGNED: [(&str, &str); 2] = [("cat", "signAgreement"), ("achpr", "signAgreement")];
    let house = House::open(backend).await;
    let actors = actors(&house).await;
    let mut table =
        "What each act does to an agreement of CAT and ACHPR, by who asks for it\n".to_owned();
    let with = |last: &[(&'static str, &'static str)]| [&SIGNED, last].concat();
    for (title, before, known_to) in [
        ("a draft", vec![], "SECRETARIAT"),
        ("signed by one", SIGNED[..1].to_vec(), "SECRETARIAT"),
        ("in force, known to its parties", with(&[]), "SECRETARIAT"),
        ("in force, known to anyone", with(&[]), "PUBLIC"),
        (
            "suspended by one",
            with(&[("cat", "suspendAgreement")]),
            "PUBLIC",
        ),
        ("ended", with(&[("cat", "terminateAgreement")]), "PUBLIC"),
    ] {
        table.push_str(&format!("\n{title:32}"));
        for (name, _) in &actors {
            table.push_str(&format!("{name:>20}"));
        }
        table.push('\n');
        for name in ACTS {
            table.push_str(&format!("  {name:30}"));
            for (_, token) in &actors {
                // Each finds it as it was, whatever the others have done.
                let id = standing(&house, &before, known_to).await;
                let answer = act(&house, token.as_deref(), name, &json!({ "id": id })).await;
                let status = answer["agreement"]["status"].as_str();
                table.push_str(&format!("{:>20}", status.unwrap_or(code(&answer))));
            }
            table.push('\n');
        }
    }
    golden::compare(GOLDEN, &table);
}

async fn hidden(backend: Backend) {
    let house = House::open(backend).await;
    let draft = standing(&house, &[], "SECRETARIAT").await;
    house
        .admit("spt", "spt.liaison", Level::Secretariat, false, Some(0))
        .await;
    let token = writer(&house, "spt.liaison", Level::Secretariat).await;
    let none = GlobalId {
        kind: Kind::Agreement,
        id: RecordId::random(),
    };
    let of_another_kind = specimen(Kind::Document, "embargoed");
    for name in ACTS {
        let mut answers = Vec::new();
        for id in [
            draft.clone(),
            none.to_string(),
            of_another_kind.to_string(),
            "no id".to_owned(),
        ] {
            answers.push(act(&house, Some(&token), name, &json!({ "id": id })).await);
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(code(&answers[0]), "NOT_FOUND");
    }
}

async fn profile(backend: Backend) {
    let house = House::open(backend).await;
    let write = "read:mechanism@PARTNER read:focal_point@PARTNER";
    let partner = house
        .token(
            "cat.secretary",
            &format!("{write} write:mechanism@PARTNER write:focal_point@PARTNER"),
        )
        .await;
    let public = house
        .token(
            "cat.secretary",
            &format!("{write} write:mechanism@PUBLIC write:focal_point@PUBLIC"),
        )
        .await;
    let ask = async |token: &str, name: &str, kind: &str, input: Value, told: &str| {
        let query = format!(
            "mutation($input: {kind}!) {{ {name}(input: $input) {{ {told} userErrors {{ code field }} }} }}"
        );
        let request = json!({ "query": query, "variables": { "input": input } });
        house.post(Some(token), &request).await.data()[name].clone()
    };
    let amend = async |token: &str, input: Value| {
        let told = "mechanism { acronym workingMethods aliases }";
        ask(token, "amendMechanism", "MechanismInput", input, told).await
    };
    let answer = amend(&partner, json!({ "acronym": "C.A.T.", "workingMethods": "By letter (invented).", "aliases": ["The Committee"] })).await;
    assert_eq!(
        answer["mechanism"],
        json!({ "acronym": "C.A.T.", "workingMethods": "By letter (invented).", "aliases": ["The Committee"] }),
        "{answer}"
    );
    // What is left out stays; `null` takes away.
    let answer = amend(&public, json!({ "acronym": null })).await;
    assert_eq!(
        answer["mechanism"],
        json!({ "acronym": null, "workingMethods": "By letter (invented).", "aliases": ["The Committee"] })
    );
    for (token, input, expected) in [
        (
            &public,
            json!({ "workingMethods": "above the scope" }),
            "FORBIDDEN",
        ),
        (&partner, json!({ "name": null }), "INVALID"),
        (&partner, json!({ "name": "" }), "INVALID"),
        (&partner, json!({}), "INVALID"),
    ] {
        assert_eq!(
            code(&amend(token, input.clone()).await),
            expected,
            "{input}"
        );
    }
    let told = "mechanism { code }";
    // Whether it is on the list is told to who would see it, whatever its level.
    let all = "read:mechanism@SECRETARIAT write:mechanism@PARTNER";
    let wide = house.token("cat.secretary", all).await;
    for (token, expected) in [(&wide, "CONFLICT"), (&partner, "FORBIDDEN")] {
        let input = json!({ "name": "Again" });
        let again = ask(token, "registerMechanism", "MechanismInput", input, told).await;
        assert_eq!(code(&again), expected);
    }

    let desk = json!({ "title": "Desk (invented)", "role": "COOPERATION", "mailbox": "desk@cat.example", "personName": "Invented Officer", "since": "2024" });
    let told = "focalPoint { id status since until personName }";
    let made = ask(
        &partner,
        "appointFocalPoint",
        "AppointFocalPointInput",
        desk.clone(),
        told,
    )
    .await;
    assert_eq!(made["focalPoint"]["status"], "APPOINTED", "{made}");
    let forbidden = ask(
        &public,
        "appointFocalPoint",
        "AppointFocalPointInput",
        desk,
        told,
    )
    .await;
    assert_eq!(code(&forbidden), "FORBIDDEN", "a name is for partners");
    let id = made["focalPoint"]["id"].clone();
    let relieve = async |token: &str, until: &str| {
        let input = json!({ "id": id, "until": until });
        ask(
            token,
            "relieveFocalPoint",
            "RelieveFocalPointInput",
            input,
            told,
        )
        .await
    };
    let other = house
        .token(
            "achpr.secretary",
            "read:focal_point@PARTNER write:focal_point@PARTNER",
        )
        .await;
    assert_eq!(code(&relieve(&other, "2026").await), "FORBIDDEN");
    assert_eq!(code(&relieve(&partner, "2023").await), "INVALID");
    let relieved = relieve(&partner, "2026-05-31").await["focalPoint"].clone();
    assert_eq!(
        (&relieved["status"], &relieved["until"]),
        (&json!("RELIEVED"), &json!("2026-05-31"))
    );
    assert_eq!(
        relieved["personName"], "Invented Officer",
        "who held it stays on record"
    );
    assert_eq!(code(&relieve(&partner, "2026-06").await), "CONFLICT");
}

/// Does an act on a person's file; the code of its refusal, or `DONE`.
async fn on_file(house: &House, token: Option<&str>, name: &str, input: Value) -> String {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ \
         person {{ id }} userErrors {{ code message field }} }} }}"
    );
    let request = json!({ "query": query, "variables": { "input": input } });
    let answer = house.post(token, &request).await.data()[name].clone();
    assert_eq!(
        answer["person"].is_null(),
        !answer["userErrors"][0].is_null(),
        "{answer}"
    );
    code(&answer).to_owned()
}

fn word(person: &str, basis: &str) -> Value {
    json!({
        "person": person,
        "recipient": "achpr",
        "purpose": "EXAMINATION",
        "fields": ["NAMES"],
        "basis": basis,
        "validUntil": "2030-01-01T00:00:00Z",
    })
}

fn grant(person: &str, holder: &str, fields: &[&str]) -> Value {
    json!({
        "person": person,
        "holder": holder,
        "mechanism": "achpr",
        "purposes": ["EXAMINATION"],
        "fields": fields,
        "validUntil": "2027-01-01T00:00:00Z",
    })
}

/// A token of an officer who keeps files.
async fn keeper(house: &House) -> String {
    let scope = "read:person@VICTIM write:person@VICTIM consent:write";
    house.token("cat.petitions", scope).await
}

async fn consents(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let house = &stage.house;
    collected(house).await;
    let person = specimen(Kind::Person, "silent").to_string();
    let keeper = keeper(house).await;
    let grants = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let grants = house.token("cat.grants", grants).await;
    let officer = "achpr.protection";
    let told = async || {
        let query =
            format!("{{ node(id: \"{person}\") {{ ... on Person {{ names {{ text }} }} }} }}");
        let data = stage.ask(Cast::ForeignOfficer, &query).await.data();
        !data["node"]["names"].is_null()
    };
    let give = async |fields: &[&str]| {
        on_file(
            house,
            Some(&grants),
            "giveGrant",
            grant(&person, officer, fields),
        )
        .await
    };
    let say = async |basis: &str| {
        on_file(house, Some(&keeper), "recordConsent", word(&person, basis)).await
    };
    let end = json!({ "person": person, "holder": officer });
    assert_eq!(
        on_file(house, Some(&grants), "endGrants", end.clone()).await,
        "DONE"
    );
    assert_eq!(
        on_file(house, Some(&grants), "endGrants", end).await,
        "CONFLICT"
    );
    assert_eq!(give(&["NAMES"]).await, "CONFLICT", "nobody has consented");
    assert_eq!(say("GIVEN").await, "DONE");
    assert!(!told().await, "consent alone opens nothing");
    assert_eq!(
        give(&["NAMES", "CONTACT"]).await,
        "CONFLICT",
        "one field too many"
    );
    assert_eq!(give(&["NAMES"]).await, "DONE");
    assert!(told().await);
    house.clock.advance(1);
    assert_eq!(say("WITHDRAWN").await, "DONE");
    assert!(!told().await, "leave was taken back");
    let live = "SELECT COUNT(*) FROM disclosure_grant WHERE ended_at IS NULL AND holder = 'achpr.protection' AND person = ";
    let id = house.literal(specimen(Kind::Person, "silent").id);
    assert_eq!(house.number(&format!("{live}{id}")).await, 0);
    house.clock.advance(1);
    assert_eq!(say("GIVEN").await, "DONE");
    assert!(!told().await, "a grant that has ended does not come back");
    assert_eq!(give(&["NAMES"]).await, "DONE");
    assert!(told().await);
}

async fn files(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    let house = &stage.house;
    collected(house).await;
    let person = specimen(Kind::Person, "given").to_string();
    let none = specimen(Kind::Person, "nobody").to_string();
    let grants = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let grants = house.token("cat.grants", grants).await;
    let keeper = keeper(house).await;
    let reader = house.token_up_to("cat.petitions", Level::Victim).await;
    let only_reads = house.token_up_to("cat.grants", Level::Secretariat).await;
    let stranger = "read:person@VICTIM write:person@VICTIM consent:write";
    let stranger = house.token("cpt.liaison", stranger).await;
    let erased = specimen(Kind::Person, "erased").to_string();
    for (token, name, input, expected) in [
        (
            None,
            "recordConsent",
            word(&person, "GIVEN"),
            "TOKEN_NEEDED",
        ),
        (
            Some(&reader),
            "recordConsent",
            word(&person, "GIVEN"),
            "FORBIDDEN",
        ),
        (
            Some(&stranger),
            "recordConsent",
            word(&person, "GIVEN"),
            "NOT_FOUND",
        ),
        (
            Some(&stranger),
            "recordConsent",
            word(&none, "GIVEN"),
            "NOT_FOUND",
        ),
        (
            Some(&keeper),
            "recordConsent",
            word(&none, "GIVEN"),
            "NOT_FOUND",
        ),
        (
            Some(&keeper),
            "recordConsent",
            word(&erased, "GIVEN"),
            "CONFLICT",
        ),
        (
            Some(&keeper),
            "recordConsent",
            word(&person, "VITAL_INTEREST_OVERRIDE"),
            "INVALID",
        ),
        (
            Some(&keeper),
            "giveGrant",
            grant(&person, "achpr.protection", &["NAMES"]),
            "FORBIDDEN",
        ),
        (
            Some(&grants),
            "giveGrant",
            grant(&person, "cat.grants", &["NAMES"]),
            "FORBIDDEN",
        ),
        (
            Some(&grants),
            "giveGrant",
            grant(&person, "", &["NAMES"]),
            "INVALID",
        ),
        (
            Some(&grants),
            "giveGrant",
            grant(&person, "achpr.protection", &[]),
            "INVALID",
        ),
        (
            Some(&stranger),
            "giveGrant",
            grant(&person, "cpt.liaison", &["NAMES"]),
            "NOT_FOUND",
        ),
        (
            Some(&only_reads),
            "giveGrant",
            grant(&person, "cat.petitions", &["NAMES"]),
            "FORBIDDEN",
        ),
        (
            Some(&only_reads),
            "endGrants",
            json!({ "person": person, "holder": "achpr.protection" }),
            "FORBIDDEN",
        ),
        (
            Some(&keeper),
            "endGrants",
            json!({ "person": person, "holder": "achpr.protection" }),
            "FORBIDDEN",
        ),
    ] {
        let token = token.map(String::as_str);
        let before = house.number("SELECT COUNT(*) FROM audit_leaf").await;
        assert_eq!(
            on_file(house, token, name, input.clone()).await,
            expected,
            "{name} {input}"
        );
        assert_eq!(
            house.number("SELECT COUNT(*) FROM audit_leaf").await,
            before
        );
    }
}

async fn keys(backend: Backend) {
    let house = House::open(backend).await;
    let token = writer(&house, "cat.secretary", Level::Secretariat).await;
    let mut input = proposal();
    input["key"] = json!("first");
    let id = drafted(&house, &token, &input).await;
    assert_eq!(drafted(&house, &token, &input).await, id);
    input["title"] = json!("Another (invented)");
    let other = act(&house, Some(&token), "draftAgreement", &input).await;
    assert_eq!(
        (code(&other), &other["userErrors"][0]["field"]),
        ("KEY_REUSED", &json!("key"))
    );
    // The key is the holder's own, and of one act.
    let achpr = writer(&house, "achpr.secretary", Level::Secretariat).await;
    assert_ne!(drafted(&house, &achpr, &input).await, id);
    let sign = json!({ "id": id, "key": "first" });
    for _ in 0..2 {
        let signed = act(&house, Some(&token), "signAgreement", &sign).await;
        assert_eq!(
            (code(&signed), &signed["agreement"]["status"]),
            ("DONE", &json!("UNDER_NEGOTIATION"))
        );
    }
    let bare = json!({ "id": id });
    assert_eq!(
        code(&act(&house, Some(&token), "signAgreement", &bare).await),
        "CONFLICT"
    );
    assert_eq!(
        house
            .number("SELECT COUNT(*) FROM agreement WHERE title = 'On plans (invented)'")
            .await,
        1
    );
}

async fn nothing(backend: Backend) {
    let house = House::open(backend).await;
    let token = writer(&house, "cat.secretary", Level::Secretariat).await;
    let id = standing(&house, &[], "SECRETARIAT").await;
    let all = async || {
        let mut counts = Vec::new();
        for table in [
            "agreement",
            "clause",
            "link",
            "record_owner",
            "act",
            "audit_leaf",
        ] {
            counts.push(house.number(&format!("SELECT COUNT(*) FROM {table}")).await);
        }
        counts
    };
    let before = all().await;
    let mut last_clause_wrong = proposal();
    let mut clause = last_clause_wrong["clauses"][0].clone();
    clause["toMechanism"] = json!("iachr");
    last_clause_wrong["clauses"]
        .as_array_mut()
        .unwrap()
        .push(clause);
    last_clause_wrong["key"] = json!("wrong");
    let answer = act(&house, Some(&token), "draftAgreement", &last_clause_wrong).await;
    assert_eq!(code(&answer), "INVALID");
    let resumed = json!({ "id": id, "key": "resumed" });
    assert_eq!(
        code(&act(&house, Some(&token), "resumeAgreement", &resumed).await),
        "CONFLICT"
    );
    assert_eq!(
        code(&act(&house, None, "signAgreement", &resumed).await),
        "TOKEN_NEEDED"
    );
    assert_eq!(all().await, before);
    // One act, one entry.
    drafted(&house, &token, &proposal()).await;
    assert_eq!(all().await[5], before[5] + 1);
}

async fn invalid(backend: Backend) {
    let house = House::open(backend).await;
    let token = writer(&house, "cat.secretary", Level::Secretariat).await;
    let with = |path: &str, value: Value| {
        let mut input = proposal();
        *input.pointer_mut(path).unwrap() = value;
        input
    };
    let mut table = String::new();
    for (name, input) in [
        ("no title", with("/title", json!(" "))),
        ("a long title", with("/title", json!("x".repeat(301)))),
        ("a title with NUL", with("/title", json!("a\u{0}b"))),
        ("one party", with("/parties", json!(["cat"]))),
        ("a party twice", with("/parties", json!(["cat", "cat"]))),
        (
            "an unknown party",
            with("/parties", json!(["cat", "nobody"])),
        ),
        (
            "without oneself",
            with("/parties", json!(["achpr", "iachr"])),
        ),
        (
            "an end before its beginning",
            with("/validUntil", json!("2025-01-01T00:00:00Z")),
        ),
        ("known at no level", {
            let mut input = proposal();
            input["knownTo"] = json!("VICTIM");
            input
        }),
        (
            "a clause with oneself",
            with("/clauses/0/toMechanism", json!("cat")),
        ),
        (
            "a clause with a stranger",
            with("/clauses/0/toMechanism", json!("iachr")),
        ),
        (
            "a clause on what is public",
            with("/clauses/0/cap", json!("PUBLIC")),
        ),
        ("no State", with("/clauses/0/countries", json!(["Kenya"]))),
        ("no theme", with("/clauses/0/topics", json!(["Torture!"]))),
        ("a key without a text", {
            let mut input = proposal();
            input["key"] = json!("");
            input
        }),
    ] {
        let answer = act(&house, Some(&token), "draftAgreement", &input).await;
        let error = &answer["userErrors"][0];
        table.push_str(&format!(
            "{name}: {} {} {}\n",
            error["code"], error["field"], error["message"]
        ));
        assert!(answer["agreement"].is_null(), "{name}");
    }
    golden::compare("tests/golden/draft-agreement.txt", &table);
    // By `GET` nothing is done.
    let get = axum::http::Request::get("/graphql?query=mutation%7B__typename%7D");
    let answer = house.send(get.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.code(), "METHOD_NOT_ALLOWED");
}
