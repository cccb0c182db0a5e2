//! The keys of a hub split among keepers, and put together again by enough of them.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use liaison::keys::KeyFile;

use super::{OFFICER, Program, SERVE, liaison, sealed_question, token};
use crate::support::{
    harness::{Backend, Suite},
    house::Place,
};

pub(crate) fn register(suite: &mut Suite) {
    suite.plain(
        "shares_of_keys_that_do_not_go_together_are_refused",
        refused,
    );
    suite.test(
        "three_keepers_of_five_open_the_files_again_and_go_on_with_the_log",
        |backend| async move { recovered(backend).await },
    );
}

fn keys(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.arg("keys").args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Makes shares in a folder.
fn split(folder: &Path, name: &str, keys_file: &str) {
    fs::create_dir(folder.join(name)).unwrap();
    let made = keys(folder, &["escrow", "--folder", name, "--keys", keys_file]);
    assert!(made.status.success(), "{}", said(&made));
}

fn recover(folder: &Path, shares: &[&str], to: &str) -> Output {
    let mut arguments = vec!["recover", "--keys", to];
    for share in shares {
        arguments.extend(["--share", share]);
    }
    keys(folder, &arguments)
}

fn refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    assert!(
        keys(folder, &["create", "--keys", "own.keys"])
            .status
            .success()
    );
    // The act has its entry in the log.
    let mut migrate = Command::new(env!("CARGO_BIN_EXE_liaison"));
    migrate.current_dir(folder).env_clear().stdin(Stdio::null());
    let migrated = migrate.args(["migrate", "--keys", "own.keys"]).output();
    assert!(migrated.unwrap().status.success());
    split(folder, "one", "own.keys");
    split(folder, "two", "own.keys");
    let share = |set: &str, index: u8| format!("{set}/share-{index}-of-5.txt");
    for index in 1..=5 {
        let path = folder.join(share("one", index));
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let text = fs::read_to_string(folder.join(share("one", 2))).unwrap();
    assert!(
        text.starts_with("# LIAISON: SHARE 2 OF 5, OF WHICH 3 ARE NEEDED\n"),
        "{text}"
    );
    assert!(
        text.contains(
            KeyFile::open(&folder.join("own.keys"))
                .unwrap()
                .sealing()
                .id()
        )
    );
    let put = |name: &str, text: &str| {
        fs::write(folder.join(name), text).unwrap();
        fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o600)).unwrap();
    };
    // A slip of the pen in the third line.
    let line = text.lines().find(|line| line.starts_with("03 ")).unwrap();
    let slip: String = line
        .char_indices()
        .map(|(place, letter)| match (place, letter) {
            (3, 'A') => 'B',
            (3, _) => 'A',
            (_, letter) => letter,
        })
        .collect();
    put("slip.txt", &text.replace(line, &slip));
    put(
        "short.txt",
        &text.lines().take(4).collect::<Vec<_>>().join("\n"),
    );
    put("prose.txt", "Dear colleague, keep this well.\n");
    // Typed by hand: small letters, no gaps, letters for digits.
    let typed: Vec<String> = text
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (number, rest) = line.split_at(3);
            let rest = rest
                .replace(' ', "")
                .to_lowercase()
                .replace('0', "o")
                .replace('1', "l");
            format!("  {number}{rest}  ")
        })
        .collect();
    put("typed.txt", &typed.join("\n\n"));
    let [one, two, three] = [1, 2, 3].map(|index| share("one", index));
    let other = share("two", 3);
    for (shares, words) in [
        (
            vec![&*one, &*two],
            "3 different shares are needed, and 2 were given",
        ),
        (vec![&*one, &*two, &*one], "are the same share"),
        (vec![&*one, &*two, &*other], "shares of different escrows"),
        (
            vec![&*one, "slip.txt", &*three],
            "line 3 of `slip.txt` is not as it was printed",
        ),
        (
            vec![&*one, "short.txt", &*three],
            "`short.txt` is no share of keys",
        ),
        (vec![&*one, "prose.txt", &*three], "line 1 of `prose.txt`"),
        (vec![&*one, "missing.txt", &*three], "missing.txt"),
    ] {
        let output = recover(folder, &shares, "new.keys");
        assert!(
            !output.status.success() && said(&output).contains(words),
            "{}",
            said(&output)
        );
        assert!(!folder.join("new.keys").exists());
    }
    fs::set_permissions(folder.join("typed.txt"), fs::Permissions::from_mode(0o644)).unwrap();
    let open = recover(folder, &[&one, "typed.txt", &three], "new.keys");
    assert!(said(&open).contains("is open to others"), "{}", said(&open));
    put("typed.txt", &typed.join("\n\n"));
    let good = recover(folder, &[&three, "typed.txt", &one], "new.keys");
    assert!(good.status.success(), "{}", said(&good));
    let (own, new) = (folder.join("own.keys"), folder.join("new.keys"));
    let (own, new) = (KeyFile::open(&own).unwrap(), KeyFile::open(&new).unwrap());
    assert_eq!(own.sealing().key(), new.sealing().key());
    // Neither keys nor shares are written over, and shares never go where all would be in one.
    let again = recover(folder, &[&one, &two, &three], "own.keys");
    assert!(said(&again).contains("exists already"), "{}", said(&again));
    let again = keys(folder, &["escrow", "--folder", "one", "--keys", "own.keys"]);
    assert!(
        said(&again).contains("not written over"),
        "{}",
        said(&again)
    );
    let piped = keys(folder, &["escrow", "--keys", "own.keys"]);
    assert!(
        said(&piped).contains("--folder") && piped.stdout.is_empty(),
        "{}",
        said(&piped)
    );
    for numbers in [["1", "1"], ["5", "1"], ["3", "4"], ["21", "3"]] {
        let [shares, threshold] = numbers;
        let command = [
            "escrow",
            "--folder",
            "two",
            "--shares",
            shares,
            "--threshold",
            threshold,
        ];
        let output = keys(folder, &[&command[..], &["--keys", "own.keys"]].concat());
        assert!(
            said(&output).contains("2 to 20 shares"),
            "{}",
            said(&output)
        );
    }
}

async fn recovered(backend: Backend) {
    let place = Place::today(backend).await;
    let old = token(&place, OFFICER, "VICTIM");
    fs::create_dir(place.folder.path().join("shares")).unwrap();
    super::done(liaison(&place).args(["keys", "escrow", "--folder", "shares"]));
    let shares = [5, 1, 4].map(|index| format!("shares/share-{index}-of-5.txt"));
    let [one, two, three] = shares.each_ref().map(String::as_str);
    let output = recover(place.folder.path(), &[one, two, three], "recovered.keys");
    assert!(output.status.success(), "{}", said(&output));
    let with = |command: &mut Command| {
        command.env("LIAISON_KEYS", place.folder.path().join("recovered.keys"));
    };
    let mut issue = liaison(&place);
    with(issue.args(["token", "issue", "--holder", OFFICER, "--up-to", "VICTIM"]));
    let new = super::done(&mut issue);
    let mut serve = liaison(&place);
    with(serve.args(SERVE));
    let hub = Program::begin(&mut serve);
    let client = reqwest::Client::new();
    let opened = hub.ask(&client, Some(&new), &sealed_question()).await;
    assert!(opened["data"]["node"]["names"].is_array(), "{opened}");
    let refused = client.post(&hub.url).bearer_auth(&old);
    let refused = refused.json(&serde_json::json!({ "query": "{ viewer { subject } }" }));
    assert_eq!(refused.send().await.unwrap().status().as_u16(), 401);
    let mut verify = liaison(&place);
    with(verify.args(["audit", "checkpoint"]));
    super::done(&mut verify);
    // The log that goes on is signed by the key that had signed it before.
    let verified = super::done(liaison(&place).args(["audit", "verify"]));
    assert!(verified.contains("checkpoints agree"), "{verified}");
}
