//! Hidden and missing cannot be told apart, byte for byte; nor can worlds that differ
//! in what the viewer may not see.

use std::collections::{BTreeMap, btree_map::Entry};

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use liaison::{
    agreement::{Agreement, Clause},
    confidentiality::{Level, reach::sight},
    id::{GlobalId, RecordId},
    identity::kind::Kind,
    mechanism::Mechanism,
    work_plan::WorkPlanItem,
};
use serde_json::{Value, json};

use crate::{
    access_matrix::{Field, Fields, introspected},
    support::{
        cast::{Cast, LATER, OWNER, Stage, bare, concluded, opening},
        harness::{Backend, Suite},
        house::{Answer, House, global, reads},
        specimens::{BODY, COUNTRY, MARK, Specimen, collected, collected_for, set, specimen},
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_hidden_record_is_answered_as_a_missing_one", by_id);
    suite.test("a_world_without_what_is_hidden_answers_alike", twin_worlds);
    suite.test("a_cursor_carries_no_value_that_it_was_ordered_by", cursors);
    suite.test(
        "a_filter_cannot_guess_a_withheld_value_letter_by_letter",
        guesses,
    );
    suite.test("a_count_counts_no_more_than_a_list_lists", counts);
    suite.test("an_error_is_no_oracle", errors);
    suite.test("a_page_is_as_full_as_if_nothing_hidden_lay_between", pages);
    suite.test("an_edge_does_not_betray_a_hidden_record", edges);
    suite.test(
        "a_relation_is_loaded_under_the_rule_of_its_target",
        relations,
    );
    suite.test("an_expired_token_is_refused_as_rubbish_is", expired);
    suite.test(
        "a_limit_to_states_narrows_what_is_not_public",
        limit_to_states,
    );
    suite.test(
        "a_limit_to_topics_narrows_what_is_not_public",
        limit_to_topics,
    );
    suite.test(
        "a_limit_to_owners_narrows_what_is_not_public",
        limit_to_owners,
    );
    suite.test(
        "a_limit_to_channels_leaves_no_other_channel",
        limit_to_channels,
    );
}

/// What can be compared of an answer: all but its date and the request's id.
fn comparable(answer: Answer) -> (u16, BTreeMap<String, String>, String) {
    (
        answer.status.as_u16(),
        headers(&answer.headers),
        String::from_utf8(answer.body).unwrap(),
    )
}

fn headers(headers: &HeaderMap) -> BTreeMap<String, String> {
    let kept = headers
        .iter()
        .filter(|(name, _)| !["date", "x-request-id"].contains(&name.as_str()));
    kept.map(|(name, value)| (name.to_string(), format!("{value:?}")))
        .collect()
}

async fn staged(backend: Backend) -> (Stage, Vec<Specimen>) {
    let stage = Stage::of(House::open(backend).await).await;
    let specimens = collected(&stage.house).await;
    (stage, specimens)
}

/// Every question that takes the id of a record of this kind.
fn questions_by_id(kind: Kind, fields: &Fields) -> Vec<String> {
    let name = kind.type_name();
    let known = fields.get(name).map(Vec::as_slice).unwrap_or_default();
    let every: Vec<&str> = known.iter().map(|field| field.selection.as_str()).collect();
    let every = format!("... on {name} {{ {} }}", every.join(" "));
    let neighbour = specimen(Kind::Mechanism, "body");
    let mut questions = vec![
        "query ($id: ID!) { node(id: $id) { __typename id } }".to_owned(),
        format!(
            "query ($id: ID!) {{ nodes(ids: [\"{neighbour}\", $id, \"{neighbour}\"]) {{ __typename id }} }}"
        ),
        "query ($id: ID!) { communication(id: $id) { id docketNote persons { totalCount } } }"
            .to_owned(),
        "query ($id: ID!) { explainAccess(id: $id, field: \"nothing\") { answer level } }"
            .to_owned(),
    ];
    if !known.is_empty() {
        questions.push(format!(
            "query ($id: ID!) {{ node(id: $id) {{ id {every} }} }}"
        ));
        questions.push(format!(
            "query ($id: ID!) {{ nodes(ids: [$id, $id]) {{ id {every} }} }}"
        ));
    }
    for field in known {
        questions.push(format!(
            "query ($id: ID!) {{ explainAccess(id: $id, field: \"{}\") {{ answer level reach tokenCeiling }} }}",
            field.name
        ));
    }
    questions
}

async fn by_id(backend: Backend) {
    let (stage, specimens) = staged(backend).await;
    let fields = introspected(&stage.house).await;
    let mut hidden = 0;
    for (cast, viewer) in Cast::ALL.into_iter().zip(stage.viewers().await) {
        let mut missing = BTreeMap::new();
        for specimen in &specimens {
            if sight(&viewer, &specimen.facts, &specimen.label, specimen.rules).is_some() {
                continue;
            }
            hidden += 1;
            for question in questions_by_id(specimen.kind, &fields) {
                let ask = async |id: String| {
                    let answer = stage.ask_with(cast, &question, json!({ "id": id }));
                    comparable(answer.await)
                };
                let expected = match missing.entry((specimen.kind, question.clone())) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(place) => {
                        let id = GlobalId {
                            kind: specimen.kind,
                            id: RecordId::random(),
                        };
                        place.insert(ask(id.to_string()).await)
                    }
                };
                let context = format!("{} for {}: {question}", specimen.title, cast.name());
                assert_eq!(ask(specimen.global_id()).await, *expected, "{context}");
            }
        }
    }
    assert!(hidden > 100, "there is much that is hidden: {hidden}");
}

/// The root lists, with the kind of their records.
const LISTS: [(&str, Kind); 8] = [
    ("mechanisms", Kind::Mechanism),
    ("focalPoints", Kind::FocalPoint),
    ("workPlans", Kind::WorkPlan),
    ("communications", Kind::Communication),
    ("interimMeasures", Kind::InterimMeasure),
    ("agreements", Kind::Agreement),
    ("documents", Kind::Document),
    ("organisations", Kind::Organisation),
];

const PAGE: &str = "totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id } }";

/// Tests that a filter can make of a field, from the schema; values from the specimens.
fn tests(field: &str, ty: &str, codes: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let value = |column: &str, key: &str| format!("{column} of {key} {MARK}");
    let snake = snake(field);
    match ty {
        "TextFilter" => vec![
            format!("{field}: {{ contains: \"{MARK}\" }}"),
            format!(
                "{field}: {{ in: [\"{}\", \"{}\"] }}",
                value(&snake, "discreet"),
                value(&snake, "published")
            ),
        ],
        "DateFilter" => vec![format!("{field}: {{ gte: \"2000\", lt: \"2030\" }}")],
        "TimeFilter" => vec![format!("{field}: {{ gte: \"2000-01-01T00:00:00Z\" }}")],
        "NumberFilter" => vec![format!("{field}: {{ gte: 0 }}")],
        "FlagFilter" => vec![format!("{field}: {{ eq: true }}")],
        "CodeFilter" => vec![format!(
            "{field}: {{ in: [\"{BODY}\", \"{COUNTRY}\", \"torture_prevention\"] }}"
        )],
        other => {
            let all = codes.get(other).cloned().unwrap_or_default();
            assert!(
                !all.is_empty(),
                "`{other}` is no filter that this test knows"
            );
            vec![format!("{field}: {{ in: [{}] }}", all.join(", "))]
        }
    }
}

fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut snake, letter| {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
        snake
    })
}

/// Questions on the lists: plain, paged, nested, with each filter and each order.
async fn battery(house: &House, fields: &Fields) -> Vec<String> {
    let schema = house
        .ask(None, "{ __schema { types { name enumValues { name } inputFields { name type { name ofType { name } } } } } }")
        .await
        .data();
    let types = schema["__schema"]["types"].as_array().unwrap();
    let find = |name: &str| {
        types
            .iter()
            .find(|ty| ty["name"] == name)
            .cloned()
            .unwrap_or_default()
    };
    let names = |value: &Value| -> Vec<String> {
        let list = value.as_array().cloned().unwrap_or_default();
        list.iter()
            .map(|one| one["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let codes: BTreeMap<String, Vec<String>> = types
        .iter()
        .filter_map(|ty| {
            let name = ty["name"].as_str()?;
            Some((format!("{name}Filter"), names(&ty["enumValues"])))
        })
        .filter(|(_, codes)| !codes.is_empty())
        .collect();
    let mut questions = Vec::new();
    for (list, kind) in LISTS {
        let ty = kind.type_name();
        let every = fields[ty]
            .iter()
            .map(|field: &Field| field.selection.as_str());
        let every: Vec<&str> = every.collect();
        questions.push(format!("{{ {list}(first: 20) {{ {PAGE} }} }}"));
        questions.push(format!("{{ {list}(last: 20) {{ {PAGE} }} }}"));
        questions.push(format!(
            "{{ {list}(first: 30) {{ edges {{ node {{ {} }} }} }} }}",
            every.join(" ")
        ));
        let filter = find(&format!("{ty}Filter"));
        for input in filter["inputFields"].as_array().unwrap() {
            let name = input["name"].as_str().unwrap();
            if ["and", "or", "not"].contains(&name) {
                continue;
            }
            let test = input["type"]["name"].as_str().unwrap();
            for test in tests(name, test, &codes) {
                questions.push(format!(
                    "{{ a: {list}(first: 20, filter: {{ {test} }}) {{ {PAGE} }}
                        b: {list}(first: 5, filter: {{ not: {{ {test} }} }}) {{ {PAGE} }}
                        c: {list}(first: 5, filter: {{ or: [{{ {test} }}, {{ not: {{ {test} }} }}] }}) {{ {PAGE} }} }}"
                ));
            }
        }
        for order in names(&find(&format!("{ty}OrderField"))["enumValues"]) {
            questions.push(format!(
                "{{ a: {list}(first: 20, orderBy: [{{ field: {order}, direction: ASC }}]) {{ {PAGE} }}
                    b: {list}(first: 20, orderBy: [{{ field: {order}, direction: DESC }}]) {{ {PAGE} }} }}"
            ));
        }
    }
    questions.push(format!(
        "{{ mechanism(code: \"{BODY}\") {{
            focalPoints(first: 2) {{ {PAGE} }} workPlans(first: 1) {{ {PAGE} }} documents(first: 2) {{ {PAGE} }}
            communications(first: 2) {{ totalCount edges {{ cursor node {{ id persons(first: 5) {{ {PAGE} }} }} }} }}
            agreements(first: 2) {{ totalCount edges {{ cursor node {{ id clauses {{ {PAGE} }} }} }} }} }} }}"
    ));
    questions
}

async fn twin_worlds(backend: Backend) {
    let (whole, _) = staged(backend).await;
    let fields = introspected(&whole.house).await;
    let battery = battery(&whole.house, &fields).await;
    // One of each reach: whoever reaches the same is told the same, as the matrix shows.
    let chosen = [
        Cast::Anyone,
        Cast::ChannelExpired,
        Cast::Channel,
        Cast::Owner,
        Cast::ForeignOfficer,
    ];
    for (cast, viewer) in Cast::ALL.into_iter().zip(whole.viewers().await) {
        if !chosen.contains(&cast) {
            continue;
        }
        let redacted = Stage::of(House::open(backend).await).await;
        collected_for(&redacted.house, Some(&viewer)).await;
        for question in &battery {
            let (one, other) = (
                whole.ask(cast, question).await,
                redacted.ask(cast, question).await,
            );
            assert_eq!(one.status, 200);
            assert!(
                one.json().get("errors").is_none(),
                "{}: {question}",
                one.json()
            );
            assert_eq!(
                comparable(one),
                comparable(other),
                "{}: {question}",
                cast.name()
            );
        }
    }
}

async fn cursors(backend: Backend) {
    let (stage, _) = staged(backend).await;
    // The value is not in the cursor where it is withheld, and not to be read where not.
    let question = format!(
        "{{ communications(first: 100, filter: {{ mechanism: {{ eq: \"{BODY}\" }} }},
            orderBy: [{{ field: TITLE, direction: ASC }}, {{ field: DOCKET_NOTE, direction: ASC }}]) {{
            edges {{ cursor node {{ id title }} }} }} }}"
    );
    for cast in Cast::ALL {
        let data = stage.ask(cast, &question).await.data();
        for edge in data["communications"]["edges"].as_array().unwrap() {
            let cursor = URL_SAFE_NO_PAD
                .decode(edge["cursor"].as_str().unwrap())
                .unwrap();
            let readable = String::from_utf8_lossy(&cursor).into_owned();
            for value in ["title", "note", "invented", "discreet"] {
                assert!(!readable.contains(value), "{readable}");
            }
        }
    }
    // The length does not tell the value either: it is withheld, and so not in there.
    let discreet = specimen(Kind::Communication, "discreet").to_string();
    let length = async |stage: &Stage| {
        let data = stage.ask(Cast::Anyone, &question).await.data();
        let edges = data["communications"]["edges"].as_array().unwrap().clone();
        let edge = edges
            .iter()
            .find(|edge| edge["node"]["id"] == discreet.as_str())
            .unwrap();
        edge["cursor"].as_str().unwrap().to_owned()
    };
    let before = length(&stage).await;
    let id = stage
        .house
        .literal(specimen(Kind::Communication, "discreet").id);
    stage
        .house
        .meddle(&format!(
            "UPDATE communication SET title = 'Z' WHERE id = {id}"
        ))
        .await;
    assert_eq!(before, length(&stage).await);
}

async fn guesses(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let counted = async |cast: Cast, filter: &str| {
        let question = format!(
            "{{ communications(first: 0, filter: {{ mechanism: {{ eq: \"{BODY}\" }}, {filter} }}) {{ totalCount }} }}"
        );
        stage.ask(cast, &question).await.data()["communications"]["totalCount"]
            .as_i64()
            .unwrap()
    };
    let note = format!("docket_note of published {MARK}");
    for end in (1..=note.len()).step_by(5) {
        let guess = &note[..end];
        let test = format!("docketNote: {{ contains: \"{guess}\" }}");
        for cast in [
            Cast::Anyone,
            Cast::State,
            Cast::Partner,
            Cast::Channel,
            Cast::ChannelExpired,
            Cast::Admin,
        ] {
            for filter in [
                test.clone(),
                format!("not: {{ {test} }}"),
                format!("not: {{ not: {{ {test} }} }}"),
                format!("or: [{{ {test} }}, {{ not: {{ {test} }} }}]"),
                format!("and: [{{ or: [{{ {test} }}] }}]"),
                format!("not: {{ and: [{{ {test} }}] }}"),
                format!("not: {{ or: [{{ {test} }}, {{ docketNote: {{ eq: \"x\" }} }}] }}"),
                "docketNote: { in: [] }".to_owned(),
                "not: { docketNote: { in: [] } }".to_owned(),
            ] {
                assert_eq!(
                    counted(cast, &filter).await,
                    0,
                    "{} by {filter}",
                    cast.name()
                );
            }
        }
        assert!(counted(Cast::Owner, &test).await > 0);
    }
    // A test that may hold for another reason holds for that reason alone.
    let either = format!(
        "or: [{{ docketNote: {{ contains: \"{note}\" }} }}, {{ status: {{ eq: DECIDED_VIOLATION }} }}]"
    );
    let status = "status: { eq: DECIDED_VIOLATION }";
    assert_eq!(
        counted(Cast::Anyone, &either).await,
        counted(Cast::Anyone, status).await
    );
}

/// All of a root list, page by page.
async fn listed(stage: &Stage, cast: Cast, list: &str, size: u32) -> Vec<Value> {
    let mut all = Vec::new();
    let mut after = Value::Null;
    loop {
        let question = format!(
            "query ($after: String) {{ {list}(first: {size}, after: $after) {{
                totalCount pageInfo {{ hasNextPage endCursor }} edges {{ node {{ id }} }} }} }}"
        );
        let data = stage
            .ask_with(cast, &question, json!({ "after": after }))
            .await
            .data();
        let edges = data[list]["edges"].as_array().unwrap();
        let more = data[list]["pageInfo"]["hasNextPage"].as_bool().unwrap();
        assert!(
            !more || edges.len() == size as usize,
            "a page that is not the last is full"
        );
        all.extend(edges.iter().cloned());
        if !more {
            assert_eq!(
                data[list]["totalCount"],
                all.len(),
                "{list} for {}",
                cast.name()
            );
            return all;
        }
        after = data[list]["pageInfo"]["endCursor"].clone();
    }
}

async fn counts(backend: Backend) {
    let (stage, _) = staged(backend).await;
    for (list, _) in LISTS {
        let mut totals = Vec::new();
        for cast in Cast::ALL {
            totals.push(listed(&stage, cast, list, 100).await.len());
        }
        assert!(totals[0] <= totals[6], "{list}: {totals:?}");
    }
}

async fn pages(backend: Backend) {
    let (stage, _) = staged(backend).await;
    for cast in [Cast::Anyone, Cast::Channel, Cast::Owner] {
        let at_once = listed(&stage, cast, "communications", 100).await;
        let by_threes = listed(&stage, cast, "communications", 3).await;
        assert_eq!(at_once, by_threes);
    }
}

async fn errors(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let hidden = specimen(Kind::Communication, "raised").to_string();
    let missing = GlobalId {
        kind: Kind::Communication,
        id: RecordId::random(),
    };
    let missing = missing.to_string();
    for question in [
        "query ($id: ID!) { explainAccess(id: $id, field: \"docket_note\") { answer } }",
        "query ($id: ID!) { node(id: $id) { ... on Person { names { text } } } }",
        "query ($id: ID!) { node(id: $id) { nothing } }",
        "query ($id: ID!) { communication(id: $id) { persons(first: 101) { totalCount } } }",
        "query ($id: ID!) { communication(id: $id) { persons(first: -1) { totalCount } } }",
        "query ($id: ID!) { communication(id: $id) { persons(after: \"x\") { totalCount } } }",
        "query ($id: Int!) { communications(filter: { title: { eq: $id } }) { totalCount } }",
    ] {
        for cast in Cast::ALL {
            if matches!(
                cast,
                Cast::Named | Cast::Owner | Cast::Officer | Cast::ForeignOfficer
            ) {
                continue;
            }
            let ask = |id: &str| stage.ask_with(cast, question, json!({ "id": id }));
            let (one, other) = (ask(&hidden).await, ask(&missing).await);
            assert_eq!(
                comparable(one),
                comparable(other),
                "{}: {question}",
                cast.name()
            );
        }
    }
    // A value that this hub can't read is no error to those from whom it is withheld.
    let id = stage
        .house
        .literal(specimen(Kind::Communication, "published").id);
    let question = format!(
        "{{ node(id: \"{}\") {{ ... on Communication {{ title docketNote sourceKind }} }} }}",
        specimen(Kind::Communication, "published")
    );
    let before = comparable(stage.ask(Cast::Anyone, &question).await);
    stage
        .house
        .meddle(&format!(
            "UPDATE communication SET source_kind = 'NO_SUCH_KIND' WHERE id = {id}"
        ))
        .await;
    assert_eq!(before, comparable(stage.ask(Cast::Anyone, &question).await));
}

async fn edges(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let house = &stage.house;
    let mut hidden = bare(Kind::Mechanism, "stage/hidden", &[OWNER]);
    hidden.existence = Level::Secretariat;
    hidden.values = vec![
        ("code", "hidden-body".into()),
        ("name", "Hidden (invented)".into()),
    ];
    let (hidden_id, draft) = (hidden.id, specimen(Kind::Objective, "draft").id);
    house.add::<Mechanism>(OWNER, hidden).await;
    let mut ids = Vec::new();
    for (key, leads) in [("leading", true), ("not-leading", false)] {
        let mut item = bare(Kind::WorkPlanItem, &format!("stage/{key}"), &[OWNER]);
        set(&mut item, "activity", "An activity (invented)");
        if leads {
            set(&mut item, "objective_id", draft.0);
            item.links = vec![("responsible", hidden_id), ("associated", hidden_id)];
        }
        ids.push(house.add::<WorkPlanItem>(OWNER, item).await);
    }
    let question = "query ($id: ID!) { node(id: $id) { ... on WorkPlanItem {
        activity objective { id title } responsible { id name } associated { id } countries { id } } } }";
    for cast in [Cast::Anyone, Cast::State, Cast::Admin] {
        let ask = |id: &String| stage.ask_with(cast, question, json!({ "id": id }));
        assert_eq!(
            comparable(ask(&ids[0]).await),
            comparable(ask(&ids[1]).await),
            "{}",
            cast.name()
        );
    }
    let told = stage
        .ask_with(Cast::Owner, question, json!({ "id": ids[0] }))
        .await
        .data();
    assert!(told["node"]["objective"].is_object());
    assert_eq!(told["node"]["responsible"][0]["name"], "Hidden (invented)");
    // Nor does a filter that follows the edge.
    let question =
        "{ communications(filter: { mechanism: { eq: \"hidden-body\" } }) { totalCount } }";
    let unknown = question.replace("hidden-body", "no-such-body");
    let (one, other) = (
        stage.ask(Cast::Anyone, question).await,
        stage.ask(Cast::Anyone, &unknown).await,
    );
    assert_eq!(comparable(one), comparable(other));
    // Nor a look-up by code.
    let question = "{ mechanism(code: \"hidden-body\") { id } }";
    let unknown = question.replace("hidden-body", "no-such-body");
    let (one, other) = (
        stage.ask(Cast::Anyone, question).await,
        stage.ask(Cast::Anyone, &unknown).await,
    );
    assert_eq!(comparable(one), comparable(other));
}

async fn relations(backend: Backend) {
    let (stage, _) = staged(backend).await;
    for cast in Cast::ALL {
        for list in ["communications", "documents", "workPlans", "focalPoints"] {
            let page = "(first: 100) { totalCount edges { node { id } } }";
            let under = format!("{{ mechanism(code: \"{BODY}\") {{ {list}{page} }} }}");
            let root = format!(
                "{{ {list}(first: 100, filter: {{ mechanism: {{ eq: \"{BODY}\" }} }}) {{ totalCount edges {{ node {{ id }} }} }} }}"
            );
            let under = stage.ask(cast, &under).await.data()["mechanism"][list].clone();
            let root = stage.ask(cast, &root).await.data()[list].clone();
            assert_eq!(under, root, "{list} for {}", cast.name());
        }
    }
}

async fn expired(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let question = "{ viewer { subject } }";
    assert_eq!(stage.ask(Cast::Officer, question).await.status, 200);
    // The token's minute, and the leeway between two clocks.
    stage.house.clock.advance(60 + 11);
    let expired = stage.ask(Cast::Officer, question).await;
    let rubbish = stage.house.ask(Some("rubbish"), question).await;
    assert_eq!(expired.status, 401);
    assert_eq!(comparable(expired), comparable(rubbish));
}

/// Whether a pending communication of the demo and one of the specimens, a published
/// one's note, and a public title are told under a token of this scope.
async fn limited(stage: &Stage, holder: &str, limit: &str) -> [bool; 4] {
    let scope = format!("{} {limit}", reads(Level::Secretariat));
    let token = stage.house.token(holder, scope.trim_end()).await;
    let question = format!(
        "{{ demo: node(id: \"{}\") {{ id }} pending: node(id: \"{}\") {{ id }}
            published: node(id: \"{}\") {{ ... on Communication {{ title docketNote }} }} }}",
        global(Kind::Communication, "CAT-YD4T-2023"),
        specimen(Kind::Communication, "pending"),
        specimen(Kind::Communication, "published"),
    );
    let data = stage
        .house
        .ask_for(&token, "EXAMINATION", &question)
        .await
        .data();
    [
        data["demo"].is_object(),
        data["pending"].is_object(),
        data["published"]["docketNote"].is_string(),
        data["published"]["title"].is_string(),
    ]
}

async fn limit_to_states(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let (yes, no) = (true, false);
    for (limit, expected) in [
        ("", [yes; 4]),
        ("st:QMZ", [no, yes, yes, yes]),
        ("st:KEN", [yes, no, no, yes]),
        ("st:KEN,QMZ", [yes; 4]),
        ("st:SEN", [no, no, no, yes]),
    ] {
        assert_eq!(
            limited(&stage, "cat.secretary", limit).await,
            expected,
            "{limit}"
        );
    }
}

async fn limit_to_topics(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let (yes, no) = (true, false);
    for (limit, expected) in [
        // The record of the demo is about migration, too: all must lie within.
        ("tp:torture_prevention", [no, yes, yes, yes]),
        ("tp:migration,torture_prevention", [yes; 4]),
        ("tp:migration", [no, no, no, yes]),
    ] {
        assert_eq!(
            limited(&stage, "cat.secretary", limit).await,
            expected,
            "{limit}"
        );
    }
}

async fn limit_to_owners(backend: Backend) {
    let (stage, _) = staged(backend).await;
    for (holder, limit, expected) in [
        ("cat.secretary", "own:cat", [true; 4]),
        ("cat.secretary", "own:achpr", [false, false, false, true]),
        (
            "cat.secretary",
            "own:no-such-body",
            [false, false, false, true],
        ),
    ] {
        assert_eq!(limited(&stage, holder, limit).await, expected, "{limit}");
    }
}

async fn limit_to_channels(backend: Backend) {
    let (stage, _) = staged(backend).await;
    let agreement = concluded(&[OWNER, "cpt"], LATER);
    let other = concluded(&[OWNER, "cpt"], LATER - 1);
    let clause = opening(other.id, "cpt", OWNER, Level::Channel, LATER);
    let (this, that) = (agreement.id.0, other.id.0);
    stage.house.add::<Agreement>(OWNER, other).await;
    stage.house.add::<Clause>(OWNER, clause).await;
    let random = RecordId::random().0;
    for (limit, expected) in [
        (String::new(), [true, true, false, true]),
        (format!("ch:{this}"), [true, true, false, true]),
        (format!("ch:{that}"), [false, false, false, true]),
        (format!("ch:{random}"), [false, false, false, true]),
        (format!("ch:{that} ch:{this}"), [true, true, false, true]),
    ] {
        assert_eq!(
            limited(&stage, "cpt.liaison", &limit).await,
            expected,
            "{limit}"
        );
    }
}
