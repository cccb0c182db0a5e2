//! A restore forgets what was released of statistics since the backup, and everybody else has
//! read it: nothing more is told of those dockets before the hub knows it again.

use std::{fs, path::Path};

use liaison::statistics::published::QUESTION;
use reqwest::Client;
use serde_json::{Value, json};

use super::{
    Program, SERVE, done, liaison,
    restored::{own_keys, said, with},
};
use crate::support::{
    harness::{Backend, Suite},
    house::Place,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "statistics_that_a_restore_has_lost_come_back_before_others_are_made",
        |backend| async move { lost(backend).await },
    );
}

const PROPOSER: &str = "cat.secretary";
const APPROVER: &str = "cat.petitions";
/// A token of an officer who releases statistics.
fn releasing(place: &Place, keys: Option<&Path>, holder: &str) -> String {
    let scope = "read:communication@SECRETARIAT read:communication_person@SECRETARIAT \
                 read:person@SECRETARIAT read:mechanism@SECRETARIAT read:country@SECRETARIAT \
                 read:statistic_release@SECRETARIAT write:statistic_release@SECRETARIAT \
                 label:statistic_release@SECRETARIAT stats:release declassify:request \
                 declassify:approve write:communication@SECRETARIAT \
                 write:communication_person@SECRETARIAT";
    // Who enters a person's name is cleared for it.
    let cleared = if holder == APPROVER {
        " write:person@VICTIM"
    } else {
        ""
    };
    let scope = format!("{scope}{cleared}");
    let mut command = match keys {
        Some(keys) => with(place, keys),
        None => liaison(place),
    };
    done(command.args(["token", "issue", "--holder", holder, "--scope", &scope]))
}

async fn act(hub: &Program, client: &Client, token: &str, what: &str) -> Value {
    let answer = hub.ask(client, Some(token), what).await;
    assert!(answer["data"]["done"].is_object(), "{answer}");
    answer["data"]["done"].clone()
}

async fn propose(hub: &Program, client: &Client, token: &str, (from, to): (&str, &str)) -> Value {
    let what = format!(
        "mutation {{ done: proposeStatistics(input: {{ dimensions: [COUNTRY], from: \"{from}\", \
         to: \"{to}\" }}) {{ statisticRelease {{ id }} userErrors {{ code message }} }} }}"
    );
    act(hub, client, token, &what).await
}

async fn approve(hub: &Program, client: &Client, token: &str, id: &Value) -> Value {
    let what = format!(
        "mutation {{ done: approveStatistics(input: {{ id: {id} }}) {{ statisticRelease {{ \
         status }} userErrors {{ code message }} }} }}"
    );
    act(hub, client, token, &what).await
}

/// What anyone reads of a release, as the text that it came as.
async fn read(hub: &Program, client: &Client, id: &Value) -> String {
    let body = json!({ "query": QUESTION, "variables": { "id": id } });
    let answer = client.post(&hub.url).json(&body).send().await.unwrap();
    answer.text().await.unwrap()
}

/// Enough persons in one State and some quarters that something of them can be told.
async fn fill(hub: &Program, client: &Client, token: &str) {
    for on in ["2011-05-03", "2014-02-11", "2016-08-21"] {
        for nth in 0..8 {
            let lodge = format!(
                "mutation {{ done: lodgeCommunication(input: {{ kind: INDIVIDUAL_COMMUNICATION, \
                 title: \"{nth} v. Examplia (invented)\", countries: [\"KEN\"], receivedOn: \
                 \"{on}\", persons: [{{ role: ALLEGED_VICTIM, names: [{{ text: \"Nobody {nth} \
                 Invented\", script: \"Latn\", language: \"und\" }}] }}] }}) {{ \
                 communication {{ id }} userErrors {{ code message }} }} }}"
            );
            let made = act(hub, client, token, &lodge).await;
            assert_eq!(made["userErrors"], json!([]), "{made}");
            let id = &made["communication"]["id"];
            let register = format!(
                "mutation {{ done: registerCommunication(input: {{ id: {id}, on: \"{on}\" }}) {{ \
                 userErrors {{ code message }} }} }}"
            );
            let made = act(hub, client, token, &register).await;
            assert_eq!(made["userErrors"], json!([]), "{made}");
        }
    }
}

async fn lost(backend: Backend) {
    let place = Place::today(backend).await;
    let folder = place.folder.path();
    let client = Client::new();
    let hub = Program::serve(&place);
    let (first, second) = (
        releasing(&place, None, PROPOSER),
        releasing(&place, None, APPROVER),
    );
    fill(&hub, &client, &second).await;
    // One is proposed before the backup, one after it; both are released after it.
    let early = propose(&hub, &client, &first, ("2010-Q1", "2012-Q4")).await;
    assert_eq!(early["userErrors"], json!([]), "{early}");
    let early = &early["statisticRelease"]["id"];
    done(liaison(&place).args(["backup", "main", "main"]));
    let late = propose(&hub, &client, &first, ("2010-Q1", "2014-Q4")).await;
    assert_eq!(late["userErrors"], json!([]), "{late}");
    let late = &late["statisticRelease"]["id"];
    let mut kept = Vec::new();
    for (id, file) in [(early, "early.json"), (late, "late.json")] {
        let answer = approve(&hub, &client, &second, id).await;
        assert_eq!(answer["statisticRelease"]["status"], "RELEASED", "{answer}");
        let text = read(&hub, &client, id).await;
        assert!(text.contains("suppressed"), "{text}");
        fs::write(folder.join(file), &text).unwrap();
        kept.push((id, file, text));
    }
    done(liaison(&place).args(["backup", "key-store", "keys"]));
    done(liaison(&place).args(["audit", "copy", "--output", "log.jsonl"]));
    drop(hub);

    let new = Place::empty(backend).await;
    let own = own_keys(folder);
    let at = |name: &str| folder.join(name).display().to_string();
    let restore = |arguments: &[&str]| {
        let mut command = with(&new, &own);
        command.arg("restore").args(arguments).output().unwrap()
    };
    for arguments in [
        vec![at("keys")],
        vec![at("main"), "--log".to_owned(), at("log.jsonl")],
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = restore(&arguments);
        assert!(output.status.success(), "{}", said(&output));
    }
    let entries = said(&restore(&["list", "--mechanism", "cat"]));
    let entries = entries.lines().filter(|line| line.starts_with("cat\t"));
    let entries = entries.count();
    assert!(restore(&["confirm"]).status.success());
    let hub = Program::begin(with(&new, &own).args(SERVE));
    let (first, second) = (
        releasing(&new, Some(&own), PROPOSER),
        releasing(&new, Some(&own), APPROVER),
    );
    let confirmed = format!(
        "mutation {{ done: confirmRestored(input: {{ entries: {entries} }}) \
         {{ userErrors {{ code }} }} }}"
    );
    let confirmed = act(&hub, &client, &second, &confirmed).await;
    assert_eq!(confirmed["userErrors"], json!([]), "{confirmed}");

    // Nobody is told of them, and none is made.
    for (id, _, _) in &kept {
        let text = read(&hub, &client, id).await;
        assert!(text.contains("\"node\":null"), "{text}");
    }
    let refused = |answer: &Value, word: &str| {
        assert_eq!(answer["userErrors"][0]["code"], "CONFLICT", "{answer}");
        let message = answer["userErrors"][0]["message"].as_str().unwrap();
        assert!(message.contains(word), "{message}");
    };
    let next = ("2015-Q1", "2016-Q4");
    refused(&propose(&hub, &client, &first, next).await, "restored");
    refused(
        &approve(&hub, &client, &second, kept[0].0).await,
        "restored",
    );

    // The list says which are lost; what is none of them does not come back.
    let list = said(&restore(&["statistics"]));
    let lines: Vec<&str> = list.lines().filter(|line| line.contains('\t')).collect();
    assert_eq!(lines.len(), 2, "{list}");
    assert!(
        lines.iter().all(|line| line.ends_with("not here")),
        "{list}"
    );
    let counted = said(&restore(&["statistics", "--whole", "1"]));
    assert!(counted.contains("2 entries"), "{counted}");
    let fails = |text: &str, word: &str| {
        fs::write(folder.join("wrong.json"), text).unwrap();
        let output = restore(&["statistics", "--release", &at("wrong.json")]);
        let told = said(&output);
        assert!(!output.status.success() && told.contains(word), "{told}");
    };
    let (_, _, text) = &kept[1];
    fails("{}", "the hub's answer");
    let line = text.split("\\n").nth(1).unwrap();
    fails(
        &text.replace(&format!("{line}\\n"), ""),
        "its table is not whole",
    );
    fails(&text.replace(",false", ",perhaps"), "of its table");
    let other = liaison::id::GlobalId {
        kind: liaison::identity::kind::Kind::StatisticRelease,
        id: liaison::id::RecordId::random(),
    };
    let other = text.replace(kept[1].0.as_str().unwrap(), &other.to_string());
    fails(&other, "no approval of such a release");
    for (_, file, _) in &kept {
        let output = restore(&["statistics", "--release", &at(file)]);
        assert!(output.status.success(), "{}", said(&output));
        let again = restore(&["statistics", "--release", &at(file)]);
        assert!(
            said(&again).contains("has this release"),
            "{}",
            said(&again)
        );
    }
    let list = said(&restore(&["statistics"]));
    assert!(!list.contains("not here"), "{list}");

    // Anyone reads them as before.
    for (id, _, text) in &kept {
        assert_eq!(&read(&hub, &client, id).await, text);
    }
    refused(&propose(&hub, &client, &first, next).await, "restored");
    let whole = restore(&["statistics", "--whole", "2"]);
    assert!(whole.status.success(), "{}", said(&whole));
    // Of their quarters no other is made, as what was counted for them is lost.
    let within = propose(&hub, &client, &first, ("2011-Q1", "2015-Q4")).await;
    refused(&within, "no other is made of it");
    let made = propose(&hub, &client, &first, next).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let id = &made["statisticRelease"]["id"];
    let answer = approve(&hub, &client, &second, id).await;
    assert_eq!(answer["statisticRelease"]["status"], "RELEASED", "{answer}");
    let over = restore(&["statistics", "--whole", "2"]);
    assert!(
        said(&over).contains("all are here again"),
        "{}",
        said(&over)
    );
}
