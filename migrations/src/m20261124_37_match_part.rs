//! What an element is of: a person on file has one under each secret that is compared.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::columns::forward;

forward!(|manager| {
    let mut column = ColumnDef::new(Alias::new("part"));
    column.uuid();
    let add = Table::alter()
        .table(Alias::new("match_element"))
        .add_column(column)
        .to_owned();
    manager.alter_table(add).await?;
    manager
        .get_connection()
        .execute_unprepared("UPDATE match_element SET part = id")
        .await?;
    let index = Index::create()
        .name("match_element_part")
        .table(Alias::new("match_element"))
        .col(Alias::new("part"))
        .to_owned();
    manager.create_index(index).await
});
