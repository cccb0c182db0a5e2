//! The edition of what is public: one number, which no act on anything else moves.

use sea_orm_migration::sea_orm::ConnectionTrait;

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::named(manager, "edition")
        .number("public", true)
        .keyed_by(&["public"])
        .create(manager, &[])
        .await?;
    let first = "INSERT INTO edition (public) VALUES (0)";
    let connection = manager.get_connection();
    connection.execute_unprepared(first).await.map(|_| ())
});
