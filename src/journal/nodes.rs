//! The tree in the database: which hashes are kept, and how they are found again.

use std::collections::HashMap;

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Statement, Value};

use super::tree::{Edge, Hash, Place, Span};

/// Which tree: both are kept alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tree {
    /// The entries, and what is above them.
    Entries,
    /// The ticks, for witnesses.
    Ticks,
}

impl Tree {
    /// The table of its leaves.
    const fn leaves(self) -> &'static str {
        match self {
            Self::Entries => "audit_leaf",
            Self::Ticks => "audit_tick",
        }
    }

    /// The table of what is above them.
    const fn above(self) -> &'static str {
        match self {
            Self::Entries => "audit_node",
            Self::Ticks => "audit_tick_node",
        }
    }
}

/// Hashes of perfect subtrees above the leaves, to be written at once.
#[derive(Debug, Default)]
pub(super) struct Nodes(Vec<(Place, Hash)>);

/// Nodes of one statement: three values each, within what a statement may bind.
const AT_ONCE: usize = 100;

impl Nodes {
    pub(super) fn extend(&mut self, made: Vec<(Place, Hash)>) {
        self.0.extend(made);
    }

    /// Writes them; one that is there already is a log that was cut short, and an error.
    pub(super) async fn write<C: ConnectionTrait>(
        &self,
        connection: &C,
        tree: Tree,
    ) -> Result<(), DbErr> {
        for nodes in self.0.chunks(AT_ONCE) {
            let rows: Vec<String> = (0..nodes.len())
                .map(|at| format!("(${}, ${}, ${})", 3 * at + 1, 3 * at + 2, 3 * at + 3))
                .collect();
            let values = nodes.iter().flat_map(|(place, hash)| {
                let [level, index] = columns(*place);
                [level, index, hash.to_vec().into()]
            });
            let sql = format!(
                "INSERT INTO {} (level, place, hash) VALUES {}",
                tree.above(),
                rows.join(", ")
            );
            let backend = connection.get_database_backend();
            connection
                .execute_raw(Statement::from_sql_and_values(backend, sql, values))
                .await?;
        }
        Ok(())
    }
}

fn columns(place: Place) -> [Value; 2] {
    // A place beyond what the column holds is in no tree.
    let index = i64::try_from(place.index).unwrap_or(i64::MAX);
    [i64::from(place.level).into(), index.into()]
}

/// How many entries there are, and the hash of the last.
pub(super) async fn last<C: ConnectionTrait>(connection: &C) -> Result<(u64, Option<Hash>), DbErr> {
    let row = connection
        .query_one_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT n, leaf FROM audit_leaf ORDER BY n DESC LIMIT 1",
        ))
        .await?;
    let Some(row) = row else {
        return Ok((0, None));
    };
    let n: i64 = row.try_get_by_index(0)?;
    let leaf: Vec<u8> = row.try_get_by_index(1)?;
    Ok((u64::try_from(n).unwrap_or(0), leaf.try_into().ok()))
}

/// The right edge of the tree of the first `size` entries; `None` where a hash is missing.
pub(super) async fn edge<C: ConnectionTrait>(
    connection: &C,
    tree: Tree,
    size: u64,
) -> Result<Option<Edge>, DbErr> {
    let known = found(connection, tree, &Span::whole(size).places()).await?;
    Ok(Edge::of(size, |place| known.get(&place).copied()))
}

/// The hashes of a proof; `None` where one is missing.
pub(super) async fn hashes<C: ConnectionTrait>(
    connection: &C,
    tree: Tree,
    spans: &[Span],
) -> Result<Option<Vec<Hash>>, DbErr> {
    let places: Vec<Place> = spans.iter().flat_map(|span| span.places()).collect();
    let known = found(connection, tree, &places).await?;
    let hash = |span: &Span| span.hash(|place| known.get(&place).copied());
    Ok(spans.iter().map(hash).collect())
}

/// The subtrees of one height that are kept, from one place to another.
pub(super) async fn row<C: ConnectionTrait>(
    connection: &C,
    tree: Tree,
    level: u32,
    first: u64,
    last: u64,
) -> Result<HashMap<Place, Hash>, DbErr> {
    let [height, first] = columns(Place {
        level,
        index: first,
    });
    let [_, last] = columns(Place { level, index: last });
    // A leaf is its own subtree, of no height.
    let sql = if level == 0 {
        format!(
            "SELECT CAST($1 AS BIGINT), n - 1, leaf FROM {} WHERE n BETWEEN $2 + 1 AND $3 + 1",
            tree.leaves()
        )
    } else {
        format!(
            "SELECT level, place, hash FROM {} WHERE level = $1 AND place BETWEEN $2 AND $3",
            tree.above()
        )
    };
    let rows = connection
        .query_all_raw(Statement::from_sql_and_values(
            connection.get_database_backend(),
            sql,
            [height, first, last],
        ))
        .await?;
    read(&rows)
}

/// The hashes of perfect subtrees, as far as they are kept: at most two for each bit of the
/// size, in one statement.
async fn found<C: ConnectionTrait>(
    connection: &C,
    tree: Tree,
    places: &[Place],
) -> Result<HashMap<Place, Hash>, DbErr> {
    if places.is_empty() {
        return Ok(HashMap::new());
    }
    let (mut wanted, mut values) = (Vec::new(), Vec::new());
    for place in places {
        let [level, index] = columns(*place);
        let at = values.len();
        if place.level == 0 {
            wanted.push(format!(
                "SELECT CAST(0 AS BIGINT), n - 1, leaf FROM {} WHERE n = ${} + 1",
                tree.leaves(),
                at + 1
            ));
        } else {
            wanted.push(format!(
                "SELECT level, place, hash FROM {} WHERE level = ${} AND place = ${}",
                tree.above(),
                at + 1,
                at + 2
            ));
            values.push(level);
        }
        values.push(index);
    }
    let sql = wanted.join(" UNION ALL ");
    let backend = connection.get_database_backend();
    let rows = connection
        .query_all_raw(Statement::from_sql_and_values(backend, sql, values))
        .await?;
    read(&rows)
}

fn read(rows: &[QueryResult]) -> Result<HashMap<Place, Hash>, DbErr> {
    let mut known = HashMap::new();
    for row in rows {
        let (level, index): (i64, i64) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
        let hash: Vec<u8> = row.try_get_by_index(2)?;
        let place = u32::try_from(level).ok().zip(u64::try_from(index).ok());
        let place = place.map(|(level, index)| Place { level, index });
        if let Some((place, hash)) = place.zip(hash.try_into().ok()) {
            known.insert(place, hash);
        }
    }
    Ok(known)
}
