//! Work plans as a secretariat keeps them: a draft for partners, published as a whole.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use liaison::confidentiality::Level;
use serde_json::{Value, json};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, reads},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_calendar_has_the_plans_that_are_told", calendar);
    suite.test(
        "a_draft_plan_is_for_partners_and_a_published_one_for_anyone",
        published,
    );
    suite.test("a_plan_is_kept_by_its_own_mechanism", kept);
}

const PLAN: &str = "workPlan { id version title status }";
const ITEM: &str = "workPlanItem { id status placesToVisit responsible { code } }";

async fn planner(house: &House, holder: &str) -> String {
    let writes = ["work_plan", "objective", "work_plan_item"];
    let writes = writes.map(|kind| format!("write:{kind}@SECRETARIAT"));
    let scope = format!("{} {}", reads(Level::Secretariat), writes.join(" "));
    house.token(holder, &scope).await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

async fn act(house: &House, token: &str, act: (&str, &str), input: Value, told: &str) -> Value {
    house.act(Some(token), act, &input, told).await
}

async fn published(backend: Backend) {
    let house = House::open(backend).await;
    let cat = planner(&house, "cat.secretary").await;
    let partner = house.token_up_to("achpr.secretary", Level::Partner).await;
    let draft = json!({ "title": "Plan (invented)", "period": "2026" });
    let plan = act(
        &house,
        &cat,
        ("draftWorkPlan", "DraftWorkPlanInput"),
        draft,
        PLAN,
    )
    .await;
    let plan = plan["workPlan"]["id"].clone();
    let objective = json!({ "workPlan": plan, "title": "To visit (invented)" });
    let told = "objective { id }";
    let objective = act(
        &house,
        &cat,
        ("addObjective", "AddObjectiveInput"),
        objective,
        told,
    )
    .await;
    let objective = objective["objective"]["id"].clone();
    let add = async |activity: &str, existence: Value| {
        let input = json!({
            "objective": objective,
            "activity": activity,
            "due": "2026-06",
            "placesToVisit": "Example Prison (invented)",
            "existence": existence,
        });
        let act_ = ("addWorkPlanItem", "AddWorkPlanItemInput");
        act(&house, &cat, act_, input, ITEM).await
    };
    let item = add("A visit (invented)", Value::Null).await;
    assert_eq!(item["workPlanItem"]["status"], "PLANNED", "{item}");
    assert_eq!(
        item["workPlanItem"]["placesToVisit"],
        "Example Prison (invented)"
    );
    let kept = add("A discreet visit (invented)", json!("SECRETARIAT")).await;
    assert_eq!(code(&kept), "DONE", "{kept}");
    assert_eq!(
        code(&add("An open one (invented)", json!("PUBLIC")).await),
        "INVALID"
    );

    let list = "{ workPlans { edges { node { title objectives { edges { node { items { totalCount edges { node { activity placesToVisit } } } } } } } } } }";
    let edges = |data: &Value| {
        let edges = data["workPlans"]["edges"].as_array().unwrap();
        let own = edges
            .iter()
            .filter(|edge| edge["node"]["title"] == "Plan (invented)");
        own.cloned().collect::<Vec<_>>()
    };
    assert!(edges(&house.ask(None, list).await.data()).is_empty());
    assert_eq!(
        edges(&house.ask(Some(&partner), list).await.data()).len(),
        1
    );

    let publish = json!({ "id": plan });
    let act_ = ("publishWorkPlan", "WorkPlanActInput");
    let answer = act(&house, &cat, act_, publish.clone(), PLAN).await;
    assert_eq!(answer["workPlan"]["status"], "PUBLISHED", "{answer}");
    assert_eq!(
        code(&act(&house, &cat, act_, publish.clone(), PLAN).await),
        "CONFLICT"
    );
    let told = edges(&house.ask(None, list).await.data());
    let items = &told[0]["node"]["objectives"]["edges"][0]["node"]["items"];
    assert_eq!(
        *items,
        json!({ "totalCount": 1, "edges": [{ "node": { "activity": "A visit (invented)", "placesToVisit": null } }] }),
        "what was kept higher stays there"
    );
    let complete = ("completeWorkPlan", "WorkPlanActInput");
    assert_eq!(
        code(&act(&house, &cat, complete, publish.clone(), PLAN).await),
        "DONE"
    );
    let late = json!({ "id": plan, "title": "Late (invented)" });
    let late = act(
        &house,
        &cat,
        ("amendWorkPlan", "AmendWorkPlanInput"),
        late,
        PLAN,
    )
    .await;
    assert_eq!(code(&late), "CONFLICT");
    let far = json!({ "id": item["workPlanItem"]["id"], "status": "COMPLETED" });
    let far = act(
        &house,
        &cat,
        ("amendWorkPlanItem", "AmendWorkPlanItemInput"),
        far,
        ITEM,
    )
    .await;
    assert_eq!(far["workPlanItem"]["status"], "COMPLETED", "{far}");
}

async fn kept(backend: Backend) {
    let house = House::open(backend).await;
    let cat = planner(&house, "cat.secretary").await;
    let achpr = planner(&house, "achpr.secretary").await;
    let draft = json!({ "title": "Plan (invented)", "period": "2026" });
    let plan = act(
        &house,
        &cat,
        ("draftWorkPlan", "DraftWorkPlanInput"),
        draft,
        PLAN,
    )
    .await;
    let id = plan["workPlan"]["id"].clone();
    let publish = ("publishWorkPlan", "WorkPlanActInput");
    let theirs = act(&house, &achpr, publish, json!({ "id": id }), PLAN).await;
    assert_eq!(code(&theirs), "FORBIDDEN", "a partner knows of a draft");
    let amend = async |input: Value| {
        let act_ = ("amendWorkPlan", "AmendWorkPlanInput");
        act(&house, &cat, act_, input, PLAN).await
    };
    for input in [
        json!({ "id": id }),
        json!({ "id": id, "title": null }),
        json!({ "id": id, "title": "" }),
    ] {
        assert_eq!(code(&amend(input.clone()).await), "INVALID", "{input}");
    }
    let version = plan["workPlan"]["version"].clone();
    let input = json!({ "id": id, "title": "Other (invented)", "expectedVersion": version });
    assert_eq!(code(&amend(input.clone()).await), "DONE");
    assert_eq!(code(&amend(input).await), "CONFLICT");
}

async fn calendar(backend: Backend) {
    let house = House::open(backend).await;
    let cat = planner(&house, "cat.secretary").await;
    let partner = house.token_up_to("achpr.secretary", Level::Partner).await;
    let input = json!({ "title": "Plan; invented, and long", "period": "2027-02" });
    let draft = ("draftWorkPlan", "DraftWorkPlanInput");
    let plan = act(&house, &cat, draft, input, PLAN).await["workPlan"].clone();
    let id = plan["id"].as_str().unwrap();
    let file = async |token: Option<&str>, file: &str| {
        let page = format!("/export/{file}");
        let request = match token {
            Some(token) => {
                Request::post(page).header(header::AUTHORIZATION, format!("Bearer {token}"))
            }
            None => Request::get(page),
        };
        let answer = house.send(request.body(Body::empty()).unwrap()).await;
        let text = String::from_utf8(answer.body.clone()).unwrap();
        (answer.status, text.replace("\r\n ", ""))
    };
    let event = |text: &str| {
        let mut events = text.split("BEGIN:VEVENT\r\n").skip(1);
        let event = events.find(|event| event.contains(&format!("UID:{id}\r\n")));
        event.map(str::to_owned)
    };
    let plans = "work_plan.ics";

    let told = event(&file(Some(&partner), plans).await.1).expect("an event");
    for line in [
        "DTSTART;VALUE=DATE:20270201",
        "DTEND;VALUE=DATE:20270301",
        "X-LIAISON-DATE:2027-02",
        "SUMMARY:Plan\\; invented\\, and long",
        "STATUS:TENTATIVE",
        "CLASS:CONFIDENTIAL",
    ] {
        assert!(told.contains(&format!("{line}\r\n")), "{line}: {told}");
    }
    let (status, open) = file(None, plans).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(event(&open), None, "{open}");
    assert!(!open.contains("invented\\, and long"), "{open}");

    // Its dated items are in it, each for whom it is told to.
    let objective = json!({ "workPlan": id, "title": "To visit (invented)" });
    let adding = ("addObjective", "AddObjectiveInput");
    let objective = act(&house, &cat, adding, objective, "objective { id }").await;
    let objective = objective["objective"]["id"].clone();
    for number in 0..103 {
        let (activity, due, existence) = match number {
            0 => (
                "A visit (invented)".to_owned(),
                json!("2027-02-03"),
                Value::Null,
            ),
            1 => (
                "A discreet visit (invented)".to_owned(),
                json!("2027-02-04"),
                json!("SECRETARIAT"),
            ),
            2 => (
                "An undated one (invented)".to_owned(),
                Value::Null,
                Value::Null,
            ),
            number => (
                format!("Task {number} (invented)"),
                json!("2027"),
                Value::Null,
            ),
        };
        let input = json!({ "objective": objective, "activity": activity, "due": due,
            "existence": existence });
        let adding = ("addWorkPlanItem", "AddWorkPlanItemInput");
        let added = act(&house, &cat, adding, input, ITEM).await;
        assert_eq!(code(&added), "DONE", "{added}");
    }
    let items = |text: &str| {
        let mut events = text.split("BEGIN:VEVENT\r\n").skip(1);
        let visit = events
            .clone()
            .find(|event| event.contains("SUMMARY:A visit"));
        let discreet = events
            .clone()
            .any(|event| event.contains("SUMMARY:A discreet"));
        assert!(!events.any(|event| event.contains("undated")));
        (
            visit.map(str::to_owned),
            discreet,
            text.matches("SUMMARY:Task ").count(),
        )
    };
    let (visit, discreet, tasks) = items(&file(Some(&partner), plans).await.1);
    let visit = visit.expect("an item");
    assert!(visit.contains("DTSTART;VALUE=DATE:20270203\r\n"), "{visit}");
    assert!(visit.contains("CLASS:CONFIDENTIAL\r\n"), "{visit}");
    assert_eq!((discreet, tasks), (false, 100));
    let (visit, discreet, tasks) = items(&file(Some(&cat), plans).await.1);
    assert_eq!((visit.is_some(), discreet, tasks), (true, true, 100));
    assert_eq!(items(&file(None, plans).await.1), (None, false, 0));

    let input = json!({ "id": id });
    let publish = ("publishWorkPlan", "WorkPlanActInput");
    let done = act(&house, &cat, publish, input, PLAN).await;
    assert_eq!(code(&done), "DONE", "{done}");
    let told = event(&file(None, plans).await.1).expect("an event");
    assert!(
        told.contains("STATUS:CONFIRMED\r\nCLASS:PUBLIC\r\n"),
        "{told}"
    );

    // Of what has no dates there is no calendar, whoever asks.
    for token in [None, Some(cat.as_str())] {
        let (status, text) = file(token, "country.ics").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
        assert!(text.contains("NO_SUCH_PAGE"), "{text}");
        for said in ["`/export/country.csv`", "have no dates", "work_plan"] {
            assert!(text.contains(said), "{said}: {text}");
        }
        let (status, text) = file(token, "country.pdf").await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{text}");
        assert!(text.contains("csv, jsonl, xlsx, ics"), "{text}");
    }
}
