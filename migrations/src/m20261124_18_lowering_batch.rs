//! Requests to lower levels that were asked for together, and are answered together.

use sea_orm_migration::prelude::*;

use crate::columns::forward;

forward!(|manager| {
    let column = Alias::new("batch");
    let add = Table::alter()
        .table(Alias::new("lowering"))
        .add_column(ColumnDef::new(column.clone()).uuid())
        .to_owned();
    manager.alter_table(add).await?;
    let index = Index::create()
        .name("lowering_batch")
        .table(Alias::new("lowering"))
        .col(column)
        .to_owned();
    manager.create_index(index).await
});
