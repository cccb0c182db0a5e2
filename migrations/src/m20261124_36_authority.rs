//! Whether a communication was lodged with the victim's authority; and no legal basis in
//! words beside an overlap: the log has it, sealed.

use sea_orm_migration::{prelude::*, sea_orm::ConnectionTrait};

use crate::columns::forward;

forward!(|manager| {
    let mut column = ColumnDef::new(Alias::new("with_authority"));
    column.boolean();
    let add = Table::alter()
        .table(Alias::new("communication"))
        .add_column(column)
        .to_owned();
    manager.alter_table(add).await?;
    manager
        .get_connection()
        .execute_unprepared(
            "UPDATE side_by_side SET basis = 'LEGAL_BASIS' WHERE basis <> 'CONSENT'",
        )
        .await?;
    Ok(())
});
