use std::os::unix::fs::PermissionsExt;

use base64::engine::general_purpose::STANDARD;
use jsonwebtoken::Algorithm;

use super::*;

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

/// A file of these contents that only its owner can read.
fn file(folder: &tempfile::TempDir, text: &str) -> PathBuf {
    let path = folder.path().join("keys.json");
    let _ = fs::remove_file(&path);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn what_is_created_opens_with_the_same_keys() {
    let folder = folder();
    let path = folder.path().join("keys.json");
    let made = KeyFile::create(&path).unwrap();
    let read = KeyFile::open(&path).unwrap();
    assert_eq!(made.written(), read.written());
    assert_eq!(made.signing()[0].kid(), read.signing()[0].kid());
    assert_eq!(made.sealing().key().bytes(), read.sealing().key().bytes());
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
}

#[test]
fn keys_are_never_overwritten() {
    let folder = folder();
    let path = file(&folder, "mine");
    assert!(matches!(
        KeyFile::create(&path),
        Err(KeyFileError::Exists(_))
    ));
    assert_eq!(fs::read_to_string(&path).unwrap(), "mine");
}

#[test]
fn two_hubs_never_share_a_key() {
    let (one, other) = (KeyFile::fresh().unwrap(), KeyFile::fresh().unwrap());
    assert_ne!(one.signing[0].private, other.signing[0].private);
    assert_ne!(one.cursor, other.cursor);
}

#[test]
fn a_file_that_others_can_touch_is_refused() {
    let folder = folder();
    let path = folder.path().join("keys.json");
    KeyFile::create(&path).unwrap();
    for mode in [
        0o640, 0o604, 0o644, 0o620, 0o602, 0o601, 0o610, 0o666, 0o777,
    ] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let error = KeyFile::open(&path).unwrap_err();
        assert!(matches!(error, KeyFileError::Exposed(..)), "{mode:o}");
        assert!(error.to_string().contains("chmod 600"));
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(KeyFile::open(&path).is_ok());
}

#[test]
fn what_is_no_key_file_is_refused() {
    let folder = folder();
    let missing = folder.path().join("none.json");
    assert!(matches!(
        KeyFile::open(&missing),
        Err(KeyFileError::Missing(_))
    ));
    assert!(matches!(
        KeyFile::open(folder.path()),
        Err(KeyFileError::NotAKeyFile(_))
    ));
    let large = file(&folder, &" ".repeat(70_000));
    assert!(matches!(
        KeyFile::open(&large),
        Err(KeyFileError::NotAKeyFile(_))
    ));
    assert!(matches!(
        KeyFile::create(&missing.join("x")),
        Err(KeyFileError::Io(..))
    ));
}

#[test]
fn a_faulty_file_is_refused_and_its_secrets_are_not_told() {
    let folder = folder();
    let keys = KeyFile::fresh().unwrap();
    let good = keys.written().to_string();
    let cursor = keys.cursor.encode().to_string();
    let sealing = keys.sealing.key.encode().to_string();
    let private = keys.signing[0].private.encode().to_string();
    let (kid, id) = (keys.signing[0].kid(), keys.sealing().id());
    let rising = STANDARD.encode(std::array::from_fn::<u8, 32, _>(|place| place as u8));
    let signing = format!("{{\"kid\": \"{kid}\", \"private\": \"{private}\"}}");
    assert!(good.contains(&signing));
    let twice = format!(
        "{signing}, {}",
        signing.replace(&private, &KeyFile::fresh().unwrap().cursor.encode())
    );
    let log = keys.checkpoint.private.encode().to_string();
    let table: [(&str, String); 22] = [
        ("Shared", good.replace(&log, &private)),
        ("WrongName", good.replace(keys.checkpoint.name(), "a name")),
        ("Malformed", String::new()),
        ("Malformed", "[]".into()),
        ("Malformed", good.replace("\"cursor\"", "\"cursors\"")),
        ("Malformed", good.replace("\"cursor\"", "\"audit\"")),
        (
            "Malformed",
            good.replace("\"signing\"", "\"extra\": 1, \"signing\""),
        ),
        ("Malformed", good.replace(&format!("\"{cursor}\""), "7")),
        ("Malformed", format!("{good}{good}")),
        ("WrongLength", good.replace(&cursor, "")),
        (
            "WrongLength",
            good.replace(&cursor, &STANDARD.encode([7; 16])),
        ),
        (
            "WrongLength",
            good.replace(&cursor, &STANDARD.encode([7; 33])),
        ),
        (
            "WrongLength",
            good.replace(&cursor, &format!("{}!", &cursor[1..])),
        ),
        (
            "NotRandom",
            good.replace(&cursor, &STANDARD.encode([0; 32])),
        ),
        (
            "NotRandom",
            good.replace(&cursor, &STANDARD.encode([0xff; 32])),
        ),
        ("NotRandom", good.replace(&cursor, &rising)),
        (
            "NotRandom",
            good.replace(
                &cursor,
                &STANDARD.encode(b"changemechangemechangemechangeme"),
            ),
        ),
        ("Shared", good.replace(&cursor, &sealing)),
        ("Shared", good.replace(&private, &sealing)),
        ("WrongName", good.replace(kid, "")),
        ("WrongName", good.replace(id, "a name")),
        ("WrongName", good.replace(&signing, &twice)),
    ];
    for (fault, text) in table {
        let error = KeyFile::open(&file(&folder, &text)).unwrap_err();
        let told = format!("{error:?} {error}");
        assert!(told.starts_with(fault), "{fault}: {told}");
        for secret in [&cursor, &sealing, &private, &log] {
            assert!(
                !told.contains(secret.as_str()) && !told.contains(&secret[1..20]),
                "{fault}"
            );
        }
    }
    let none = good.replace(&signing, "");
    assert!(matches!(
        KeyFile::open(&file(&folder, &none)),
        Err(KeyFileError::NoSigningKey)
    ));
    let position = good.replace(&private, "");
    assert!(
        KeyFile::open(&file(&folder, &position))
            .unwrap_err()
            .to_string()
            .contains("`signing[0]`")
    );
}

#[test]
fn no_secret_is_printed() {
    let keys = KeyFile::fresh().unwrap();
    let printed = format!("{keys:?}");
    for secret in [
        &keys.cursor,
        &keys.audit,
        &keys.sealing.key,
        &keys.signing[0].private,
        &keys.checkpoint.private,
        &keys.matching.secret,
    ] {
        assert!(!printed.contains(secret.encode().as_str()));
        assert!(!printed.contains(&format!("{:?}", secret.bytes())));
    }
}

#[test]
fn a_signing_key_verifies_what_it_signs_and_nothing_else() {
    let (one, other) = (SigningKey::fresh().unwrap(), SigningKey::fresh().unwrap());
    let signature =
        jsonwebtoken::crypto::sign(b"message", &one.encoding_key(), Algorithm::EdDSA).unwrap();
    let verify = |key: &SigningKey, message: &[u8]| {
        let key = key.decoding_key().unwrap();
        jsonwebtoken::crypto::verify(&signature, message, &key, Algorithm::EdDSA).unwrap()
    };
    assert!(verify(&one, b"message"));
    assert!(!verify(&one, b"massage"));
    assert!(!verify(&other, b"message"));
}

#[test]
fn the_public_half_is_that_of_rfc_8032() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    };
    let private = bytes("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
    let public = bytes("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
    let private = SecretKey(private.try_into().unwrap());
    let key = SigningKey::of("k".into(), private, None);
    assert_eq!(
        key.decoding_key().unwrap().try_get_as_bytes().unwrap(),
        public
    );
}

#[test]
fn a_file_of_an_earlier_version_is_refused_until_it_is_completed() {
    let folder = folder();
    let keys = KeyFile::fresh().unwrap();
    let whole = keys.written().to_string();
    // Of the version before the last, too: what it has stays.
    let (last, _) = whole.split_once(",\n  \"matching\"").unwrap();
    let path = file(&folder, &format!("{last}\n}}\n"));
    assert!(matches!(
        KeyFile::open(&path),
        Err(KeyFileError::NoMatchingKey)
    ));
    assert!(KeyFile::complete(&path).unwrap());
    let completed = KeyFile::open(&path).unwrap();
    assert_eq!(completed.checkpoint().name(), keys.checkpoint().name());
    assert_ne!(completed.matching().id(), keys.matching().id());
    let (before, _) = whole.split_once(",\n  \"checkpoint\"").unwrap();
    let path = file(&folder, &format!("{before}\n}}\n"));
    let error = KeyFile::open(&path).unwrap_err();
    assert!(
        error.to_string().contains("liaison keys complete"),
        "{error}"
    );
    assert!(KeyFile::complete(&path).unwrap());
    let completed = KeyFile::open(&path).unwrap();
    assert_eq!(completed.audit.encode(), keys.audit.encode());
    assert_eq!(completed.signing[0].kid(), keys.signing[0].kid());
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    // Nothing is added twice, and what is no key file is not completed.
    let text = fs::read_to_string(&path).unwrap();
    assert!(!KeyFile::complete(&path).unwrap());
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    assert!(KeyFile::complete(&file(&folder, "{}")).is_err());
}
