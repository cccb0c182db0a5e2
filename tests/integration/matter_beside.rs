//! A docket with names meets dockets without: the hub makes blind tokens beside its own, with
//! the second key holder. Each party is a process of its own.
//!
//! Every person here is invented, and says so in the own language.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
    thread,
    time::{Duration, Instant},
};

use liaison::{clock::Clock, date::PartialDate};
use serde_json::{Value, json};

use crate::{
    blind::{self, agree, host, keep, said, serve_holder},
    support::{
        harness::{Backend, Suite},
        house::{Place, key_file},
    },
    tokens::program::{Served, liaison},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_docket_with_names_meets_one_without_and_a_killed_backfill_is_taken_up",
        beside,
    );
}

/// Persons on file with CAT: the first is in the other's docket, too.
const PERSONS: usize = 12;
const DOCKET: &str = "read:communication@SECRETARIAT read:person@SECRETARIAT \
    read:communication_person@SECRETARIAT write:communication@SECRETARIAT \
    write:communication_person@SECRETARIAT write:person@VICTIM match:query match:answer audit:read";
const CHECK: &str = "mutation ($input: CheckSameMatterInput!) { done: checkSameMatter(input: \
                     $input) { check { id } userErrors { code message } } }";
const SIGNALS: &str = "{ done: sameMatterSignals { blindMatter communication person \
                       elements { individual { band } } } }";

async fn beside(backend: Backend) {
    let place = Place::today(backend).await;
    fs::copy(key_file(), place.folder.path().join("liaison.keys")).unwrap();
    tokio::task::spawn_blocking(move || meet(&place))
        .await
        .unwrap();
}

/// The hub and the second key holder, and who speaks to them.
struct Parties<'a> {
    place: &'a Place,
    hub: Served,
    holder: Served,
    holders: &'a Path,
    runtime: tokio::runtime::Runtime,
}

impl Parties<'_> {
    fn hubs(&self) -> &Path {
        self.place.folder.path()
    }

    fn command(&self, folder: &Path) -> Command {
        command(self.place, folder)
    }

    fn run(&self, folder: &Path, arguments: &[&str]) -> String {
        run(self.command(folder), arguments)
    }

    fn token(&self, holder: &str, scope: &str) -> String {
        let arguments = ["token", "issue", "--holder", holder, "--scope", scope];
        self.run(self.hubs(), &arguments)
    }

    fn ask(&self, token: &str, query: &str, input: &Value) -> Value {
        let request = reqwest::Client::new().post(&self.hub.1).bearer_auth(token);
        let request = request.json(&json!({ "query": query, "variables": { "input": input } }));
        self.runtime
            .block_on(async { request.send().await.unwrap().json().await.unwrap() })
    }

    fn act(&self, token: &str, (name, input): (&str, &str), given: &Value, told: &str) -> Value {
        let query = format!(
            "mutation ($input: {input}!) {{ done: {name}(input: $input) {{ {told} \
             userErrors {{ code message }} }} }}"
        );
        let answer = self.ask(token, &query, given)["data"]["done"].clone();
        assert_eq!(answer["userErrors"], json!([]), "{name}: {answer}");
        answer
    }

    /// `liaison match backfill` as CAT's officer, with the second key holder.
    fn backfill(&self) -> Command {
        let scope = DOCKET.replace("read:person@SECRETARIAT", "read:person@VICTIM");
        keep(
            &self.hubs().join("token"),
            &self.token("cat.petitions", &scope),
        );
        let mut command = self.command(self.hubs());
        command.args([
            "match",
            "backfill",
            "--token-file",
            "token",
            "--reason",
            "a test",
        ]);
        let address = format!("http://{}", host(&self.holder.1));
        command.args(["--holder", &address, "--secret-file", "secret"]);
        command
    }

    /// Entries of the log of one kind, as CAT reads them of its own records.
    fn entries(&self, kind: &str) -> usize {
        let token = self.token("cat.petitions", DOCKET);
        let query = "{ done: auditEntries(first: 100) { edges { node { act } } } }";
        let told = self.ask(&token, query, &Value::Null)["data"]["done"].to_string();
        told.matches(&format!("\"{kind}\"")).count()
    }

    /// Signals of a mechanism, once there are so many or enough time has passed.
    fn signals(&self, token: &str, count: usize) -> Vec<Value> {
        let begun = Instant::now();
        loop {
            let told = self.ask(token, SIGNALS, &Value::Null)["data"]["done"].clone();
            let told = told.as_array().unwrap().clone();
            if told.len() >= count || begun.elapsed() > Duration::from_secs(40) {
                return told;
            }
            thread::sleep(Duration::from_millis(500));
        }
    }
}

fn command(place: &Place, folder: &Path) -> Command {
    let mut command = liaison(folder);
    command.env("LIAISON_DATABASE_URL", &place.url);
    command.env("LIAISON_KEY_STORE", &place.key_store);
    command
}

fn run(mut command: Command, arguments: &[&str]) -> String {
    let output = command.args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn open<'a>(place: &'a Place, holders: &'a Path) -> Parties<'a> {
    let hubs = place.folder.path();
    let made = run(liaison(holders), &["match", "holder", "create"]);
    let published = made.split_whitespace().last().unwrap();
    let create = ["match", "share", "create", "--holder", published];
    run(command(place, hubs), &create);
    let admit = [
        "match", "holder", "admit", "--client", "hub", "--a-day", "20000",
    ];
    keep(&hubs.join("secret"), &run(liaison(holders), &admit));
    let stores = [
        "--database-url",
        &place.url,
        "--key-store",
        &place.key_store,
    ];
    Parties {
        place,
        hub: Served::serve(hubs, &stores),
        holder: serve_holder(holders),
        holders,
        runtime: tokio::runtime::Runtime::new().unwrap(),
    }
}

/// What CAT has on file: one who is in the other's docket, and others.
fn lodge(parties: &Parties<'_>, token: &str, n: usize) -> [Value; 2] {
    let (names, born) = if n == 0 {
        let names = json!([
            { "text": "محمود المختلق الوهمي", "script": "Arab", "language": "ar" },
            { "text": "Mahmoud Al-Mukhtalaq Al-Wahmi", "script": "Latn", "language": "und" },
        ]);
        (names, String::from("1984-05-17"))
    } else {
        let text = format!("Inventada{n} Ficticia{n}");
        let names = json!([{ "text": text, "script": "Latn", "language": "und" }]);
        (names, format!("19{}-02-11", 60 + n))
    };
    let input = json!({
        "kind": "INDIVIDUAL_COMMUNICATION", "title": "N v. Examplia (invented)",
        "countries": ["SEN"], "happenedOn": "2024-03-09", "discreet": true,
        "persons": [{ "role": "COMPLAINANT", "birthDate": born, "names": names }],
    });
    let act = ("lodgeCommunication", "LodgeCommunicationInput");
    let told = "communication { id persons { edges { node { id } } } }";
    let made = parties.act(token, act, &input, told)["communication"].clone();
    let act = ("registerCommunication", "DatedStepInput");
    parties.act(
        token,
        act,
        &json!({ "id": made["id"] }),
        "communication { id }",
    );
    [
        made["id"].clone(),
        made["persons"]["edges"][0]["node"]["id"].clone(),
    ]
}

fn meet(place: &Place) {
    let holders = tempfile::tempdir().unwrap();
    let parties = open(place, holders.path());
    agree(
        &|code, scope| parties.token(&format!("{code}.secretary"), scope),
        &|token, query, input| parties.ask(token, query, input),
    );
    let cat = parties.token("cat.petitions", DOCKET);
    let lodged: Vec<_> = (0..PERSONS).map(|n| lodge(&parties, &cat, n)).collect();

    // The ACHPR's docket stays on its own machine.
    let machine = tempfile::tempdir().unwrap();
    let folder = machine.path();
    fs::write(folder.join("docket.csv"), blind::ACHPR).unwrap();
    let admit = ["match", "holder", "admit", "--client", "achpr"];
    keep(
        &folder.join("secret"),
        &parties.run(parties.holders, &admit),
    );
    let achpr = parties.token("achpr.secretary", blind::OFFICER);
    keep(&folder.join("token"), &achpr);
    let mut sending = liaison(folder);
    let [hub, holder] =
        [&parties.hub.1, &parties.holder.1].map(|url| format!("http://{}", host(url)));
    sending.args(["match", "blind", "--hub", &hub, "--holder", &holder]);
    sending.args([
        "--token-file",
        "token",
        "--secret-file",
        "secret",
        "docket.csv",
    ]);
    let sent: Output = sending.output().unwrap();
    assert!(sent.status.success(), "{}", said(&sent));

    // Tokens of two secrets do not meet.
    let asked = |token: &str, input: Value| {
        let answer = parties.ask(token, CHECK, &input);
        assert!(
            answer["data"]["done"]["check"]["id"].is_string(),
            "{answer}"
        );
    };
    asked(&cat, json!({ "communication": lodged[0][0] }));

    // The hub looks every five seconds.
    thread::sleep(Duration::from_secs(8));
    backfilled(&parties, &lodged);
    // The question from before was compared, and met nobody.
    assert_eq!(parties.signals(&achpr, 0), Vec::<Value>::new());
    asked(&cat, json!({ "communication": lodged[0][0] }));
    let told = parties.signals(&achpr, 1);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0]["elements"]["individual"]["band"], "LIKELY",
        "{told:?}"
    );
    let matters = "{ done: blindMatters { id handle } }";
    let matters = parties.ask(&achpr, matters, &Value::Null)["data"]["done"].clone();
    let matters = matters.as_array().unwrap().iter();
    let handle = |id: &Value| {
        let one = matters.clone().find(|one| one["id"] == *id).unwrap();
        one["handle"].clone()
    };
    assert_eq!(handle(&told[0]["blindMatter"]), "710/24");
    // And the other way: what has no name here finds who has one there.
    for matter in matters.clone() {
        asked(&achpr, json!({ "blindMatter": matter["id"] }));
    }
    // A person of the demo's is alike, and found, too.
    let of_ours = |told: Vec<Value>| {
        let ours = told
            .into_iter()
            .filter(|one| one["communication"] == lodged[0][0]);
        ours.collect::<Vec<_>>()
    };
    let told = of_ours(parties.signals(&cat, 2));
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["person"], lodged[0][1]);
    // Another name: the blind tokens of the former are gone with it, until the next backfill.
    let input = json!({
        "communication": lodged[0][0], "person": lodged[0][1],
    });
    let act = ("unlinkPerson", "UnlinkPersonInput");
    parties.act(&cat, act, &input, "person { id }");
    asked(
        &achpr,
        json!({ "blindMatter": matters.clone().find(|one| one["handle"] == "710/24").unwrap()["id"] }),
    );
    thread::sleep(Duration::from_secs(12));
    let told = of_ours(parties.signals(&cat, 0));
    assert_eq!(told.len(), 1, "the one from before");
    let log = parties.run(parties.hubs(), &["audit", "verify"]);
    assert!(log.contains("entries"), "{log}");
}

/// A backfill without leave makes nothing; one that is killed is taken up; a third does nothing.
fn backfilled(parties: &Parties<'_>, lodged: &[[Value; 2]]) {
    let (opened, made) = (
        parties.entries("OPEN_VICTIM"),
        parties.entries("SAME_MATTER_TOKENS"),
    );
    let none = parties.backfill().output().unwrap();
    assert!(none.status.success(), "{}", said(&none));
    assert!(said(&none).contains(" were left out"), "{}", said(&none));
    let grants = parties.token(
        "cat.grants",
        "read:person@SECRETARIAT read:mechanism@PUBLIC write:person@SECRETARIAT",
    );
    // The demo's officer has leave to a file of the demo: it is made with the first run.
    let before = parties.entries("SAME_MATTER_TOKENS");
    let later = Clock::system().now().plus_seconds(100 * 24 * 3_600);
    let until = PartialDate::of_day(later);
    for [_, person] in lodged {
        let input = json!({
            "person": person, "holder": "cat.petitions", "mechanism": "cat",
            "purposes": ["SAME_MATTER"], "fields": ["NAMES", "BIRTH_DATE"],
            "validUntil": format!("{}T00:00:00Z", until.as_str()),
        });
        let act = ("giveGrant", "GiveGrantInput");
        parties.act(&grants, act, &input, "person { id }");
    }
    let mut child = parties.backfill().spawn().unwrap();
    let begun = Instant::now();
    while parties.entries("SAME_MATTER_TOKENS") < before + 2 {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing is made");
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let half = parties.entries("SAME_MATTER_TOKENS") - before;
    println!("killed after {half} of {}", lodged.len());
    let rest = parties.backfill().output().unwrap();
    assert!(rest.status.success(), "{}", said(&rest));
    let left = format!("made the tokens of {} persons' parts", lodged.len() - half);
    assert!(said(&rest).contains(&left), "{left}: {}", said(&rest));
    let tokens = parties.entries("SAME_MATTER_TOKENS");
    assert_eq!(
        tokens,
        before + lodged.len(),
        "one for each person, from {made}"
    );
    let after = parties.entries("OPEN_VICTIM");
    // One may have been opened when it was killed, and is opened again.
    let most = opened + (before - made) + lodged.len() + 1;
    assert!((most - 1..=most).contains(&after), "{after} of {most}");
    let again = parties.backfill().output().unwrap();
    assert!(
        said(&again).contains("made the tokens of 0 persons' parts"),
        "{}",
        said(&again)
    );
    assert_eq!(
        parties.entries("OPEN_VICTIM"),
        after,
        "nothing is opened twice"
    );
    assert_eq!(parties.entries("SAME_MATTER_TOKENS"), tokens);
}
