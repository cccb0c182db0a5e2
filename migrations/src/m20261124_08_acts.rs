//! Acts: what was done under which key, and to whom an agreement is known once in force.

use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "act")
        .text("subject", true)
        .bytes("key", true)
        .bytes("input", true)
        .id("record", true)
        .number("done_at", true)
        .keyed_by(&["subject", "key"])
        .create(manager, &[])
        .await?;
    let known = "ALTER TABLE agreement ADD COLUMN known_to TEXT";
    let connection = manager.get_connection();
    connection.execute_unprepared(known).await.map(|_| ())
});
