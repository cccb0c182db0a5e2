//! Who is told of the entries: the owners of the records that they are about, and of no other.

use axum::{body::Body, http::Request};
use liaison::{confidentiality::Level, identity::kind::Kind};
use serde_json::{Value, json};

use crate::support::{
    cast::{Cast, Stage},
    harness::{Backend, Suite},
    house::{House, reads},
    specimens::{collected, specimen},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_secretariat_reads_what_was_done_to_its_own_files", own);
    suite.test("nobody_else_is_told_of_an_entry", others);
    suite.test("entries_of_others_move_nothing_in_ones_own_list", unmoved);
    suite.test("the_entries_come_page_by_page", pages);
    suite.test("the_entries_are_exported", exported);
    suite.test("an_opening_has_a_receipt_and_nothing_else_has", receipts);
}

const OPENING: &str = "names { text } birthDate";

async fn staged(backend: Backend) -> Stage {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    stage
}

fn given() -> String {
    specimen(Kind::Person, "given").to_string()
}

async fn opens(stage: &Stage, cast: Cast) -> Value {
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Person {{ {OPENING} }} }} }}",
        given()
    );
    let answer = stage.ask(cast, &query).await;
    assert!(answer.data()["node"]["names"].is_array(), "{cast:?}");
    answer.json()
}

async fn auditor(house: &House, holder: &str) -> String {
    house
        .token(holder, &format!("{} audit:read", reads(Level::Secretariat)))
        .await
}

/// What a token is told of the entries on a record.
async fn told(house: &House, token: Option<&str>, record: &str) -> Vec<Value> {
    let query = format!(
        "{{ auditEntries(record: \"{record}\", first: 100) {{ edges {{ node {{ at act record \
         fields purpose decision mechanism by }} }} }} }}"
    );
    let data = house.ask(token, &query).await.data();
    let edges = data["auditEntries"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

async fn own(backend: Backend) {
    let stage = staged(backend).await;
    opens(&stage, Cast::Officer).await;
    stage.house.clock.advance(60);
    opens(&stage, Cast::ForeignOfficer).await;
    let token = auditor(&stage.house, "cat.secretary").await;
    let entries = told(&stage.house, Some(&token), &given()).await;
    let openings: Vec<&Value> = entries
        .iter()
        .filter(|one| one["act"] == "OPEN_VICTIM")
        .collect();
    assert_eq!(openings.len(), 2, "{entries:?}");
    let (foreign, own) = (openings[0], openings[1]);
    assert_eq!(own["by"], "cat.petitions");
    assert_eq!(own["mechanism"], "cat");
    assert_eq!(own["purpose"], "EXAMINATION");
    assert_eq!(own["at"], "2026-06-01T12:00:00Z");
    let mut fields: Vec<&str> = own["fields"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    fields.sort_unstable();
    assert_eq!(fields, ["birthDate", "names"]);
    assert_eq!(own["record"], json!(given()));
    // Another's officer is not named: the mechanism answers for them.
    assert_eq!(
        (&foreign["by"], &foreign["mechanism"]),
        (&Value::Null, &json!("achpr"))
    );
    assert_eq!(
        (&foreign["decision"], &own["decision"]),
        (&json!("GRANT"), &json!("GRANT"))
    );
    assert_eq!(foreign["at"], "2026-06-01T12:01:00Z");
    // What was done to several records at once names none of them.
    let query = "{ auditEntries(first: 100) { edges { node { act record fields } } } }";
    let all = stage.house.ask(Some(&token), query).await.data();
    for edge in all["auditEntries"]["edges"].as_array().unwrap() {
        let node = &edge["node"];
        assert!(
            !node["record"].is_null() || node["fields"] == json!([]),
            "{node}"
        );
    }
}

async fn others(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    opens(&stage, Cast::Officer).await;
    opens(&stage, Cast::ForeignOfficer).await;
    let wide = reads(Level::Secretariat);
    let whole = auditor(house, "cat.secretary").await;
    assert!(!told(house, Some(&whole), &given()).await.is_empty());
    for (holder, scope) in [
        ("cat.secretary", wide.clone()),
        ("cat.secretary", "read:person@PARTNER audit:read".to_owned()),
        ("cat.secretary", format!("{wide} audit:read st:KEN")),
        ("cat.secretary", format!("{wide} audit:read own:achpr")),
        ("cat.secretary", "audit:read".to_owned()),
        ("achpr.protection", format!("{wide} audit:read")),
        ("spt.liaison", format!("{wide} audit:read")),
        ("hub.admin", format!("{wide} audit:read")),
    ] {
        let token = house.token(holder, &scope).await;
        let entries = told(house, Some(&token), &given()).await;
        assert!(entries.is_empty(), "{holder} {scope}: {entries:?}");
    }
    assert!(told(house, None, &given()).await.is_empty());
    // A file that is not there, and one of another, are alike.
    let unknown = liaison::id::GlobalId {
        kind: Kind::Person,
        id: liaison::id::RecordId::random(),
    };
    let foreign = auditor(house, "achpr.protection").await;
    let hidden = told(house, Some(&foreign), &given()).await;
    assert_eq!(
        hidden,
        told(house, Some(&foreign), &unknown.to_string()).await
    );
    // What is no record any more of one's own is told no longer.
    let person = house.literal(specimen(Kind::Person, "given").id);
    house
        .meddle(&format!("DELETE FROM record_owner WHERE record = {person}"))
        .await;
    assert!(told(house, Some(&whole), &given()).await.is_empty());
    // A token that was revoked reads nothing more.
    let revoked = auditor(house, "cat.secretary").await;
    house
        .meddle("UPDATE holder SET suspended = true WHERE subject = 'cat.secretary'")
        .await;
    let answer = house
        .ask(Some(&revoked), "{ auditEntries { edges { cursor } } }")
        .await;
    assert_eq!(answer.code(), "UNAUTHENTICATED");
}

async fn unmoved(backend: Backend) {
    let (quiet, busy) = (staged(backend).await, staged(backend).await);
    // In one hub others do this and that before, between and after.
    let noise = async |many: u32| {
        for _ in 0..many {
            let mut writer = busy.house.writer("achpr.registry").await;
            let id = liaison::id::RecordId::random();
            let owner = vec![crate::support::house::mechanism("achpr")];
            let record = liaison::store::writer::NewRecord::of(id, owner, Level::Secretariat);
            writer
                .add::<liaison::document::Document>(&record)
                .await
                .unwrap();
            writer.commit().await.unwrap();
        }
    };
    noise(3).await;
    for stage in [&quiet, &busy] {
        opens(stage, Cast::Officer).await;
    }
    noise(2).await;
    let mut answers = Vec::new();
    for stage in [&quiet, &busy] {
        opens(stage, Cast::ForeignOfficer).await;
        let token = auditor(&stage.house, "cat.secretary").await;
        let query = "{ auditEntries(first: 5) { edges { cursor node { at act record fields \
                     purpose decision mechanism by } } pageInfo { hasNextPage endCursor } } }";
        answers.push(stage.house.ask(Some(&token), query).await);
    }
    assert!(
        answers[0].data()["auditEntries"]["edges"]
            .as_array()
            .unwrap()
            .len()
            > 1
    );
    assert_eq!(answers[0].body, answers[1].body);
    let sizes = [&quiet, &busy].map(|stage| stage.house.number("SELECT COUNT(*) FROM audit_leaf"));
    let [one, other] = sizes;
    assert_eq!(one.await + 5, other.await);
}

async fn pages(backend: Backend) {
    let stage = staged(backend).await;
    for _ in 0..3 {
        opens(&stage, Cast::Officer).await;
    }
    let token = auditor(&stage.house, "cat.secretary").await;
    let page = async |after: &Value| {
        let query = "query($after: String) { auditEntries(first: 2, after: $after) { edges { \
                     cursor } pageInfo { hasNextPage endCursor } } }";
        let request = json!({ "query": query, "variables": { "after": after } });
        stage.house.post(Some(&token), &request).await
    };
    let (mut seen, mut after) = (Vec::new(), Value::Null);
    loop {
        let data = page(&after).await.data()["auditEntries"].clone();
        seen.extend(
            data["edges"]
                .as_array()
                .unwrap()
                .iter()
                .map(|edge| edge["cursor"].clone()),
        );
        if data["pageInfo"]["hasNextPage"] != true {
            break;
        }
        after = data["pageInfo"]["endCursor"].clone();
    }
    let query = "{ auditEntries(first: 100) { edges { cursor } } }";
    let all = stage.house.ask(Some(&token), query).await.data();
    let all: Vec<Value> = all["auditEntries"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| edge["cursor"].clone())
        .collect();
    assert!(
        seen.len() >= 4 && seen == all,
        "{} of {}",
        seen.len(),
        all.len()
    );
    // A cursor of another's list is none.
    let foreign = auditor(&stage.house, "achpr.protection").await;
    let request = json!({
        "query": "query($after: String) { auditEntries(after: $after) { edges { cursor } } }",
        "variables": { "after": all[0] },
    });
    let answer = stage.house.post(Some(&foreign), &request).await;
    assert_eq!(answer.code(), "CURSOR_INVALID");
    assert_eq!(page(&json!("nonsense")).await.code(), "CURSOR_INVALID");
}

async fn exported(backend: Backend) {
    let stage = staged(backend).await;
    opens(&stage, Cast::Officer).await;
    let token = auditor(&stage.house, "cat.secretary").await;
    let file = async |name: &str, token: Option<&str>| {
        let path = format!("/export/{name}");
        let mut request = Request::post(path);
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let answer = stage.house.send(request.body(Body::empty()).unwrap()).await;
        (
            answer.status.as_u16(),
            String::from_utf8(answer.body).unwrap(),
        )
    };
    let (status, csv) = file("audit_entry.csv", Some(&token)).await;
    assert_eq!(status, 200);
    let opening = csv
        .lines()
        .find(|line| line.contains("OPEN_VICTIM"))
        .unwrap();
    assert!(
        opening.contains("cat.petitions") && opening.contains("EXAMINATION"),
        "{opening}"
    );
    let (_, jsonl) = file("audit_entry.jsonl", Some(&token)).await;
    assert_eq!(jsonl.lines().count() + 1, csv.lines().count());
    let (status, none) = file("audit_entry.csv", None).await;
    assert_eq!((status, none.lines().count()), (200, 1), "{none}");
    assert_eq!(file("audit_entry.ics", Some(&token)).await.0, 404);
}

async fn receipts(backend: Backend) {
    let stage = staged(backend).await;
    let first = opens(&stage, Cast::Officer).await["extensions"]["receipts"].clone();
    let second = opens(&stage, Cast::ForeignOfficer).await["extensions"]["receipts"].clone();
    let [first, second] = [first, second].map(|receipts| {
        assert_eq!(receipts.as_array().map(Vec::len), Some(1), "{receipts}");
        receipts[0].as_str().unwrap().to_owned()
    });
    // Opaque, and of one length: nothing in it counts.
    assert_eq!((first.len(), second.len()), (203, 203));
    let query = format!(
        "{{ node(id: \"{}\") {{ ... on Person {{ {OPENING} }} }} }}",
        given()
    );
    for cast in Cast::ALL {
        if !matches!(cast, Cast::Officer | Cast::ForeignOfficer) {
            let answer = stage.ask(cast, &query).await.json();
            assert!(answer["extensions"]["receipts"].is_null(), "{cast:?}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let house = &stage.house;
    let ask = |receipt: &str| super::audit(house, folder.path(), &["receipt", receipt]);
    let said = |output: std::process::Output| {
        let all = [output.stdout, output.stderr].concat();
        String::from_utf8(all).unwrap()
    };
    assert!(said(ask(&first)).contains("has not signed it yet"));
    super::done(house, folder.path(), &["checkpoint"]);
    for receipt in [&first, &second] {
        let said = said(ask(receipt));
        assert!(
            said.contains("is in the log") && said.contains("2026-06-01T12:00:00Z"),
            "{said}"
        );
    }
    let mut letters: Vec<char> = first.chars().collect();
    letters[40] = if letters[40] == 'A' { 'B' } else { 'A' };
    let forged: String = letters.into_iter().collect();
    assert!(said(ask(&forged)).contains("no receipt of this hub"));
    // A log from which the entry was taken does not have it.
    let last = house
        .number("SELECT MAX(n) FROM audit_leaf WHERE kind = 'OPEN_VICTIM'")
        .await;
    let other = house.blob_literal(&[7; 32]);
    house
        .meddle(&format!(
            "UPDATE audit_leaf SET leaf = {other} WHERE n = {last}"
        ))
        .await;
    assert!(!ask(&first).status.success() || !ask(&second).status.success());
}
