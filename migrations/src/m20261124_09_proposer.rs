//! Which party has proposed an agreement: drafts are counted against it.

use sea_orm_migration::prelude::{Alias, ColumnDef, Index, Table};

use crate::columns::forward;

forward!(|manager| {
    let (table, column) = (Alias::new("agreement"), Alias::new("proposer_id"));
    let add = Table::alter()
        .table(table.clone())
        .add_column(ColumnDef::new(column.clone()).uuid())
        .to_owned();
    manager.alter_table(add).await?;
    let index = Index::create()
        .name("agreement_proposer")
        .table(table)
        .col(column)
        .to_owned();
    manager.create_index(index).await
});
