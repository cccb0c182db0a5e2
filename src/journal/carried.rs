//! A log goes on where a copy of it ends: after a restore it must not begin a second end.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};

use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use super::{
    Ledger, LogFault, Note, Page,
    copy::{Line, lines, verify_file},
    ledger::end_of,
    log::unhex,
    nodes::{self, Nodes, Tree},
    tick::{self, Tick},
    tree::{Edge, Hash},
};
use crate::clock::Moment;

/// What a log has after its carried end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Entries of each kind that were made since.
    pub kinds: BTreeMap<String, u64>,
    /// Those entries, in their order.
    pub since: Vec<Since>,
    /// When the last entry of the copy was made, or its last tick.
    pub ends: Option<Moment>,
}

/// An entry that was made since, as far as the log says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Since {
    /// Its number.
    pub n: i64,
    /// When.
    pub at: Moment,
    /// What was done; empty where the entry's words were erased.
    pub kind: String,
    /// Code of the mechanism that has done it; empty where the registrar or the hub has.
    pub mechanism: String,
    /// What it was done to, by its tag.
    pub record: Option<String>,
    /// On which fields.
    pub fields: Vec<String>,
}

impl Since {
    fn read(n: i64, said: &Value) -> Self {
        let text = |name: &str| said.get(name).and_then(Value::as_str).map(str::to_owned);
        let time = said.get("time").and_then(Value::as_i64);
        let fields = said.get("fields").and_then(Value::as_array);
        let fields = fields.into_iter().flatten().filter_map(Value::as_str);
        Self {
            n,
            at: Moment::from_millis(time.unwrap_or_default()),
            kind: text("kind").unwrap_or_default(),
            mechanism: text("actor_mechanism").unwrap_or_default(),
            record: text("record_tag"),
            fields: fields.map(str::to_owned).collect(),
        }
    }
}

impl Ledger {
    /// Adds to the log what a copy of it has beyond its end, and takes out the words that were
    /// erased there.
    ///
    /// # Errors
    /// Fails where the database does; where the copy is not as it was written, or does not begin
    /// with this log; where it has not all that witnesses have signed, or the log has witnesses
    /// and it is not said what they have.
    pub async fn carry_on(&self, copy: &Path, witnessed: &[Note]) -> Result<Carried, LogFault> {
        let open =
            || -> io::Result<Box<dyn BufRead>> { Ok(Box::new(BufReader::new(File::open(copy)?))) };
        let (report, _) = verify_file(open, &self.key(), None, &[], None)?;
        for note in witnessed {
            let note = note.to_string();
            let (held, _) = verify_file(open, &self.key(), Some(&note), &[], None)?;
            if report.is_whole() && !held.is_whole() {
                return Err(LogFault::Forks);
            }
        }
        let page = self.open_page().await.map_err(|_| LogFault::Other)?;
        let transaction = page.transaction();
        let backend = transaction.get_database_backend();
        let witnesses = "SELECT COUNT(*) FROM audit_witness";
        let witnesses = Statement::from_string(backend, witnesses);
        let witnesses = transaction.query_one_raw(witnesses).await?;
        let witnesses = witnesses.map(|row| row.try_get_by_index::<i64>(0));
        if witnessed.is_empty() && witnesses.transpose()? != Some(0) {
            return Err(LogFault::Unwitnessed);
        }
        let (size, _) = nodes::last(transaction).await?;
        let edge = end_of(transaction, &super::ledger::Tail::default()).await;
        let root = edge.map_err(|_| LogFault::Other)?.root();
        if !report.is_whole() || report.size < size {
            return Err(LogFault::Other);
        }
        let (mut entries, mut notes, mut ticks) = (Vec::new(), Vec::new(), Vec::new());
        lines(open()?, |line| {
            match line {
                Line::Entry { n, body, leaf } => entries.push((n, body, unhex(&leaf)?)),
                Line::Checkpoint { size, checkpoint } => notes.push((size, checkpoint)),
                Line::Tick { tick, body, leaf } => {
                    ticks.push((tick, Tick::read(&body), unhex(&leaf)?));
                }
                // What witnesses have signed they sign again at their next visit.
                Line::Cosigned { .. } => {}
                // A person's own copy has not all that was.
                Line::Other { .. } | Line::Between { .. } => return None,
            }
            Some(())
        })?;
        let (mut edge, mut made, mut carried) =
            (Edge::default(), Nodes::default(), Carried::default());
        for (n, body, leaf) in entries {
            if n == size + 1 && edge.root() != root {
                return Err(LogFault::Other);
            }
            let number = i64::try_from(n).unwrap_or(i64::MAX);
            let nodes = edge.append(leaf);
            if n <= size {
                if body.is_empty() {
                    for sql in [
                        "UPDATE audit_leaf SET body = '' WHERE n = $1",
                        "DELETE FROM audit_reason WHERE n = $1",
                        "DELETE FROM audit_entry WHERE n = $1",
                    ] {
                        let gone = Statement::from_sql_and_values(backend, sql, [number.into()]);
                        transaction.execute_raw(gone).await?;
                    }
                }
                continue;
            }
            made.extend(nodes);
            let said: Value = serde_json::from_str(&body).unwrap_or_default();
            let since = Since::read(number, &said);
            *carried.kinds.entry(since.kind.clone()).or_default() += 1;
            transaction
                .execute_raw(Statement::from_sql_and_values(
                    backend,
                    "INSERT INTO audit_leaf (n, time, kind, body, leaf) \
                     VALUES ($1, $2, $3, $4, $5)",
                    [
                        number.into(),
                        since.at.millis().into(),
                        since.kind.as_str().into(),
                        body.into(),
                        leaf.to_vec().into(),
                    ],
                ))
                .await?;
            carried.since.push(since);
        }
        if report.size == size && edge.root() != root {
            return Err(LogFault::Other);
        }
        made.write(transaction, Tree::Entries).await?;
        for (of, note) in notes.into_iter().filter(|(of, _)| *of > size) {
            let of = i64::try_from(of).unwrap_or(i64::MAX);
            transaction
                .execute_raw(Statement::from_sql_and_values(
                    backend,
                    "INSERT INTO audit_checkpoint (size, at, note) VALUES ($1, 0, $2)",
                    [of.into(), note.into()],
                ))
                .await?;
        }
        let last = ticks.iter().rev().find_map(|(_, tick, _)| tick.as_ref());
        let last = last.map(|tick| Moment::from_millis(tick.slot.saturating_mul(tick::CADENCE)));
        carried.ends = last.max(carried.since.last().map(|since| since.at));
        carry_ticks(&page, ticks).await?;
        page.carried().await?;
        Ok(carried)
    }
}

/// Adds the ticks of a copy that were made since: the outer tree goes on where its witnesses
/// have seen it end.
async fn carry_ticks(page: &Page, ticks: Vec<(u64, Option<Tick>, Hash)>) -> Result<(), LogFault> {
    let transaction = page.transaction();
    let backend = transaction.get_database_backend();
    let size = tick::last(transaction).await?.map_or(0, |(n, ..)| n);
    let present = nodes::edge(transaction, Tree::Ticks, size).await?;
    let present = present.ok_or(LogFault::Other)?.root();
    if u64::try_from(ticks.len()).unwrap_or(u64::MAX) < size {
        return Err(LogFault::Other);
    }
    let (mut edge, mut made) = (Edge::default(), Nodes::default());
    let mut same = size == 0;
    for (n, tick, leaf) in ticks {
        let nodes = edge.append(leaf);
        if n <= size {
            same |= n == size && edge.root() == present;
            continue;
        }
        let tick = tick.filter(|_| same).ok_or(LogFault::Other)?;
        made.extend(nodes);
        let number = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
        transaction
            .execute_raw(Statement::from_sql_and_values(
                backend,
                "INSERT INTO audit_tick (n, slot, size, leaf) VALUES ($1, $2, $3, $4)",
                [
                    number(n).into(),
                    tick.slot.into(),
                    number(tick.size).into(),
                    leaf.to_vec().into(),
                ],
            ))
            .await?;
    }
    if !same {
        return Err(LogFault::Other);
    }
    Ok(made.write(transaction, Tree::Ticks).await?)
}
