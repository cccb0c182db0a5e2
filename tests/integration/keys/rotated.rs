//! Rotation of epochs and of the root key: under load no reading is lost, and what is over is
//! destroyed.

use std::{
    process::{Command, Output, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Instant,
};

use liaison::{
    confidentiality::vault::{DataKey, chain::EpochKey},
    id::RecordId,
    store::key_store::{FileProvider, RETENTION},
};
use serde_json::json;
use uuid::Uuid;

use super::{gone::ready, name, open_file};
use crate::{
    persons::File,
    support::{
        harness::{Backend, Suite},
        house::{House, mechanism},
    },
};

pub(crate) fn register(suite: &mut Suite) {
    suite.test("a_rotation_under_load_loses_no_reading", load);
    suite.test(
        "an_epoch_begins_with_the_month_and_is_destroyed_in_time",
        month,
    );
    suite.test("a_rotation_that_got_stuck_is_not_ready", stuck);
    suite.test(
        "a_rotation_of_the_root_that_is_cut_off_goes_on",
        root_cut_off,
    );
    // Figures, and no promise: `LIAISON_MEASURE=1 cargo test … keys_are_measured --nocapture`.
    if std::env::var_os("LIAISON_MEASURE").is_some() {
        suite.test("keys_are_measured", measured);
    }
}

/// Runs `liaison keys` on a house.
fn keys(house: &House, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_liaison"));
    command.env_clear().stdin(Stdio::null());
    command.env("LIAISON_DATABASE_URL", &house.url);
    command.env("LIAISON_KEY_STORE", &house.key_url);
    command.env("LIAISON_KEYS", &house.key_file);
    command.arg("keys").args(arguments).output().unwrap()
}

/// What a command that must do its work says.
fn done(house: &House, arguments: &[&str]) -> String {
    let output = keys(house, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

async fn load(backend: Backend) {
    let file = Arc::new(File::at(House::with_a_key_file(backend).await).await);
    open_file(&file).await;
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::new(AtomicUsize::new(0));
    let readers: Vec<_> = ["cat.petitions", "achpr.protection", "cat.petitions"]
        .into_iter()
        .map(|holder| {
            let (file, over, told) = (Arc::clone(&file), Arc::clone(&over), Arc::clone(&told));
            tokio::spawn(async move {
                while !over.load(Ordering::Relaxed) {
                    assert_eq!(name(&file, holder).await, "Ppx Wrongly Invented");
                    told.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    let house = &file.house;
    let root = || house.store.keys().sealing().id().to_owned();
    let before = root();
    for round in 0..3 {
        let rotated = Arc::clone(&file);
        // By another process, which has the key file and the key store and nothing else.
        let commands = move || {
            let epoch = done(&rotated.house, &["rotate", "epoch"]);
            assert!(epoch.contains(" 0 did not open"), "{epoch}");
            let root = done(&rotated.house, &["rotate", "root"]);
            assert!(root.contains("a new root key"), "{root}");
        };
        tokio::task::spawn_blocking(commands).await.unwrap();
        let now = house.clock.now();
        house.store.key_store().rotate_epoch(now).await.unwrap();
        // What is written meanwhile is read as well.
        let said = json!({ "contact": format!("through Invented Counsel {round}") });
        assert_eq!(file.correct(said).await, "DONE");
    }
    over.store(true, Ordering::Relaxed);
    for reader in readers {
        reader.await.unwrap();
    }
    let told = told.load(Ordering::Relaxed);
    assert!(told >= 10, "{told} readings are no load");
    let status = done(house, &["status"]);
    assert!(!status.contains(&before), "{status}");
    assert!(
        status.contains("well") && !status.contains("NOT WELL"),
        "{status}"
    );
    let elsewhere = house.elsewhere().await;
    assert!(elsewhere.key_store().is_ready().await);
    elsewhere.close().await;
    // The former root is in no file any more.
    let written = std::fs::read_to_string(&house.key_file).unwrap();
    assert!(!written.contains(&before) && !written.contains("former"));
    assert_eq!(ready(house).await, 200);
}

async fn month(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let keys = house.store.key_store();
    let epochs = "SELECT COUNT(*) FROM key_epoch";
    let now = house.clock.now();
    keys.turn_month(now).await.unwrap();
    assert_eq!(
        house.number_of_keys(epochs).await,
        1,
        "the month has not turned"
    );
    let later = now.plus_seconds(31 * 24 * 3_600);
    let all = house
        .number_of_keys("SELECT COUNT(*) FROM person_key")
        .await;
    let done = keys.turn_month(later).await.unwrap();
    assert_eq!(done.wrapped, usize::try_from(all).unwrap());
    assert_eq!(keys.turn_month(later).await.unwrap().wrapped, 0);
    let status = keys.status().await.unwrap();
    let told: Vec<_> = status
        .epochs
        .iter()
        .map(|epoch| (epoch.n, epoch.month.as_str(), epoch.copies))
        .collect();
    assert_eq!(told, [(2, "2026-07", all), (1, "2026-06", 0)]);
    assert_eq!(
        status.epochs[1].emptied.map(|at| at.seconds()),
        Some(later.seconds())
    );
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
    // It is kept as long as backups of the key store are, and no longer.
    let end = later.plus_seconds(RETENTION);
    assert_eq!(
        keys.turn_month(end.plus_seconds(-1))
            .await
            .unwrap()
            .destroyed,
        0
    );
    assert_eq!(keys.turn_month(end).await.unwrap().destroyed, 1);
    let first = "SELECT COUNT(*) FROM key_epoch WHERE n = 1";
    assert_eq!(house.number_of_keys(first).await, 0);
    let orphans =
        "SELECT COUNT(*) FROM mechanism_key WHERE epoch NOT IN (SELECT id FROM key_epoch)";
    assert_eq!(house.number_of_keys(orphans).await, 0);
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
}

async fn stuck(backend: Backend) {
    use std::os::unix::fs::PermissionsExt;
    let file = File::at(House::with_a_key_file(backend).await).await;
    let house = &file.house;
    assert_eq!(ready(house).await, 200);
    let now = house.clock.now();
    house.store.key_store().rotate_epoch(now).await.unwrap();
    house.store.key_store().rotate_epoch(now).await.unwrap();
    assert_eq!(ready(house).await, 200, "what is empty is not in use");
    let live = |set: &str| format!("UPDATE key_epoch SET emptied_at = {set} WHERE n < 3");
    house.meddle_with_keys(&live("NULL")).await;
    assert_eq!(ready(house).await, 503);
    assert!(done(house, &["status"]).contains("NOT WELL"));
    house.meddle_with_keys(&live("1")).await;
    assert_eq!(ready(house).await, 200);
    // Nor is it where the root key could not be used, or others could use it.
    let mode = |mode| {
        std::fs::set_permissions(&house.key_file, std::fs::Permissions::from_mode(mode)).unwrap()
    };
    mode(0o644);
    assert_eq!(ready(house).await, 503);
    mode(0o600);
    assert_eq!(ready(house).await, 200);
}

async fn root_cut_off(backend: Backend) {
    let file = File::at(House::with_a_key_file(backend).await).await;
    open_file(&file).await;
    let house = &file.house;
    // The file has the next root, and nothing can be wrapped under it.
    house
        .meddle_with_keys("ALTER TABLE key_epoch RENAME COLUMN wrapped TO mislaid")
        .await;
    assert!(!keys(house, &["rotate", "root"]).status.success());
    house
        .meddle_with_keys("ALTER TABLE key_epoch RENAME COLUMN mislaid TO wrapped")
        .await;
    let written = std::fs::read_to_string(&house.key_file).unwrap();
    assert!(written.contains("former_sealing"));
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
    let elsewhere = house.elsewhere().await;
    assert_eq!(
        elsewhere.key_store().rotate_root().await.unwrap().wrapped,
        1
    );
    elsewhere.close().await;
    let written = std::fs::read_to_string(&house.key_file).unwrap();
    assert!(!written.contains("former_sealing"));
    assert_eq!(
        name(&file, "achpr.protection").await,
        "Ppx Wrongly Invented"
    );
}

/// What a sealed field costs, and how long copies take to be wrapped anew.
async fn measured(backend: Backend) {
    let file = File::of(backend).await;
    open_file(&file).await;
    let house = &file.house;
    let token = house.token("cat.petitions", "read:person@VICTIM").await;
    let ask = async |field: &str| {
        let query = format!(
            "{{ node(id: \"{}\") {{ ... on Person {{ id {field} }} }} }}",
            file.person
        );
        for _ in 0..20 {
            house.ask_for(&token, "EXAMINATION", &query).await.data();
        }
        let begun = Instant::now();
        for _ in 0..300 {
            house.ask_for(&token, "EXAMINATION", &query).await.data();
        }
        begun.elapsed().as_secs_f64() / 300.0 * 1e3
    };
    let (unsealed, sealed) = (ask("version").await, ask("names { text }").await);
    println!(
        "{backend}: a reading {unsealed:.2} ms, of a sealed field {sealed:.2} ms, ratio {:.2}",
        sealed / unsealed
    );
    let keys = house.store.key_store();
    let now = house.clock.now();
    let many = std::env::var("LIAISON_MEASURE").ok();
    let many = many
        .and_then(|many| many.parse().ok())
        .filter(|many| *many > 1);
    fill(house, many.unwrap_or(100_000)).await;
    let begun = Instant::now();
    let done = keys.rotate_epoch(now).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "{backend}: {} copies wrapped anew in {seconds:.1} s, {} broken",
        done.wrapped, done.broken
    );
    #[cfg(feature = "pkcs11")]
    in_a_token(house, backend).await;
}

/// The same in a token, where the environment names one.
#[cfg(feature = "pkcs11")]
async fn in_a_token(house: &House, backend: Backend) {
    use liaison::store::key_store::{Between, HsmProvider, HsmSettings, KeyStore, Pin};
    let (Ok(module), Ok(token), Ok(pin)) = (
        std::env::var("LIAISON_PKCS11_MODULE"),
        std::env::var("LIAISON_PKCS11_TOKEN"),
        std::env::var("LIAISON_PKCS11_PIN_FILE"),
    ) else {
        return;
    };
    let hsm = HsmProvider::of(HsmSettings {
        module: module.into(),
        token,
        key: format!("measured-{backend}"),
        pin: Pin::File(pin.into()),
    });
    let hsm = hsm.unwrap();
    hsm.make_root().unwrap();
    // Not on the file that all houses share: a move replaces its root key.
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("own.keys");
    std::fs::copy(&house.key_file, &own).unwrap();
    let file = FileProvider::of(&own, Arc::clone(house.store.keys()));
    for provider in [&file, &hsm] {
        let begun = Instant::now();
        for _ in 0..1_000 {
            provider.wrap(&[7; 32], b"measured").unwrap();
        }
        let wrap = begun.elapsed().as_secs_f64() * 1e3;
        let (root, wrapped) = provider.wrap(&[7; 32], b"measured").unwrap();
        let begun = Instant::now();
        for _ in 0..1_000 {
            provider.unwrap(&root, &wrapped, b"measured").unwrap();
        }
        let unwrap = begun.elapsed().as_secs_f64() * 1e3;
        println!(
            "{}: wrap {wrap:.1} µs, unwrap {unwrap:.1} µs",
            provider.name()
        );
    }
    let both = Between::of(file, hsm);
    let keys = KeyStore::open(&house.key_url, both).await.unwrap();
    let begun = Instant::now();
    let done = keys.change_provider(house.clock.now()).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    keys.close().await;
    println!(
        "{backend}: moved to a token, {} copies wrapped anew in {seconds:.1} s, {} broken",
        done.wrapped, done.broken
    );
}

/// Adds so many copies of keys of CAT's, of persons who are none.
async fn fill(house: &House, many: usize) {
    let cat = mechanism("cat");
    let id = house.literal(cat.into());
    let root = house.store.keys().sealing().id();
    let epoch = house.bytes_of_keys("SELECT wrapped FROM key_epoch").await;
    let key = format!("SELECT wrapped FROM mechanism_key WHERE mechanism = {id}");
    let key = house.bytes_of_keys(&key).await;
    let number = match house.url.starts_with("sqlite") {
        true => "SELECT id FROM key_epoch",
        false => "SELECT decode(replace(id::text, '-', ''), 'hex') FROM key_epoch",
    };
    let number = Uuid::from_slice(&house.bytes_of_keys(number).await).unwrap();
    let provider = FileProvider::without_file(Arc::clone(house.store.keys()));
    let bound = EpochKey::binding(number);
    let epoch = EpochKey::unwrapped(number, provider.unwrap(root, &epoch, &bound).unwrap());
    let above = epoch.mechanism(cat, &key).unwrap();
    for _ in 0..many / 1_000 {
        let rows = (0..1_000).map(|_| {
            let person = RecordId::random();
            let copy = above.copy(person, &DataKey::fresh().unwrap()).unwrap();
            let literals = [RecordId(copy.key), RecordId(copy.epoch)].map(|id| house.literal(id));
            format!(
                "({}, {id}, {}, {}, {}, {})",
                house.literal(person),
                literals[0],
                literals[1],
                house.blob_literal(&copy.wrapped),
                house.blob_literal(&copy.commitment),
            )
        });
        let rows = rows.collect::<Vec<_>>().join(", ");
        let sql = "INSERT INTO person_key (person, mechanism, key_id, epoch, wrapped, commitment) VALUES ";
        house.meddle_with_keys(&format!("{sql}{rows}")).await;
    }
}
