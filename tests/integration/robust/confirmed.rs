//! A hub that was restored is closed until it was looked at: what was closed after the backup
//! does not come back with it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use liaison::{
    id::{GlobalId, MechanismId, RecordId},
    identity::kind::Kind,
};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

use super::{
    Program, SERVE, done, liaison,
    restored::{act, own_keys, said, with},
    token,
};
use crate::support::{
    cast::{Cast, Stage},
    harness::{Backend, Suite},
    house::{House, Place, global},
    specimens::collected,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "what_was_closed_after_the_backup_is_not_open_after_a_restore",
        |backend| async move { closed_again(backend).await },
    );
    suite.test(
        "what_is_not_looked_at_is_told_to_its_owners_alone_and_counted_so",
        |backend| async move { withheld(backend).await },
    );
    suite.test(
        "without_a_log_each_mechanism_has_to_look",
        |backend| async move { without_a_log(backend).await },
    );
}

const PUBLIC: &str = "{ communications(first: 50, filter: { mechanism: { eq: \"cat\" } }) \
    { edges { node { id } } } }";
const PLACES: &str = "{ workPlanItems: workPlans(first: 50, filter: { mechanism: { eq: \"cat\" } }) { edges { node { objectives { edges \
    { node { items { edges { node { placesToVisit } } } } } } } } } }";
/// The same answer before and after: what a cache would have of it.
const SAME: &str = "/graphql?query={mechanism(code:\"iachr\"){id}}";

/// What is told to anyone of a question by `GET`: status, validator, body.
async fn got(
    client: &Client,
    hub: &Program,
    page: &str,
    etag: Option<&str>,
) -> (u16, String, String) {
    let url = hub.url.replace("/graphql", page);
    let mut request = client.get(url);
    if let Some(etag) = etag {
        request = request.header("if-none-match", etag);
    }
    let answer = request.send().await.unwrap();
    let etag = answer.headers().get("etag");
    let etag = etag.map_or("", |etag| etag.to_str().unwrap()).to_owned();
    (answer.status().as_u16(), etag, answer.text().await.unwrap())
}

async fn told(request: RequestBuilder) -> (u16, Vec<(String, String)>, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let mut headers: Vec<(String, String)> = answer
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
        .collect();
    headers.sort();
    (status, headers, answer.text().await.unwrap())
}

fn has(answer: &Value, id: &str) -> bool {
    answer["data"].to_string().contains(id)
}

fn places(answer: &Value) -> usize {
    answer.to_string().matches("Inventville").count()
}

fn issued(place: &Place, keys: &Path, holder: &str, scope: &[&str]) -> String {
    let mut command = with(place, keys);
    command
        .args(["token", "issue", "--holder", holder])
        .args(scope);
    done(&mut command)
}

/// Waits until the hub has seen what a command has done.
async fn opened(hub: &Program, client: &Client) {
    for _ in 0..100 {
        if hub.is_ready(client).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the hub stays closed: {}", hub.said());
}

async fn confirm(hub: &Program, client: &Client, token: &str, entries: usize) -> String {
    let query = format!(
        "mutation {{ confirmRestored(input: {{ entries: {entries} }}) {{ userErrors {{ code }} }} }}"
    );
    let sent = client.post(&hub.url).bearer_auth(token);
    let answer = sent.json(&json!({ "query": query })).send().await.unwrap();
    let answer: Value = answer.json().await.unwrap();
    let errors = &answer["data"]["confirmRestored"]["userErrors"];
    assert!(errors.is_array(), "{answer}");
    errors[0]["code"].as_str().unwrap_or("done").to_owned()
}

async fn closed_again(backend: Backend) {
    let place = Place::today(backend).await;
    let folder = place.folder.path();
    let client = Client::new();
    let at = |name: &str| folder.join(name).display().to_string();
    let other = global(Kind::Agreement, "channel-cat-achpr").to_string();
    let hub = Program::serve(&place);
    let partner = token(&place, "achpr.secretary", "SECRETARIAT");
    let before = hub.ask(&client, None, PUBLIC).await;
    let paper = before["data"]["communications"]["edges"][0]["node"]["id"].as_str();
    let paper = paper.unwrap().to_owned();
    assert!(places(&hub.ask(&client, Some(&partner), PLACES).await) > 0);
    let (status, etag, same) = got(&client, &hub, SAME, None).await;
    assert_eq!((status, etag.is_empty()), (200, false), "{same}");
    assert_eq!(got(&client, &hub, SAME, Some(&etag)).await.0, 304);
    done(liaison(&place).args(["backup", "main", "main"]));

    // A level is raised, an agreement suspended: the backup knows nothing of it.
    let scope = "read:communication@SECRETARIAT label:communication@SECRETARIAT read:agreement@SECRETARIAT \
                 write:agreement@SECRETARIAT";
    let issue = [
        "token",
        "issue",
        "--holder",
        "cat.secretary",
        "--scope",
        scope,
    ];
    let owner = done(liaison(&place).args(issue));
    for (name, kind, input) in [
        (
            "raiseLevel",
            "RaiseLevelInput",
            json!({ "id": paper, "level": "PARTNER" }),
        ),
        (
            "suspendAgreement",
            "AgreementActInput",
            json!({ "id": other }),
        ),
    ] {
        let done = act(&hub, &client, &owner, (name, kind), &input).await;
        assert_eq!(done["userErrors"], json!([]), "{name}: {done}");
    }
    done(liaison(&place).args(["backup", "key-store", "keys"]));
    done(liaison(&place).args(["audit", "copy", "--output", "log.jsonl"]));
    drop(hub);

    let new = Place::empty(backend).await;
    let own = own_keys(folder);
    let restore = |arguments: &[&str]| done(with(&new, &own).arg("restore").args(arguments));
    restore(&[&at("keys")]);
    let log = at("log.jsonl");
    let output = restore(&[&at("main"), "--log", &log]);
    assert!(
        output.contains("closed until `liaison restore confirm`"),
        "{output}"
    );
    let hub = Program::begin(with(&new, &own).args(SERVE));
    let partner = issued(&new, &own, "achpr.secretary", &["--up-to", "SECRETARIAT"]);
    let approver = ["--scope", "declassify:approve"];
    let officer = issued(&new, &own, "cat.secretary", &approver);

    // Whoever asks, and for what: one refusal.
    assert!(!hub.is_ready(&client).await);
    let page = |page: &str| hub.url.replace("/graphql", page);
    let refused = told(client.get(page("/nowhere"))).await;
    assert_eq!(refused.0, 503);
    assert!(refused.2.contains("RESTORED_CLOSED"), "{}", refused.2);
    let question = json!({ "query": PUBLIC });
    let two = "mutation { confirmRestored(input: { entries: 0 }) { userErrors { code } } \
               again: confirmRestored(input: { entries: 0 }) { userErrors { code } } }";
    let more = "mutation { confirmRestored(input: { entries: 0 }) { ...on ConfirmRestoredPayload \
                { userErrors { code } } } }";
    let mut requests = vec![
        ("a question", client.post(&hub.url).json(&question)),
        (
            "with a token",
            client.post(&hub.url).bearer_auth(&partner).json(&question),
        ),
        (
            "the owner's",
            client.post(&hub.url).bearer_auth(&officer).json(&question),
        ),
        (
            "no token",
            client.post(&hub.url).bearer_auth("x.y.z").json(&question),
        ),
        ("no JSON", client.post(&hub.url).body("{")),
        ("another method", client.request(Method::PUT, &hub.url)),
        (
            "another form",
            client
                .post(&hub.url)
                .header("accept", "text/html")
                .json(&question),
        ),
        (
            "twice",
            client
                .post(&hub.url)
                .bearer_auth(&officer)
                .json(&json!({ "query": two })),
        ),
        (
            "a fragment",
            client
                .post(&hub.url)
                .bearer_auth(&officer)
                .json(&json!({ "query": more })),
        ),
    ];
    for path in [
        SAME,
        "/",
        "/export/document.csv",
        "/export/work_plan_item.ics",
        "/schema.graphql",
        "/metrics",
        "/.well-known/jwks.json",
        "/audit/checkpoint",
        "/audit/tile/0/000.p/1",
    ] {
        requests.push((path, client.get(page(path)).header("if-none-match", &etag)));
        requests.push((path, client.post(page(path)).bearer_auth(&partner)));
    }
    for (what, request) in requests {
        let mut answer = told(request).await;
        // Which methods a page has is in the schema of addresses, and no content.
        answer.1.retain(|(name, _)| name != "allow");
        assert_eq!(answer, refused, "{what}");
    }
    // The act is open to whom it takes, and to nobody else.
    let reader = issued(&new, &own, "cat.secretary", &["--up-to", "SECRETARIAT"]);
    assert_eq!(confirm(&hub, &client, &reader, 0).await, "FORBIDDEN");
    assert_eq!(confirm(&hub, &client, &officer, 0).await, "CONFLICT");

    let list = done(with(&new, &own).args(["restore", "list", "--mechanism", "cat"]));
    for (kind, id) in [("LABEL_RAISE", &paper), ("CHANNEL_SUSPEND", &other)] {
        let line = list.lines().find(|line| line.contains(kind)).unwrap();
        assert!(
            line.contains(id.as_str()) && line.ends_with("done again"),
            "{line}"
        );
    }
    let entries = list
        .lines()
        .filter(|line| line.starts_with("cat\t"))
        .count();
    let told = done(with(&new, &own).args(["restore", "confirm"]));
    assert!(
        told.contains("`cat` has to confirm") && told.contains("`achpr` has"),
        "{told}"
    );
    assert!(!told.contains("`iachr`"), "{told}");
    opened(&hub, &client).await;
    // What was on nobody's list is told, and nothing of who has not looked.
    let (status, new_etag, body) = got(&client, &hub, SAME, Some(&etag)).await;
    assert_eq!(
        (status, &body),
        (200, &same),
        "what was kept before is not good any more"
    );
    assert_ne!(new_etag, etag);
    let waiting = hub
        .ask(
            &client,
            None,
            "{ mechanism(code: \"cat\") { id } documents { totalCount } }",
        )
        .await;
    assert!(waiting["data"]["mechanism"].is_null(), "{waiting}");
    let told = hub.ask(&client, None, PUBLIC).await;
    assert!(!has(&told, &paper), "{told}");
    // Its own officers see it.
    let own_view = "{ mechanism(code: \"cat\") { id } }";
    let seen = hub.ask(&client, Some(&reader), own_view).await;
    assert!(seen["data"]["mechanism"].is_object(), "{seen}");
    let foreign = issued(&new, &own, "iachr.secretary", &["--up-to", "SECRETARIAT"]);
    let seen = hub.ask(&client, Some(&foreign), own_view).await;
    assert!(seen["data"]["mechanism"].is_null(), "{seen}");

    assert_eq!(
        confirm(&hub, &client, &officer, entries + 1).await,
        "CONFLICT"
    );
    assert_eq!(confirm(&hub, &client, &officer, entries).await, "done");
    assert_eq!(confirm(&hub, &client, &officer, entries).await, "CONFLICT");
    let seen = hub.ask(&client, None, own_view).await;
    assert!(seen["data"]["mechanism"].is_object(), "{seen}");
    let told = hub.ask(&client, None, PUBLIC).await;
    assert!(
        !has(&told, &paper),
        "a level that was raised is as it was: {told}"
    );
    let list = done(with(&new, &own).args(["restore", "list", "--mechanism", "achpr"]));
    let entries = list
        .lines()
        .filter(|line| line.starts_with("achpr\t"))
        .count();
    let theirs = issued(&new, &own, "achpr.secretary", &approver);
    assert_eq!(confirm(&hub, &client, &theirs, entries).await, "done");
    assert_eq!(
        places(&hub.ask(&client, Some(&partner), PLACES).await),
        0,
        "the agreement is open"
    );
    let verified = done(with(&new, &own).args(["audit", "verify"]));
    assert!(verified.contains("each as it was written"), "{verified}");
}

async fn without_a_log(backend: Backend) {
    let place = Place::today(backend).await;
    let folder = place.folder.path();
    let client = Client::new();
    for (part, name) in [("main", "main"), ("key-store", "keys")] {
        done(liaison(&place).args(["backup", part, name]));
    }
    let new = Place::empty(backend).await;
    let own = own_keys(folder);
    let at = |name: &str| folder.join(name).display().to_string();
    let never = liaison(&place)
        .args(["restore", "confirm"])
        .output()
        .unwrap();
    assert!(
        said(&never).contains("was not restored"),
        "{}",
        said(&never)
    );
    done(with(&new, &own).args(["restore", &at("keys")]));
    done(with(&new, &own).args(["restore", "--new-log", &at("main")]));
    let hub = Program::begin(with(&new, &own).args(SERVE));
    let told = done(with(&new, &own).args(["restore", "confirm"]));
    for code in ["cat", "achpr", "iachr"] {
        assert!(told.contains(&format!("`{code}` has to confirm")), "{told}");
    }
    let again = with(&new, &own)
        .args(["restore", "confirm"])
        .output()
        .unwrap();
    assert!(said(&again).contains("is open already"), "{}", said(&again));
    opened(&hub, &client).await;
    let view = "{ mechanism(code: \"iachr\") { id } }";
    assert!(hub.ask(&client, None, view).await["data"]["mechanism"].is_null());
    let officers = with(&new, &own)
        .args(["restore", "confirm", "--mechanism", "iachr"])
        .output()
        .unwrap();
    assert!(!officers.status.success(), "it has officers of its own");
    let officer = issued(
        &new,
        &own,
        "iachr.secretary",
        &["--scope", "declassify:approve"],
    );
    assert_eq!(confirm(&hub, &client, &officer, 0).await, "done");
    assert!(hub.ask(&client, None, view).await["data"]["mechanism"].is_object());
    // One that has nobody who could is confirmed by the registrar.
    let idle = told
        .lines()
        .find_map(|line| line.split_once("--mechanism "));
    if let Some((_, code)) = idle {
        let code = code.trim_end_matches('`');
        done(with(&new, &own).args(["restore", "confirm", "--mechanism", code]));
    }
}

/// What one of the cast is told of the lists of several kinds: how many, and which.
async fn listed(stage: &Stage, cast: Cast) -> BTreeMap<&'static str, (usize, BTreeSet<String>)> {
    let mut all = BTreeMap::new();
    for list in [
        "communications",
        "documents",
        "workPlans",
        "agreements",
        "mechanisms",
        "focalPoints",
    ] {
        let query = format!("{{ {list}(first: 100) {{ totalCount edges {{ node {{ id }} }} }} }}");
        let answer = stage.ask(cast, &query).await.json();
        let told = &answer["data"][list];
        let many = usize::try_from(told["totalCount"].as_u64().unwrap()).unwrap();
        let edges = told["edges"].as_array().unwrap();
        let ids = edges
            .iter()
            .map(|edge| edge["node"]["id"].as_str().unwrap().to_owned());
        all.insert(list, (many, ids.collect()));
    }
    all
}

async fn withheld(backend: Backend) {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    let house = &stage.house;
    let mut before = Vec::new();
    for cast in Cast::ALL {
        before.push((cast, listed(&stage, cast).await));
    }
    let [cat, achpr] =
        ["cat", "achpr"].map(|code| MechanismId::from(RecordId::derived(Kind::Mechanism, code)));
    let id = |mechanism: MechanismId| match backend {
        Backend::Sqlite => format!("X'{}'", mechanism.0.simple()),
        Backend::Postgres => format!("'{}'", mechanism.0),
    };
    house
        .meddle("INSERT INTO restored (id, at, opened_at) VALUES ('hub', 1, 2)")
        .await;
    for mechanism in [cat, achpr] {
        let sql = format!(
            "INSERT INTO restored_mechanism (mechanism, at) VALUES ({}, 1)",
            id(mechanism)
        );
        assert_eq!(house.meddle(&sql).await, 1);
    }
    house.store.look_whether_restored().await.unwrap();
    let record = match backend {
        Backend::Sqlite => "lower(hex(record)) || lower(hex(mechanism))",
        Backend::Postgres => "replace(record::text || mechanism::text, '-', '')",
    };
    let owned = format!("SELECT {record} FROM record_owner");
    let owned: BTreeSet<String> = house.texts(&owned).await.into_iter().collect();
    let owns = |mechanism: MechanismId, id: &str| {
        let id = GlobalId::parse(id).unwrap().id.0;
        owned.contains(&format!("{}{}", id.simple(), mechanism.0.simple()))
    };
    let mut hidden = 0;
    for (cast, before) in before {
        let own = cast.holder().and_then(|holder| holder.split('.').next());
        let own = own.map(|code| MechanismId::from(RecordId::derived(Kind::Mechanism, code)));
        for (list, (many, ids)) in listed(&stage, cast).await {
            // What is on a second page before comes to the first.
            if before[list].0 > 100 {
                continue;
            }
            let kept = before[list].1.iter().filter(|id| {
                let waits = owns(cat, id) || owns(achpr, id);
                !waits || own.is_some_and(|own| owns(own, id))
            });
            let kept: BTreeSet<String> = kept.cloned().collect();
            hidden += before[list].1.len() - kept.len();
            assert_eq!(ids, kept, "{list} for {}", cast.name());
            assert_eq!(many, ids.len(), "{list} for {}", cast.name());
        }
    }
    assert!(hidden > 30, "there is much that waits: {hidden}");
}
