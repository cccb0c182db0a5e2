//! Who is told what of questions, signals and overlaps: each field, as each kind of viewer is
//! answered, from the question to after the end of the clause that it rests on.
//!
//! They are no records that the gate opens: what stands here is told by conditions of their
//! own (`store/matter`). A field that is added to one of them appears here by itself.

use std::{collections::BTreeMap, fmt::Write};

use serde_json::{Value, json};

use crate::{
    matter::{DAY, OFFICER, Two, code, here, less, stranger, there},
    support::{
        golden,
        harness::{Backend, Suite},
    },
};

const GOLDEN: &str = "tests/golden/matter-by-cast.txt";
const LEGEND: &str = "\
Who is told what of the same-matter check: each field, as each kind of viewer is answered.

CAT's docket holds the matter that the ACHPR asks about (the first of its questions; of the
second, nobody's docket holds anything). A digit is how many there are; of a field, one sign for
each of them, in order.

  ✔ told   ∅ nothing is there   ! refused: a token is needed   ✘ refused: FORBIDDEN
  ? NOT_FOUND   – CONFLICT

";

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "each_viewer_is_told_of_questions_what_the_matrix_says",
        matrix,
    );
}

/// Who looks: a name, a holder, and the scope of the token.
fn cast() -> Vec<(&'static str, Option<&'static str>, String)> {
    let all = OFFICER.to_owned();
    let capped = OFFICER.replace("read:person@SECRETARIAT", "read:person@CHANNEL");
    let in_a_state = format!("{OFFICER} st:KEN");
    vec![
        ("anyone", None, String::new()),
        (
            "stranger",
            Some("iachr.secretary"),
            less("write:person@VICTIM"),
        ),
        ("asker", Some("achpr.protection"), all.clone()),
        (
            "another",
            Some("achpr.secretary"),
            less("write:person@VICTIM"),
        ),
        ("no ask", Some("achpr.protection"), less("match:query")),
        ("capped", Some("achpr.protection"), capped.clone()),
        ("in KEN", Some("achpr.protection"), in_a_state.clone()),
        ("owner", Some("cat.petitions"), all),
        ("no answer", Some("cat.petitions"), less("match:answer")),
        ("capped", Some("cat.petitions"), capped),
        ("in KEN", Some("cat.petitions"), in_a_state),
    ]
}

/// The paths of all fields of a type and of what they lead to, and how they are asked for.
async fn paths(two: &Two, name: &str) -> (Vec<Vec<String>>, String) {
    let query = "{ __schema { types { name kind fields { name args { name } type { name kind \
                 ofType { name kind ofType { name kind ofType { name kind } } } } } } } }";
    let schema = two.house.ask(None, query).await.data();
    let types = schema["__schema"]["types"].as_array().unwrap();
    let types: BTreeMap<&str, &Value> = types
        .iter()
        .map(|ty| (ty["name"].as_str().unwrap(), ty))
        .collect();
    let mut all = Vec::new();
    let selection = walk(&types, name, &[], &mut all);
    (all, selection)
}

fn walk(
    types: &BTreeMap<&str, &Value>,
    name: &str,
    to: &[String],
    all: &mut Vec<Vec<String>>,
) -> String {
    let mut selection = String::new();
    for field in types[name]["fields"].as_array().unwrap() {
        let mut of = &field["type"];
        while !of["ofType"].is_null() {
            of = &of["ofType"];
        }
        let named = field["name"].as_str().unwrap().to_owned();
        let path = [to, std::slice::from_ref(&named)].concat();
        selection.push_str(&named);
        if of["kind"] == "OBJECT" {
            let inner = walk(types, of["name"].as_str().unwrap(), &path, all);
            let _ = write!(selection, " {{ {inner}}}");
        } else {
            all.push(path);
        }
        selection.push(' ');
    }
    selection
}

/// What stands at a path, of each that a list on the way has.
fn at(value: &Value, path: &[String]) -> char {
    match (value, path) {
        (Value::Null, _) => '∅',
        (Value::Array(all), _) => all.first().map_or('∅', |first| at(first, path)),
        (_, [first, rest @ ..]) => at(&value[first], rest),
        (_, []) => '✔',
    }
}

fn refused(answer: &Value) -> String {
    if answer.is_null() {
        return String::from("!");
    }
    match code(answer) {
        "DONE" => "✔",
        "NOT_FOUND" => "?",
        "FORBIDDEN" => "✘",
        "CONFLICT" => "–",
        "TOKEN_NEEDED" => "!",
        other => other,
    }
    .to_owned()
}

/// One state of the world, as all are told of it.
async fn state(two: &Two, what: &str, [signal, communication]: [&Value; 2], text: &mut String) {
    let mut tokens = Vec::new();
    for (name, holder, scope) in cast() {
        let token = match holder {
            Some(holder) => Some(two.house.token(holder, &scope).await),
            None => None,
        };
        tokens.push((name, token));
    }
    let _ = writeln!(text, "{what}");
    let _ = write!(text, "{:44}", "");
    for (name, _) in &tokens {
        let _ = write!(text, "{name:>10}");
    }
    text.push('\n');
    let row = |text: &mut String, name: &str, signs: Vec<String>| {
        let _ = write!(text, "  {name:42}");
        for sign in signs {
            let _ = write!(text, "{sign:>10}");
        }
        text.push('\n');
    };
    for (list, kind) in [
        ("sameMatterChecks", "SameMatterCheck"),
        ("sameMatterSignals", "SameMatterSignal"),
    ] {
        let (paths, selection) = paths(two, kind).await;
        let mut told = Vec::new();
        for (_, token) in &tokens {
            let query = format!("{{ {list} {{ {selection}}} }}");
            let answer = two.house.ask(token.as_deref(), &query).await.json();
            let mut all = answer["data"][list].as_array().cloned().unwrap_or_default();
            // The first question first, whatever their ids.
            all.sort_by_key(|one| one["communication"] != *communication);
            told.push((all, answer["errors"].is_array()));
        }
        let counts = told.iter().map(|(all, failed)| match failed {
            true => String::from("!"),
            false => all.len().to_string(),
        });
        row(text, list, counts.collect());
        for path in paths {
            let signs = told.iter().map(|(all, _)| match all.as_slice() {
                [] => String::from("∅"),
                all => all.iter().map(|one| at(one, &path)).collect(),
            });
            row(text, &path.join("."), signs.collect());
        }
    }
    let (paths, selection) = paths(two, "MatterSide").await;
    let mut told = Vec::new();
    for (_, token) in &tokens {
        let query = format!(
            "mutation($input: OpenSideBySideInput!) {{ openSideBySide(input: $input) {{ \
             sides {{ {selection}}} userErrors {{ code }} }} }}"
        );
        let request = json!({ "query": query, "variables": { "input": { "overlap": signal } } });
        let answer = two.house.post(token.as_deref(), &request).await.json();
        told.push(answer["data"]["openSideBySide"].clone());
    }
    row(text, "openSideBySide", told.iter().map(refused).collect());
    for path in paths {
        let signs = told.iter().map(|told| match told["sides"].as_array() {
            Some(all) if !all.is_empty() => all.iter().map(|one| at(one, &path)).collect(),
            Some(_) | None => String::from("∅"),
        });
        row(text, &format!("sides.{}", path.join(".")), signs.collect());
    }
    text.push('\n');
}

async fn matrix(backend: Backend) {
    let two = Two::open(backend).await;
    two.registered(&two.cat, "M v. Examplia (invented)", here())
        .await;
    let [theirs, _] = two
        .registered(&two.achpr, "A v. Examplia (invented)", there())
        .await;
    let [none, _] = two
        .registered(&two.achpr, "B v. Examplia (invented)", stranger(2))
        .await;
    let mut text = String::from(LEGEND);
    for id in [&theirs, &none] {
        assert_eq!(code(&two.ask(&two.achpr, id).await), "DONE");
    }
    let nothing = json!("nothing");
    state(
        &two,
        "Asked, and not compared",
        [&nothing, &theirs],
        &mut text,
    )
    .await;
    assert_eq!(two.compare().await, 2);
    let signal = two.signals(&two.cat).await[0]["id"].clone();
    let ids = [&signal, &theirs];
    state(&two, "Before the owner has answered", ids, &mut text).await;
    assert_eq!(
        code(&two.answer(&two.cat, &signal, "OVERLAP").await),
        "DONE"
    );
    let basis = json!({ "overlap": signal, "legalBasis": "art. 1 (invented)" });
    let agreed = two
        .act(&two.cat, "agreeSideBySide", basis.clone(), "agreed")
        .await;
    assert_eq!(code(&agreed), "DONE", "{agreed}");
    state(
        &two,
        "The owner has confirmed it; the due date is to come",
        ids,
        &mut text,
    )
    .await;
    let two = two.after(14 * DAY).await;
    state(&two, "After the due date", ids, &mut text).await;
    let agreed = two
        .act(&two.achpr, "agreeSideBySide", basis, "agreed")
        .await;
    assert_eq!(code(&agreed), "DONE", "{agreed}");
    state(
        &two,
        "Both have given their word to look side by side",
        ids,
        &mut text,
    )
    .await;
    let ended = "UPDATE clause SET valid_until = 1 WHERE kinds LIKE '%SAME_MATTER%'";
    assert!(two.house.meddle(ended).await >= 2);
    state(&two, "After the clause has ended", ids, &mut text).await;
    golden::compare(GOLDEN, &text);
}
