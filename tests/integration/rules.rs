//! The rules, asked over HTTP: who reaches what, and what is sealed opens on record only.

use liaison::{
    agreement::{Agreement, Clause},
    clock::Moment,
    confidentiality::{Level, grant::ConsentBasis},
    id::RecordId,
    identity::{kind::Kind, purpose::PurposeCode},
    mechanism::Mechanism,
    store::consent::NewWord,
};
use serde_json::{Value, json};

use crate::support::{
    cast::{Cast, LATER, OWNER, Stage, bare, concluded, opening},
    harness::{Backend, Suite},
    house::{Answer, House, NOW, mechanism},
    specimens::{MARK, collected, specimen},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "each_viewer_reaches_the_level_that_the_model_says",
        fixtures,
    );
    suite.test("a_channel_closes_in_the_second_in_which_it_ends", expiry);
    suite.test("an_embargo_is_lifted_in_its_second", embargo);
    suite.test("a_state_reaches_what_a_clause_names_it_for", states);
    suite.test("a_word_that_takes_leave_back_closes_the_file", withdrawals);
    suite.test("an_override_opens_for_72_hours", overrides);
    suite.test("one_opening_of_a_file_leaves_one_leaf", leaves);
    suite.test(
        "a_file_reached_twice_in_a_request_is_on_record_for_all_it_told",
        reached_twice,
    );
    suite.test("what_is_not_opened_leaves_no_leaf", no_leaves);
    suite.test("no_leaf_holds_a_name_or_a_reason", silent_leaves);
    suite.test("without_a_record_nothing_sealed_is_opened", unrecorded);
    suite.test("a_sealed_value_opens_in_its_own_place_only", moved);
    suite.test("one_changed_byte_and_a_sealed_value_does_not_open", flipped);
    suite.test("a_suspended_holder_is_refused_at_once", suspended);
    suite.test("a_revoked_token_is_refused_at_once", revoked);
    suite.test(
        "a_mechanism_without_accreditation_is_no_partner",
        unaccredited,
    );
    suite.test("an_ended_grant_opens_nothing_more", ended);
    suite.test("a_withdrawn_consent_closes_the_next_reading", withdrawn);
}

/// The five fields of the model's table, on records of the owner.
const QUESTION: &str = "query ($case: ID!, $plan: ID!, $item: ID!, $person: ID!) {
    case: node(id: $case) { ... on Communication { title docketNote } }
    plan: node(id: $plan) { ... on WorkPlan { title } }
    item: node(id: $item) { ... on WorkPlanItem { placesToVisit } }
    person: node(id: $person) { ... on Person { names { text } } }
}";

/// A viewer's name, its token, the purpose stated, the person asked for; what is told.
type Row<'a> = (
    &'static str,
    Option<&'a str>,
    Option<&'static str>,
    &'static str,
    Told,
);

/// Whether title, draft plan, place of a visit, docket note and victim's name are told.
type Told = [bool; 5];

fn variables(person: &str) -> Value {
    json!({
        "case": specimen(Kind::Communication, "published").to_string(),
        "plan": specimen(Kind::WorkPlan, "draft").to_string(),
        "item": specimen(Kind::WorkPlanItem, "published").to_string(),
        "person": specimen(Kind::Person, person).to_string(),
    })
}

async fn told(house: &House, token: Option<&str>, purpose: Option<&str>, person: &str) -> Told {
    let mut request = json!({ "query": QUESTION, "variables": variables(person) });
    if let Some(code) = purpose {
        request["extensions"] = json!({ "purpose": { "code": code, "reason": "a test" } });
    }
    let data = house.post(token, &request).await.data();
    [
        ("case", "title"),
        ("plan", "title"),
        ("item", "placesToVisit"),
        ("case", "docketNote"),
        ("person", "names"),
    ]
    .map(|(record, field)| !data[record][field].is_null())
}

async fn staged(backend: Backend) -> Stage {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    stage
}

async fn fixtures(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    for (code, holder) in [(OWNER, "cat.director"), ("cerd", "cerd.officer")] {
        house
            .admit(code, holder, Level::Victim, false, Some(0))
            .await;
    }
    let top = |holder: &'static str| house.token_up_to(holder, Level::Victim);
    let (stranger, director) = (top("cerd.officer").await, top("cat.director").await);
    let capped = house
        .token_up_to("achpr.protection", Level::Secretariat)
        .await;
    let own_capped = house.token_up_to("cat.petitions", Level::Secretariat).await;
    let token = |cast| stage.token(cast);
    let stated = Some("EXAMINATION");
    let (yes, no) = (true, false);
    let table: [Row<'_>; 17] = [
        ("anonymous", None, None, "given", [yes, no, no, no, no]),
        (
            "C, top clearance",
            Some(&stranger),
            stated,
            "given",
            [yes, yes, no, no, no],
        ),
        (
            "B, channel active",
            token(Cast::Channel),
            stated,
            "given",
            [yes, yes, yes, no, no],
        ),
        (
            "B, channel expired a second ago",
            token(Cast::ChannelExpired),
            stated,
            "given",
            [yes, yes, no, no, no],
        ),
        (
            "B, named by A",
            token(Cast::Named),
            stated,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "B's officer with grant, purpose, consent given",
            token(Cast::ForeignOfficer),
            stated,
            "given",
            [yes; 5],
        ),
        (
            "the same: consent withdrawn",
            token(Cast::ForeignOfficer),
            stated,
            "withdrawn",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: no consent on record",
            token(Cast::ForeignOfficer),
            stated,
            "silent",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: no purpose",
            token(Cast::ForeignOfficer),
            None,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: a purpose that the grant does not name",
            token(Cast::ForeignOfficer),
            Some("FOLLOW_UP"),
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: token capped at SECRETARIAT",
            Some(&capped),
            stated,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "A's officer with grant and purpose",
            token(Cast::Officer),
            stated,
            "withdrawn",
            [yes; 5],
        ),
        (
            "the same: no purpose",
            token(Cast::Officer),
            None,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: token capped at SECRETARIAT",
            Some(&own_capped),
            stated,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "the same: the file of another person",
            token(Cast::Officer),
            stated,
            "source",
            [yes, yes, yes, yes, no],
        ),
        (
            "A's director, top clearance, no grant",
            Some(&director),
            stated,
            "given",
            [yes, yes, yes, yes, no],
        ),
        (
            "the hub's administrator",
            token(Cast::Admin),
            stated,
            "given",
            [yes, no, no, no, no],
        ),
    ];
    for (viewer, token, purpose, person, expected) in table {
        assert_eq!(
            told(house, token, purpose, person).await,
            expected,
            "{viewer}"
        );
    }
}

async fn expiry(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    house
        .admit("cerd", "cerd.officer", Level::Victim, false, Some(0))
        .await;
    let agreement = concluded(&[OWNER, "cerd"], NOW + 5);
    let clause = opening(agreement.id, OWNER, "cerd", Level::Channel, LATER);
    house.add::<Agreement>(OWNER, agreement).await;
    house.add::<Clause>(OWNER, clause).await;
    let token = house.token_up_to("cerd.officer", Level::Victim).await;
    for (seconds, place) in [(0, true), (4, true), (1, false), (1, false)] {
        house.clock.advance(seconds);
        let told = told(house, Some(&token), None, "given").await;
        assert_eq!(
            told,
            [true, true, place, false, false],
            "{:?}",
            house.clock.now()
        );
    }
}

async fn embargo(backend: Backend) {
    let stage = staged(backend).await;
    let id = specimen(Kind::Document, "embargoed").to_string();
    let question = format!("{{ node(id: \"{id}\") {{ ... on Document {{ title }} }} }}");
    assert_eq!(
        stage.house.ask(None, &question).await.data()["node"],
        Value::Null
    );
    stage.house.clock.advance(1);
    assert!(stage.house.ask(None, &question).await.data()["node"]["title"].is_string());
}

async fn states(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let before = told(house, stage.token(Cast::State), None, "given").await;
    assert_eq!(before, [true, false, false, false, false]);
    // Parties of agreements are on the list of mechanisms.
    let mut mission = bare(Kind::Mechanism, "state", &[OWNER]);
    mission.values = vec![("code", "state".into())];
    house.add::<Mechanism>(OWNER, mission).await;
    let agreement = concluded(&[OWNER, "state"], LATER);
    let clause = opening(agreement.id, OWNER, "state", Level::Victim, LATER);
    house.add::<Agreement>(OWNER, agreement).await;
    house.add::<Clause>(OWNER, clause).await;
    let after = told(house, stage.token(Cast::State), None, "given").await;
    assert_eq!(after, [true, true, true, false, false]);
}

/// What a person has said to the mechanism of the foreign officer, past the hub's own rules.
async fn say(house: &House, fields: &str, basis: &str, given_at: i64) {
    let person = specimen(Kind::Person, "given").id;
    let recipient = RecordId(mechanism("achpr").0);
    let [id, person, recipient] =
        [RecordId::random(), person, recipient].map(|id| house.literal(id));
    house
        .meddle(&format!(
            "INSERT INTO consent \
             (id, person, recipient, purpose, fields, basis, given_at, valid_until) \
             VALUES ({id}, {person}, {recipient}, 'EXAMINATION', '{fields}', '{basis}', \
             {given_at}, {LATER})"
        ))
        .await;
}

async fn names_told(stage: &Stage) -> bool {
    let token = stage.token(Cast::ForeignOfficer);
    told(&stage.house, token, Some("EXAMINATION"), "given").await[4]
}

async fn withdrawals(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    // The specimen's own word was given a thousand seconds ago.
    for (fields, basis, given_at) in [
        ("[\"names\"]", "WITHDRAWN", NOW),
        ("[\"birth_date\"]", "WITHDRAWN", NOW),
        ("[]", "WITHDRAWN", NOW),
        ("[\"no_such_field\"]", "REFUSED", NOW),
        ("no list", "WITHDRAWN", NOW),
        ("[\"names\"]", "NO_SUCH_BASIS", NOW),
        ("[\"names\"]", "NOT_ASKED", NOW),
        ("[\"names\"]", "WITHDRAWN", NOW - 1_000),
    ] {
        assert!(names_told(&stage).await);
        say(house, fields, basis, given_at).await;
        assert!(!names_told(&stage).await, "{fields} {basis}");
        house
            .meddle(&format!(
                "DELETE FROM consent WHERE basis = '{basis}' AND given_at = {given_at} \
                 AND fields = '{fields}' AND person = {}",
                house.literal(specimen(Kind::Person, "given").id)
            ))
            .await;
    }
}

async fn overrides(backend: Backend) {
    const HOURS: i64 = 72 * 3_600;
    let stage = staged(backend).await;
    let house = &stage.house;
    say(house, "[\"names\"]", "WITHDRAWN", NOW - HOURS - 1).await;
    say(
        house,
        "[\"names\"]",
        "VITAL_INTEREST_OVERRIDE",
        NOW - HOURS + 1,
    )
    .await;
    let person = house.literal(specimen(Kind::Person, "given").id);
    house
        .meddle(&format!(
            "DELETE FROM consent WHERE basis = 'GIVEN' AND person = {person}"
        ))
        .await;
    assert!(names_told(&stage).await);
    house.clock.advance(1);
    assert!(!names_told(&stage).await, "its row names a later end");
}

/// How many openings of files are on record.
async fn openings(house: &House) -> i64 {
    house
        .number("SELECT COUNT(*) FROM audit_leaf WHERE kind = 'OPEN_VICTIM'")
        .await
}

fn files(selections: &[(&str, &str)]) -> String {
    let selections = selections
        .iter()
        .enumerate()
        .map(|(place, (person, fields))| {
            let id = specimen(Kind::Person, person);
            format!("p{place}: node(id: \"{id}\") {{ ... on Person {{ {fields} }} }}")
        });
    format!("{{ {} }}", selections.collect::<Vec<_>>().join(" "))
}

async fn leaves(backend: Backend) {
    let stage = staged(backend).await;
    let all = "names { text } birthDate contact";
    for (question, expected) in [
        (files(&[("given", "names { text }")]), 1),
        (files(&[("given", all)]), 1),
        (
            files(&[("given", all), ("refused", all), ("silent", "contact")]),
            3,
        ),
    ] {
        let before = openings(&stage.house).await;
        let data = stage.ask(Cast::Officer, &question).await.data();
        let told = data.as_object().unwrap().values().filter(|one| {
            one.as_object()
                .is_some_and(|fields| fields.values().all(|field| !field.is_null()))
        });
        assert_eq!(told.count() as i64, expected, "{data}");
        assert_eq!(
            openings(&stage.house).await - before,
            expected,
            "{question}"
        );
    }
    assert!(
        stage
            .house
            .store
            .ledger()
            .verify(None)
            .await
            .unwrap()
            .is_whole()
    );
}

async fn reached_twice(backend: Backend) {
    let stage = staged(backend).await;
    let before = openings(&stage.house).await;
    let question = files(&[("given", "names { text }"), ("given", "birthDate")]);
    let data = stage.ask(Cast::Officer, &question).await.data();
    assert!(data["p0"]["names"].is_array() && data["p1"]["birthDate"].is_string());
    let bodies = stage
        .house
        .texts("SELECT body FROM audit_leaf WHERE kind = 'OPEN_VICTIM' ORDER BY n")
        .await;
    let new = &bodies[usize::try_from(before).unwrap()..];
    let fields = new.iter().flat_map(|body| {
        let body: Value = serde_json::from_str(body).unwrap();
        body["fields"].as_array().cloned().unwrap_or_default()
    });
    let mut fields: Vec<Value> = fields.collect();
    fields.sort_by_key(Value::to_string);
    assert_eq!(fields, [json!("birth_date"), json!("names")]);
}

async fn no_leaves(backend: Backend) {
    let stage = staged(backend).await;
    let before = openings(&stage.house).await;
    let sealed = files(&[("given", "id names { text } birthDate contact")]);
    for cast in Cast::ALL {
        if !matches!(cast, Cast::Officer | Cast::ForeignOfficer) {
            stage.ask(cast, &sealed).await.data();
        }
    }
    let plain = files(&[("given", "id source communications { reference }")]);
    stage.ask(Cast::Officer, &plain).await.data();
    stage
        .ask(Cast::Officer, &files(&[("source", "names { text }")]))
        .await
        .data();
    // A document that is refused has opened nothing.
    let refused = files(&[("given", "names { text } nothing")]);
    assert_eq!(
        stage.ask(Cast::Officer, &refused).await.code(),
        "GRAPHQL_VALIDATION_FAILED"
    );
    assert_eq!(openings(&stage.house).await, before);
}

async fn silent_leaves(backend: Backend) {
    let stage = staged(backend).await;
    let reason = "because of an invented Reasonable Person";
    let request = json!({
        "query": files(&[("given", "names { text } birthDate contact")]),
        "extensions": { "purpose": { "code": "EXAMINATION", "reason": reason } },
    });
    let answer = stage.house.post(stage.token(Cast::Officer), &request).await;
    assert!(String::from_utf8(answer.body).unwrap().contains(MARK));
    let bodies = stage
        .house
        .texts("SELECT body FROM audit_leaf")
        .await
        .join("\n");
    let id = RecordId::derived(Kind::Person, "specimen/given").0;
    for secret in [
        MARK,
        reason,
        "Reasonable",
        "cat.petitions",
        &id.to_string(),
        &id.simple().to_string(),
        &specimen(Kind::Person, "given").to_string(),
    ] {
        assert!(!bodies.contains(secret), "a leaf holds `{secret}`");
    }
}

/// What was said of the sealed fields that were not told: reasons by field.
fn reasons(answer: &Answer) -> Vec<(String, String)> {
    let body = answer.json();
    let entries = body["extensions"]["withheld"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| (text(&entry["path"]), text(&entry["reason"])))
        .collect()
}

async fn unrecorded(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let question = files(&[("given", "source names { text } birthDate")]);
    house
        .meddle("ALTER TABLE audit_leaf RENAME TO mislaid_leaf")
        .await;
    let answer = stage.ask(Cast::Officer, &question).await;
    let file = &answer.data()["p0"];
    assert!(file["source"].is_string() && file["names"].is_null() && file["birthDate"].is_null());
    let unavailable = "AUDIT_UNAVAILABLE".to_owned();
    assert_eq!(
        reasons(&answer),
        [
            ("p0.birthDate".to_owned(), unavailable.clone()),
            ("p0.names".to_owned(), unavailable)
        ]
    );
    // Who would not be told it anyway is told nothing of the log.
    let owner = stage.ask(Cast::Owner, &question).await;
    assert!(reasons(&owner).iter().all(|(_, reason)| reason.is_empty()));
    // What needs no record goes on, and so does the rest when the log is back.
    let public = house
        .ask(None, "{ communications(first: 1) { totalCount } }")
        .await
        .data();
    assert!(public["communications"]["totalCount"].as_i64().unwrap() > 0);
    house
        .meddle("ALTER TABLE mislaid_leaf RENAME TO audit_leaf")
        .await;
    let again = stage.ask(Cast::Officer, &question).await;
    assert!(again.data()["p0"]["names"].is_array());
}

/// The names of persons whose files the officer may open, one a way to tamper.
async fn is_closed(stage: &Stage, person: &str, field: &str, selection: &str) {
    let answer = stage
        .ask(Cast::Officer, &files(&[(person, selection)]))
        .await;
    let data = answer.data();
    assert!(
        data["p0"].is_object() && data["p0"][field].is_null(),
        "{person}.{field}: {data}"
    );
    let broken = (format!("p0.{field}"), "SEAL_BROKEN".to_owned());
    assert_eq!(reasons(&answer), [broken], "{person}.{field}");
}

async fn moved(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let id = |person: &str| house.literal(specimen(Kind::Person, person).id);
    let blob = |person: &str, field: &str| {
        format!(
            "(SELECT blob FROM sealed_field WHERE record = {} AND field = '{field}')",
            id(person)
        )
    };
    let place =
        |person: &str, field: &str| format!("WHERE record = {} AND field = '{field}'", id(person));
    let ways = [
        (
            "given",
            format!(
                "UPDATE sealed_field SET blob = {} {}",
                blob("source", "names"),
                place("given", "names")
            ),
        ),
        (
            "withdrawn",
            format!(
                "UPDATE sealed_field SET blob = {} {}",
                blob("withdrawn", "contact"),
                place("withdrawn", "names")
            ),
        ),
        (
            "refused",
            format!(
                "UPDATE sealed_field SET version = 2 {}",
                place("refused", "names")
            ),
        ),
        (
            "representative",
            format!(
                "INSERT INTO record_owner (record, mechanism) VALUES ({}, {})",
                id("representative"),
                house.literal(mechanism("ccpr").into())
            ),
        ),
    ];
    for (person, way) in ways {
        assert_eq!(house.meddle(&way).await, 1, "{way}");
        is_closed(&stage, person, "names", "names { text }").await;
    }
    // What was not touched opens as before.
    let data = stage
        .ask(Cast::Officer, &files(&[("given", "birthDate")]))
        .await
        .data();
    assert!(data["p0"]["birthDate"].is_string());
}

async fn flipped(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let id = house.literal(specimen(Kind::Person, "given").id);
    let place = format!("WHERE record = {id} AND field = 'contact'");
    let whole = house
        .bytes(&format!("SELECT blob FROM sealed_field {place}"))
        .await;
    // Version, algorithm, key id, nonce, text, tag; and one byte less.
    let mut tampered: Vec<Vec<u8>> = [0, 1, 2, 18, 42, whole.len() - 1]
        .into_iter()
        .map(|place| {
            let mut blob = whole.clone();
            blob[place] ^= 1;
            blob
        })
        .collect();
    tampered.push(whole[..whole.len() - 1].to_vec());
    tampered.push(Vec::new());
    for blob in tampered {
        let blob = house.blob_literal(&blob);
        house
            .meddle(&format!("UPDATE sealed_field SET blob = {blob} {place}"))
            .await;
        is_closed(&stage, "given", "contact", "contact").await;
    }
    let blob = house.blob_literal(&whole);
    house
        .meddle(&format!("UPDATE sealed_field SET blob = {blob} {place}"))
        .await;
    let data = stage
        .ask(Cast::Officer, &files(&[("given", "contact")]))
        .await
        .data();
    assert!(data["p0"]["contact"].is_string());
}

/// Asserts that a token is refused, in the words in which rubbish is.
async fn is_refused(stage: &Stage, cast: Cast) {
    let answer = stage.ask(cast, "{ viewer { subject } }").await;
    let rubbish = stage
        .house
        .ask(Some("rubbish"), "{ viewer { subject } }")
        .await;
    assert_eq!(answer.status, 401);
    assert_eq!((answer.status, answer.body), (rubbish.status, rubbish.body));
}

async fn suspended(backend: Backend) {
    let stage = staged(backend).await;
    assert_eq!(
        told(
            &stage.house,
            stage.token(Cast::Officer),
            Some("EXAMINATION"),
            "given"
        )
        .await,
        [true; 5]
    );
    stage
        .house
        .meddle("UPDATE holder SET suspended = TRUE WHERE subject = 'cat.petitions'")
        .await;
    is_refused(&stage, Cast::Officer).await;
}

async fn revoked(backend: Backend) {
    let mut stage = staged(backend).await;
    for change in [
        "UPDATE holder SET epoch = epoch + 1 WHERE subject = 'cat.petitions'",
        "UPDATE institution SET epoch = epoch + 1 WHERE code = 'cat'",
        "UPDATE client SET epoch = epoch + 1",
    ] {
        stage.renew().await;
        stage
            .ask(Cast::Officer, "{ viewer { subject } }")
            .await
            .data();
        stage.house.meddle(change).await;
        is_refused(&stage, Cast::Officer).await;
    }
}

async fn unaccredited(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let partner = || told(house, stage.token(Cast::Partner), None, "given");
    assert_eq!(partner().await, [true, true, false, false, false]);
    for (change, draft) in [
        (format!("accredited_until = {}", NOW + 1), true),
        (format!("accredited_until = {NOW}"), false),
        (
            format!("accredited_until = NULL, accredited_from = {}", NOW + 1),
            false,
        ),
        ("accredited_from = NULL".to_owned(), false),
        (format!("accredited_from = {NOW}"), true),
    ] {
        house
            .meddle(&format!(
                "UPDATE institution SET {change} WHERE code = 'iachr'"
            ))
            .await;
        assert_eq!(
            partner().await,
            [true, draft, false, false, false],
            "{change}"
        );
    }
}

async fn ended(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let person = house.literal(specimen(Kind::Person, "given").id);
    for cast in [Cast::Officer, Cast::ForeignOfficer] {
        let names = || told(house, stage.token(cast), Some("EXAMINATION"), "given");
        assert_eq!(names().await, [true; 5]);
        let holder = cast.holder().unwrap();
        let changed = house
            .meddle(&format!(
                "UPDATE disclosure_grant SET ended_at = {NOW} \
                 WHERE person = {person} AND holder = '{holder}'"
            ))
            .await;
        assert_eq!(changed, 1);
        assert_eq!(names().await, [true, true, true, true, false]);
    }
}

async fn withdrawn(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    let names = || {
        told(
            house,
            stage.token(Cast::ForeignOfficer),
            Some("EXAMINATION"),
            "given",
        )
    };
    assert_eq!(names().await, [true; 5]);
    let mut writer = house.writer("cat.registry").await;
    let word = NewWord {
        id: RecordId::random(),
        person: specimen(Kind::Person, "given").id,
        recipient: mechanism("achpr"),
        purpose: PurposeCode::Examination,
        fields: vec!["names".to_owned()],
        basis: ConsentBasis::Withdrawn,
        given_at: Moment::from_seconds(NOW),
        until: Moment::from_seconds(LATER),
    };
    writer
        .record_consent(&[mechanism(OWNER)], &word)
        .await
        .unwrap();
    writer.commit().await.unwrap();
    assert_eq!(names().await, [true, true, true, true, false]);
    // The owner's own officer rests on the grant, and not on the consent.
    let own = told(
        house,
        stage.token(Cast::Officer),
        Some("EXAMINATION"),
        "given",
    )
    .await;
    assert_eq!(own, [true; 5]);
}
