//! Until when a subject of another issuer is a holder here.

use sea_orm_migration::prelude::*;

use crate::columns::forward;

forward!(|manager| {
    let add = Table::alter()
        .table(Alias::new("mapping"))
        .add_column(ColumnDef::new(Alias::new("until")).big_integer())
        .to_owned();
    manager.alter_table(add).await
});
