//! Which acts a restore has lost, by their tags in the log; and whether all releases of
//! statistics are here again.

use sea_orm_migration::prelude::*;

use crate::columns::forward;

forward!(|manager| {
    let mut tag = ColumnDef::new(Alias::new("tag"));
    tag.text();
    let mut whole = ColumnDef::new(Alias::new("statistics_whole_at"));
    whole.big_integer();
    for (table, mut column) in [("restored_entry", tag), ("restored", whole)] {
        let add = Table::alter()
            .table(Alias::new(table))
            .add_column(&mut column)
            .to_owned();
        manager.alter_table(add).await?;
    }
    Ok(())
});
