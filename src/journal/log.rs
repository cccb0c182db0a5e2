//! The whole log, verified where it lies.

use std::{collections::HashMap, io};

use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, IsolationLevel, Statement,
    TransactionTrait,
};

use super::{
    Ledger,
    checkpoint::{LogKey, Note, WitnessKey},
    nodes::{self, Tree},
    outer::Outer,
    tick,
    tree::{self, Hash, Place},
    verify::{Check, Report},
};

/// Entries that are read at once.
pub(super) const BATCH: i64 = 1_000;

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
    /// A copy without what others have put their names to.
    #[error(
        "the copy of the log does not have all that witnesses have signed: it ends before that, or has another end; find a later copy, or begin a log of another name with `--new-log`"
    )]
    Forks,
    /// Witnesses were registered, and it is not said what they have signed.
    #[error(
        "the log has witnesses: say with `--witnessed FILE` what they have signed last (the `.head` file of each one's folder, or what `liaison audit witnessed` has printed), or begin a log of another name with `--new-log`"
    )]
    Unwitnessed,
    /// A line of the file.
    #[error("line {0} of the file is no line of a log")]
    Line(usize),
}

/// An entry as it is kept: number, body, hash.
pub(super) type Kept = (u64, String, Hash);

impl Ledger {
    /// Verifies the log in the database and the outer tree that its witnesses see, against an
    /// earlier checkpoint, too, of either, where one is given.
    ///
    /// # Errors
    /// Fails where the database does; what is wrong with the log is in the report.
    pub async fn verify(&self, since: Option<&str>) -> Result<Report, LogFault> {
        self.verify_signed_by(&[], since).await
    }

    /// The same, where each of these witnesses has to have signed.
    ///
    /// # Errors
    /// As [`Ledger::verify`].
    pub async fn verify_signed_by(
        &self,
        witnesses: &[WitnessKey],
        since: Option<&str>,
    ) -> Result<Report, LogFault> {
        let snapshot = self.snapshot().await?;
        let notes = checkpoints(&snapshot).await?;
        let cosigned = cosigned(&snapshot).await?;
        let mut outer = Outer::of(&notes, cosigned, since, &self.key());
        let mut check = Check::against(outer.with(notes), &self.key());
        let mut last = 0;
        loop {
            let entries = entries(&snapshot, last).await?;
            let Some((n, ..)) = entries.last() else { break };
            last = *n;
            let mut made = Vec::new();
            for (n, body, leaf) in &entries {
                made.extend(check.entry(*n, body, leaf));
            }
            let kept = kept(&snapshot, Tree::Entries, &made).await?;
            for (place, hash) in &made {
                check.node(*place, hash, kept.get(place));
            }
        }
        let mut last = 0;
        loop {
            let ticks = tick::after(&snapshot, last, BATCH).await?;
            let Some((n, ..)) = ticks.last() else { break };
            last = *n;
            let mut made = Vec::new();
            for kept in ticks {
                let body = tick::body_of(self.keys().audit(), kept, outer.check.signed());
                made.extend(outer.check.tick(kept.0, &body, &kept.3));
            }
            let kept = kept(&snapshot, Tree::Ticks, &made).await?;
            for (place, hash) in &made {
                outer.check.node(*place, hash, kept.get(place));
            }
        }
        let to = subtrees_kept_to(&snapshot).await?;
        Ok(outer.ended(check.ended(to), witnesses))
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
        let proof = nodes::hashes(self.connection(), Tree::Entries, &spans).await?;
        let good = |proof: &Vec<Hash>| {
            note.is_signed_by(&self.key())
                && tree::verify_inclusion(index, size, leaf, proof, &root)
        };
        Ok(proof.filter(good).map(|proof| (note, proof)))
    }

    /// The public half of the key with which the log is signed.
    pub fn key(&self) -> LogKey {
        LogKey::of(self.keys().checkpoint())
    }

    /// One state of the database for as long as it is read.
    pub(super) async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
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

pub(super) fn unhex(text: &str) -> Option<Hash> {
    let digits = text.as_bytes().chunks(2);
    let bytes = digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
    bytes.collect::<Option<Vec<u8>>>()?.try_into().ok()
}

pub(super) async fn checkpoints<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<(u64, String)>, DbErr> {
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

/// What witnesses have signed last, each with its key.
pub(super) async fn cosigned<C: ConnectionTrait>(
    connection: &C,
) -> Result<Vec<(String, String)>, DbErr> {
    let rows = connection
        .query_all_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT w.key, c.note FROM audit_cosignature c JOIN audit_witness w \
             ON w.name = c.witness ORDER BY w.name",
        ))
        .await?;
    let read =
        |row: &sea_orm::QueryResult| Ok((row.try_get_by_index(0)?, row.try_get_by_index(1)?));
    rows.iter().map(read).collect()
}

pub(super) async fn entries<C: ConnectionTrait>(
    connection: &C,
    after: u64,
) -> Result<Vec<Kept>, DbErr> {
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
    tree: Tree,
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
        kept.extend(nodes::row(connection, tree, level, first, last).await?);
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
pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}
