//! Records that are retired: in no answer to anybody, brought back, or expunged with all
//! that hangs on them.

use liaison::{
    clock::Moment,
    confidentiality::Level,
    id::{GlobalId, RecordId},
};
use serde_json::{Value, json};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, NOW, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_retired_record_is_in_no_answer", nowhere);
    suite.test("what_hangs_on_a_retired_record_goes_with_it", parts);
    suite.test("a_file_of_two_retired_cases_comes_back_with_either", shared);
    suite.test("a_second_officer_brings_a_record_back_as_it_was", restored);
    suite.test("what_is_not_closed_is_not_retired_as_closed", closed);
    suite.test("an_agreement_is_ended_before_it_is_retired", agreement);
    suite.test(
        "a_joint_activity_is_retired_by_the_word_of_each_owner",
        joint,
    );
    suite.test("what_is_expunged_leaves_nothing_behind", expunged);
    suite.test("a_retired_file_is_opened_by_nobody", file);
    suite.test("what_is_held_is_not_expunged", held);
    suite.test("an_import_does_not_bring_back_what_was_retired", imported);
    suite.test(
        "retired_records_are_told_to_their_secretariat_alone",
        told_to,
    );
}

const TOLD: &str = "record { id } retirement { record designation reason remark retiredBy \
     keepUntil hold parts }";
const YEAR: i64 = 366 * 24 * 3_600;

async fn officer(house: &House, holder: &str) -> String {
    let kinds = [
        "communication",
        "communication_person",
        "work_plan",
        "objective",
        "work_plan_item",
        "document",
        "agreement",
        "joint_activity",
        "calendar_event",
        "event_invitation",
        "interim_measure",
        "recommendation",
        "assessment",
        "evidence",
    ];
    let kinds = kinds.map(|kind| format!("write:{kind}@SECRETARIAT label:{kind}@SECRETARIAT"));
    let files = match holder {
        "cat.petitions" => "write:person@VICTIM",
        _ => "write:person@SECRETARIAT",
    };
    let scope = format!(
        "{} {} {files} declassify:request declassify:approve",
        reads(Level::Secretariat),
        kinds.join(" ")
    );
    house.token(holder, &scope).await
}

async fn act(house: &House, token: &str, name: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    house.act(Some(token), (name, &kind), &input, TOLD).await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

fn wrong(id: &Value) -> Value {
    json!({ "id": id, "reason": "ENTERED_IN_ERROR", "remark": "Of another matter (invented)" })
}

/// A communication with a person, which a secretariat has lodged and published.
async fn lodged(house: &House, token: &str) -> (Value, Value) {
    let input = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "receivedOn": "2026-05-01", "countries": ["KEN"],
        "title": "Retirement (invented)",
        "persons": [{ "role": "ALLEGED_VICTIM", "names": [{ "text": "Aru Belanti", "script": "Latn", "language": "en" }] }],
    });
    let kind = ("lodgeCommunication", "LodgeCommunicationInput");
    let told = "communication { id persons { edges { node { id } } } }";
    let answer = house.act(Some(token), kind, &input, told).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    let told = &answer["communication"];
    let person = told["persons"]["edges"][0]["node"]["id"].clone();
    (told["id"].clone(), person)
}

async fn total(house: &House, token: Option<&str>, list: &str) -> i64 {
    let query = format!("{{ {list}(first: 1) {{ totalCount }} }}");
    let data = house.ask(token, &query).await.data();
    data[list]["totalCount"].as_i64().unwrap()
}

async fn is_there(house: &House, token: Option<&str>, id: &Value) -> bool {
    let query = format!("{{ node(id: {id}) {{ id }} nodes(ids: [{id}]) {{ id }} }}");
    let data = house.ask(token, &query).await.data();
    assert_eq!(data["node"].is_null(), data["nodes"][0].is_null(), "{data}");
    !data["node"].is_null()
}

async fn nowhere(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (id, _) = lodged(&house, &cat).await;
    house.publish(&cat, &id).await;
    let before = [
        total(&house, Some(&cat), "communications").await,
        total(&house, None, "communications").await,
    ];
    assert!(is_there(&house, None, &id).await);
    let never = act(
        &house,
        &cat,
        "retireRecord",
        wrong(&json!("Communication:nobody")),
    )
    .await;
    let retired = act(&house, &cat, "retireRecord", wrong(&id)).await;
    assert_eq!(code(&retired), "DONE", "{retired}");
    assert!(retired["record"].is_null(), "{retired}");
    assert_eq!(retired["retirement"]["record"], id);
    assert_eq!(retired["retirement"]["parts"], 2, "a person, and its part");
    for (token, before) in [(Some(cat.as_str()), before[0]), (None, before[1])] {
        assert!(!is_there(&house, token, &id).await);
        assert_eq!(total(&house, token, "communications").await, before - 1);
        let query = format!(
            "{{ history(id: {id}) {{ edges {{ node {{ field }} }} }} \
             lowerings(record: {id}) {{ id }} explainAccess(id: {id}, field: \"title\") {{ answer level reach }} }}"
        );
        let missing = query.replace(id.as_str().unwrap(), &another(&id));
        let hidden = house.ask(token, &query).await.json();
        assert_eq!(hidden, house.ask(token, &missing).await.json(), "{hidden}");
    }
    // To act on it is as to act on what was never there.
    let again = act(&house, &cat, "retireRecord", wrong(&id)).await;
    assert_eq!(again["userErrors"], never["userErrors"]);
    let input = json!({ "id": id, "field": "title", "level": "SECRETARIAT" });
    let raise = act_on(&house, &cat, "raiseLevel", input).await;
    assert_eq!(code(&raise), "NOT_FOUND");
}

/// An id of the same kind that no record has.
fn another(id: &Value) -> String {
    let known = GlobalId::parse(id.as_str().unwrap()).unwrap();
    let id = RecordId::random();
    GlobalId { id, ..known }.to_string()
}

async fn act_on(house: &House, token: &str, name: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", name[..1].to_uppercase(), &name[1..]);
    house
        .act(Some(token), (name, &kind), &input, "record { id }")
        .await
}

async fn parts(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (first, person) = lodged(&house, &cat).await;
    let (second, alone) = lodged(&house, &cat).await;
    let input = json!({ "communication": second, "person": person, "role": "ALLEGED_VICTIM" });
    let kind = ("linkPerson", "LinkPersonInput");
    let linked = house.act(Some(&cat), kind, &input, "person { id }").await;
    assert_eq!(linked["userErrors"], json!([]), "{linked}");
    let input = json!({ "communication": second });
    let kind = ("requestInterimMeasure", "RequestInterimMeasureInput");
    let asked = house
        .act(Some(&cat), kind, &input, "interimMeasure { id }")
        .await;
    let measure = asked["interimMeasure"]["id"].clone();
    assert!(is_there(&house, Some(&cat), &measure).await, "{asked}");
    act(&house, &cat, "retireRecord", wrong(&second)).await;
    assert!(!is_there(&house, Some(&cat), &measure).await);
    assert!(!is_there(&house, Some(&cat), &alone).await);
    assert!(
        is_there(&house, Some(&cat), &person).await,
        "another communication has it"
    );
    let query = format!("{{ communication(id: {first}) {{ persons {{ totalCount }} }} }}");
    let data = house.ask(Some(&cat), &query).await.data();
    assert_eq!(data["communication"]["persons"]["totalCount"], 1);
    // A part comes back with its record alone.
    let part = json!({ "id": measure, "remark": "Back (invented)" });
    assert_eq!(
        code(&act(&house, &cat, "restoreRecord", part).await),
        "NOT_FOUND"
    );
    let back = json!({ "id": second, "remark": "Back (invented)" });
    assert_eq!(
        code(&act(&house, &cat, "restoreRecord", back).await),
        "DONE"
    );
    for id in [&second, &alone, &measure] {
        assert!(is_there(&house, Some(&cat), id).await, "{id}");
    }
}

async fn shared(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (first, person) = lodged(&house, &cat).await;
    let (second, _) = lodged(&house, &cat).await;
    let input = json!({ "communication": second, "person": person, "role": "ALLEGED_VICTIM" });
    let kind = ("linkPerson", "LinkPersonInput");
    let linked = house.act(Some(&cat), kind, &input, "person { id }").await;
    assert_eq!(linked["userErrors"], json!([]), "{linked}");
    act(&house, &cat, "retireRecord", wrong(&first)).await;
    act(&house, &cat, "retireRecord", wrong(&second)).await;
    assert!(!is_there(&house, Some(&cat), &person).await);
    // The first is held: what it needs is kept with it when the second's time is over.
    let hold = json!({ "id": first, "hold": "Proceedings (invented)" });
    act(&house, &cat, "holdRecord", hold).await;
    let now = Moment::from_seconds(NOW + YEAR);
    assert_eq!(house.store.expunge(now).await.unwrap().records, 1);
    // Brought back is the first; the file went with the second, and is the first's, too.
    let back = json!({ "id": first, "remark": "Back (invented)" });
    act(&house, &cat, "restoreRecord", back).await;
    assert!(is_there(&house, Some(&cat), &person).await);
    assert_eq!(house.store.expunge(now).await.unwrap().records, 0);
    assert!(is_there(&house, Some(&cat), &person).await);
    let query = format!("{{ communication(id: {first}) {{ persons {{ totalCount }} }} }}");
    let data = house.ask(Some(&cat), &query).await.data();
    assert_eq!(data["communication"]["persons"]["totalCount"], 1);
}

async fn restored(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let second = officer(&house, "cat.secretary").await;
    let (id, _) = lodged(&house, &cat).await;
    house.publish(&cat, &id).await;
    let back = json!({ "id": id, "remark": "Not of another matter after all (invented)" });
    // Who has retired it brings it back for the secretariat alone.
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let own = act(&house, &cat, "restoreRecord", back.clone()).await;
    assert_eq!(own["record"]["id"], id, "{own}");
    assert!(own["retirement"].is_null());
    assert!(!is_there(&house, None, &id).await);
    house.publish(&cat, &id).await;
    assert!(is_there(&house, None, &id).await);
    // A second officer brings it back to whom it was told before.
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let other = act(&house, &second, "restoreRecord", back.clone()).await;
    assert_eq!(code(&other), "DONE");
    assert!(is_there(&house, None, &id).await);
    // Once is enough.
    let again = act(&house, &second, "restoreRecord", back).await;
    assert_eq!(code(&again), "NOT_FOUND");
    let query = format!(
        "{{ history(id: {id}, first: 3) {{ edges {{ node {{ field before after }} }} }} }}"
    );
    let past = house.ask(Some(&cat), &query).await.data();
    let past = &past["history"]["edges"];
    assert_eq!(past[0]["node"]["before"], "RETIRED", "{past}");
    assert_eq!(past[1]["node"]["after"], "RETIRED", "{past}");
    let past = house.ask(None, &query).await.data();
    assert!(!past.to_string().contains("RETIRED"), "{past}");
}

async fn closed(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (id, _) = lodged(&house, &cat).await;
    let closed = json!({ "id": id, "reason": "CLOSED", "remark": "Over (invented)" });
    let open = act(&house, &cat, "retireRecord", closed.clone()).await;
    assert_eq!(code(&open), "CONFLICT");
    let input = json!({ "id": id });
    let kind = ("refuseRegistration", "CommunicationStepInput");
    let refused = house
        .act(Some(&cat), kind, &input, "communication { status }")
        .await;
    assert_eq!(
        refused["communication"]["status"], "NOT_REGISTERED",
        "{refused}"
    );
    let mut short = closed.clone();
    short["keepUntil"] = json!("2030-01-01T00:00:00Z");
    let short = act(&house, &cat, "retireRecord", short).await;
    assert_eq!(short["userErrors"][0]["field"], "keepUntil", "{short}");
    let mut long = closed;
    long["keepUntil"] = json!("2050-01-01T00:00:00Z");
    let long = act(&house, &cat, "retireRecord", long).await;
    assert_eq!(
        long["retirement"]["keepUntil"], "2050-01-01T00:00:00Z",
        "{long}"
    );
    // A country is not retired, nor is a mechanism that has a desk here.
    let query = "{ countries(first: 1) { edges { node { id } } } mechanism(code: \"cat\") { id } }";
    let data = house.ask(None, query).await.data();
    for id in [
        &data["countries"]["edges"][0]["node"]["id"],
        &data["mechanism"]["id"],
    ] {
        let answer = act(&house, &cat, "retireRecord", wrong(id)).await;
        assert!(
            ["FORBIDDEN", "CONFLICT"].contains(&code(&answer)),
            "{answer}"
        );
    }
}

async fn agreement(backend: Backend) {
    let house = House::open(backend).await;
    let achpr = officer(&house, "achpr.secretary").await;
    let query = "{ agreements(first: 50) { edges { node { id status } } } }";
    let data = house.ask(Some(&achpr), query).await.data();
    let edges = data["agreements"]["edges"].as_array().unwrap().clone();
    let found = edges
        .iter()
        .find(|edge| edge["node"]["status"] == "IN_FORCE");
    let id = found.expect("an agreement in force")["node"]["id"].clone();
    let answer = act(&house, &achpr, "retireRecord", wrong(&id)).await;
    assert_eq!(code(&answer), "CONFLICT", "{answer}");
}

async fn joint(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let achpr = officer(&house, "achpr.secretary").await;
    let input = json!({
        "title": "A visit that will not be (invented)", "kind": "JOINT_VISIT", "parties": ["achpr"],
    });
    let kind = ("proposeJointActivity", "ProposeJointActivityInput");
    let told = "jointActivity { id }";
    let proposed = house.act(Some(&cat), kind, &input, told).await;
    let id = proposed["jointActivity"]["id"].clone();
    assert!(is_there(&house, Some(&achpr), &id).await, "{proposed}");
    let first = act(&house, &cat, "retireRecord", wrong(&id)).await;
    assert_eq!(code(&first), "DONE", "{first}");
    assert_eq!(first["record"]["id"], id, "it waits for the other's word");
    let query = "{ notifications(first: 5) { edges { node { type id } } } }";
    let told = house.ask(Some(&achpr), query).await.data();
    let latest = &told["notifications"]["edges"][0]["node"];
    assert_eq!(latest["type"], "RETIREMENT_AGREED", "{told}");
    // A word stands for thirty days.
    house.clock.advance(31 * 24 * 3_600);
    let cat = officer(&house, "cat.petitions").await;
    let achpr = officer(&house, "achpr.secretary").await;
    let late = act(&house, &achpr, "retireRecord", wrong(&id)).await;
    assert_eq!(late["record"]["id"], id, "{late}");
    let last = act(&house, &cat, "retireRecord", wrong(&id)).await;
    assert!(last["record"].is_null(), "{last}");
    for token in [&cat, &achpr] {
        assert!(!is_there(&house, Some(token), &id).await);
    }
    // Each of them can bring it back, for their secretariats.
    let back = json!({ "id": id, "remark": "After all (invented)" });
    assert_eq!(
        code(&act(&house, &achpr, "restoreRecord", back).await),
        "DONE"
    );
    assert!(is_there(&house, Some(&cat), &id).await);
}

async fn expunged(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (id, person) = lodged(&house, &cat).await;
    let ids = [&id, &person].map(|id| GlobalId::parse(id.as_str().unwrap()).unwrap().id);
    assert!(left_of(&house, &ids).await > 6);
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let now = Moment::from_seconds(NOW + YEAR - 3 * 24 * 3_600);
    let early = house.store.expunge(now).await.unwrap();
    assert_eq!(early.records, 0, "its time is not over");
    house.clock.advance(YEAR - 3 * 24 * 3_600);
    let cat = officer(&house, "cat.petitions").await;
    let query = "{ notifications(first: 3) { edges { node { type } } } }";
    let due = house.ask(Some(&cat), query).await.data();
    assert!(due.to_string().contains("RETENTION_ENDS"), "{due}");
    let now = Moment::from_seconds(NOW + YEAR);
    assert_eq!(house.store.would_expunge(now).await.unwrap().records, 1);
    let gone = house.store.expunge(now).await.unwrap();
    assert_eq!((gone.records, gone.all), (1, 3));
    assert_eq!(house.store.expunge(now).await.unwrap().records, 0);
    house.clock.advance(3 * 24 * 3_600);
    let cat = officer(&house, "cat.petitions").await;
    let back = json!({ "id": id, "remark": "Too late (invented)" });
    assert_eq!(
        code(&act(&house, &cat, "restoreRecord", back).await),
        "NOT_FOUND"
    );
    assert_eq!(left_of(&house, &ids).await, 0, "a row still names it");
    let scope = format!("{} audit:read", reads(Level::Secretariat));
    let auditor = house.token("cat.secretary", &scope).await;
    let query = "{ auditEntries(first: 1) { edges { node { act record } } } }";
    let told = house.ask(Some(&auditor), query).await.data();
    let latest = &told["auditEntries"]["edges"][0]["node"];
    let news = json!({ "act": "RECORD_EXPUNGE", "record": null });
    assert_eq!(*latest, news, "the log tells its owner, without it");
    assert!(house.store.ledger().verify(None).await.is_ok());
    let logged = house
        .texts("SELECT kind FROM audit_leaf ORDER BY n DESC LIMIT 1")
        .await;
    assert_eq!(logged, ["RECORD_EXPUNGE"]);
}

/// How many rows of the whole database name one of these records, the log and its index
/// apart.
async fn left_of(house: &House, ids: &[RecordId]) -> i64 {
    let sqlite = house.url.starts_with("sqlite://");
    let columns = if sqlite {
        "SELECT m.name || ' ' || c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c \
         WHERE m.type = 'table' AND c.type LIKE 'uuid%'"
    } else {
        "SELECT table_name || ' ' || column_name FROM information_schema.columns \
         WHERE table_schema = 'public' AND data_type = 'uuid'"
    };
    let columns = house.texts(columns).await;
    assert!(columns.len() > 40, "{columns:?}");
    let mut left = 0;
    for column in columns {
        let (table, column) = column.split_once(' ').unwrap();
        if table.starts_with("audit_") {
            continue;
        }
        for id in ids {
            let id = house.literal(*id);
            let sql = format!("SELECT COUNT(*) FROM {table} WHERE {column} = {id}");
            left += house.number(&sql).await;
        }
    }
    left
}

async fn file(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let grants = format!("{} write:person@SECRETARIAT", reads(Level::Secretariat));
    let grants = house.token("cat.grants", &grants).await;
    let (id, person) = lodged(&house, &cat).await;
    let input = json!({
        "person": person, "holder": "cat.petitions", "mechanism": "cat",
        "purposes": ["EXAMINATION"], "fields": ["NAMES"], "validUntil": "2027-01-01T00:00:00Z",
    });
    let kind = ("giveGrant", "GiveGrantInput");
    let given = house
        .act(Some(&grants), kind, &input, "person { id }")
        .await;
    assert_eq!(given["userErrors"], json!([]), "{given}");
    let reader = house.token("cat.petitions", &reads(Level::Victim)).await;
    let opens = async || {
        let query = format!("{{ node(id: {person}) {{ ... on Person {{ names {{ text }} }} }} }}");
        let request = json!({
            "query": query,
            "extensions": { "purpose": { "code": "EXAMINATION", "reason": "A test" } },
        });
        let answer = house.post(Some(&reader), &request).await.json();
        answer["data"]["node"]["names"][0]["text"].clone()
    };
    assert_eq!(opens().await, "Aru Belanti");
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    assert!(opens().await.is_null());
    let query = "{ notifications(first: 5) { edges { node { type } } } }";
    let told = house.ask(Some(&reader), query).await.data();
    assert!(told.to_string().contains("GRANT_ENDED"), "{told}");
    // Brought back, it takes leave anew.
    let back = json!({ "id": id, "remark": "Back (invented)" });
    act(&house, &cat, "restoreRecord", back).await;
    assert!(is_there(&house, Some(&cat), &person).await);
    assert!(opens().await.is_null());
}

async fn held(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (id, _) = lodged(&house, &cat).await;
    let hold = json!({ "id": id, "hold": "Proceedings before a court (invented)" });
    assert_eq!(
        code(&act(&house, &cat, "holdRecord", hold.clone()).await),
        "NOT_FOUND"
    );
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let answer = act(&house, &cat, "holdRecord", hold.clone()).await;
    assert_eq!(answer["retirement"]["hold"], hold["hold"], "{answer}");
    let now = Moment::from_seconds(NOW + 2 * YEAR);
    assert_eq!(house.store.expunge(now).await.unwrap().records, 0);
    let answer = act(&house, &cat, "holdRecord", json!({ "id": id })).await;
    assert!(answer["retirement"]["hold"].is_null(), "{answer}");
    assert_eq!(house.store.expunge(now).await.unwrap().records, 1);
}

async fn imported(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let rows = |title: &str| {
        json!({
            "kind": "document", "columns": ["no", "title"], "rows": [["1", title]],
            "mapping": r#"{"provider":"archive","kind":"document","id":"{no}","fields":{"title":{"column":"title"}}}"#,
        })
    };
    let import = async |input: Value| {
        let told = "rows { outcome } findings { code }";
        let kind = ("importRows", "ImportRowsInput");
        house.act(Some(&cat), kind, &input, told).await
    };
    import(rows("A paper (invented)")).await;
    let query = "{ documents(first: 5, filter: { title: { eq: \"A paper (invented)\" } }) { edges { node { id } } } }";
    let data = house.ask(Some(&cat), query).await.data();
    let id = data["documents"]["edges"][0]["node"]["id"].clone();
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let again = import(rows("A paper, amended (invented)")).await;
    assert!(again.to_string().contains("RETIRED"), "{again}");
    let data = house.ask(Some(&cat), query).await.data();
    assert_eq!(data["documents"]["edges"], json!([]));
}

async fn told_to(backend: Backend) {
    let house = House::open(backend).await;
    let cat = officer(&house, "cat.petitions").await;
    let (id, _) = lodged(&house, &cat).await;
    house.publish(&cat, &id).await;
    act(&house, &cat, "retireRecord", wrong(&id)).await;
    let query = "{ retirements(first: 5) { edges { node { record designation } } } }";
    let told = house.ask(Some(&cat), query).await.data();
    let first = &told["retirements"]["edges"][0]["node"];
    assert_eq!(first["record"], id, "{told}");
    assert!(first["designation"].is_string(), "{told}");
    let narrow = house
        .token(
            "cat.petitions",
            &format!("{} st:COL", reads(Level::Secretariat)),
        )
        .await;
    let low = house.token("cat.petitions", &reads(Level::Channel)).await;
    let other = officer(&house, "achpr.secretary").await;
    for token in [None, Some(&narrow), Some(&low), Some(&other)] {
        let told = house.ask(token.map(String::as_str), query).await.data();
        assert_eq!(told["retirements"]["edges"], json!([]));
    }
    let back = json!({ "id": id, "remark": "Mine (invented)" });
    let theirs = act(&house, &other, "restoreRecord", back.clone()).await;
    let missing = json!({ "id": another(&id), "remark": "Mine (invented)" });
    let never = act(&house, &other, "restoreRecord", missing).await;
    assert_eq!(theirs, never);
    // One's own, by a token that may read and not write.
    let reader = house
        .token("cat.petitions", &reads(Level::Secretariat))
        .await;
    let read_only = act(&house, &reader, "restoreRecord", back).await;
    assert_eq!(code(&read_only), "FORBIDDEN");
}
