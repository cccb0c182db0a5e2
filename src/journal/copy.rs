//! The log as a file: written whole, or for one person, and verified where there is no hub.

use std::{
    collections::BTreeSet,
    io::{self, BufRead, Write},
};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Ledger,
    checkpoint::{LogKey, Note, WitnessKey},
    entry::hex,
    log::{self, BATCH, LogFault, unhex},
    outer::Outer,
    subject::SubjectKey,
    tick,
    verify::{Check, Report},
};

/// A line of a log's file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Line {
    Entry {
        n: u64,
        body: String,
        leaf: String,
    },
    Checkpoint {
        size: u64,
        checkpoint: String,
    },
    Tick {
        tick: u64,
        body: String,
        leaf: String,
    },
    Cosigned {
        witness: String,
        note: String,
    },
    // In a person's own copy: entries and ticks of which there is the hash alone.
    Other {
        other: u64,
        leaf: String,
    },
    Between {
        between: u64,
        leaf: String,
    },
}

impl Ledger {
    /// Writes the log as a file: its entries, its ticks, its checkpoints, and what its
    /// witnesses have signed, a line each. For a person with this key, of entries about others
    /// the hashes alone, and of ticks the words of those that were cosigned: then the copy is
    /// verified as before, and tells of nobody else's file.
    ///
    /// # Errors
    /// Fails where the database or the file does.
    pub async fn export(
        &self,
        to: &mut (impl Write + Send),
        person: Option<&SubjectKey>,
    ) -> Result<u64, LogFault> {
        let snapshot = self.snapshot().await?;
        let tag = person.map(SubjectKey::tag);
        let mut last = 0;
        loop {
            let entries = log::entries(&snapshot, last).await?;
            let Some((n, ..)) = entries.last() else { break };
            last = *n;
            for (n, body, leaf) in entries {
                let leaf = hex(&leaf);
                let told = tag.as_ref();
                let told = told.is_none_or(|tag| OwnEntry::read(n, &body, tag).is_some());
                if told {
                    put(to, &Line::Entry { n, body, leaf })?;
                } else {
                    put(to, &Line::Other { other: n, leaf })?;
                }
            }
        }
        let notes = log::checkpoints(&snapshot).await?;
        let cosigned = log::cosigned(&snapshot).await?;
        let sizes = cosigned.iter().filter_map(|(_, note)| {
            let note = note.parse::<Note>().ok()?;
            Some(note.checkpoint.size)
        });
        let sizes: BTreeSet<u64> = sizes.collect();
        let outer = Outer::of(&notes, Vec::new(), None, &self.key());
        let mut signed = BTreeSet::new();
        signed.extend(notes.last().map(|(size, _)| *size));
        let mut tick = 0;
        loop {
            let kept = tick::after(&snapshot, tick, BATCH).await?;
            let Some((n, ..)) = kept.last() else { break };
            tick = *n;
            for kept in kept {
                let (tick, leaf) = (kept.0, hex(&kept.3));
                if person.is_none() || sizes.contains(&tick) {
                    signed.insert(kept.2);
                    let body = tick::body_of(self.keys().audit(), kept, outer.check.signed());
                    put(to, &Line::Tick { tick, body, leaf })?;
                } else {
                    put(
                        to,
                        &Line::Between {
                            between: tick,
                            leaf,
                        },
                    )?;
                }
            }
        }
        for (size, checkpoint) in notes {
            // When the log was signed, and how long it was then, tells how it grows.
            if person.is_none() || signed.contains(&size) {
                put(to, &Line::Checkpoint { size, checkpoint })?;
            }
        }
        for (witness, note) in cosigned {
            put(to, &Line::Cosigned { witness, note })?;
        }
        to.flush()?;
        Ok(last)
    }
}

/// An entry about one person, as the person is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnEntry {
    /// Its number.
    pub n: u64,
    /// When, in milliseconds since the start of 1970.
    pub at: i64,
    /// What was done.
    pub kind: String,
    /// By which mechanism.
    pub mechanism: String,
    /// Which fields.
    pub fields: Vec<String>,
    /// For what.
    pub purpose: Option<String>,
}

impl OwnEntry {
    /// The entry, where it carries the tag of the person.
    fn read(n: u64, body: &str, tag: &str) -> Option<Self> {
        let body: Value = serde_json::from_str(body).ok()?;
        let text = |name: &str| Some(body.get(name)?.as_str()?.to_owned());
        let fields = body.get("fields").and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(Value::as_str);
        (text("subject_tag")? == tag).then(|| Self {
            n,
            at: body.get("time").and_then(Value::as_i64).unwrap_or_default(),
            kind: text("kind").unwrap_or_default(),
            mechanism: text("actor_mechanism").unwrap_or_default(),
            fields: fields.map(str::to_owned).collect(),
            purpose: text("purpose"),
        })
    }
}

/// Verifies a log's file with the public key of the log, and finds the entries about the
/// person with this key.
///
/// # Errors
/// Fails where the file can't be read, or holds what is no line of a log.
pub fn verify_file(
    file: impl Fn() -> io::Result<Box<dyn BufRead>>,
    key: &LogKey,
    since: Option<&str>,
    witnesses: &[WitnessKey],
    person: Option<&SubjectKey>,
) -> Result<(Report, Vec<OwnEntry>), LogFault> {
    let (tag, mut own) = (person.map(SubjectKey::tag), Vec::new());
    // Twice: the checkpoints come last, and are wanted from the beginning.
    let (mut notes, mut cosigned) = (Vec::new(), Vec::new());
    lines(file()?, |line| {
        match line {
            Line::Checkpoint { size, checkpoint } => notes.push((size, checkpoint)),
            Line::Cosigned { witness, note } => cosigned.push((witness, note)),
            Line::Entry { .. } | Line::Tick { .. } | Line::Other { .. } | Line::Between { .. } => {}
        }
        Some(())
    })?;
    let mut outer = Outer::of(&notes, cosigned, since, key);
    let mut check = Check::against(outer.with(notes), key);
    lines(file()?, |line| {
        match line {
            Line::Entry { n, body, leaf } => {
                check.entry(n, &body, &unhex(&leaf)?);
                own.extend(tag.as_ref().and_then(|tag| OwnEntry::read(n, &body, tag)));
            }
            Line::Other { other, leaf } => check.other(other, &unhex(&leaf)?),
            Line::Tick { tick, body, leaf } => {
                outer.check.tick(tick, &body, &unhex(&leaf)?);
            }
            Line::Between { between, leaf } => outer.check.between(between, &unhex(&leaf)?),
            Line::Checkpoint { .. } | Line::Cosigned { .. } => {}
        }
        Some(())
    })?;
    Ok((outer.ended(check.ended(0), witnesses), own))
}

pub(super) fn lines(
    file: Box<dyn BufRead>,
    mut each: impl FnMut(Line) -> Option<()>,
) -> Result<(), LogFault> {
    for (number, line) in file.lines().enumerate() {
        let line = line?;
        let read = serde_json::from_str(&line).ok().and_then(&mut each);
        read.ok_or(LogFault::Line(number + 1))?;
    }
    Ok(())
}

fn put(to: &mut impl Write, line: &Line) -> Result<(), LogFault> {
    serde_json::to_writer(&mut *to, line).map_err(io::Error::from)?;
    Ok(to.write_all(b"\n")?)
}
