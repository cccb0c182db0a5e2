//! Whether a log is as it was written: each entry, the tree over them, what was signed.
//!
//! The same check for a database and for a file that was exported of it, entry by entry, so
//! that a log of any length takes the memory of one batch.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use serde_json::Value;

use super::{
    checkpoint::{LogKey, Note, WitnessKey},
    tree::{Edge, Hash, Place, leaf_hash},
};
use crate::clock::Moment;

/// What is wrong with a log, by the numbers of its entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// What an entry says is not what was written.
    Changed(u64),
    /// An entry stands where another was.
    Misplaced(u64),
    /// Entries are not there.
    Missing(u64, u64),
    /// One of these entries was changed, and its hash with it.
    ChangedAmong(u64, u64),
    /// These entries are not all those that were signed.
    NotAsSigned(u64, u64),
    /// The words of an entry are gone, and no entry says that they were erased.
    Silenced(u64),
    /// A checkpoint of this size is not signed with the log's key.
    NotSigned(u64),
    /// A checkpoint is none.
    NoCheckpoint(u64),
    /// A tick is not as it was made, or is not there.
    Tick(u64),
    /// The outer tree is not what was signed or witnessed at this size.
    NotAsWitnessed(u64),
    /// A witness has not signed what it is said to have.
    NotCosigned(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed(n) => write!(f, "entry {n} was changed"),
            Self::Misplaced(n) => write!(f, "entry {n} stands where another was"),
            Self::Missing(from, to) if from == to => write!(f, "entry {from} is missing"),
            Self::Missing(from, to) => write!(f, "entries {from} to {to} are missing"),
            Self::ChangedAmong(from, to) => {
                write!(
                    f,
                    "one of the entries {from} to {to} was changed with its hash"
                )
            }
            Self::NotAsSigned(from, to) => {
                write!(f, "entries {from} to {to} are not those that were signed")
            }
            Self::Silenced(n) => {
                write!(f, "the words of entry {n} are gone, and no erasure says so")
            }
            Self::NotSigned(size) => {
                write!(
                    f,
                    "the checkpoint at {size} is not signed with this log's key"
                )
            }
            Self::NoCheckpoint(size) => write!(f, "what stands for a checkpoint at {size} is none"),
            Self::Tick(n) => write!(f, "tick {n} is not as it was made"),
            Self::NotAsWitnessed(size) => {
                write!(
                    f,
                    "the first {size} ticks are not those that were witnessed"
                )
            }
            Self::NotCosigned(by) => write!(f, "no cosignature of `{by}` is there that is good"),
        }
    }
}

impl Finding {
    /// Whether it says of entries among these that they are not in order.
    fn is_among(&self, first: u64, last: u64) -> bool {
        match self {
            Self::Changed(n) | Self::Misplaced(n) | Self::Silenced(n) => (first..=last).contains(n),
            Self::Missing(from, to)
            | Self::ChangedAmong(from, to)
            | Self::NotAsSigned(from, to) => *from <= last && first <= *to,
            Self::NotSigned(_)
            | Self::NoCheckpoint(_)
            | Self::Tick(_)
            | Self::NotAsWitnessed(_)
            | Self::NotCosigned(_) => false,
        }
    }
}

/// What a witness has put its name to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witnessed {
    /// The witness's key.
    pub by: WitnessKey,
    /// When.
    pub at: Moment,
    /// How many entries the log had.
    pub entries: u64,
}

/// What a check has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries there are.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// Entries whose words were erased with the person whom they were about.
    pub erased: u64,
    /// Checkpoints with which the log agrees.
    pub checkpoints: u64,
    /// Up to which entry it is as it was signed.
    pub signed: u64,
    /// How many ticks there are.
    pub ticks: u64,
    /// What witnesses have signed of it.
    pub witnessed: Vec<Witnessed>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.findings.is_empty()
    }
}

/// A check under way.
#[derive(Debug)]
pub struct Check {
    edge: Edge,
    /// The number of the next entry.
    next: u64,
    /// Whether entries are missing: then no tree can be made of the rest.
    broken: bool,
    /// By size: what was signed as the root there.
    signed: BTreeMap<u64, Vec<Hash>>,
    agreed: u64,
    good_to: u64,
    erased: u64,
    /// Entries without words of which no erasure has told yet.
    silent: BTreeSet<u64>,
    findings: Vec<Finding>,
    /// Rows of entries that are not as they were signed, which other findings may narrow.
    unlike: Vec<(u64, u64)>,
}

impl Check {
    /// A check against these checkpoints, of which each must be the log's own.
    pub fn against(notes: impl IntoIterator<Item = (u64, String)>, key: &LogKey) -> Self {
        let mut check = Self {
            edge: Edge::default(),
            next: 1,
            broken: false,
            signed: BTreeMap::new(),
            agreed: 0,
            good_to: 0,
            erased: 0,
            silent: BTreeSet::new(),
            findings: Vec::new(),
            unlike: Vec::new(),
        };
        for (size, note) in notes {
            match note.parse::<Note>() {
                Ok(note) if note.checkpoint.size == size && note.is_signed_by(key) => {
                    let roots = check.signed.entry(size).or_default();
                    roots.push(note.checkpoint.root);
                }
                Ok(_) => check.findings.push(Finding::NotSigned(size)),
                Err(_) => check.findings.push(Finding::NoCheckpoint(size)),
            }
        }
        check.signed_here();
        check
    }

    /// The next entry; says which subtrees it makes perfect.
    pub fn entry(&mut self, n: u64, body: &str, leaf: &Hash) -> Vec<(Place, Hash)> {
        if n < self.next {
            self.findings.push(Finding::Misplaced(n));
            return Vec::new();
        }
        if n > self.next {
            self.findings.push(Finding::Missing(self.next, n - 1));
            self.broken = true;
        }
        self.next = n.saturating_add(1);
        if body.is_empty() {
            self.silent.insert(n);
        } else if leaf_hash(body.as_bytes()) != *leaf {
            self.findings.push(Finding::Changed(n));
        } else {
            self.read(n, body);
        }
        if self.broken {
            return Vec::new();
        }
        let made = self.edge.append(*leaf);
        self.signed_here();
        made
    }

    /// The next entry, of which there is the hash alone: it is another's.
    pub(super) fn other(&mut self, n: u64, leaf: &Hash) {
        if n == self.next && !self.broken {
            self.next = n.saturating_add(1);
            self.edge.append(*leaf);
            self.signed_here();
        } else {
            // As any entry that is not in its place.
            self.entry(n, "", leaf);
        }
    }

    /// What an entry that was not changed says of its place, and of others.
    fn read(&mut self, n: u64, body: &str) {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        if body.get("n").and_then(Value::as_u64) != Some(n) {
            self.findings.push(Finding::Misplaced(n));
        }
        let erased = body.get("erased").and_then(Value::as_array);
        for n in erased.into_iter().flatten().filter_map(Value::as_u64) {
            self.erased += u64::from(self.silent.remove(&n));
        }
    }

    /// Compares a subtree with what was kept of it.
    pub fn node(&mut self, place: Place, made: &Hash, kept: Option<&Hash>) {
        if kept != Some(made) {
            let (first, last) = (
                (place.index << place.level) + 1,
                (place.index + 1) << place.level,
            );
            if !self.knows_among(first, last) {
                self.findings.push(Finding::ChangedAmong(first, last));
            }
        }
    }

    /// The end: what was signed beyond it is missing, and so is what the tree had.
    pub fn ended(mut self, subtrees_kept_to: u64) -> Report {
        let size = self.next - 1;
        let known = self.signed.keys().next_back().copied().unwrap_or(0);
        let known = known.max(subtrees_kept_to);
        if known > size {
            self.findings.push(Finding::Missing(size + 1, known));
        }
        let silent = std::mem::take(&mut self.silent);
        self.findings
            .extend(silent.into_iter().map(Finding::Silenced));
        for (first, last) in std::mem::take(&mut self.unlike) {
            if !self.knows_among(first, last) {
                self.findings.push(Finding::NotAsSigned(first, last));
            }
        }
        Report {
            size,
            root: self.edge.root(),
            erased: self.erased,
            checkpoints: self.agreed,
            signed: self.good_to,
            ticks: 0,
            witnessed: Vec::new(),
            findings: self.findings,
        }
    }

    /// Compares with what was signed at this size.
    fn signed_here(&mut self) {
        let size = self.edge.size();
        let Some(roots) = self.signed.get(&size) else {
            return;
        };
        let root = self.edge.root();
        if roots.iter().all(|signed| *signed == root) {
            self.agreed += 1;
            self.good_to = size;
        } else {
            self.unlike.push((self.good_to + 1, size));
        }
    }

    /// Whether a finding says already, and more closely, that these entries are not in order.
    fn knows_among(&self, first: u64, last: u64) -> bool {
        let mut findings = self.findings.iter();
        findings.any(|finding| finding.is_among(first, last))
    }
}

#[cfg(test)]
mod tests;
