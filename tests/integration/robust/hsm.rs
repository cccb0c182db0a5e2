//! The root key in a security module: a hub's life with it, and without it.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{Command, Output},
};

use sea_orm::ConnectionTrait;

use super::{
    OFFICER, Program, SERVE, done,
    killed::leaves,
    liaison,
    restored::reopened_at,
    sealed_question, token,
    unwritable::{NO_TOKEN, hindered},
};
use crate::support::{
    harness::{Backend, Suite},
    house::{Place, key_file},
    softhsm::{self, write_pin},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.with_hsm(
        "a_hub_whose_root_key_is_in_a_security_module_opens_files_and_rotates",
        lived,
    );
    suite.with_hsm("a_move_of_the_root_key_that_is_cut_off_goes_on", cut_off);
    suite.with_hsm("a_start_without_the_right_token_is_refused", refused);
    suite.with_hsm(
        "a_token_that_goes_away_opens_nothing_and_is_found_again",
        away,
    );
    suite.with_hsm(
        "with_a_token_an_older_backup_opens_all_but_the_erased",
        |backend| async move {
            let mut empty = Place::empty(backend).await;
            let place = place(backend).await;
            empty.env.clone_from(&place.env);
            reopened_at(place, empty).await;
        },
    );
}

/// A hub whose root key went over to a token, with a key file of its own.
async fn place(backend: Backend) -> Place {
    let mut place = Place::today(backend).await;
    with_token(&mut place);
    done(liaison(&place).args(["keys", "move", "--to", "pkcs11"]));
    set(&mut place, "LIAISON_KEY_PROVIDER", "pkcs11");
    place
}

/// Gives a place a token, and a copy of the key file that all places share: a move changes it.
fn with_token(place: &mut Place) {
    place.env = softhsm::token_in(place.folder.path());
    let own = place.folder.path().join("hub.keys");
    fs::copy(key_file(), &own).unwrap();
    set(place, "LIAISON_KEYS", own.to_str().unwrap());
}

fn set(place: &mut Place, name: &str, value: &str) {
    place.env.retain(|(known, _)| known != name);
    place.env.push((name.to_owned(), value.to_owned()));
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn keys(place: &Place, arguments: &[&str]) -> Output {
    let mut command = liaison(place);
    command.arg("keys").args(arguments).output().unwrap()
}

async fn execute(url: &str, sql: &str) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    connection.execute_unprepared(sql).await.unwrap();
    connection.close().await.unwrap();
}

/// How many epochs are under a root key that is in no token.
async fn in_no_token(place: &Place) -> i64 {
    let connection = sea_orm::Database::connect(&place.key_store).await.unwrap();
    let sql = "SELECT COUNT(*) FROM key_epoch WHERE root NOT LIKE 'pkcs11-%'";
    let sql = sea_orm::Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(sql).await.unwrap().unwrap();
    connection.close().await.unwrap();
    row.try_get_by_index(0).unwrap()
}

/// Whether the officer is told the names in the sealed file.
async fn opens(hub: &Program, officer: &str) -> bool {
    let client = reqwest::Client::new();
    let told = hub.ask(&client, Some(officer), &sealed_question()).await;
    told["data"]["node"]["names"].is_array()
}

async fn lived(backend: Backend) {
    let place = place(backend).await;
    let folder = place.folder.path();
    assert_eq!(in_no_token(&place).await, 0);
    let officer = token(&place, OFFICER, "VICTIM");
    let hub = Program::serve(&place);
    assert!(opens(&hub, &officer).await);
    // While it serves, by another process.
    let epoch = done(liaison(&place).args(["keys", "rotate", "epoch"]));
    assert!(
        epoch.contains(" 0 did not open") && !epoch.contains(" 0 copies"),
        "{epoch}"
    );
    assert!(opens(&hub, &officer).await);
    let root = done(liaison(&place).args(["keys", "rotate", "root"]));
    assert!(root.contains("a new root key"), "{root}");
    assert!(opens(&hub, &officer).await);
    let status = done(liaison(&place).args(["keys", "status"]));
    assert!(status.ends_with("\nwell"), "{status}");
    let former = |status: &str| {
        let (_, rest) = status.split_once("the former root key `")?;
        Some(rest.split_once('`')?.0.to_owned())
    };
    let former_root = former(&status).unwrap();
    let present = status.split('`').nth(1).unwrap().to_owned();
    assert_ne!(former_root, present);
    // The present one is never destroyed, the former one on word, once.
    for root in [&present, &"pkcs11-00".to_owned()] {
        let output = keys(&place, &["destroy", "--root", root]);
        assert!(
            said(&output).contains("is no former root key"),
            "{}",
            said(&output)
        );
    }
    done(liaison(&place).args(["keys", "destroy", "--root", &former_root]));
    let status = done(liaison(&place).args(["keys", "status"]));
    assert_eq!(former(&status), None, "{status}");
    assert!(opens(&hub, &officer).await);
    drop(hub);
    assert!(opens(&Program::serve(&place), &officer).await);

    // What can't be read can't be split; what is in the file can.
    fs::create_dir(folder.join("shares")).unwrap();
    let escrow = ["escrow", "--folder", "shares"];
    let output = keys(&place, &escrow);
    assert_eq!(output.status.code(), Some(4));
    assert!(
        said(&output).contains("ROOT_KEY_NOT_EXTRACTABLE"),
        "{}",
        said(&output)
    );
    let output = keys(&place, &[&escrow[..], &["--without-root"]].concat());
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(fs::read_dir(folder.join("shares")).unwrap().count(), 5);

    // And back to the key file.
    let back = done(liaison(&place).args(["keys", "move", "--to", "file"]));
    assert!(back.contains(" 0 did not open"), "{back}");
    let still = liaison(&place).args(SERVE).output().unwrap();
    assert!(
        said(&still).contains("the token has no root key") && !still.status.success(),
        "{}",
        said(&still)
    );
    let mut place = place;
    set(&mut place, "LIAISON_KEY_PROVIDER", "file");
    assert!(opens(&Program::serve(&place), &officer).await);

    // Each act has its entry, before it, and nothing in the log is a key.
    let mut acts: Vec<_> = leaves(&place.url).await.into_iter().collect();
    acts.retain(|(_, (kind, _))| kind.starts_with("KEY_"));
    acts.sort_unstable();
    let kinds: Vec<&str> = acts.iter().map(|(_, (kind, _))| kind.as_str()).collect();
    let expected = [
        "KEY_PROVIDER",
        "KEY_EPOCH",
        "KEY_ROOT",
        "KEY_DESTROY",
        "KEY_ESCROW",
        "KEY_PROVIDER",
    ];
    assert_eq!(kinds, expected);
    let verified = done(liaison(&place).args(["audit", "verify"]));
    assert!(verified.contains("each as it was written"), "{verified}");
}

async fn cut_off(backend: Backend) {
    let mut place = Place::today(backend).await;
    with_token(&mut place);
    let own = place.folder.path().join("hub.keys");
    let before = fs::read(&own).unwrap();
    let officer = token(&place, OFFICER, "VICTIM");
    execute(
        &place.key_store,
        "CREATE TABLE kept AS SELECT * FROM key_epoch",
    )
    .await;
    done(liaison(&place).args(["keys", "move", "--to", "pkcs11"]));
    assert_ne!(fs::read(&own).unwrap(), before, "the file's root key stays");
    // Cut off with everything wrapped anew, and the former root key still in the file.
    fs::write(&own, &before).unwrap();
    done(liaison(&place).args(["keys", "move", "--to", "pkcs11"]));
    assert_ne!(fs::read(&own).unwrap(), before);
    // Cut off with the key in the token, and an epoch still under the file's.
    fs::write(&own, &before).unwrap();
    let back = "UPDATE key_epoch SET root = k.root, wrapped = k.wrapped, emptied_at = NULL \
                FROM kept k WHERE k.id = key_epoch.id";
    execute(&place.key_store, back).await;
    assert!(in_no_token(&place).await > 0);
    set(&mut place, "LIAISON_KEY_PROVIDER", "pkcs11");
    let started = liaison(&place).args(SERVE).output().unwrap();
    assert!(
        said(&started).contains("has none of that name"),
        "{}",
        said(&started)
    );
    done(liaison(&place).args(["keys", "move", "--to", "pkcs11"]));
    assert_eq!(in_no_token(&place).await, 0);
    assert!(opens(&Program::serve(&place), &officer).await);
    // A rotation that was cut off between its two marks goes on, too.
    done(liaison(&place).args(["keys", "rotate", "root"]));
    assert!(opens(&Program::serve(&place), &officer).await);
}

async fn refused(backend: Backend) {
    let place = place(backend).await;
    let folder = place.folder.path();
    let wrong = folder.join("wrong-pin");
    write_pin(&wrong, "1111111111");
    let open = folder.join("open-pin");
    write_pin(&open, softhsm::PIN);
    fs::set_permissions(&open, fs::Permissions::from_mode(0o640)).unwrap();
    let module = folder.join("module.so");
    fs::copy(softhsm::module().unwrap(), &module).unwrap();
    fs::set_permissions(&module, fs::Permissions::from_mode(0o666)).unwrap();
    let path = |path: &PathBuf| path.to_str().unwrap().to_owned();
    let pin = "LIAISON_PKCS11_PIN_FILE";
    for (name, value, words) in [
        (pin, path(&wrong), "refuses the PIN"),
        (pin, path(&open), "is open to others (mode 0640)"),
        (pin, path(&folder.join("no-pin")), "does not exist"),
        (
            "LIAISON_PKCS11_MODULE",
            "/nowhere.so".to_owned(),
            "can't be loaded",
        ),
        (
            "LIAISON_PKCS11_MODULE",
            path(&folder.join("pin")),
            "can't be loaded",
        ),
        (
            "LIAISON_PKCS11_MODULE",
            path(&module),
            "can be changed by others",
        ),
        (
            "LIAISON_PKCS11_TOKEN",
            "other".to_owned(),
            "there is no token `other`",
        ),
        (
            "LIAISON_PKCS11_KEY",
            "other".to_owned(),
            "no root key `other`",
        ),
        (
            "LIAISON_KEY_PROVIDER",
            "file".to_owned(),
            "has none of that name",
        ),
    ] {
        let mut command = liaison(&place);
        let output = command.env(name, value).args(SERVE).output().unwrap();
        let said = said(&output);
        assert!(
            !output.status.success() && said.contains(words),
            "{words}: {said}"
        );
        assert!(
            !said.contains(softhsm::PIN) && !said.contains("1111111111"),
            "{said}"
        );
    }
    for (name, words) in [
        ("LIAISON_PKCS11_TOKEN", "needs `--pkcs11-token`"),
        ("LIAISON_PKCS11_MODULE", "needs `--pkcs11-module`"),
        (pin, "no PIN is named"),
    ] {
        let mut command = liaison(&place);
        let output = command.env_remove(name).args(SERVE).output().unwrap();
        assert!(said(&output).contains(words), "{words}: {}", said(&output));
    }
    // No option takes the PIN itself, which `ps` would show.
    let help = done(liaison(&place).args(["serve", "--help"]));
    assert!(
        help.contains("--pkcs11-pin-file") && !help.contains("--pkcs11-pin "),
        "{help}"
    );
    let status = |command: &mut Command| done(command.args(["keys", "status"]));
    let mut variable = liaison(&place);
    variable
        .env_remove(pin)
        .env("LIAISON_PKCS11_PIN", softhsm::PIN);
    assert!(status(&mut variable).ends_with("well"));

    // A new hub has its root key in the token from its first day; another's is not its own.
    let new = folder.join("new.keys");
    let mut new_hub = Place::empty(backend).await;
    new_hub.env.clone_from(&place.env);
    set(&mut new_hub, "LIAISON_KEYS", new.to_str().unwrap());
    set(&mut new_hub, "LIAISON_PKCS11_KEY", "new-hub");
    let made = done(liaison(&new_hub).args(["keys", "create"]));
    assert!(
        made.contains("the token has the root key `pkcs11-"),
        "{made}"
    );
    done(liaison(&new_hub).arg("migrate"));
    drop(Program::serve(&new_hub));
    let mut command = liaison(&place);
    let other = command.env("LIAISON_PKCS11_KEY", "new-hub").args(SERVE);
    // Both are in one token: what counts is under which the key store is.
    drop(Program::begin(other));
}

async fn away(backend: Backend) {
    let place = place(backend).await;
    let officer = token(&place, OFFICER, "VICTIM");
    let owner = token(&place, "cat.secretary", "SECRETARIAT");
    let hub = Program::serve(&place);
    let (there, gone) = (
        place.folder.path().join("tokens"),
        place.folder.path().join("gone"),
    );
    let carry = |from: PathBuf, to: PathBuf| async move { fs::rename(from, to).unwrap() };
    hindered(
        NO_TOKEN,
        hub,
        &place,
        (&officer, &owner),
        || carry(there.clone(), gone.clone()),
        || carry(gone.clone(), there.clone()),
    )
    .await;
}
