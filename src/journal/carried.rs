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
    Ledger, LogFault, Page,
    copy::{Line, lines, verify_file},
    ledger::end_of,
    log::unhex,
    nodes::{self, Nodes, Tree},
    tick::{self, Tick},
    tree::{Edge, Hash},
};

/// What a log has after its carried end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// Entries of each kind that were made since.
    pub kinds: BTreeMap<String, u64>,
}

impl Ledger {
    /// Adds to the log what a copy of it has beyond its end, and takes out the words that were
    /// erased there.
    ///
    /// # Errors
    /// Fails where the database does; where the copy is not as it was written, or does not begin
    /// with this log.
    pub async fn carry_on(&self, copy: &Path) -> Result<Carried, LogFault> {
        let open =
            || -> io::Result<Box<dyn BufRead>> { Ok(Box::new(BufReader::new(File::open(copy)?))) };
        let (report, _) = verify_file(open, &self.key(), None, &[], None)?;
        let page = self.open_page().await.map_err(|_| LogFault::Other)?;
        let transaction = page.transaction();
        let backend = transaction.get_database_backend();
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
            let kind = said.get("kind").and_then(Value::as_str).unwrap_or_default();
            let time = said.get("time").and_then(Value::as_i64).unwrap_or_default();
            *carried.kinds.entry(kind.to_owned()).or_default() += 1;
            transaction
                .execute_raw(Statement::from_sql_and_values(
                    backend,
                    "INSERT INTO audit_leaf (n, time, kind, body, leaf) \
                     VALUES ($1, $2, $3, $4, $5)",
                    [
                        number.into(),
                        time.into(),
                        kind.into(),
                        body.into(),
                        leaf.to_vec().into(),
                    ],
                ))
                .await?;
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
