//! Recommendations on their way: who is told of what when, assessments side by side, and what
//! leads from one to another.

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
    suite.test("a_recommendation_is_told_when_it_is_published", told_to);
    suite.test("a_recommendation_goes_its_course_and_no_other", course);
    suite.test("assessments_stand_side_by_side", side_by_side);
    suite.test("who_gives_evidence_stays_with_the_secretariat", evidence);
    suite.test("a_reference_tells_of_no_hidden_recommendation", references);
    suite.test("a_follow_up_is_due_to_who_asked_for_it", due);
    suite.test("what_the_note_recommends_is_found", of_the_note);
}

const TOLD: &str =
    "recommendation { id version status adoptedOn followUpDue position internalNote }";
const ASSESSED: &str = "assessment { id scale value reasoning }";
const GIVEN: &str = "evidence { id summary sourceKind sourceName }";
const REFERS: &str = "recommendationReference { id relation toRecommendation { id } }";

async fn keeper(house: &House, holder: &str) -> String {
    let writes = [
        "recommendation",
        "assessment",
        "evidence",
        "recommendation_reference",
    ];
    let writes = writes.map(|kind| format!("write:{kind}@SECRETARIAT label:{kind}@SECRETARIAT"));
    let scope = format!(
        "{} {} declassify:request",
        reads(Level::Secretariat),
        writes.join(" ")
    );
    house.token(holder, &scope).await
}

fn code(answer: &Value) -> &str {
    answer["userErrors"][0]["code"].as_str().unwrap_or("DONE")
}

/// One act on recommendations.
async fn act(house: &House, token: &str, name: &str, input: Value) -> Value {
    let (kind, told) = match name {
        "draftRecommendation" => ("DraftRecommendationInput", TOLD),
        "amendRecommendation" => ("AmendRecommendationInput", TOLD),
        "adoptRecommendation" => ("AdoptRecommendationInput", TOLD),
        "recordStatePosition" => ("RecordStatePositionInput", TOLD),
        "assessRecommendation" => ("AssessRecommendationInput", ASSESSED),
        "publishAssessment" => ("RecommendationActInput", ASSESSED),
        "recordEvidence" => ("RecordEvidenceInput", GIVEN),
        "publishEvidence" => ("RecommendationActInput", GIVEN),
        "relateRecommendations" => ("RelateRecommendationsInput", REFERS),
        _ => ("RecommendationActInput", TOLD),
    };
    house.act(Some(token), (name, kind), &input, told).await
}

/// Drafts a recommendation; its id.
async fn drafted(house: &House, token: &str, more: Value) -> Value {
    let mut input = json!({
        "text": "Keep registers (invented)", "madeIn": "CONCLUDING_OBSERVATIONS",
        "countries": ["KEN"], "themes": ["torture_prevention"],
    });
    for (name, value) in more.as_object().unwrap() {
        input[name] = value.clone();
    }
    let answer = act(house, token, "draftRecommendation", input).await;
    assert_eq!(code(&answer), "DONE", "{answer}");
    answer["recommendation"]["id"].clone()
}

/// Drafts, adopts and publishes one; its id.
async fn published(house: &House, token: &str) -> Value {
    let id = drafted(house, token, json!({})).await;
    for name in ["adoptRecommendation", "publishRecommendation"] {
        let answer = act(house, token, name, json!({ "id": id })).await;
        assert_eq!(code(&answer), "DONE", "{answer}");
    }
    id
}

/// The recommendation, as a token is told of it by each way that leads to it.
async fn seen(house: &House, token: Option<&str>, id: &Value, told: &str) -> Value {
    let query = format!(
        "{{ recommendation(id: {id}) {{ {told} }} node(id: {id}) {{ id }}
            recommendations(first: 100, filter: {{ text: {{ contains: \"registers (invented)\" }} }})
              {{ totalCount edges {{ node {{ id }} }} }}
            mechanism(code: \"cat\") {{ recommendations(first: 100) {{ edges {{ node {{ id }} }} }} }} }}"
    );
    let data = house.ask(token, &query).await.data();
    let there = !data["recommendation"].is_null();
    assert_eq!(!data["node"].is_null(), there);
    for list in [
        &data["recommendations"],
        &data["mechanism"]["recommendations"],
    ] {
        let edges = list["edges"].as_array().unwrap();
        assert_eq!(edges.iter().any(|edge| edge["node"]["id"] == *id), there);
    }
    data["recommendation"].clone()
}

async fn told_to(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let open = drafted(
        &house,
        &cat,
        json!({ "internalNote": "Ask first (invented)" }),
    )
    .await;
    let kept = drafted(&house, &cat, json!({ "discreet": true })).await;
    for id in [&open, &kept] {
        assert!(seen(&house, None, id, "id").await.is_null());
        assert!(seen(&house, Some(&other), id, "id").await.is_null());
    }
    // A clause that names recommendations opens what is prepared, but what is kept.
    let agreement = concluded(&["cat", "achpr"], LATER);
    let mut clause = opening(agreement.id, "cat", "achpr", Level::Channel, LATER);
    let kinds = clause.values.iter_mut().find(|(name, _)| *name == "kinds");
    kinds.unwrap().1 = r#"["RECOMMENDATIONS"]"#.into();
    house.add::<Agreement>("cat", agreement).await;
    house.add::<Clause>("cat", clause).await;
    let told = seen(&house, Some(&other), &open, "status internalNote").await;
    assert_eq!(told, json!({ "status": "DRAFT", "internalNote": null }));
    assert!(seen(&house, Some(&other), &kept, "id").await.is_null());
    // Adopting is no publishing.
    let adopted = act(&house, &cat, "adoptRecommendation", json!({ "id": open })).await;
    assert_eq!(adopted["recommendation"]["status"], "ADOPTED", "{adopted}");
    assert!(seen(&house, None, &open, "id").await.is_null());
    act(&house, &cat, "publishRecommendation", json!({ "id": open })).await;
    let told = seen(&house, None, &open, "status internalNote").await;
    assert_eq!(told, json!({ "status": "ADOPTED", "internalNote": null }));
    let own = seen(&house, Some(&cat), &open, "internalNote").await;
    assert_eq!(own["internalNote"], "Ask first (invented)");
}

async fn course(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = drafted(&house, &cat, json!({ "discreet": true })).await;
    let say = |text: &str| ("amendRecommendation", json!({ "text": text }));
    let note = || {
        (
            "amendRecommendation",
            json!({ "note": "A remark (invented)" }),
        )
    };
    let target = |code: &str| ("amendRecommendation", json!({ "sdgTargets": [code] }));
    let adopt = |on: &str, months: i64| {
        let input = json!({ "on": on, "followUpWithin": months });
        ("adoptRecommendation", input)
    };
    let position = |position: &str| ("recordStatePosition", json!({ "position": position }));
    let publish = || ("publishRecommendation", json!({}));
    let close = || ("closeRecommendation", json!({}));
    for ((name, said), expected) in [
        (publish(), "CONFLICT"),
        (close(), "CONFLICT"),
        (position("SUPPORTED"), "CONFLICT"),
        (say(""), "INVALID"),
        (say("Other registers (invented)"), "DRAFT"),
        (target("18.1"), "INVALID"),
        (target("16.3"), "DRAFT"),
        (adopt("2031-01-01", 12), "INVALID"),
        (adopt("2026-05-08", 0), "INVALID"),
        (adopt("2026", 12), "INVALID"),
        (adopt("2026-05-08", 24), "ADOPTED"),
        (adopt("2026-05-08", 24), "CONFLICT"),
        (say("Once more (invented)"), "CONFLICT"),
        (note(), "ADOPTED"),
        (position("SUPPORTED_IN_PART"), "ADOPTED"),
        (publish(), "ADOPTED"),
        (publish(), "CONFLICT"),
        (close(), "CLOSED"),
        (close(), "CONFLICT"),
    ] {
        let mut input = said;
        input["id"] = id.clone();
        // Who may not know of it is told the same at every stage.
        let hidden = seen(&house, Some(&other), &id, "id").await.is_null();
        let theirs = act(&house, &other, name, input.clone()).await;
        let refused = if hidden { "NOT_FOUND" } else { "FORBIDDEN" };
        assert_eq!(code(&theirs), refused, "{name}: {theirs}");
        let answer = act(&house, &cat, name, input).await;
        let got = match code(&answer) {
            "DONE" => answer["recommendation"]["status"].as_str().unwrap(),
            code => code,
        };
        assert_eq!(got, expected, "{name}: {answer}");
    }
    let told = "adoptedOn followUpDue position sdgTargets text";
    assert_eq!(
        seen(&house, None, &id, told).await,
        json!({
            "adoptedOn": "2026-05-08", "followUpDue": "2028-05", "position": "SUPPORTED_IN_PART",
            "sdgTargets": ["16.3"], "text": "Other registers (invented)",
        })
    );
    // What is not there can't be addressed.
    for (field, ids) in [("addressees", ["none"]), ("otherAddressees", ["none"])] {
        let mut input = json!({ "text": "To nobody (invented)", "madeIn": "UPR" });
        input[field] = json!(ids);
        let answer = act(&house, &cat, "draftRecommendation", input).await;
        assert_eq!(answer["userErrors"][0]["field"], field, "{answer}");
    }
}

async fn side_by_side(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = published(&house, &cat).await;
    let hidden = drafted(&house, &cat, json!({ "discreet": true })).await;
    let assess = |of: &Value, scale: &str, value: &str| json!({ "recommendation": of, "scale": scale, "value": value, "reasoning": "Seen (invented)" });
    let answer = act(
        &house,
        &cat,
        "assessRecommendation",
        assess(&id, "CAT_IMPL", "B1"),
    )
    .await;
    assert_eq!(answer["userErrors"][0]["field"], "value");
    let sentence = answer["userErrors"][0]["message"].as_str().unwrap();
    assert!(sentence.contains("INITIAL_STEPS"), "{sentence}");
    let answer = act(
        &house,
        &cat,
        "assessRecommendation",
        assess(&id, "OURS", "A"),
    )
    .await;
    assert_eq!(answer["userErrors"][0]["field"], "scale");
    // One that is hidden is assessed by nobody else.
    let input = assess(&hidden, "GENERIC_3", "NOT");
    let answer = act(&house, &other, "assessRecommendation", input.clone()).await;
    assert_eq!(code(&answer), "NOT_FOUND");
    let own = act(&house, &cat, "assessRecommendation", input).await;
    let publish = json!({ "id": own["assessment"]["id"] });
    let early = act(&house, &cat, "publishAssessment", publish).await;
    assert_eq!(
        code(&early),
        "CONFLICT",
        "a grade would tell of what is graded: {early}"
    );

    let told =
        "assessments(first: 9) { totalCount edges { node { scale value mechanism { code } } } }";
    let mut grades = Vec::new();
    for (token, scale, value) in [
        (&cat, "CAT_IMPL", "INITIAL_STEPS"),
        (&other, "GENERIC_3", "NOT"),
    ] {
        let made = act(
            &house,
            token,
            "assessRecommendation",
            assess(&id, scale, value),
        )
        .await;
        assert_eq!(code(&made), "DONE", "{made}");
        grades.push((token, made["assessment"]["id"].clone()));
    }
    assert_eq!(
        seen(&house, None, &id, told).await["assessments"]["totalCount"],
        0
    );
    let own = seen(&house, Some(&cat), &id, told).await;
    assert_eq!(
        own["assessments"]["totalCount"], 1,
        "not what others keep: {own}"
    );
    for (token, grade) in &grades {
        let theirs = if *token == &cat { &other } else { &cat };
        let input = json!({ "id": grade });
        let answer = act(&house, theirs, "publishAssessment", input.clone()).await;
        assert_eq!(code(&answer), "NOT_FOUND");
        let answer = act(&house, token, "publishAssessment", input).await;
        assert_eq!(code(&answer), "DONE", "{answer}");
    }
    let both = seen(&house, None, &id, told).await;
    assert_eq!(both["assessments"]["totalCount"], 2);
    let mut values: Vec<String> = both["assessments"]["edges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|edge| format!("{} {}", edge["node"]["scale"], edge["node"]["value"]))
        .collect();
    values.sort();
    assert_eq!(
        values,
        [r#""CAT_IMPL" "INITIAL_STEPS""#, r#""GENERIC_3" "NOT""#],
        "as each has given it"
    );
    let scales = "{ assessmentScales { code source values { code label } } }";
    let scales = house.ask(None, scales).await.data();
    assert!(scales["assessmentScales"].as_array().unwrap().len() >= 10);
}

async fn evidence(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = published(&house, &cat).await;
    // It may say who has issued it.
    let papers = "{ documents(first: 1) { edges { node { id } } } }";
    let papers = house.ask(None, papers).await.data();
    let paper = papers["documents"]["edges"][0]["node"]["id"].clone();
    let input = json!({
        "recommendation": id, "summary": "Not shown (invented)", "sourceKind": "NPM",
        "sourceName": "Mechanism of Exampleland (invented)", "document": paper,
    });
    let given = act(&house, &other, "recordEvidence", input).await;
    assert_eq!(code(&given), "DONE", "{given}");
    let evidence = &given["evidence"];
    assert_eq!(
        evidence["sourceName"],
        "Mechanism of Exampleland (invented)"
    );
    let told = "evidence(first: 9) { totalCount edges { node { summary sourceKind sourceName document { id } } } }";
    let count =
        async |token| seen(&house, token, &id, told).await["evidence"]["totalCount"].clone();
    assert_eq!(count(None).await, 0);
    assert_eq!(
        count(Some(&*cat)).await,
        0,
        "not even to whose recommendation it is"
    );
    let publish = json!({ "id": evidence["id"] });
    let theirs = act(&house, &cat, "publishEvidence", publish.clone()).await;
    assert_eq!(code(&theirs), "NOT_FOUND");
    let done = act(&house, &other, "publishEvidence", publish.clone()).await;
    assert_eq!(code(&done), "DONE", "{done}");
    let again = act(&house, &other, "publishEvidence", publish).await;
    assert_eq!(code(&again), "CONFLICT");
    for token in [None, Some(&*cat)] {
        let node = seen(&house, token, &id, told).await["evidence"]["edges"][0]["node"].clone();
        let anyone = json!({ "summary": "Not shown (invented)", "sourceKind": null, "sourceName": null, "document": null });
        assert_eq!(node, anyone);
    }
    // It can't be told by lowering its level, either.
    let lower = json!({
        "id": evidence["id"], "field": "sourceName", "level": "PUBLIC", "reason": "A reason",
    });
    let told = "lowerings { id }";
    let lowered = house
        .act(
            Some(&other),
            ("lowerLevel", "LowerLevelInput"),
            &lower,
            told,
        )
        .await;
    assert_eq!(lowered["userErrors"][0]["code"], "INVALID", "{lowered}");
}

async fn references(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let one = published(&house, &cat).await;
    let theirs = published(&house, &other).await;
    let hidden = drafted(&house, &cat, json!({ "discreet": true })).await;
    let relate = |from: &Value, to: &Value| json!({ "from": from, "to": to, "relation": "ECHOES" });
    let answer = act(
        &house,
        &other,
        "relateRecommendations",
        relate(&theirs, &hidden),
    )
    .await;
    assert_eq!(code(&answer), "NOT_FOUND");
    let answer = act(&house, &cat, "relateRecommendations", relate(&one, &one)).await;
    assert_eq!(answer["userErrors"][0]["field"], "to");
    for (token, from, to) in [(&cat, &one, &hidden), (&other, &theirs, &one)] {
        let made = act(&house, token, "relateRecommendations", relate(from, to)).await;
        assert_eq!(
            made["recommendationReference"]["toRecommendation"]["id"], *to,
            "{made}"
        );
        let again = act(&house, token, "relateRecommendations", relate(from, to)).await;
        assert_eq!(code(&again), "CONFLICT");
    }
    let told = "references(first: 9) { totalCount }
                referredToBy(first: 9) { totalCount edges { node { relation fromRecommendation { id } } } }";
    let anyone = seen(&house, None, &one, told).await;
    assert_eq!(anyone["references"]["totalCount"], 0);
    assert_eq!(anyone["referredToBy"]["totalCount"], 1);
    let node = &anyone["referredToBy"]["edges"][0]["node"];
    assert_eq!(node["fromRecommendation"]["id"], theirs);
    let own = seen(&house, Some(&cat), &one, told).await;
    assert_eq!(own["references"]["totalCount"], 1);
}

async fn due(backend: Backend) {
    let house = House::open(backend).await;
    let cat = keeper(&house, "cat.petitions").await;
    let other = keeper(&house, "achpr.protection").await;
    let id = drafted(&house, &cat, json!({})).await;
    let adopt = json!({ "id": id, "on": "2025-05", "followUpWithin": 12 });
    let adopted = act(&house, &cat, "adoptRecommendation", adopt).await;
    assert_eq!(
        adopted["recommendation"]["followUpDue"], "2026-05",
        "{adopted}"
    );
    let told = async |token: &str| {
        let query = "{ notifications(first: 100) { edges { node { type } } } }";
        let data = house.ask(Some(token), query).await.data().to_string();
        data.contains("RECOMMENDATION_FOLLOW_UP_DUE")
    };
    assert!(!told(&other).await);
    let own = told(&cat).await;
    // The month is just over.
    let close = act(&house, &cat, "closeRecommendation", json!({ "id": id })).await;
    assert_eq!(code(&close), "DONE", "{close}");
    assert!(own && !told(&cat).await);
}

async fn of_the_note(backend: Backend) {
    let house = House::open(backend).await;
    let query = "{ recommendations(first: 1, filter: { madeIn: { eq: CONFERENCE_OUTCOME } })
        { totalCount edges { node { text session document { title } addressees { code }
          otherAddressees { code } } } } }";
    let data = house.ask(None, query).await.data();
    assert_eq!(data["recommendations"]["totalCount"], 99);
    let node = &data["recommendations"]["edges"][0]["node"];
    assert!(
        node["document"]["title"]
            .as_str()
            .unwrap()
            .contains("Concept note")
    );
}
