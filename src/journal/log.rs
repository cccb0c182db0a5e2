//! The whole log: verified where it lies, written to a file, and verified there.

use std::{
    collections::HashMap,
    io::{self, BufRead, Write},
};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionTrait,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Ledger,
    checkpoint::{LogKey, Note},
    entry::hex,
    nodes,
    subject::SubjectKey,
    tree::{self, Hash, Place},
    verify::{Check, Report},
};

/// Entries that are read at once.
const BATCH: i64 = 1_000;

/// Why a log could not be verified or written at all.
#[derive(Debug, thiserror::Error)]
pub enum LogFault {
    /// The database.
    #[error("the log could not be read")]
    Database(#[from] DbErr),
    /// The file.
    #[error("the file of the log could not be read or written: {0}")]
    File(#[from] io::Error),
    /// A copy of another log, or one that was changed or ends earlier.
    #[error("the copy of the log is not whole, or is not of this log, or ends before it")]
    Other,
    /// A line of the file.
    #[error("line {0} of the file is no line of a log")]
    Line(usize),
}

/// A line of a log's file.
#[derive(Debug, Deserialize, Serialize)]
#[serde(untagged, deny_unknown_fields)]
pub(super) enum Line {
    Entry { n: u64, body: String, leaf: String },
    Checkpoint { size: u64, checkpoint: String },
}

/// An entry as it is kept: number, body, hash.
type Kept = (u64, String, Hash);

impl Ledger {
    /// Verifies the log in the database, against an earlier checkpoint, too, where one is given.
    ///
    /// # Errors
    /// Fails where the database does; what is wrong with the log is in the report.
    pub async fn verify(&self, since: Option<&str>) -> Result<Report, LogFault> {
        let snapshot = self.snapshot().await?;
        let mut notes = checkpoints(&snapshot).await?;
        notes.extend(since.and_then(with_size));
        let mut check = Check::against(notes, &self.key());
        let mut last = 0;
        loop {
            let entries = entries(&snapshot, last).await?;
            let Some((n, ..)) = entries.last() else { break };
            last = *n;
            let mut made = Vec::new();
            for (n, body, leaf) in &entries {
                made.extend(check.entry(*n, body, leaf));
            }
            let kept = kept(&snapshot, &made).await?;
            for (place, hash) in &made {
                check.node(*place, hash, kept.get(place));
            }
        }
        let to = subtrees_kept_to(&snapshot).await?;
        Ok(check.ended(to))
    }

    /// What proves that the entry with this hash stands under this number: the checkpoint and
    /// the hashes beside the way to its root. `None` where it does not stand there, or is not
    /// signed yet.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn prove(&self, n: i64, leaf: &Hash) -> Result<Option<(Note, Vec<Hash>)>, LogFault> {
        let note = self.checkpoint().await?;
        let Some(note) = note.and_then(|note| note.parse::<Note>().ok()) else {
            return Ok(None);
        };
        let (size, root) = (note.checkpoint.size, note.checkpoint.root);
        let index = unsigned(n).checked_sub(1);
        let spans = index.and_then(|index| Some((index, tree::inclusion(index, size)?)));
        let Some((index, spans)) = spans else {
            return Ok(None);
        };
        let proof = nodes::hashes(self.connection(), &spans).await?;
        let good = |proof: &Vec<Hash>| {
            note.is_signed_by(&self.key())
                && tree::verify_inclusion(index, size, leaf, proof, &root)
        };
        Ok(proof.filter(good).map(|proof| (note, proof)))
    }

    /// Writes the log as a file: its entries, then its checkpoints, a line each.
    ///
    /// # Errors
    /// Fails where the database or the file does.
    pub async fn export(&self, to: &mut (impl Write + Send)) -> Result<u64, LogFault> {
        let snapshot = self.snapshot().await?;
        let mut last = 0;
        loop {
            let entries = entries(&snapshot, last).await?;
            let Some((n, ..)) = entries.last() else { break };
            last = *n;
            for (n, body, leaf) in entries {
                let leaf = hex(&leaf);
                put(to, &Line::Entry { n, body, leaf })?;
            }
        }
        for (size, checkpoint) in checkpoints(&snapshot).await? {
            put(to, &Line::Checkpoint { size, checkpoint })?;
        }
        to.flush()?;
        Ok(last)
    }

    /// The public half of the key with which the log is signed.
    pub fn key(&self) -> LogKey {
        LogKey::of(self.keys().checkpoint())
    }

    /// One state of the database for as long as it is read.
    async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        match self.connection().get_database_backend() {
            DbBackend::Postgres => {
                let level = Some(IsolationLevel::RepeatableRead);
                let mode = Some(AccessMode::ReadOnly);
                self.connection().begin_with_config(level, mode).await
            }
            _ => self.connection().begin().await,
        }
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
    person: Option<&SubjectKey>,
) -> Result<(Report, Vec<OwnEntry>), LogFault> {
    let (tag, mut own) = (person.map(SubjectKey::tag), Vec::new());
    // Twice: the checkpoints come last, and are wanted from the beginning.
    let mut notes = Vec::new();
    lines(file()?, |line| {
        if let Line::Checkpoint { size, checkpoint } = line {
            notes.push((size, checkpoint));
        }
        Some(())
    })?;
    notes.extend(since.and_then(with_size));
    let mut check = Check::against(notes, key);
    lines(file()?, |line| {
        if let Line::Entry { n, body, leaf } = line {
            check.entry(n, &body, &unhex(&leaf)?);
            own.extend(tag.as_ref().and_then(|tag| OwnEntry::read(n, &body, tag)));
        }
        Some(())
    })?;
    Ok((check.ended(0), own))
}

/// A note under the size that it speaks of; what is none is told as none.
fn with_size(note: &str) -> Option<(u64, String)> {
    let size = note.parse::<Note>().map_or(0, |note| note.checkpoint.size);
    Some((size, note.to_owned()))
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

pub(super) fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

async fn checkpoints<C: ConnectionTrait>(connection: &C) -> Result<Vec<(u64, String)>, DbErr> {
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT size, note FROM audit_checkpoint ORDER BY size",
        ))
        .await?;
    let read = |row: &sea_orm::QueryResult| {
        let size: i64 = row.try_get_by_index(0)?;
        Ok((unsigned(size), row.try_get_by_index(1)?))
    };
    rows.iter().map(read).collect()
}

async fn entries<C: ConnectionTrait>(connection: &C, after: u64) -> Result<Vec<Kept>, DbErr> {
    let after = i64::try_from(after).unwrap_or(i64::MAX);
    let rows = connection
        .query_all_raw(Statement::from_sql_and_values(
            connection.get_database_backend(),
            "SELECT n, body, leaf FROM audit_leaf WHERE n > $1 ORDER BY n LIMIT $2",
            [after.into(), BATCH.into()],
        ))
        .await?;
    let read = |row: &sea_orm::QueryResult| {
        let leaf: Vec<u8> = row.try_get_by_index(2)?;
        // A hash of another length is that of nothing.
        let leaf = leaf.try_into().unwrap_or_default();
        Ok((
            unsigned(row.try_get_by_index(0)?),
            row.try_get_by_index(1)?,
            leaf,
        ))
    };
    rows.iter().map(read).collect()
}

/// What is kept of subtrees, of each height a row of them.
async fn kept<C: ConnectionTrait>(
    connection: &C,
    made: &[(Place, Hash)],
) -> Result<HashMap<Place, Hash>, DbErr> {
    let mut rows: HashMap<u32, (u64, u64)> = HashMap::new();
    for (place, _) in made {
        let row = rows
            .entry(place.level)
            .or_insert((place.index, place.index));
        *row = (row.0.min(place.index), row.1.max(place.index));
    }
    let mut kept = HashMap::new();
    for (level, (first, last)) in rows {
        kept.extend(nodes::row(connection, level, first, last).await?);
    }
    Ok(kept)
}

/// Up to which entry there are subtrees.
async fn subtrees_kept_to<C: ConnectionTrait>(connection: &C) -> Result<u64, DbErr> {
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT level, MAX(place) FROM audit_node GROUP BY level",
        ))
        .await?;
    let mut to = 0;
    for row in rows {
        let (level, place): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let last = u32::try_from(level).ok();
        let last = last.and_then(|level| (unsigned(place) + 1).checked_shl(level));
        to = to.max(last.unwrap_or(u64::MAX));
    }
    Ok(to)
}

/// A number that the database holds; one below nothing is none.
fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
