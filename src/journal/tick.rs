//! Ticks: what witnesses sign, so that they need not see how the log grows.
//!
//! How many entries the log has, and when it grows, tells how often sealed files are opened. A
//! witness sees another tree: each minute in which the hub runs has one leaf there, whether
//! something was done or nothing. The leaf is a hash over a nonce and the log's size and root as
//! they stand; without the nonce, which is made with the hub's audit key, leaves are alike. Why
//! this, and not dummy entries in the log itself: whatever pads a log has to know how much is
//! enough, and one busy day shows it; a tree that grows by the clock says nothing at all. Every
//! leaf has the log's state, and none says "no change": then one leaf proves all that was there
//! before it.
//!
//! Who has an entry follows it to a witness in four steps: the entry is in the log's tree, whose
//! size and root are the words of a leaf, which is in the outer tree, whose root was cosigned.
//! The words of one leaf are shown with its nonce and give away no other's.
//!
//! A minute in which the hub did not run has no leaf, and gets none afterwards: nobody can say
//! what the log was then. That it did not run its witnesses have seen anyway, as it did not
//! answer. What is left: a leaf waits for its turn among those who write, so that a witness who
//! asks in the very second of a tick learns whether the hub was busy in that moment.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::STANDARD};
use sea_orm::{ConnectionTrait, DbErr, Statement};

use super::{
    Ledger, LedgerError, Note,
    checkpoint::Checkpoint,
    entry::{hex, keyed},
    ledger::number,
    log::unsigned,
    nodes::{self, Nodes, Tree},
    tile::Tile,
    tree::{self, Edge, Hash, Place, leaf_hash},
    verify::Finding,
};
use crate::{clock::Moment, keys::SecretKey};

/// Milliseconds from one tick to the next.
pub const CADENCE: i64 = 60_000;
/// What the words of a leaf begin with.
const KIND: &str = "liaison/tick/1";

/// What a leaf of the outer tree says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tick {
    /// Its number, from 1.
    pub n: u64,
    /// Which minute since the start of 1970.
    pub slot: i64,
    /// How many entries the log had.
    pub size: u64,
    /// The root of their tree.
    pub root: Hash,
    /// What nobody can guess.
    pub nonce: Hash,
}

impl Tick {
    /// The minute of a moment.
    pub fn slot_of(at: Moment) -> i64 {
        at.millis().div_euclid(CADENCE)
    }

    /// The tick of a hub with this audit key.
    fn of(key: &SecretKey, (n, slot): (u64, i64), size: u64, root: Hash) -> Self {
        let place = [n.to_be_bytes(), slot.to_be_bytes()].concat();
        Self {
            n,
            slot,
            size,
            root,
            nonce: keyed(key, "tick", &place),
        }
    }

    /// Its words, as they are hashed.
    pub fn body(&self) -> String {
        let (nonce, root) = (hex(&self.nonce), STANDARD.encode(self.root));
        let (n, slot, size) = (self.n, self.slot, self.size);
        format!("{KIND}\n{nonce}\n{n} {slot}\n{size}\n{root}\n")
    }

    /// Reads the words of a leaf; there is one way to write them.
    pub fn read(body: &str) -> Option<Self> {
        let mut lines = body.lines();
        let mut next = || lines.next();
        (next()? == KIND).then_some(())?;
        let nonce = super::log::unhex(next()?)?;
        let (n, slot) = next()?.split_once(' ')?;
        let tick = Self {
            n: n.parse().ok()?,
            slot: slot.parse().ok()?,
            size: next()?.parse().ok()?,
            root: STANDARD.decode(next()?).ok()?.try_into().ok()?,
            nonce,
        };
        (tick.body() == body).then_some(tick)
    }
}

/// A tick as it is kept: number, minute, size of the log, leaf.
pub(super) type Kept = (u64, i64, u64, Hash);

impl Ledger {
    /// Signs the log as it stands, and puts it into the outer tree, once a minute; says the
    /// size of that tree where it has grown.
    ///
    /// # Errors
    /// Fails where the database does, and where the log is not as it was written.
    pub async fn tick(&self, at: Moment) -> Result<Option<u64>, LedgerError> {
        let page = self.open_page().await?;
        let (edge, _) = page.signed(at).await?;
        let (size, root, slot) = (edge.size(), edge.root(), Tick::slot_of(at));
        let transaction = page.transaction();
        let last = last(transaction).await?;
        if last.is_some_and(|(_, before, known, _)| before >= slot || known > size) {
            // Another process has made it; or the log is shorter than it was.
            page.kept().await?;
            return Ok(None);
        }
        let n = last.map_or(0, |(n, ..)| n) + 1;
        let mut outer = nodes::edge(transaction, Tree::Ticks, n - 1)
            .await?
            .ok_or(LedgerError::Torn)?;
        let tick = Tick::of(self.keys().audit(), (n, slot), size, root);
        let leaf = leaf_hash(tick.body().as_bytes());
        let mut made = Nodes::default();
        made.extend(outer.append(leaf));
        transaction
            .execute_raw(Statement::from_sql_and_values(
                transaction.get_database_backend(),
                "INSERT INTO audit_tick (n, slot, size, leaf) VALUES ($1, $2, $3, $4)",
                [
                    number(n)?.into(),
                    slot.into(),
                    number(size)?.into(),
                    leaf.to_vec().into(),
                ],
            ))
            .await?;
        made.write(transaction, Tree::Ticks).await?;
        page.kept().await?;
        Ok(Some(n))
    }

    /// The checkpoint of the outer tree, at its present size or an earlier one; `None` where
    /// it has none.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn outer_checkpoint(&self, size: Option<u64>) -> Result<Option<Note>, LedgerError> {
        let connection = self.connection();
        let present = last(connection).await?.map_or(0, |(n, ..)| n);
        let size = size.unwrap_or(present);
        if size == 0 || size > present {
            return Ok(None);
        }
        let edge = nodes::edge(connection, Tree::Ticks, size).await?;
        let root = edge.ok_or(LedgerError::Torn)?.root();
        let note = Checkpoint::of_ticks(size, &root, self.keys().checkpoint());
        Ok(note.parse().ok())
    }

    /// The bytes of a tile of the outer tree; `None` where there is none.
    ///
    /// # Errors
    /// Fails where the database does.
    pub async fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, LedgerError> {
        let connection = self.connection();
        let present = last(connection).await?.map_or(0, |(n, ..)| n);
        if !tile.is_in(present) {
            return Ok(None);
        }
        let (level, first, end) = tile.row();
        let row = nodes::row(connection, Tree::Ticks, level, first, end).await?;
        let hashes = (first..=end).map(|index| row.get(&Place { level, index }));
        let hashes: Option<Vec<&Hash>> = hashes.collect();
        let hashes = hashes.ok_or(LedgerError::Torn)?;
        Ok(Some(hashes.into_iter().flatten().copied().collect()))
    }

    /// The first tick that has the log with at least so many entries, with what proves that
    /// it is in the outer tree at a size; `None` where it is not in there.
    ///
    /// # Errors
    /// Fails where the database does, and where the log is not as it was written.
    pub async fn tick_with(
        &self,
        entries: u64,
        size: u64,
    ) -> Result<Option<(Tick, Vec<Hash>)>, LedgerError> {
        let connection = self.connection();
        let row = connection
            .query_one_raw(Statement::from_sql_and_values(
                connection.get_database_backend(),
                "SELECT n, slot, size, leaf FROM audit_tick WHERE size >= $1 AND n <= $2 \
                 ORDER BY n LIMIT 1",
                [number(entries)?.into(), number(size)?.into()],
            ))
            .await?;
        let Some((n, slot, entries, leaf)) = row.as_ref().map(kept).transpose()? else {
            return Ok(None);
        };
        let edge = nodes::edge(connection, Tree::Entries, entries).await?;
        let root = edge.ok_or(LedgerError::Torn)?.root();
        let tick = Tick::of(self.keys().audit(), (n, slot), entries, root);
        let spans = tree::inclusion(n - 1, size).unwrap_or_default();
        let proof = nodes::hashes(connection, Tree::Ticks, &spans).await?;
        if leaf_hash(tick.body().as_bytes()) != leaf {
            return Err(LedgerError::Torn);
        }
        Ok(proof.map(|proof| (tick, proof)))
    }
}

/// The last tick.
pub(super) async fn last<C: ConnectionTrait>(connection: &C) -> Result<Option<Kept>, DbErr> {
    let row = connection
        .query_one_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT n, slot, size, leaf FROM audit_tick ORDER BY n DESC LIMIT 1",
        ))
        .await?;
    row.as_ref().map(kept).transpose()
}

/// Ticks after one, as many as are read at once.
pub(super) async fn after<C: ConnectionTrait>(
    connection: &C,
    n: u64,
    most: i64,
) -> Result<Vec<Kept>, DbErr> {
    let n = i64::try_from(n).unwrap_or(i64::MAX);
    let rows = connection
        .query_all_raw(Statement::from_sql_and_values(
            connection.get_database_backend(),
            "SELECT n, slot, size, leaf FROM audit_tick WHERE n > $1 ORDER BY n LIMIT $2",
            [n.into(), most.into()],
        ))
        .await?;
    rows.iter().map(kept).collect()
}

fn kept(row: &sea_orm::QueryResult) -> Result<Kept, DbErr> {
    let leaf: Vec<u8> = row.try_get_by_index(3)?;
    Ok((
        unsigned(row.try_get_by_index(0)?),
        row.try_get_by_index(1)?,
        unsigned(row.try_get_by_index(2)?),
        // A hash of another length is that of nothing.
        leaf.try_into().unwrap_or_default(),
    ))
}

/// The words of a tick that is kept, where the log was signed at its size.
pub(super) fn body_of(
    key: &SecretKey,
    (n, slot, size, _): Kept,
    signed: &BTreeMap<u64, Hash>,
) -> String {
    // What was never signed is no tick: its words are nothing's, and don't fit the leaf.
    let root = signed.get(&size).copied();
    let root = root.or((size == 0).then(tree::empty_root));
    root.map_or_else(String::new, |root| {
        Tick::of(key, (n, slot), size, root).body()
    })
}

/// A check of the outer tree under way.
#[derive(Debug)]
pub(super) struct TickCheck {
    edge: Edge,
    slot: i64,
    size: u64,
    /// The roots that the log was signed with, by its size.
    signed: BTreeMap<u64, Hash>,
    /// By size of the outer tree: what was signed or cosigned as its root.
    wanted: BTreeMap<u64, BTreeSet<Hash>>,
    /// How many entries the log had at these sizes.
    entries: BTreeMap<u64, u64>,
    pub(super) findings: Vec<Finding>,
}

impl TickCheck {
    /// A check against what was signed of the log, and what was of the outer tree.
    pub(super) fn against<'a>(
        signed: BTreeMap<u64, Hash>,
        outer: impl IntoIterator<Item = &'a Note>,
    ) -> Self {
        let mut wanted = BTreeMap::<u64, BTreeSet<Hash>>::new();
        for note in outer {
            let known = wanted.entry(note.checkpoint.size).or_default();
            known.insert(note.checkpoint.root);
        }
        Self {
            edge: Edge::default(),
            slot: i64::MIN,
            size: 0,
            signed,
            wanted,
            entries: BTreeMap::new(),
            findings: Vec::new(),
        }
    }

    /// What the log was signed with.
    pub(super) fn signed(&self) -> &BTreeMap<u64, Hash> {
        &self.signed
    }

    /// The next tick; says which subtrees it makes perfect.
    pub(super) fn tick(&mut self, n: u64, body: &str, leaf: &Hash) -> Vec<(Place, Hash)> {
        let next = self.edge.size() + 1;
        let good = Tick::read(body).filter(|tick| {
            let root = self.signed.get(&tick.size).copied();
            let root = root.or((tick.size == 0).then(tree::empty_root));
            tick.n == n
                && n == next
                && tick.slot > self.slot
                && tick.size >= self.size
                && root == Some(tick.root)
                && leaf_hash(body.as_bytes()) == *leaf
        });
        match good {
            Some(tick) => (self.slot, self.size) = (tick.slot, tick.size),
            None => self.findings.push(Finding::Tick(n)),
        }
        self.appended(leaf)
    }

    /// The next tick, of which there is the hash alone.
    pub(super) fn between(&mut self, n: u64, leaf: &Hash) {
        if n != self.edge.size() + 1 {
            self.findings.push(Finding::Tick(n));
        }
        self.appended(leaf);
    }

    fn appended(&mut self, leaf: &Hash) -> Vec<(Place, Hash)> {
        let made = self.edge.append(*leaf);
        let size = self.edge.size();
        if let Some(roots) = self.wanted.remove(&size) {
            if roots.iter().all(|root| *root == self.edge.root()) {
                self.entries.insert(size, self.size);
            } else {
                self.findings.push(Finding::NotAsWitnessed(size));
            }
        }
        made
    }

    /// Compares a subtree with what was kept of it.
    pub(super) fn node(&mut self, place: Place, made: &Hash, kept: Option<&Hash>) {
        if kept != Some(made) {
            self.findings
                .push(Finding::Tick((place.index + 1) << place.level));
        }
    }

    /// The end: how many ticks there are, and how many entries the log had at the sizes of
    /// which a root was wanted and found.
    pub(super) fn ended(mut self) -> (u64, BTreeMap<u64, u64>, Vec<Finding>) {
        let beyond = self.wanted.into_keys().map(Finding::NotAsWitnessed);
        self.findings.extend(beyond);
        (self.edge.size(), self.entries, self.findings)
    }
}
