//! That two mechanisms plan to visit one State: told to both alike where both have opted in,
//! and to nobody else.

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
    suite.test("both_are_told_that_they_plan_to_visit_one_state", told);
    suite.test("no_signal_without_the_clause_of_both", opted_in);
    suite.test("what_is_known_anyway_or_raised_signals_nothing", silent);
    suite.test("an_agreement_that_ends_takes_its_signals_along", ended);
}

const WEEK: i64 = 7 * 24 * 3_600;
const SIGNALS: &str = "{ visitOverlaps { country quarter writeTo agreement { title } } }";

async fn keeper(house: &House, holder: &str) -> String {
    let kinds = ["calendar_event", "event_invitation", "agreement", "clause"];
    let kinds = kinds.map(|kind| format!("write:{kind}@SECRETARIAT label:{kind}@SECRETARIAT"));
    let scope = format!(
        "{} {} audit:read",
        reads(Level::Secretariat),
        kinds.join(" ")
    );
    house.token(holder, &scope).await
}

async fn planned(house: &House, holder: &str, more: Value) -> Value {
    let mut input = json!({
        "title": "A visit (invented)", "kind": "VISIT", "startsOn": "2026-11-09",
        "countries": ["MLI"], "themes": ["torture_prevention"],
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let token = keeper(house, holder).await;
    let act = ("planCalendarEvent", "PlanCalendarEventInput");
    let answer = house
        .act(Some(&token), act, &input, "calendarEvent { id }")
        .await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer["calendarEvent"]["id"].clone()
}

/// An agreement with a clause of the kind in each direction that is named.
async fn agreed(house: &House, directions: &[[&str; 2]]) {
    let agreement = concluded(&["cat", "iachr"], LATER);
    let id = agreement.id;
    house.add::<Agreement>("cat", agreement).await;
    for [from, to] in directions {
        let mut clause = opening(id, from, to, Level::Channel, LATER);
        for (name, value) in &mut clause.values {
            match *name {
                "kinds" => *value = r#"["VISIT_OVERLAP"]"#.into(),
                "purposes" => *value = r#"["VISIT_PLANNING"]"#.into(),
                _ => {}
            }
        }
        house.add::<Clause>(from, clause).await;
    }
}

const BOTH: [[&str; 2]; 2] = [["cat", "iachr"], ["iachr", "cat"]];

async fn looked(house: &House) -> usize {
    house.store.look_at_visits(house.clock.now()).await.unwrap()
}

async fn signals(house: &House, holder: &str) -> Value {
    let token = keeper(house, holder).await;
    house.ask(Some(&token), SIGNALS).await.data()["visitOverlaps"].clone()
}

async fn told(backend: Backend) {
    let house = House::open(backend).await;
    agreed(&house, &BOTH).await;
    assert_eq!(looked(&house).await, 0);
    planned(&house, "cat.petitions", json!({})).await;
    let theirs = json!({ "startsOn": "2026-11", "countries": ["MLI"] });
    planned(&house, "iachr.registry", theirs).await;
    // A second pair of the same quarter is no second signal.
    let again = json!({ "startsOn": "2026-12-01", "endsOn": "2026-12-04" });
    planned(&house, "cat.petitions", again.clone()).await;
    planned(&house, "iachr.registry", again).await;
    // This week the hub has looked: when a plan was written is not told by when it signals.
    assert_eq!(looked(&house).await, 0);
    for holder in ["cat.petitions", "iachr.registry"] {
        assert_eq!(signals(&house, holder).await, json!([]));
    }
    house.clock.advance(WEEK);
    assert_eq!(looked(&house).await, 2);
    assert_eq!(looked(&house).await, 0);
    for holder in ["cat.petitions", "iachr.registry"] {
        let told = signals(&house, holder).await;
        assert_eq!(told.as_array().unwrap().len(), 1, "{told}");
        assert_eq!(told[0]["country"], "MLI");
        assert_eq!(told[0]["quarter"], "2026-Q4");
        assert!(!told[0]["writeTo"].as_array().unwrap().is_empty(), "{told}");
        let token = keeper(&house, holder).await;
        let asked = "{ notifications(first: 1) { edges { node { type } } }
                       auditEntries(first: 50) { edges { node { act } } } }";
        let data = house.ask(Some(&token), asked).await.data();
        assert_eq!(
            data["notifications"]["edges"][0]["node"]["type"],
            "VISIT_OVERLAP"
        );
        let entries = data["auditEntries"]["edges"].as_array().unwrap();
        let told = entries
            .iter()
            .filter(|entry| entry["node"]["act"] == "VISIT_OVERLAP_TELL");
        assert_eq!(told.count(), 1, "{data}");
    }
    // To nobody else, and not a second time.
    assert_eq!(signals(&house, "achpr.protection").await, json!([]));
    assert_eq!(
        house.ask(None, SIGNALS).await.data()["visitOverlaps"],
        json!([])
    );
    let partner = house.token_up_to("iachr.registry", Level::Partner).await;
    let data = house.ask(Some(&partner), SIGNALS).await.data();
    assert_eq!(data["visitOverlaps"], json!([]));
    house.clock.advance(WEEK);
    assert_eq!(looked(&house).await, 0);
}

async fn opted_in(backend: Backend) {
    let house = House::open(backend).await;
    agreed(&house, &BOTH[..1]).await;
    for holder in ["cat.petitions", "iachr.registry"] {
        planned(&house, holder, json!({})).await;
    }
    assert_eq!(looked(&house).await, 0);
    for holder in ["cat.petitions", "iachr.registry"] {
        assert_eq!(signals(&house, holder).await, json!([]));
    }
}

async fn silent(backend: Backend) {
    let house = House::open(backend).await;
    agreed(&house, &BOTH).await;
    let raised = json!({ "existence": "SECRETARIAT", "countries": ["TGO"] });
    let shown = json!({ "existence": "PARTNER", "countries": ["BEN"] });
    let vague = json!({ "startsOn": "2026", "countries": ["GHA"] });
    let elsewhen = json!({ "startsOn": "2026-08", "countries": ["NER"] });
    for (theirs, country) in [
        (raised, "TGO"),
        (shown, "BEN"),
        (vague, "GHA"),
        (elsewhen, "NER"),
    ] {
        planned(&house, "cat.petitions", json!({ "countries": [country] })).await;
        planned(&house, "iachr.registry", theirs).await;
    }
    // Nor does what was given up.
    planned(&house, "cat.petitions", json!({})).await;
    let gone = planned(&house, "iachr.registry", json!({})).await;
    let token = keeper(&house, "iachr.registry").await;
    let act = ("cancelCalendarEvent", "CalendarEventActInput");
    let input = json!({ "id": gone });
    house
        .act(Some(&token), act, &input, "calendarEvent { id }")
        .await;
    assert_eq!(looked(&house).await, 0);
    for holder in ["cat.petitions", "iachr.registry"] {
        assert_eq!(signals(&house, holder).await, json!([]));
    }
}

async fn ended(backend: Backend) {
    let house = House::open(backend).await;
    agreed(&house, &BOTH).await;
    for holder in ["cat.petitions", "iachr.registry"] {
        planned(&house, holder, json!({})).await;
    }
    assert_eq!(looked(&house).await, 2);
    assert_eq!(
        signals(&house, "cat.petitions")
            .await
            .as_array()
            .unwrap()
            .len(),
        1
    );
    house
        .meddle("UPDATE agreement SET status = 'SUSPENDED' WHERE title LIKE 'An agreement of the stage%'")
        .await;
    for holder in ["cat.petitions", "iachr.registry"] {
        assert_eq!(signals(&house, holder).await, json!([]));
    }
    house.clock.advance(WEEK);
    assert_eq!(looked(&house).await, 0);
    // What is over is told no more either.
    house
        .meddle("UPDATE agreement SET status = 'IN_FORCE' WHERE title LIKE 'An agreement of the stage%'")
        .await;
    house.clock.advance(40 * WEEK);
    assert_eq!(signals(&house, "cat.petitions").await, json!([]));
}
