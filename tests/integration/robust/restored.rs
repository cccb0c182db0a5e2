//! Backups, and what a hub is after one was restored (E4), with nothing sealed in any (N4, A6).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::Instant,
};

use hmac::{Hmac, KeyInit, Mac};
use liaison::{clock::Clock, keys::KeyFile};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{OFFICER, Program, SERVE, done, liaison, purpose, token};
use crate::{
    support::{
        harness::{Backend, Suite},
        house::{Place, key_file},
    },
    twin::canaries::sealed,
};

/// A text that is told to anyone, and so has to be found: the search itself works.
const PUBLIC: &str = "Planned removal after a refused claim (invented)";
const DAY: i64 = 24 * 3_600;

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "an_older_backup_and_the_key_store_of_today_open_all_but_the_erased",
        |backend| async move { reopened(backend).await },
    );
    suite.test(
        "a_backup_that_is_not_whole_or_not_ours_is_refused",
        |backend| async move { refused(backend).await },
    );
}

/// A command on a place, with a key file of its own.
pub(super) fn with(place: &Place, keys: &Path) -> Command {
    let mut command = liaison(place);
    command.env("LIAISON_KEYS", keys);
    command
}

pub(super) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[&*output.stdout, &*output.stderr].concat()).into_owned()
}

/// A copy of the key file that all places share: a restore changes it.
pub(super) fn own_keys(folder: &Path) -> PathBuf {
    let own = folder.join("own.keys");
    fs::copy(key_file(), &own).unwrap();
    own
}

async fn reopened(backend: Backend) {
    let place = Place::today(backend).await;
    reopened_at(place, Place::empty(backend).await).await;
}

/// A hub's backups, restored in an empty place, where one person was erased meanwhile.
pub(super) async fn reopened_at(place: Place, new: Place) {
    let backend = &place.url[..6];
    let folder = place.folder.path();
    let client = reqwest::Client::new();
    let officer = token(&place, OFFICER, "VICTIM");
    let mut command = liaison(&place);
    let hub = Program::begin(command.env("LIAISON_LOG", "trace").args(SERVE));
    let rights = "read:person@SECRETARIAT write:person@SECRETARIAT";
    let mut issue = liaison(&place);
    issue.args([
        "token",
        "issue",
        "--holder",
        "cat.grants",
        "--scope",
        rights,
    ]);
    let giver = done(&mut issue);
    let reader = token(&place, "cat.secretary", "SECRETARIAT");
    let persons = persons(&hub, &client, (&reader, &giver, &officer)).await;
    assert!(persons.len() > 2, "{persons:?}");
    // Yesterday's, while the hub serves.
    let began = Instant::now();
    let told = done(liaison(&place).args(["backup", "main", "main"]));
    println!("{backend}: {told} in {:?}", began.elapsed());

    // Today one person is erased, with the communication.
    let gone = &persons[0];
    let scope = [
        "--up-to",
        "SECRETARIAT",
        "--write",
        "communication,communication_person,person",
    ];
    let mut issue = liaison(&place);
    issue
        .args(["token", "issue", "--holder", "cat.secretary"])
        .args(scope);
    let owner = done(&mut issue);
    let input = json!({ "id": gone.communication, "reason": "ENTERED_IN_ERROR", "remark": "Entered twice (invented)" });
    let retired = act(
        &hub,
        &client,
        &owner,
        ("retireRecord", "RetireRecordInput"),
        &input,
    )
    .await;
    assert_eq!(retired["userErrors"], json!([]), "{retired}");
    // Its time is over at once.
    let connection = sea_orm::Database::connect(&place.url).await.unwrap();
    let over = "UPDATE retirement SET keep_until = 1";
    connection.execute_unprepared(over).await.unwrap();
    connection.close().await.unwrap();
    let expunged = done(liaison(&place).arg("expunge"));
    assert!(!expunged.starts_with("0 retired"), "{expunged}");
    // The files of the others still open. Who is in the same communication may be gone, too.
    let others = persons
        .iter()
        .filter(|one| one.communication != gone.communication);
    let others: Vec<&Known> = others.collect();
    assert!(others.len() > 1, "{others:?}");
    for person in &others {
        let opened = names(&hub, &client, &officer, &person.id).await;
        assert_eq!(opened, person.names);
    }

    // The key store of today, and the log: then the hub is lost.
    done(liaison(&place).args(["backup", "key-store", "keys"]));
    let note = done(liaison(&place).args(["audit", "checkpoint"]));
    fs::write(folder.join("seen"), format!("{note}\n")).unwrap();
    done(liaison(&place).args(["audit", "copy", "--output", "log.jsonl"]));
    let log = hub.said();
    drop(hub);

    let known = place.env.iter().find(|(name, _)| name == "LIAISON_KEYS");
    let own = match known {
        Some((_, keys)) => PathBuf::from(keys),
        None => own_keys(folder),
    };
    let at = |name: &str| folder.join(name).display().to_string();
    let restore = |arguments: &[&str]| {
        with(&new, &own)
            .arg("restore")
            .args(arguments)
            .output()
            .unwrap()
    };
    let lost = restore(&[&at("main")]);
    assert!(
        !lost.status.success() && said(&lost).contains("--new-log"),
        "{}",
        said(&lost)
    );
    let began = Instant::now();
    for arguments in [
        vec![at("keys")],
        vec![at("main"), "--log".to_owned(), at("log.jsonl")],
    ] {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let output = restore(&arguments);
        assert!(output.status.success(), "{}", said(&output));
        let told = said(&output);
        if arguments.len() > 1 {
            println!("{told}restored both in {:?}", began.elapsed());
            for words in [
                "persons' files were erased since",
                "RECORD_RETIRE",
                "RECORD_EXPUNGE",
            ] {
                assert!(told.contains(words), "{words}: {told}");
            }
        }
    }
    // The log goes on where it was, and has the restore.
    let verified = done(with(&new, &own).args(["audit", "verify", "--since", &at("seen")]));
    assert!(verified.contains("each as it was written"), "{verified}");

    done(with(&new, &own).args(["restore", "confirm"]));
    let mut command = with(&new, &own);
    let hub = Program::begin(command.env("LIAISON_LOG", "trace").args(SERVE));
    let question = json!({ "query": "{ viewer { subject } }" });
    let old = client
        .post(&hub.url)
        .bearer_auth(&officer)
        .json(&question)
        .send();
    assert_eq!(old.await.unwrap().status().as_u16(), 401);
    let issue = |arguments: &[&str]| {
        let mut command = with(&new, &own);
        done(command.args(["token", "issue"]).args(arguments))
    };
    let officer = issue(&["--holder", OFFICER, "--up-to", "VICTIM", "--ttl", "600s"]);
    let giver = issue(&["--holder", "cat.grants", "--scope", rights]);
    for person in [gone].iter().chain(&others) {
        assert!(
            names(&hub, &client, &officer, &person.id).await.is_null(),
            "leave has ended"
        );
        let given = give(&hub, &client, &giver, &person.id).await;
        if person.id != gone.id {
            assert_eq!(given["userErrors"], json!([]), "{given}");
        }
    }
    assert!(
        names(&hub, &client, &officer, &gone.id).await.is_null(),
        "the erased person opens"
    );
    for person in &others {
        assert_eq!(
            names(&hub, &client, &officer, &person.id).await,
            person.names
        );
    }
    println!("{backend}: {} open, the erased one does not", others.len());
    let log = log + &hub.said();

    // Nothing sealed is in any byte of all that.
    let mut all = vec![("the log of requests".to_owned(), log.into_bytes())];
    files(folder, &mut all);
    files(new.folder.path(), &mut all);
    let names: Vec<&str> = all.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["main/database", "keys/database", "log.jsonl"] {
        assert!(names.iter().any(|there| there.ends_with(name)), "{names:?}");
    }
    let main = all
        .iter()
        .find(|(name, _)| name.ends_with("main/database"))
        .unwrap();
    assert!(holds(&main.1, PUBLIC), "the search finds nothing at all");
    for word in sealed() {
        for (name, bytes) in &all {
            assert!(!holds(bytes, &word), "{word} lies open in {name}");
        }
    }
}

/// A person whose file is open, and where.
#[derive(Debug)]
struct Known {
    id: String,
    communication: String,
    names: Value,
}

/// The persons of CAT's docket, each of one communication, when the officer has leave to open
/// the names of all.
async fn persons(
    hub: &Program,
    client: &reqwest::Client,
    (reader, giver, officer): (&str, &str, &str),
) -> Vec<Known> {
    let query = "{ communications(first: 20, filter: {mechanism: {eq: \"cat\"}}) { edges { node { id \
                 persons(first: 4) { edges { node { id } } } } } } }";
    let answer = hub.ask(client, Some(reader), query).await;
    let mut known = Vec::<Known>::new();
    for communication in answer["data"]["communications"]["edges"]
        .as_array()
        .unwrap()
    {
        let persons = &communication["node"]["persons"]["edges"];
        for person in persons.as_array().into_iter().flatten() {
            let id = person["node"]["id"].as_str().unwrap().to_owned();
            if known.iter().any(|one| one.id == id) {
                continue;
            }
            give(hub, client, giver, &id).await;
            let names = names(hub, client, officer, &id).await;
            if names.is_array() {
                known.push(Known {
                    id,
                    communication: communication["node"]["id"].as_str().unwrap().to_owned(),
                    names,
                });
            }
        }
    }
    known
}

/// Gives the officer leave to open a person's names.
async fn give(hub: &Program, client: &reqwest::Client, giver: &str, person: &str) -> Value {
    let until = Clock::system().now().plus_seconds(30 * DAY).rfc3339();
    let input = json!({
        "person": person, "holder": OFFICER, "mechanism": "cat", "purposes": ["EXAMINATION"],
        "fields": ["NAMES"], "validUntil": until,
    });
    act(hub, client, giver, ("giveGrant", "GiveGrantInput"), &input).await
}

async fn names(hub: &Program, client: &reqwest::Client, officer: &str, person: &str) -> Value {
    let query = format!("{{ node(id: \"{person}\") {{ ... on Person {{ names {{ text }} }} }} }}");
    let answer = hub.ask(client, Some(officer), &query).await;
    answer["data"]["node"]["names"].clone()
}

pub(super) async fn act(
    hub: &Program,
    client: &reqwest::Client,
    token: &str,
    (name, kind): (&str, &str),
    input: &Value,
) -> Value {
    let query = format!(
        "mutation($input: {kind}!) {{ {name}(input: $input) {{ userErrors {{ code message field }} }} }}"
    );
    let body = json!({ "query": query, "variables": { "input": input }, "extensions": purpose() });
    let sent = client.post(&hub.url).bearer_auth(token).json(&body).send();
    let answer: Value = sent.await.unwrap().json().await.unwrap();
    assert!(answer["data"][name].is_object(), "{answer}");
    answer["data"][name].clone()
}

/// Every file of a folder and of those in it.
fn files(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, all);
        } else {
            all.push((path.display().to_string(), fs::read(&path).unwrap()));
        }
    }
}

/// Whether bytes hold a word: as it is, in hexadecimal digits, or escaped as in JSON.
fn holds(bytes: &[u8], word: &str) -> bool {
    let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
    [word, &hex].iter().any(|form| {
        let form = form.as_bytes();
        bytes.windows(form.len()).any(|part| part == form)
    })
}

async fn refused(backend: Backend) {
    let place = Place::today(backend).await;
    let folder = place.folder.path();
    for (part, name) in [("main", "main"), ("key-store", "keys")] {
        done(liaison(&place).args(["backup", part, name]));
        for entry in fs::read_dir(folder.join(name)).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
    let again = liaison(&place)
        .args(["backup", "main", "main"])
        .output()
        .unwrap();
    assert!(!again.status.success() && folder.join("main/database").exists());
    let new = Place::empty(backend).await;
    let own = own_keys(folder);
    let at = |name: &str| folder.join(name).display().to_string();
    let is_refused = |what: &str, place: &Place, keys: &Path, name: &str, words: &str| {
        let mut command = with(place, keys);
        let output = command
            .args(["restore", "--new-log", &at(name)])
            .output()
            .unwrap();
        let told = said(&output);
        assert!(
            !output.status.success() && told.contains(words),
            "{what}: {told}"
        );
    };
    is_refused(
        "into one that is there",
        &place,
        &own,
        "main",
        "is not empty",
    );
    let foreign = folder.join("foreign.keys");
    KeyFile::create(&foreign).unwrap();
    is_refused(
        "with other keys",
        &new,
        &foreign,
        "main",
        "made by another hub",
    );
    let copy = |name: &str, from: &str| {
        fs::create_dir(folder.join(name)).unwrap();
        for file in ["database", "manifest.json", "manifest.sig"] {
            fs::copy(folder.join(from).join(file), folder.join(name).join(file)).unwrap();
        }
        folder.join(name)
    };
    let flipped = copy("flipped", "main").join("database");
    let mut bytes = fs::read(&flipped).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&flipped, bytes).unwrap();
    is_refused("a byte", &new, &own, "flipped", "not as it was written");
    let claims = copy("claims", "main").join("manifest.json");
    let text = fs::read_to_string(&claims).unwrap();
    fs::write(&claims, text.replacen("\"made\": 1", "\"made\": 2", 1)).unwrap();
    is_refused("its date", &new, &own, "claims", "not as it was signed");
    fs::remove_file(copy("part", "main").join("database")).unwrap();
    is_refused("a file less", &new, &own, "part", "No such file");
    // A key store of 31 days ago, signed as the hub would have.
    let old = copy("old", "keys");
    let mut manifest: Value =
        serde_json::from_slice(&fs::read(old.join("manifest.json")).unwrap()).unwrap();
    let made = manifest["made"].as_i64().unwrap() - 31 * DAY * 1_000;
    manifest["made"] = made.into();
    let text = serde_json::to_vec_pretty(&manifest).unwrap();
    let keys = KeyFile::open(&own).unwrap();
    let mut mark = Hmac::<Sha256>::new_from_slice(keys.audit().bytes()).unwrap();
    mark.update(b"liaison/backup/1\n");
    mark.update(&text);
    fs::write(old.join("manifest.sig"), mark.finalize().into_bytes()).unwrap();
    fs::write(old.join("manifest.json"), text).unwrap();
    is_refused(
        "an old key store",
        &new,
        &own,
        "old",
        "more than 30 days ago",
    );
    // Nothing of all that has left anything, and the good one goes in; its log is a new one.
    let name = KeyFile::open(&own).unwrap().checkpoint().name().to_owned();
    let restored = done(with(&new, &own).args(["restore", "--new-log", &at("main")]));
    assert!(restored.contains("there is no key store"), "{restored}");
    assert_ne!(KeyFile::open(&own).unwrap().checkpoint().name(), name);
    done(with(&new, &own).args(["restore", &at("keys")]));
    let verified = done(with(&new, &own).args(["audit", "verify"]));
    assert!(verified.contains("1 checkpoints agree"), "{verified}");
}
