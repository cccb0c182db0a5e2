//! The keys that sign tokens change in a running hub, and no token in force is refused.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::program::{Served, liaison};
use crate::support::harness::Suite;

pub(crate) fn register(suite: &mut Suite) {
    suite.plain(
        "keys_change_in_a_running_hub_and_no_token_is_refused",
        rotation,
    );
}

fn rotation() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| -> String {
        let output = liaison(folder.path()).args(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    run(&["keys", "create"]);
    run(&["migrate"]);
    run(&[
        "holder",
        "invite",
        "--mechanism",
        "cat",
        "--holder",
        "cat.first",
    ]);
    let hub = Served::serve(folder.path(), &["--rate-token", "100000"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let client = reqwest::Client::new();
    let jwks = || -> Vec<Value> {
        let url = hub.1.replace("/graphql", "/.well-known/jwks.json");
        let answer = async { client.get(url).send().await.unwrap().json::<Value>().await };
        let keys = runtime.block_on(answer).unwrap();
        keys["keys"].as_array().unwrap().clone()
    };
    let works = |token: &str| {
        let request = json!({ "query": "{ viewer { subject } }" });
        let sent = client.post(&hub.1).bearer_auth(token).json(&request).send();
        let answer = runtime.block_on(async { sent.await.unwrap().json::<Value>().await });
        answer.unwrap()["data"]["viewer"]["subject"] == "cat.first"
    };
    let issue = || {
        run(&[
            "token",
            "issue",
            "--holder",
            "cat.first",
            "--up-to",
            "PARTNER",
        ])
    };
    let mut tokens = vec![issue()];
    assert_eq!(jwks().len(), 1);
    assert!(jwks()[0]["d"].is_null() && jwks()[0]["alg"] == "EdDSA");
    run(&["keys", "rotate", "signing", "--in", "4s"]);
    let began = Instant::now();
    let (mut asked, mut published) = (0, None);
    while began.elapsed() < Duration::from_secs(7) {
        tokens.push(issue());
        for token in &tokens {
            assert!(works(token), "after {:?}", began.elapsed());
            asked += 1;
        }
        if published.is_none() && jwks().len() == 2 {
            published = Some(began.elapsed());
        }
    }
    let kid = |token: &str| token.split('.').next().unwrap().to_owned();
    assert_ne!(
        kid(&tokens[0]),
        kid(tokens.last().unwrap()),
        "two keys have signed"
    );
    let published = published.unwrap();
    assert!(
        published < Duration::from_secs(4),
        "known before it signs: {published:?}"
    );
    println!(
        "{} tokens of two keys asked {asked} times over a rotation, none refused; the next key \
         was published after {published:?}",
        tokens.len()
    );
    // A stolen key is another matter.
    run(&["keys", "rotate", "signing", "--stolen"]);
    let patience = Instant::now() + Duration::from_secs(5);
    while works(&tokens[0]) {
        assert!(Instant::now() < patience);
        std::thread::sleep(Duration::from_millis(50));
    }
    assert!(!works(tokens.last().unwrap()) && works(&issue()));
    assert_eq!(jwks().len(), 1);
}
