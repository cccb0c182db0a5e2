//! What a holder answers, to whom, and how much of it.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use super::{Desk, DeskFault, HolderFile, HolderFileError, Tally, TallyFault};
use crate::{
    clock::Clock,
    keys::KeyFileError,
    same_matter::blind::{BlindFault, Element, Published, wire::AskedBatch},
};

/// A holder in a folder of its own, with one client.
struct Holder {
    _folder: tempfile::TempDir,
    path: PathBuf,
    clock: Clock,
    secret: String,
}

impl Holder {
    fn with_a_day(a_day: u32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("holder.keys");
        HolderFile::create(&path).unwrap();
        let secret = HolderFile::admit(&path, "invented-one", a_day).unwrap();
        Self {
            path,
            clock: Clock::fixed(1_790_000_000),
            secret: secret.to_string(),
            _folder: folder,
        }
    }

    fn desk(&self) -> Desk {
        Desk::open(&self.path, self.clock.clone()).unwrap()
    }

    fn published(&self) -> Published {
        HolderFile::open(&self.path).unwrap().published().unwrap()
    }
}

/// A batch of so many elements for a share: which points they are does not matter.
fn batch(share: &Published, count: usize) -> AskedBatch {
    let element = Element::parse(&share.to_string()).unwrap();
    AskedBatch::of(share, &vec![element; count])
}

#[test]
fn a_days_elements_are_counted_and_capped_and_a_restart_gives_no_second_day() {
    let holder = Holder::with_a_day(100);
    let share = holder.published();
    let desk = holder.desk();
    let ask = |desk: &Desk, count| desk.answer(&holder.secret, &batch(&share, count));
    let answer = ask(&desk, 60).unwrap();
    assert_eq!(answer.elements.len(), 60);
    // A batch is answered whole or not at all; what was refused is not counted.
    assert!(matches!(ask(&desk, 41), Err(DeskFault::Exhausted)));
    assert!(ask(&desk, 30).is_ok());
    drop(desk);
    let desk = holder.desk();
    assert!(matches!(ask(&desk, 11), Err(DeskFault::Exhausted)));
    assert!(ask(&desk, 10).is_ok());
    assert!(matches!(ask(&desk, 1), Err(DeskFault::Exhausted)));
    holder.clock.advance(24 * 3_600);
    assert!(ask(&desk, 100).is_ok());
    // Of the whole time, nothing is on disk but counts.
    let kept = fs::read_to_string(Desk::tally(&holder.path)).unwrap();
    assert_eq!(
        kept,
        r#"{"2026-09-21":{"invented-one":100},"2026-09-22":{"invented-one":100}}"#
    );
}

#[test]
fn who_is_not_known_is_answered_nothing_and_costs_nobody_anything() {
    let holder = Holder::with_a_day(10);
    let (share, desk) = (holder.published(), holder.desk());
    for secret in ["", "invented-one", &holder.secret[1..]] {
        let said = desk.answer(secret, &batch(&share, 1));
        assert!(matches!(said, Err(DeskFault::Unknown)), "{secret}");
    }
    let wrong = |batch: &AskedBatch| desk.answer(&holder.secret, batch).unwrap_err();
    assert!(matches!(
        wrong(&batch(&share, 0)),
        DeskFault::Batch(BlindFault::Count)
    ));
    assert!(matches!(
        wrong(&batch(&share, 129)),
        DeskFault::Batch(BlindFault::Count)
    ));
    let mut bad = batch(&share, 2);
    bad.elements[1] = "A".repeat(43);
    assert!(matches!(wrong(&bad), DeskFault::Batch(BlindFault::Element)));
    bad.elements.truncate(1);
    bad.share = "another".to_owned();
    assert!(matches!(wrong(&bad), DeskFault::OtherShare));
    assert!(desk.answer(&holder.secret, &batch(&share, 10)).is_ok());
}

#[test]
fn who_is_dismissed_is_so_at_once() {
    let holder = Holder::with_a_day(10);
    let (share, desk) = (holder.published(), holder.desk());
    let other = HolderFile::admit(&holder.path, "invented-two", 10).unwrap();
    assert!(desk.answer(&other, &batch(&share, 10)).is_ok());
    // Each has a day of its own.
    assert!(desk.answer(&holder.secret, &batch(&share, 10)).is_ok());
    HolderFile::dismiss(&holder.path, "invented-two").unwrap();
    let said = desk.answer(&other, &batch(&share, 1));
    assert!(matches!(said, Err(DeskFault::Unknown)));
    let again = HolderFile::dismiss(&holder.path, "invented-two");
    assert!(matches!(again, Err(HolderFileError::Unknown(_))));
    let taken = HolderFile::admit(&holder.path, "invented-one", 1);
    assert!(matches!(taken, Err(HolderFileError::Known(_))));
    let none = HolderFile::admit(&holder.path, "a \"name\"", 1);
    assert!(matches!(none, Err(HolderFileError::Name(_))));
}

#[test]
fn the_share_before_answers_until_it_is_let_go() {
    let holder = Holder::with_a_day(1_000);
    let (first, desk) = (holder.published(), holder.desk());
    let answers = |share: &Published| desk.answer(&holder.secret, &batch(share, 1)).is_ok();
    let second = HolderFile::rotate(&holder.path, false).unwrap();
    assert!(first != second && answers(&first) && answers(&second));
    let third = HolderFile::rotate(&holder.path, false).unwrap();
    assert!(!answers(&first) && answers(&second) && answers(&third));
    let fourth = HolderFile::rotate(&holder.path, true).unwrap();
    assert!(!answers(&third) && answers(&fourth));
}

#[test]
fn a_file_that_others_can_read_or_that_is_none_is_refused() {
    let holder = Holder::with_a_day(1);
    let mode = |mode| fs::set_permissions(&holder.path, fs::Permissions::from_mode(mode)).unwrap();
    assert_eq!(
        fs::metadata(&holder.path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let exists = HolderFile::create(&holder.path);
    assert!(matches!(
        exists,
        Err(HolderFileError::Keys(KeyFileError::Exists(_)))
    ));
    mode(0o640);
    let exposed = HolderFile::open(&holder.path);
    assert!(matches!(
        exposed,
        Err(HolderFileError::Keys(KeyFileError::Exposed(..)))
    ));
    mode(0o600);
    let text = fs::read_to_string(&holder.path).unwrap();
    assert!(
        !text.contains(&holder.secret),
        "a client's secret is not kept"
    );
    let printed = format!("{:?}", HolderFile::open(&holder.path).unwrap());
    let share = text.split('"').nth(3).unwrap();
    assert!(share.len() == 44 && !printed.contains(share));
    for bad in [
        text.replace(share, ""),
        text.replace("a_day", "b_day"),
        String::new(),
    ] {
        fs::write(&holder.path, bad).unwrap();
        assert!(HolderFile::open(&holder.path).is_err());
    }
}

#[test]
fn a_tally_that_is_damaged_answers_nobody() {
    let holder = Holder::with_a_day(10);
    fs::write(Desk::tally(&holder.path), "{\"2026").unwrap();
    let opened = Desk::open(&holder.path, holder.clock.clone());
    assert!(matches!(
        opened.err(),
        Some(DeskFault::Tally(TallyFault::Malformed(_)))
    ));
    // Nor one that can't be written.
    let mut tally = Tally::open(std::path::Path::new("/nowhere/at/all")).unwrap();
    let now = holder.clock.now();
    assert!(tally.count("invented-one", 1, 10, now).is_err());
    assert_eq!(tally.of("invented-one", now), 0);
}
