//! What a log is held against beside its own checkpoints: the outer tree, and its witnesses.

use std::collections::BTreeMap;

use super::{
    checkpoint::{LogKey, Note, WitnessKey},
    tick::TickCheck,
    tree::Hash,
    verify::{Finding, Report, Witnessed},
};
use crate::clock::Moment;

/// A check of the outer tree, and of what was signed of it.
#[derive(Debug)]
pub(super) struct Outer {
    pub(super) check: TickCheck,
    /// A checkpoint of the log itself that somebody has kept.
    kept: Option<String>,
    /// What is cosigned: by whom, when, at which size.
    cosigned: Vec<(WitnessKey, Moment, u64)>,
    findings: Vec<Finding>,
}

impl Outer {
    /// A check against the notes of the log's own tree, those that witnesses have signed, each
    /// with the key of its witness, and one of either tree that somebody has kept.
    pub(super) fn of(
        notes: &[(u64, String)],
        cosigned: Vec<(String, String)>,
        since: Option<&str>,
        key: &LogKey,
    ) -> Self {
        let (ticks, mut findings) = (key.ticks(), Vec::new());
        let mut outer: Vec<Note> = Vec::new();
        let mut by = Vec::new();
        for (witness, note) in cosigned {
            let read = witness.parse::<WitnessKey>().ok().zip(note.parse().ok());
            let good = read.and_then(|(witness, note): (WitnessKey, Note)| {
                let at = note.cosigned_by(&witness)?;
                note.is_signed_by(&ticks).then_some((witness, at, note))
            });
            if let Some((witness, at, note)) = good {
                by.push((witness, at, note.checkpoint.size));
                outer.push(note);
            } else {
                let name = witness.split('+').next().unwrap_or_default();
                findings.push(Finding::NotCosigned(name.to_owned()));
            }
        }
        let mut kept = None;
        if let Some(since) = since {
            let read = since.parse::<Note>().ok();
            match read.filter(|note| note.checkpoint.origin == ticks.name()) {
                Some(note) if note.is_signed_by(&ticks) => outer.push(note),
                Some(note) => findings.push(Finding::NotSigned(note.checkpoint.size)),
                None => kept = Some(since.to_owned()),
            }
        }
        let mut signed = BTreeMap::<u64, Hash>::new();
        for (_, note) in notes {
            if let Ok(note) = note.parse::<Note>() {
                // Which of them are the log's own is another check's.
                signed.insert(note.checkpoint.size, note.checkpoint.root);
            }
        }
        Self {
            check: TickCheck::against(signed, &outer),
            kept,
            cosigned: by,
            findings,
        }
    }

    /// The notes of the log's own tree, with the one that somebody has kept.
    pub(super) fn with(&mut self, mut notes: Vec<(u64, String)>) -> Vec<(u64, String)> {
        notes.extend(self.kept.take().map(|note| {
            // What is no note is told as none.
            let size = note.parse::<Note>().map_or(0, |note| note.checkpoint.size);
            (size, note)
        }));
        notes
    }

    /// The end: what this adds to the report on the log itself. Each of these witnesses has to
    /// be among those who have signed.
    pub(super) fn ended(self, mut report: Report, witnesses: &[WitnessKey]) -> Report {
        let (ticks, entries, findings) = self.check.ended();
        report.ticks = ticks;
        report.findings.extend(self.findings);
        report.findings.extend(findings);
        for (by, at, size) in self.cosigned {
            if let Some(entries) = entries.get(&size).copied() {
                report.witnessed.push(Witnessed { by, at, entries });
            }
        }
        let missing = witnesses
            .iter()
            .filter(|key| !report.witnessed.iter().any(|one| one.by == **key));
        let missing: Vec<Finding> = missing
            .map(|key| Finding::NotCosigned(key.name().to_owned()))
            .collect();
        report.findings.extend(missing);
        report
    }
}
