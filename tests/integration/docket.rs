//! A docket as its secretariat keeps it: communications on their course, persons in files.

use liaison::{confidentiality::Level, country::Country, identity::kind::Kind};
use serde_json::{Value, json};

use crate::support::{
    cast::bare,
    harness::{Backend, Suite},
    house::House,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_communication_goes_its_course_and_no_other", course);
    suite.test("who_lodges_a_communication_tells_nobody", lodged);
    suite.test(
        "a_clause_on_pending_communications_opens_those_that_are_lodged",
        pending,
    );
    suite.test(
        "what_identifies_a_person_is_sealed_as_it_is_written",
        persons,
    );
    suite.test("a_person_is_linked_to_communications_and_unlinked", links);
    suite.test(
        "a_record_that_has_changed_since_is_not_written_over",
        versions,
    );
    suite.test(
        "a_communication_that_is_not_valid_is_refused_in_words",
        invalid,
    );
}

const COMMUNICATION: &str = "communication { id version reference status registeredOn decidedOn inadmissibilityGround \
     outcome joinedTo { reference } persons { totalCount } }";

/// A house with one State, a token of CAT's that keeps the docket, and one that reads what
/// the ACHPR's secretary may know.
async fn open(backend: Backend) -> (House, String, String) {
    let house = House::open(backend).await;
    let mut country = bare(Kind::Country, "XXA", &["cat"]);
    country.values = vec![("code", "XXA".into())];
    house.add::<Country>("cat", country).await;
    let keeper = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                  read:person@SECRETARIAT read:country@PUBLIC write:communication@SECRETARIAT \
                  write:communication_person@SECRETARIAT write:person@VICTIM";
    let cat = house.token("cat.petitions", keeper).await;
    let other = house.token("achpr.protection", keeper).await;
    (house, cat, other)
}

fn claim() -> Value {
    json!({
        "kind": "INDIVIDUAL_COMMUNICATION",
        "title": "X v. Examplia (invented)",
        "receivedOn": "2020-03",
        "countries": ["XXA"],
        "issues": ["torture_prevention"],
        "articles": ["Art. 3"],
        "docketNote": "Urgent (invented)",
        "sourceKind": "FAMILY",
    })
}

async fn act(house: &House, token: &str, name: &str, kind: &str, input: Value) -> Value {
    house
        .act(Some(token), (name, kind), &input, COMMUNICATION)
        .await
}

async fn lodge(house: &House, token: &str) -> String {
    let answer = act(
        house,
        token,
        "lodgeCommunication",
        "LodgeCommunicationInput",
        claim(),
    )
    .await;
    let id = answer["communication"]["id"].as_str();
    id.unwrap_or_else(|| panic!("{answer}")).to_owned()
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

/// A step by its act, the type of its input, and what it says besides the communication.
type Said = (&'static str, &'static str, Value);

fn step(name: &'static str) -> Said {
    (name, "CommunicationStepInput", json!({}))
}

async fn take(house: &House, token: &str, id: &str, (name, kind, mut input): Said) -> Value {
    input["id"] = json!(id);
    act(house, token, name, kind, input).await
}

async fn course(backend: Backend) {
    let (house, cat, _) = open(backend).await;
    let id = lodge(&house, &cat).await;
    let decide = |finding: &str| {
        let input =
            json!({ "finding": finding, "on": "2022-11-25", "outcome": "A violation (invented)" });
        ("decideCommunication", "DecideCommunicationInput", input)
    };
    for (said, expected) in [
        (step("setHearing"), "CONFLICT"),
        (decide("VIOLATION"), "CONFLICT"),
        (step("requestInformation"), "INFORMATION_REQUESTED"),
        (
            (
                "registerCommunication",
                "DatedStepInput",
                json!({ "on": "2019" }),
            ),
            "INVALID",
        ),
        (
            (
                "registerCommunication",
                "DatedStepInput",
                json!({ "on": "2099" }),
            ),
            "INVALID",
        ),
        (
            (
                "registerCommunication",
                "DatedStepInput",
                json!({ "on": "2020-05-04" }),
            ),
            "REGISTERED",
        ),
        (
            ("registerCommunication", "DatedStepInput", json!({})),
            "CONFLICT",
        ),
        (
            ("transmitCommunication", "DatedStepInput", json!({})),
            "TRANSMITTED_TO_STATE",
        ),
        (
            (
                "considerAdmissibility",
                "ConsiderAdmissibilityInput",
                json!({ "apart": true }),
            ),
            "ADMISSIBILITY_SPLIT",
        ),
        (
            ("declareAdmissible", "DeclareAdmissibleInput", json!({})),
            "ADMISSIBLE",
        ),
        (step("considerMerits"), "MERITS_PENDING"),
        (step("suspendCommunication"), "SUSPENDED"),
        (step("setHearing"), "CONFLICT"),
        (
            (
                "reopenCommunication",
                "ReopenCommunicationInput",
                json!({ "reopenAs": "MERITS_PENDING" }),
            ),
            "MERITS_PENDING",
        ),
        (step("setHearing"), "HEARING"),
        (decide("VIOLATION_IN_PART"), "DECIDED_PARTLY"),
        (decide("VIOLATION"), "CONFLICT"),
        (
            (
                "followUpCommunication",
                "FollowUpCommunicationInput",
                json!({ "followUp": "ONGOING" }),
            ),
            "FOLLOW_UP_ONGOING",
        ),
        (
            (
                "followUpCommunication",
                "FollowUpCommunicationInput",
                json!({ "followUp": "CLOSED_PARTIAL" }),
            ),
            "FOLLOW_UP_CLOSED_PARTIAL",
        ),
    ] {
        let name = said.0;
        let answer = take(&house, &cat, &id, said).await;
        let told = match code(&answer) {
            "DONE" => answer["communication"]["status"].as_str().unwrap(),
            refused => refused,
        };
        assert_eq!(told, expected, "{name}: {answer}");
    }
    let query = format!("{{ communication(id: \"{id}\") {{ registeredOn decidedOn outcome }} }}");
    assert_eq!(
        house.ask(Some(&cat), &query).await.data()["communication"],
        json!({ "registeredOn": "2020-05-04", "decidedOn": "2022-11-25", "outcome": "A violation (invented)" })
    );

    // One is joined to another, and taken out again.
    let (one, other) = (lodge(&house, &cat).await, lodge(&house, &cat).await);
    let registered = ("registerCommunication", "DatedStepInput", json!({}));
    take(&house, &cat, &one, registered).await;
    let join = |to: &str| {
        (
            "joinCommunication",
            "JoinCommunicationInput",
            json!({ "to": to }),
        )
    };
    assert_eq!(code(&take(&house, &cat, &one, join(&one)).await), "INVALID");
    let joined = take(&house, &cat, &one, join(&other)).await;
    assert_eq!(joined["communication"]["status"], "JOINED", "{joined}");
    assert!(
        joined["communication"]["joinedTo"][0]["reference"].is_string(),
        "{joined}"
    );
    let reopened = (
        "reopenCommunication",
        "ReopenCommunicationInput",
        json!({ "reopenAs": "REGISTERED" }),
    );
    let reopened = take(&house, &cat, &one, reopened).await;
    assert_eq!(
        reopened["communication"]["joinedTo"],
        json!([]),
        "{reopened}"
    );
    let inadmissible = json!({ "ground": "TIME_LIMIT" });
    let inadmissible = (
        "declareInadmissible",
        "DeclareInadmissibleInput",
        inadmissible,
    );
    let inadmissible = take(&house, &cat, &one, inadmissible).await;
    assert_eq!(
        inadmissible["communication"]["inadmissibilityGround"],
        "TIME_LIMIT"
    );
}

async fn pending(backend: Backend) {
    let (house, cat, other) = open(backend).await;
    let agreement = json!({
        "title": "On pending communications (invented)", "form": "EXCHANGE_OF_LETTERS",
        "parties": ["cat", "achpr"],
        "validFrom": "2026-01-01T00:00:00Z", "validUntil": "2030-01-01T00:00:00Z",
        "clauses": [{
            "fromMechanism": "cat", "toMechanism": "achpr", "kinds": ["PENDING_LIST"],
            "countries": ["XXA"], "topics": ["torture_prevention"], "cap": "CHANNEL",
            "purposes": ["SAME_MATTER_CHECK"],
        }],
    });
    let scope = "read:agreement@SECRETARIAT read:clause@SECRETARIAT read:mechanism@PUBLIC \
                 write:agreement@SECRETARIAT write:clause@SECRETARIAT";
    let told = "agreement { id opens { type field level takes } \
                clauses { edges { node { text } } } }";
    let mut id = json!(null);
    for (holder, name) in [
        ("cat.secretary", "draftAgreement"),
        ("cat.secretary", "signAgreement"),
        ("achpr.secretary", "signAgreement"),
    ] {
        let token = house.token(holder, scope).await;
        let (kind, input) = match name {
            "draftAgreement" => ("DraftAgreementInput", agreement.clone()),
            _ => ("AgreementActInput", json!({ "id": id })),
        };
        let answer = house.act(Some(&token), (name, kind), &input, told).await;
        assert_eq!(code(&answer), "DONE", "{answer}");
        id = answer["agreement"]["id"].clone();
        let text = &answer["agreement"]["clauses"]["edges"][0]["node"]["text"];
        let text = text.as_str().unwrap();
        assert!(
            text.starts_with("CAT lets ACHPR see, of its records"),
            "{text}"
        );
        assert!(
            text.contains("pending list") && text.contains("the States XXA"),
            "{text}"
        );
        assert_eq!(
            answer["agreement"]["opens"],
            json!([{ "type": "Communication", "field": "existence", "level": "CHANNEL", "takes": "nothing more" }])
        );
    }
    let id = lodge(&house, &cat).await;
    let query = format!(
        "{{ communication(id: \"{id}\") {{ status docketNote persons {{ totalCount }} }} }}"
    );
    assert_eq!(
        house.ask(Some(&other), &query).await.data()["communication"],
        json!({ "status": "RECEIVED", "docketNote": null, "persons": { "totalCount": 0 } })
    );
    let mut input = claim();
    input["discreet"] = json!(true);
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let discreet = act(&house, &cat, lodging.0, lodging.1, input).await;
    let id = discreet["communication"]["id"].as_str().unwrap();
    let query = format!("{{ communication(id: \"{id}\") {{ status }} }}");
    let told = house.ask(Some(&other), &query).await.data();
    assert_eq!(told["communication"], Value::Null);
}

async fn lodged(backend: Backend) {
    let (house, cat, other) = open(backend).await;
    let list = "{ communications { totalCount edges { node { id } } } }";
    let before = [
        house.ask(None, list).await.body,
        house.ask(Some(&other), list).await.body,
    ];
    let id = lodge(&house, &cat).await;
    let after = [
        house.ask(None, list).await.body,
        house.ask(Some(&other), list).await.body,
    ];
    assert_eq!(before, after);
    let unknown = "Y29tbXVuaWNhdGlvbjpub25l".to_owned();
    for said in [
        step("requestInformation"),
        step("suspendCommunication"),
        (
            "amendCommunication",
            "AmendCommunicationInput",
            json!({ "title": "Mine" }),
        ),
        (
            "amendCommunication",
            "AmendCommunicationInput",
            json!({ "title": "" }),
        ),
        (
            "amendCommunication",
            "AmendCommunicationInput",
            json!({ "title": "x", "expectedVersion": "x" }),
        ),
        (
            "joinCommunication",
            "JoinCommunicationInput",
            json!({ "to": id }),
        ),
    ] {
        let hidden = take(&house, &other, &id, said.clone()).await;
        let missing = take(&house, &other, &unknown, said).await;
        assert_eq!(hidden, missing);
        assert_eq!(code(&hidden), "NOT_FOUND");
    }
    let lodging = ("lodgeCommunication", "LodgeCommunicationInput");
    let anyone = house.act(None, lodging, &claim(), COMMUNICATION).await;
    assert_eq!(code(&anyone), "TOKEN_NEEDED");
    let reader = house.token_up_to("cat.petitions", Level::Secretariat).await;
    let forbidden = act(&house, &reader, lodging.0, lodging.1, claim()).await;
    assert_eq!(code(&forbidden), "FORBIDDEN");
    let said = forbidden["userErrors"][0]["message"].as_str().unwrap();
    assert!(said.contains("write:communication@SECRETARIAT"), "{said}");
}

fn victim() -> Value {
    json!({
        "role": "ALLEGED_VICTIM",
        "names": [
            { "text": "Zzyzx Invented", "script": "Latn", "language": "en" },
            { "text": "Ззызкс Выдуманный", "script": "Cyrl", "language": "ru" },
        ],
        "birthDate": "1970",
        "contact": "through Invented Counsel",
    })
}

async fn persons(backend: Backend) {
    let (house, cat, _) = open(backend).await;
    let before = house.number("SELECT COUNT(*) FROM person").await;
    let mut input = claim();
    input["persons"] = json!([victim(), victim()]);
    let made = act(
        &house,
        &cat,
        "lodgeCommunication",
        "LodgeCommunicationInput",
        input,
    )
    .await;
    assert_eq!(made["communication"]["persons"]["totalCount"], 2, "{made}");
    let id = made["communication"]["id"].as_str().unwrap();
    let add = json!({ "communication": id, "person": victim() });
    let told = "person { id names { text } birthDate contact }";
    let added = house
        .act(Some(&cat), ("addPerson", "AddPersonInput"), &add, told)
        .await;
    assert_eq!(code(&added), "DONE");
    let person = added["person"]["id"].as_str().unwrap();
    assert_eq!(
        (&added["person"]["names"], &added["person"]["birthDate"]),
        (&Value::Null, &Value::Null),
        "who has written it does not read it back"
    );
    // An officer with a grant does, in each script.
    let keeper = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let grants = house.token("cat.grants", keeper).await;
    let grant = json!({
        "person": person,
        "holder": "cat.petitions",
        "mechanism": "cat",
        "purposes": ["EXAMINATION"],
        "fields": ["NAMES", "BIRTH_DATE"],
        "validUntil": "2027-01-01T00:00:00Z",
    });
    let given = house
        .act(
            Some(&grants),
            ("giveGrant", "GiveGrantInput"),
            &grant,
            "person { id }",
        )
        .await;
    assert_eq!(code(&given), "DONE", "{given}");
    let stranger = json!({ "holder": "cat.nobody" });
    let mut unknown = grant.clone();
    unknown["holder"] = stranger["holder"].clone();
    let refused = house
        .act(
            Some(&grants),
            ("giveGrant", "GiveGrantInput"),
            &unknown,
            "person { id }",
        )
        .await;
    assert_eq!(code(&refused), "INVALID", "{refused}");
    let officer = house.token("cat.petitions", "read:person@VICTIM").await;
    let query = format!(
        "{{ node(id: \"{person}\") {{ ... on Person {{ names {{ text script }} birthDate contact }} }} }}"
    );
    let opened = house.ask_for(&officer, "EXAMINATION", &query).await.data()["node"].clone();
    assert_eq!(opened["names"][1]["text"], "Ззызкс Выдуманный", "{opened}");
    assert_eq!(
        (&opened["birthDate"], &opened["contact"]),
        (&json!("1970"), &Value::Null)
    );
    for (change, wrong) in [
        ("names", json!([])),
        (
            "names",
            json!([{ "text": "", "script": "Latn", "language": "en" }]),
        ),
        (
            "names",
            json!([{ "text": "A", "script": "Latin", "language": "en" }]),
        ),
        ("contact", json!("")),
    ] {
        let mut input = json!({ "communication": id, "person": victim() });
        input["person"][change] = wrong;
        let refused = house
            .act(Some(&cat), ("addPerson", "AddPersonInput"), &input, told)
            .await;
        assert_eq!(code(&refused), "INVALID", "{input}");
    }
    let after = house.number("SELECT COUNT(*) FROM person").await;
    assert_eq!(after, before + 3);
}

async fn links(backend: Backend) {
    let (house, cat, other) = open(backend).await;
    let (one, two) = (lodge(&house, &cat).await, lodge(&house, &cat).await);
    let add = json!({ "communication": one, "person": victim() });
    let told = "person { id communications { id } }";
    let added = house
        .act(Some(&cat), ("addPerson", "AddPersonInput"), &add, told)
        .await;
    let person = added["person"]["id"].clone();
    let link = json!({ "communication": two, "person": person, "role": "WITNESS" });
    let unlink = json!({ "communication": two, "person": person });
    let linked = async |token: &str| {
        let act = ("linkPerson", "LinkPersonInput");
        house.act(Some(token), act, &link, told).await
    };
    let unlinked = async |token: &str| {
        let act = ("unlinkPerson", "UnlinkPersonInput");
        house.act(Some(token), act, &unlink, told).await
    };
    let many = |answer: &Value| answer["person"]["communications"].as_array().unwrap().len();
    assert_eq!(code(&unlinked(&cat).await), "NOT_FOUND");
    assert_eq!(code(&linked(&other).await), "NOT_FOUND");
    assert_eq!(many(&linked(&cat).await), 2);
    assert_eq!(code(&linked(&cat).await), "CONFLICT");
    assert_eq!(code(&unlinked(&other).await), "NOT_FOUND");
    assert_eq!(many(&unlinked(&cat).await), 1);
}

async fn versions(backend: Backend) {
    let (house, cat, _) = open(backend).await;
    let id = lodge(&house, &cat).await;
    let query = format!("{{ communication(id: \"{id}\") {{ version }} }}");
    let version = house.ask(Some(&cat), &query).await.data()["communication"]["version"].clone();
    let amend = async |title: &str, version: &Value| {
        let input = json!({ "id": id, "expectedVersion": version, "title": title });
        act(
            &house,
            &cat,
            "amendCommunication",
            "AmendCommunicationInput",
            input,
        )
        .await
    };
    let first = amend("First (invented)", &version).await;
    assert_eq!(code(&first), "DONE", "{first}");
    let second = amend("Second (invented)", &version).await;
    assert_eq!(code(&second), "CONFLICT", "{second}");
    assert_eq!(second["userErrors"][0]["field"], "expectedVersion");
    let third = amend("Third (invented)", &first["communication"]["version"]).await;
    assert_eq!(code(&third), "DONE", "{third}");
    // The order of an input's fields says nothing.
    let mutation = |input: &str| {
        format!("mutation {{ amendCommunication(input: {input}) {{ userErrors {{ code }} }} }}")
    };
    for input in [
        format!("{{ key: \"k\", id: \"{id}\", title: \"T (invented)\" }}"),
        format!("{{ title: \"T (invented)\", id: \"{id}\", key: \"k\" }}"),
    ] {
        let answer = house.ask(Some(&cat), &mutation(&input)).await.data();
        assert_eq!(answer["amendCommunication"]["userErrors"], json!([]));
    }
    let twice = "mutation($i: CommunicationStepInput!) { suspendCommunication(input: $i) { userErrors { code } } suspendCommunication(input: $i) { userErrors { code } } }";
    let request = json!({ "query": twice, "variables": { "i": { "id": id } } });
    assert_eq!(house.post(Some(&cat), &request).await.code(), "ACT_TWICE");
}

async fn invalid(backend: Backend) {
    let (house, cat, _) = open(backend).await;
    let before = house.number("SELECT COUNT(*) FROM communication").await;
    let mut named = claim();
    named["reference"] = json!("CAT-1-2026");
    let made = act(
        &house,
        &cat,
        "lodgeCommunication",
        "LodgeCommunicationInput",
        named.clone(),
    )
    .await;
    assert_eq!(code(&made), "DONE", "{made}");
    let again = act(
        &house,
        &cat,
        "lodgeCommunication",
        "LodgeCommunicationInput",
        named,
    )
    .await;
    assert_eq!(code(&again), "CONFLICT", "{again}");
    for (field, wrong) in [
        ("title", json!("")),
        ("title", json!("x".repeat(301))),
        ("title", json!("a\u{0}b")),
        ("countries", json!(["XXB"])),
        ("countries", json!(["Examplia"])),
        ("issues", json!(["Torture"])),
        ("receivedOn", json!("2099")),
        ("mandates", json!(["none"])),
        ("articles", json!([""])),
        ("docketNote", json!("")),
    ] {
        let mut input = claim();
        input[field] = wrong;
        let answer = act(
            &house,
            &cat,
            "lodgeCommunication",
            "LodgeCommunicationInput",
            input,
        )
        .await;
        assert_eq!(code(&answer), "INVALID", "{field}: {answer}");
        assert_eq!(answer["userErrors"][0]["field"], field);
    }
    let after = house.number("SELECT COUNT(*) FROM communication").await;
    assert_eq!(after, before + 1);
}
