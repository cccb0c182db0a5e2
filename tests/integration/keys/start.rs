//! A start is refused where keys would not be safe, or could not be used.

use std::{
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use crate::support::{
    harness::{Backend, Suite},
    house::{House, empty},
};

pub(crate) fn register(suite: &mut Suite) {
    suite.plain("a_start_with_keys_that_are_not_safe_is_refused", refused);
    suite.test("a_key_store_is_no_part_of_the_main_database", apart);
}

fn liaison(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.current_dir(folder).env_clear().stdin(Stdio::null());
    command.envs(variables.iter().copied());
    command.args(arguments).output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn refused() {
    let folder = tempfile::tempdir().unwrap();
    let run = |variables: &[(&str, &str)], arguments: &[&str]| {
        liaison(folder.path(), variables, arguments)
    };
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    assert!(run(&[], &["keys", "create"]).status.success());
    let migrated = run(&[], &["migrate"]);
    assert!(migrated.status.success(), "{}", said(&migrated));
    let mode = |name: &str, mode: u32| {
        let path = folder.path().join(name);
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    let store = folder.path().join("liaison.keys.db");
    let made = std::fs::metadata(&store).unwrap().permissions().mode() & 0o777;
    assert_eq!(made, 0o600, "nobody else can read the key store");
    for name in ["liaison.keys.db", "liaison.keys"] {
        mode(name, 0o640);
        for arguments in [&serve[..], &["keys", "status"], &["migrate"]] {
            let output = run(&[], arguments);
            assert!(!output.status.success(), "{name}: {arguments:?}");
            let text = said(&output);
            assert!(
                text.contains("open to others") && text.contains(name),
                "{text}"
            );
        }
        mode(name, 0o600);
    }
    let unknown = run(&[("LIAISON_KEY_PROVIDER", "somewhere")], &serve);
    assert!(!unknown.status.success());
    assert!(
        said(&unknown).contains("no provider `somewhere`"),
        "{}",
        said(&unknown)
    );
    let missing = run(&[("LIAISON_KEYS", "nowhere.keys")], &serve);
    assert!(
        said(&missing).contains("does not exist"),
        "{}",
        said(&missing)
    );
    let elsewhere = [("LIAISON_KEY_STORE", "sqlite://other.db?mode=rwc")];
    let unmigrated = run(&elsewhere, &serve);
    assert!(
        said(&unmigrated).contains("run `liaison migrate`"),
        "{}",
        said(&unmigrated)
    );
    // A default in place of the root key.
    let keys = folder.path().join("liaison.keys");
    let written = std::fs::read_to_string(&keys).unwrap();
    let at = written.find("\"key\": \"").unwrap() + 8;
    let zeros = format!(
        "{}{}{}",
        &written[..at],
        "A".repeat(43),
        &written[at + 43..]
    );
    std::fs::write(&keys, zeros).unwrap();
    let default = run(&[], &serve);
    assert!(!default.status.success());
    assert!(
        said(&default).contains("a default and not a random one"),
        "{}",
        said(&default)
    );
}

async fn apart(backend: Backend) {
    let house = House::open(backend).await;
    let file = house.key_file.to_str().unwrap().to_owned();
    let run = |url: &str, store: Option<&str>, arguments: &[&str]| {
        let mut variables = vec![("LIAISON_DATABASE_URL", url), ("LIAISON_KEYS", &file)];
        variables.extend(store.map(|store| ("LIAISON_KEY_STORE", store)));
        let folder = tempfile::tempdir().unwrap();
        liaison(folder.path(), &variables, arguments)
    };
    // Neither in an empty database that is to be the main one, nor in one that is.
    let (empty, _folder) = empty(backend).await;
    for (main, store) in [
        (&empty, &empty),
        (&house.url, &house.url),
        (&house.key_url, &house.key_url),
        (&house.key_url, &house.url),
    ] {
        let shared = run(main, Some(store), &["migrate"]);
        assert!(!shared.status.success());
        assert!(
            said(&shared).contains("a database of its own"),
            "{}",
            said(&shared)
        );
    }
    let serve = ["serve", "--listen", "127.0.0.1:0"];
    let shared = run(&house.url, Some(&house.url), &serve);
    assert!(
        said(&shared).contains("a database of its own"),
        "{}",
        said(&shared)
    );
    if backend == Backend::Postgres {
        let unnamed = run(&house.url, None, &serve);
        assert!(!unnamed.status.success());
        assert!(
            said(&unnamed).contains("LIAISON_KEY_STORE"),
            "{}",
            said(&unnamed)
        );
    }
}
