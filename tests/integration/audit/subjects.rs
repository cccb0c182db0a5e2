//! A person finds the entries about the own file with the own key, and nobody else does.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path};

use liaison::{confidentiality::Level, identity::kind::Kind};

use super::{audit, done};
use crate::support::{
    cast::{Cast, Stage},
    harness::{Backend, Suite},
    house::{House, reads},
    specimens::{collected, specimen},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test(
        "a_person_lists_the_entries_about_the_own_file_and_no_other",
        listed,
    );
    suite.test("the_log_is_whole_after_a_person_was_erased_from_it", erased);
}

async fn opens(stage: &Stage, person: &str) {
    let id = specimen(Kind::Person, person);
    let query = format!("{{ node(id: \"{id}\") {{ ... on Person {{ names {{ text }} }} }} }}");
    let answer = stage.ask(Cast::Officer, &query).await;
    assert!(answer.data()["node"]["names"].is_array(), "{person}");
}

async fn staged(backend: Backend) -> Stage {
    let stage = Stage::of(House::open(backend).await).await;
    collected(&stage.house).await;
    stage
}

/// A folder with an officer's token in it.
async fn folder(house: &House, holder: &str, scope: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    // The command goes by the machine's clock.
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_liaison"))
        .current_dir(folder.path())
        .env_clear()
        .env("LIAISON_DATABASE_URL", &house.url)
        .env("LIAISON_KEY_STORE", &house.key_url)
        .env("LIAISON_KEYS", crate::support::house::key_file())
        .args(["token", "issue", "--holder", holder, "--scope", scope])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::write(&path, output.stdout).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
    folder
}

fn hand_over(house: &House, folder: &Path, person: &str, to: &str) -> std::process::Output {
    let id = specimen(Kind::Person, person).to_string();
    let command = [
        "subject-key",
        "--person",
        &id,
        "--token-file",
        "token",
        "--output",
        to,
    ];
    audit(house, folder, &command)
}

/// What is listed with a key, over a copy of the log made now.
fn list(house: &House, folder: &Path, key: &str) -> String {
    let _ = std::fs::remove_file(folder.join("log.jsonl"));
    done(house, folder, &["copy", "--output", "log.jsonl"]);
    let note = done(house, folder, &["checkpoint"]);
    std::fs::write(folder.join("note"), note).unwrap();
    let log_key = done(house, folder, &["key"]);
    let command = [
        "subject",
        "--key-file",
        key,
        "--log",
        "log.jsonl",
        "--log-key",
        log_key.trim(),
    ];
    done(
        house,
        folder,
        &[&command[..], &["--checkpoint", "note"]].concat(),
    )
}

async fn listed(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    opens(&stage, "given").await;
    opens(&stage, "refused").await;
    opens(&stage, "given").await;
    let scope = format!("{} audit:read", reads(Level::Secretariat));
    let cat = folder(house, "cat.secretary", &scope).await;
    let path = cat.path();
    for (person, key) in [("given", "given.key"), ("refused", "refused.key")] {
        let output = hand_over(house, path, person, key);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let mode = std::fs::metadata(path.join(key))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    done(house, path, &["checkpoint"]);
    let count = |said: &str, kind: &str| said.matches(&format!("\t{kind}\t")).count();
    let given = list(house, path, "given.key");
    assert_eq!(count(&given, "OPEN_VICTIM"), 2, "{given}");
    assert_eq!(count(&given, "SUBJECT_KEY"), 1, "{given}");
    assert!(given.contains("\tcat\tEXAMINATION\tnames"), "{given}");
    assert_eq!(count(&list(house, path, "refused.key"), "OPEN_VICTIM"), 1);
    // A key of nobody's finds nothing.
    std::fs::write(path.join("nobody.key"), "ab".repeat(32)).unwrap();
    std::fs::set_permissions(path.join("nobody.key"), Permissions::from_mode(0o600)).unwrap();
    assert_eq!(count(&list(house, path, "nobody.key"), "OPEN_VICTIM"), 0);
    // It is for the secretariat that keeps the file, with the right to read the log.
    for (holder, scope, says) in [
        ("cat.secretary", reads(Level::Secretariat), "audit:read"),
        (
            "achpr.protection",
            format!("{} audit:read", reads(Level::Secretariat)),
            "",
        ),
        (
            "iachr.sync",
            "read:mechanism@PARTNER".to_owned(),
            "no such record",
        ),
    ] {
        let other = folder(house, holder, &scope).await;
        let output = hand_over(house, other.path(), "given", "a.key");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && said.contains(says),
            "{holder}: {said}"
        );
        assert!(!other.path().join("a.key").exists(), "{holder}");
    }
}

async fn erased(backend: Backend) {
    let stage = staged(backend).await;
    let house = &stage.house;
    opens(&stage, "given").await;
    opens(&stage, "refused").await;
    let scope = format!("{} audit:read", reads(Level::Secretariat));
    let cat = folder(house, "cat.secretary", &scope).await;
    assert!(
        hand_over(house, cat.path(), "given", "given.key")
            .status
            .success()
    );
    let before = done(house, cat.path(), &["checkpoint"]);
    std::fs::write(cat.path().join("kept"), before).unwrap();
    let words = house
        .number("SELECT COUNT(*) FROM audit_leaf WHERE body = ''")
        .await;
    assert_eq!(words, 0);
    let person = specimen(Kind::Person, "given").id;
    for _ in 0..2 {
        let mut writer = house.writer("cat.registry").await;
        writer.erase_from_log(person).await.unwrap();
        writer.commit().await.unwrap();
    }
    let gone = house
        .number("SELECT COUNT(*) FROM audit_leaf WHERE body = ''")
        .await;
    assert!(gone >= 2, "{gone}");
    let said = done(house, cat.path(), &["verify", "--since", "kept"]);
    assert!(
        said.contains(&format!("the words of {gone} entries were erased")),
        "{said}"
    );
    assert!(!list(house, cat.path(), "given.key").contains("OPEN_VICTIM"));
    // No key is drawn again for who was erased.
    let key = "SELECT COUNT(*) FROM audit_subject WHERE length(sealed) = 0";
    assert_eq!(house.number(key).await, 1);
    assert!(
        !hand_over(house, cat.path(), "given", "again.key")
            .status
            .success()
    );
    // Words that are gone without an erasure are a finding.
    let other = house
        .number("SELECT MAX(n) FROM audit_leaf WHERE kind = 'OPEN_VICTIM' AND body <> ''")
        .await;
    house
        .meddle(&format!(
            "UPDATE audit_leaf SET body = '' WHERE n = {other}"
        ))
        .await;
    let output = audit(house, cat.path(), &["verify"]);
    let said = String::from_utf8(output.stdout).unwrap();
    let finding = format!("the words of entry {other} are gone, and no erasure says so");
    assert!(said.contains(&finding), "{said}");
}
