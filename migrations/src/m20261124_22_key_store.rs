//! The keys of persons lie in a database of their own: here is none any more.

use sea_orm_migration::{
    prelude::{Alias, Table},
    sea_orm::{ConnectionTrait, DbErr, Statement},
};

use crate::columns::forward;

forward!(|manager| {
    let connection = manager.get_connection();
    let left = connection
        .query_one_raw(Statement::from_string(
            connection.get_database_backend(),
            "SELECT COUNT(*) FROM data_key",
        ))
        .await?;
    let left: i64 = left.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    // Whoever runs the migrations alone has not moved them, and would lose every file.
    if left > 0 {
        return Err(DbErr::Migration(
            "keys of persons have not been moved to the key store: run `liaison migrate`"
                .to_owned(),
        ));
    }
    let table = Table::drop().table(Alias::new("data_key")).to_owned();
    manager.drop_table(table).await
});
