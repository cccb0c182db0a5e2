//! What is due: told in the viewer's own view, and gone with what it is about.

use liaison::confidentiality::Level;
use liaison::{
    agreement::{Agreement, Clause},
    identity::kind::Kind,
    work_plan::WorkPlanItem,
};
use serde_json::{Value, json};

use super::measures::{granted, keeper, requested};
use crate::support::{
    cast::{bare, concluded, opening},
    harness::{Backend, Suite},
    house::{House, NOW, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("what_is_due_is_told_from_two_weeks_before_its_day", told);
    suite.test("what_is_due_goes_with_what_it_is_about", gone);
    suite.test("what_is_due_is_paged_in_one_order", paged);
    suite.test(
        "a_request_that_nobody_answered_is_told_at_its_date",
        unanswered,
    );
}

const DAY: i64 = 24 * 3_600;

async fn notices(house: &House, token: &str) -> Vec<Value> {
    let query = "{ notifications(first: 100) { edges { cursor node { type id at } } } }";
    let data = house.ask(Some(token), query).await.data();
    let edges = data["notifications"]["edges"].as_array().unwrap();
    edges.iter().map(|edge| edge["node"].clone()).collect()
}

async fn has(house: &House, token: &str, what: &str, id: &Value) -> bool {
    let all = notices(house, token).await;
    all.iter()
        .any(|notice| notice["type"] == what && notice["id"] == *id)
}

async fn told(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let id = requested(&house, &cat, json!({})).await;
    granted(&house, &cat, &id, "2026-06-20").await;
    let agreement = concluded(&["cat", "achpr"], NOW + 100 * DAY);
    let clause = opening(agreement.id, "cat", "achpr", Level::Channel, NOW + 20 * DAY);
    house.add::<Agreement>("cat", agreement).await;
    let clause = json!(house.add::<Clause>("cat", clause).await);
    assert!(
        !has(&house, &cat, "MEASURE_ENDS", &id).await,
        "it is too early"
    );
    assert!(!has(&house, &cat, "CLAUSE_ENDS", &clause).await);
    house.clock.advance(7 * DAY);
    let cat = keeper(&house, "cat.petitions").await;
    let achpr = house
        .token_up_to("achpr.secretary", Level::Secretariat)
        .await;
    let spt = house.token_up_to("iachr.sync", Level::Partner).await;
    assert!(has(&house, &cat, "MEASURE_ENDS", &id).await);
    assert!(has(&house, &cat, "CLAUSE_ENDS", &clause).await);
    // A clause is told to both its ends; a measure of another's to nobody else.
    assert!(has(&house, &achpr, "CLAUSE_ENDS", &clause).await);
    for other in [&achpr, &spt] {
        assert!(!has(&house, other, "MEASURE_ENDS", &id).await);
    }
    assert!(!has(&house, &spt, "CLAUSE_ENDS", &clause).await);
    // By a token that does not read them, none of it.
    let narrow = house.token("cat.petitions", "read:mechanism@PUBLIC").await;
    assert!(
        notices(&house, &narrow)
            .await
            .iter()
            .all(|notice| notice["id"] != id && notice["id"] != clause)
    );
}

async fn gone(backend: Backend) {
    let house = House::open(backend).await;
    let mut item = bare(Kind::WorkPlanItem, "due/item", &["cat"]);
    item.existence = Level::Partner;
    item.values = vec![
        ("activity", "A visit (invented)".into()),
        ("due", "2026-06-10".into()),
        ("status", "PLANNED".into()),
    ];
    let item = json!(house.add::<WorkPlanItem>("cat", item).await);
    let scope = format!(
        "{} write:work_plan_item@SECRETARIAT label:work_plan_item@SECRETARIAT",
        reads(Level::Secretariat)
    );
    let cat = house.token("cat.secretary", &scope).await;
    let low = house.token("cat.petitions", &reads(Level::Channel)).await;
    let achpr = house
        .token_up_to("achpr.secretary", Level::Secretariat)
        .await;
    for (token, expected) in [(&cat, true), (&low, true), (&achpr, false)] {
        assert_eq!(
            has(&house, token, "WORK_PLAN_ITEM_DUE", &item).await,
            expected
        );
    }
    // Its day out of sight, then the item done.
    let raise = json!({ "id": item, "field": "due", "level": "SECRETARIAT" });
    let act = ("raiseLevel", "RaiseLevelInput");
    house.act(Some(&cat), act, &raise, "record { id }").await;
    for (token, expected) in [(&cat, true), (&low, false)] {
        assert_eq!(
            has(&house, token, "WORK_PLAN_ITEM_DUE", &item).await,
            expected
        );
    }
    let done = json!({ "id": item, "status": "COMPLETED" });
    let act = ("amendWorkPlanItem", "AmendWorkPlanItemInput");
    let answer = house
        .act(Some(&cat), act, &done, "workPlanItem { id }")
        .await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    assert!(!has(&house, &cat, "WORK_PLAN_ITEM_DUE", &item).await);
}

async fn paged(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    for day in ["2026-06-03", "2026-06-05", "2026-06-05", "2026-06-07"] {
        let id = requested(&house, &cat, json!({})).await;
        granted(&house, &cat, &id, day).await;
    }
    let all = notices(&house, &cat).await;
    let ends = all.iter().filter(|notice| notice["type"] == "MEASURE_ENDS");
    assert!(ends.count() >= 4, "{all:?}");
    assert!(
        all.iter()
            .map(|notice| notice["at"].as_str().unwrap())
            .rev()
            .is_sorted()
    );
    let mut by_one = Vec::new();
    let mut after = Value::Null;
    loop {
        let query = "query($after: String) { notifications(first: 1, after: $after) { \
                     edges { node { type id at } } pageInfo { endCursor hasNextPage } } }";
        let request = json!({ "query": query, "variables": { "after": after } });
        let data = house.post(Some(&cat), &request).await.data()["notifications"].clone();
        by_one.push(data["edges"][0]["node"].clone());
        after = data["pageInfo"]["endCursor"].clone();
        if data["pageInfo"]["hasNextPage"] == false {
            break;
        }
    }
    assert_eq!(by_one, all);
    // A cursor is of no use to who is not told of what it stands for.
    let other = keeper(&house, "achpr.protection").await;
    let request = json!({ "query": "query($after: String) { notifications(after: $after) { edges { cursor } } }",
        "variables": { "after": after } });
    assert_eq!(
        house.post(Some(&other), &request).await.code(),
        "CURSOR_INVALID"
    );
}

async fn unanswered(backend: Backend) {
    let house = House::open(backend).await;
    let scope = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let achpr = house.token("achpr.protection", scope).await;
    let ask = json!({
        "mechanism": "cat", "reference": "CAT-NONE (invented)", "purpose": "SAME_MATTER",
        "fields": ["NAMES"], "reason": "A reason", "due": "2026-06-05T00:00:00Z",
    });
    let act = ("askDisclosure", "AskDisclosureInput");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let asked = house.act(Some(&achpr), act, &ask, "request { id }").await;
        ids.push(asked["request"]["id"].clone());
    }
    let grants = house.token("cat.grants", scope).await;
    let refuse = json!({ "request": ids[0] });
    let act = ("refuseDisclosure", "RefuseDisclosureInput");
    let refused = house
        .act(Some(&grants), act, &refuse, "request { id }")
        .await;
    assert_eq!(refused["userErrors"], json!([]), "{refused}");
    assert!(!has(&house, &achpr, "DISCLOSURE_UNANSWERED", &ids[1]).await);
    house.clock.advance(5 * DAY);
    let achpr = house.token("achpr.protection", scope).await;
    let grants = house.token("cat.grants", scope).await;
    // To who has asked, a refusal looks as silence does.
    for id in &ids {
        assert!(has(&house, &achpr, "DISCLOSURE_UNANSWERED", id).await);
    }
    assert!(has(&house, &grants, "DISCLOSURE_UNANSWERED", &ids[1]).await);
    assert!(!has(&house, &grants, "DISCLOSURE_UNANSWERED", &ids[0]).await);
    let petitions = house.token("cat.petitions", scope).await;
    assert!(!has(&house, &petitions, "DISCLOSURE_UNANSWERED", &ids[1]).await);
}
