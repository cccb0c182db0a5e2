//! Nothing of a file leaves the process but in its answer: not by its memory, not by its log.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::{Command, Stdio},
};

use serde_json::json;

use super::{OFFICER, Program, SERVE, liaison, purpose, sealed_question, token};
use crate::{
    support::{
        harness::{Backend, Suite},
        house::Place,
    },
    twin::canaries::sealed,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.plain(
        "the_memory_of_a_hub_is_closed_to_cores_and_to_others",
        memory,
    );
    suite.test(
        "the_fullest_log_says_nothing_of_a_file_or_of_what_was_asked",
        |backend| async move { logged(backend).await },
    );
}

/// A user other than root, as whom root looks.
const NOBODY: u32 = 65_534;

/// Whether the user can read a file of a process; both are not root's.
fn reads(path: &str, user: Option<u32>) -> bool {
    let mut command = Command::new("head");
    command
        .args(["-c", "1", path])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if let Some(user) = user {
        command.uid(user).gid(user);
    }
    command.status().unwrap().success()
}

fn memory() {
    let folder = tempfile::Builder::new().tempdir_in("/tmp").unwrap();
    let root = rustix::process::getuid().is_root();
    let user = root.then_some(NOBODY);
    // Root reads everything, so that both are somebody else; who may not enter the folder of
    // the program has a copy.
    let program = folder.path().join("liaison");
    let program = if root {
        fs::copy(env!("CARGO_BIN_EXE_liaison"), &program).unwrap();
        chown(folder.path(), user, user).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        program.as_path()
    } else {
        Path::new(env!("CARGO_BIN_EXE_liaison"))
    };
    let run = || {
        let mut command = Command::new(program);
        command
            .current_dir(folder.path())
            .env_clear()
            .stdin(Stdio::null());
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        command
    };
    super::done(run().args(["keys", "create"]));
    super::done(run().arg("migrate"));
    let hub = Program::begin(run().args(SERVE));
    let of = |name: &str| format!("/proc/{}/{name}", hub.child.id());
    let limits = fs::read_to_string(of("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    let core: Vec<&str> = core.split_whitespace().skip(4).collect();
    assert_eq!(core, ["0", "0", "bytes"], "{limits}");

    // The same user's other process is open, so that the look itself works.
    let mut other = Command::new("sleep");
    other.arg("60");
    if let Some(user) = user {
        other.uid(user).gid(user);
    }
    let mut other = other.spawn().unwrap();
    let control = reads(&format!("/proc/{}/environ", other.id()), user);
    other.kill().unwrap();
    other.wait().unwrap();
    assert!(control, "no process of that user can be looked into at all");
    assert!(reads(&of("limits"), user));
    for name in ["mem", "environ", "maps", "auxv", "stack"] {
        assert!(
            !reads(&of(name), user),
            "{name} of the hub is open to its own user"
        );
    }
}

async fn logged(backend: Backend) {
    let place = Place::today(backend).await;
    let token = token(&place, OFFICER, "VICTIM");
    let mut command = liaison(&place);
    let hub = Program::begin(command.env("LIAISON_LOG", "trace").args(SERVE));
    let client = reqwest::Client::new();
    let words = sealed();
    let opened = hub.ask(&client, Some(&token), &sealed_question()).await;
    let text = opened.to_string();
    assert!(words.iter().any(|word| text.contains(word)), "{text}");
    // What is asked is not logged either: variables, the reason stated, texts in a query.
    let (variable, reason, literal) = ("Vanda Variable", "Rita Reason", "Lita Literal");
    let query = format!(
        "query($text: String!) {{ communications(first: 2, filter: {{ or: [ {{ title: {{ contains: \
         $text }} }}, {{ title: {{ contains: \"{literal}\" }} }} ] }}) {{ totalCount }} }}"
    );
    let mut extensions = purpose();
    extensions["purpose"]["reason"] = reason.into();
    let body =
        json!({ "query": query, "variables": { "text": variable }, "extensions": extensions });
    let sent = client.post(&hub.url).bearer_auth(&token).json(&body).send();
    let answer = sent.await.unwrap().text().await.unwrap();
    assert!(answer.contains("totalCount"), "{answer}");
    let broken = json!({ "query": format!("{{ {literal} {{"), "variables": { "text": variable } });
    client.post(&hub.url).json(&broken).send().await.unwrap();
    // A line is read a moment after its answer.
    let mut log = hub.said();
    for _ in 0..100 {
        if log.matches("http.path=\"/graphql\"").count() >= 3 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        log = hub.said();
    }
    assert!(log.matches("http.path=\"/graphql\"").count() >= 3, "{log}");
    for word in words
        .iter()
        .map(String::as_str)
        .chain([variable, reason, literal, &token])
    {
        assert!(!log.contains(word), "the log says {word}");
    }
}
