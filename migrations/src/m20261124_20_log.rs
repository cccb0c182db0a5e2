//! The log as a Merkle tree, in place of the chain, and its signed checkpoints.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, Statement, Value},
};
use sha2::{Digest, Sha256};

use crate::columns::{NewTable, forward};

/// Entries that are read at once.
const BATCH: i64 = 1_000;

forward!(|manager| {
    // Before anything is made: what the chain shows to be changed is not made good by a tree.
    read(manager.get_connection(), false).await?;
    NewTable::named(manager, "audit_node")
        .number("level", true)
        .number("place", true)
        .bytes("hash", true)
        .keyed_by(&["level", "place"])
        .create(manager, &[])
        .await?;
    NewTable::named(manager, "audit_checkpoint")
        .number("size", true)
        .number("at", true)
        .text("note", true)
        .keyed_by(&["size"])
        .create(manager, &[])
        .await?;
    read(manager.get_connection(), true).await?;
    let mut alteration = Table::alter();
    alteration.table(Alias::new("audit_leaf"));
    alteration.drop_column(Alias::new("chain"));
    manager.alter_table(alteration).await
});

/// Reads the entries that are there, and makes their tree where it has a table. What the chain
/// shows to be changed has to be looked at first.
async fn read(connection: &SchemaManagerConnection<'_>, grow: bool) -> Result<(), DbErr> {
    let backend = connection.get_database_backend();
    let (mut chain, mut last) = ([0u8; 32], 0_i64);
    let mut edge: Vec<[u8; 32]> = Vec::new();
    loop {
        let rows = connection
            .query_all_raw(Statement::from_sql_and_values(
                backend,
                "SELECT n, body, leaf, chain FROM audit_leaf WHERE n > $1 ORDER BY n LIMIT $2",
                [last.into(), BATCH.into()],
            ))
            .await?;
        if rows.is_empty() {
            return Ok(());
        }
        let mut made: Vec<Value> = Vec::new();
        for row in rows {
            let (n, body): (i64, String) = (row.try_get_by_index(0)?, row.try_get_by_index(1)?);
            let kept: (Vec<u8>, Vec<u8>) = (row.try_get_by_index(2)?, row.try_get_by_index(3)?);
            let leaf = hash(0, &[body.as_bytes()]);
            chain = hash(1, &[&chain, &leaf]);
            if n != last + 1 || kept.0 != leaf || kept.1 != chain {
                let broken = format!(
                    "the log was changed at entry {}: its chain breaks there; look into it, and \
                     bring the database back from a copy",
                    last + 1
                );
                return Err(DbErr::Custom(broken));
            }
            let mut root = leaf;
            for level in 1..=last.trailing_ones() {
                let Some(left) = edge.pop() else { break };
                root = hash(1, &[&left, &root]);
                let place = last >> level;
                made.extend([i64::from(level).into(), place.into(), root.to_vec().into()]);
            }
            edge.push(root);
            last = n;
        }
        for rows in made.chunks(300).filter(|_| grow) {
            let places: Vec<String> = (0..rows.len() / 3)
                .map(|at| format!("(${}, ${}, ${})", 3 * at + 1, 3 * at + 2, 3 * at + 3))
                .collect();
            let sql = format!(
                "INSERT INTO audit_node (level, place, hash) VALUES {}",
                places.join(", ")
            );
            connection
                .execute_raw(Statement::from_sql_and_values(backend, sql, rows.to_vec()))
                .await?;
        }
    }
}

fn hash(mark: u8, parts: &[&[u8]]) -> [u8; 32] {
    let begun = Sha256::new().chain_update([mark]);
    let whole = parts
        .iter()
        .fold(begun, |hash, part| hash.chain_update(part));
    whole.finalize().into()
}
