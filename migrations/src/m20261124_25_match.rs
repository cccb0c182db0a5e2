//! Tokens of the same-matter check, and the day of what a communication is about.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

use crate::columns::{NewTable, forward};

forward!(|manager| {
    let mut column = ColumnDef::new(Alias::new("happened_on"));
    column.text();
    if manager.get_connection().get_database_backend() == DbBackend::Postgres {
        column.extra("COLLATE \"C\"");
    }
    let add = Table::alter()
        .table(Alias::new("communication"))
        .add_column(column)
        .to_owned();
    manager.alter_table(add).await?;
    // One alleged victim of one matter. Of a person on file its id is that of the person's part
    // in the communication: it goes with that.
    NewTable::named(manager, "match_element")
        .key("id")
        .id("mechanism", true)
        .id("communication", false)
        .id("person", false)
        .id("matter", false)
        .flag("canary", true)
        .text("mode", true)
        .text("normalisation", true)
        .text("key_id", true)
        .number("made_at", true)
        .create(
            manager,
            &[&["mechanism"], &["communication"], &["person"], &["matter"]],
        )
        .await?;
    NewTable::named(manager, "match_country")
        .id("element", true)
        .text("country", true)
        .id("mechanism", true)
        .keyed_by(&["element", "country"])
        .create(manager, &[&["mechanism", "country"]])
        .await?;
    // A token is 16 bytes, as an id is. `kept`: it is found by others' questions; `asked`: its
    // own question asks for it.
    NewTable::named(manager, "match_token")
        .id("element", true)
        .id("token", true)
        .text("kind", true)
        .flag("widened", true)
        .flag("kept", true)
        .flag("asked", true)
        .keyed_by(&["element", "token"])
        .create(manager, &[&["token"]])
        .await
});
