use super::*;
use crate::{
    journal::{Checkpoint, LogKey},
    keys::KeyFile,
};

type Row = (u64, String, Hash);

fn rows(many: u64) -> Vec<Row> {
    let row = |n| {
        let body = format!("{{\"v\":1,\"n\":{n}}}");
        let leaf = leaf_hash(body.as_bytes());
        (n, body, leaf)
    };
    (1..=many).map(row).collect()
}

fn root(rows: &[Row]) -> Hash {
    let mut edge = Edge::default();
    for (_, _, leaf) in rows {
        edge.append(*leaf);
    }
    edge.root()
}

/// What a check of these rows finds, against checkpoints of the good log at two sizes.
fn found(keys: &KeyFile, good: &[Row], rows: &[Row]) -> Report {
    let key = keys.checkpoint();
    let note = |size: usize| {
        let root = root(&good[..size]);
        (size as u64, Checkpoint::signed(size as u64, &root, key))
    };
    let notes = [note(4), note(good.len())];
    let mut check = Check::against(notes, &LogKey::of(key));
    for (n, body, leaf) in rows {
        check.entry(*n, body, leaf);
    }
    check.ended(0)
}

#[test]
fn whatever_is_done_to_one_entry_is_found_and_numbered() {
    let keys = KeyFile::fresh().unwrap();
    let good = rows(9);
    let report = found(&keys, &good, &good);
    assert!(report.is_whole(), "{report:?}");
    assert_eq!((report.size, report.checkpoints, report.signed), (9, 2, 9));
    for at in 0..good.len() {
        let n = at as u64 + 1;
        let mut changed = good.clone();
        changed[at].1 = changed[at].1.replace("\"v\":1", "\"v\":2");
        let report = found(&keys, &good, &changed);
        assert_eq!(report.findings, [Finding::Changed(n)]);

        let mut removed = good.clone();
        removed.remove(at);
        let report = found(&keys, &good, &removed);
        assert_eq!(report.findings, [Finding::Missing(n, n)]);

        // With its hash made anew, as who has the whole database can.
        let mut rehashed = changed.clone();
        rehashed[at].2 = leaf_hash(rehashed[at].1.as_bytes());
        let report = found(&keys, &good, &rehashed);
        let first = if n <= 4 { (1, 4) } else { (5, 9) };
        assert_eq!(report.findings, [Finding::NotAsSigned(first.0, first.1)]);

        let mut swapped = good.clone();
        let other = (at + 3) % good.len();
        let (one, two) = (swapped[at].clone(), swapped[other].clone());
        (swapped[at].1, swapped[at].2) = (two.1, two.2);
        (swapped[other].1, swapped[other].2) = (one.1, one.2);
        let report = found(&keys, &good, &swapped);
        assert!(
            report.findings.contains(&Finding::Misplaced(n)),
            "{report:?}"
        );
    }
    let mut inserted = good.clone();
    inserted.insert(4, good[2].clone());
    assert!(!found(&keys, &good, &inserted).is_whole());
    let report = found(&keys, &good, &good[..6]);
    assert_eq!(report.findings, [Finding::Missing(7, 9)]);
    let report = found(&keys, &good, &[]);
    assert_eq!(report.findings, [Finding::Missing(1, 9)]);
}

#[test]
fn a_checkpoint_of_another_hub_is_not_this_log_s() {
    let keys = KeyFile::fresh().unwrap();
    let other = KeyFile::fresh().unwrap();
    let good = rows(3);
    let note = Checkpoint::signed(3, &root(&good), other.checkpoint());
    let check = Check::against([(3, note)], &LogKey::of(keys.checkpoint()));
    assert_eq!(check.ended(0).findings, [Finding::NotSigned(3)]);
    let check = Check::against([(3, "nothing".to_owned())], &LogKey::of(keys.checkpoint()));
    assert_eq!(check.ended(0).findings, [Finding::NoCheckpoint(3)]);
}
