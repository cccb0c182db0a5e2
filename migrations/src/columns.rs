//! The columns that tables share: the label of a record, and its provenance.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{ConnectionTrait, DbBackend},
};

/// A table in the making, in the dialect of the database at hand.
pub(crate) struct NewTable {
    name: &'static str,
    statement: TableCreateStatement,
    backend: DbBackend,
}

impl NewTable {
    /// A table without columns yet.
    pub(crate) fn named(manager: &SchemaManager<'_>, name: &'static str) -> Self {
        let mut statement = Table::create();
        statement.table(Alias::new(name));
        Self {
            name,
            statement,
            backend: manager.get_connection().get_database_backend(),
        }
    }

    /// The table of a domain type: its id, its label and its provenance.
    ///
    /// `existence` is a rank of level, never `VICTIM`: that a record is there can't
    /// be known to a grant's holder alone. `overrides` is `;field=rank;…`.
    pub(crate) fn of_records(manager: &SchemaManager<'_>, name: &'static str) -> Self {
        Self::named(manager, name)
            .key("id")
            .number("existence", true)
            .number("public_from", false)
            .text("overrides", false)
            .text("source", false)
            .text("as_of", false)
            .text("license", false)
            .check("existence BETWEEN 0 AND 3")
            .check("overrides LIKE ';%;'")
    }

    fn column(mut self, mut column: ColumnDef, required: bool) -> Self {
        if required {
            column.not_null();
        }
        self.statement.col(&mut column);
        self
    }

    /// The primary key, an id.
    pub(crate) fn key(mut self, name: &'static str) -> Self {
        self.statement.col(
            ColumnDef::new(Alias::new(name))
                .uuid()
                .not_null()
                .primary_key(),
        );
        self
    }

    /// The primary key, a text.
    pub(crate) fn text_key(self, name: &'static str) -> Self {
        let mut column = self.text_column(name);
        column.primary_key();
        self.column(column, true)
    }

    fn text_column(&self, name: &'static str) -> ColumnDef {
        let mut column = ColumnDef::new(Alias::new(name));
        column.text();
        // Byte order, as SQLite has it: both databases sort and compare alike.
        if self.backend == DbBackend::Postgres {
            column.extra("COLLATE \"C\"");
        }
        column
    }

    /// Text.
    pub(crate) fn text(self, name: &'static str, required: bool) -> Self {
        let column = self.text_column(name);
        self.column(column, required)
    }

    /// Several optional texts.
    pub(crate) fn texts(self, names: &[&'static str]) -> Self {
        names
            .iter()
            .fold(self, |table, name| table.text(name, false))
    }

    /// A whole number, or a moment in unix seconds.
    pub(crate) fn number(self, name: &'static str, required: bool) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        column.big_integer();
        self.column(column, required)
    }

    /// Yes or no.
    pub(crate) fn flag(self, name: &'static str, required: bool) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        column.boolean();
        self.column(column, required)
    }

    /// Bytes.
    pub(crate) fn bytes(self, name: &'static str, required: bool) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        column.blob();
        self.column(column, required)
    }

    /// The id of another record, whatever its kind.
    pub(crate) fn id(self, name: &'static str, required: bool) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        column.uuid();
        self.column(column, required)
    }

    /// The id of a record of the table `target`.
    pub(crate) fn points_to(
        self,
        name: &'static str,
        target: &'static str,
        required: bool,
    ) -> Self {
        let mut table = self.id(name, required);
        table.statement.foreign_key(
            ForeignKey::create()
                .name(format!("fk_{}_{name}", table.name))
                .from(Alias::new(table.name), Alias::new(name))
                .to(Alias::new(target), Alias::new("id")),
        );
        table
    }

    /// A primary key of several columns.
    pub(crate) fn keyed_by(mut self, names: &[&'static str]) -> Self {
        let mut index = Index::create();
        for name in names {
            index.col(Alias::new(*name));
        }
        self.statement.primary_key(&mut index);
        self
    }

    /// A condition that every row keeps.
    pub(crate) fn check(mut self, condition: &'static str) -> Self {
        self.statement.check(Expr::cust(condition));
        self
    }

    /// Creates the table, and one index for each list of columns.
    pub(crate) async fn create(
        self,
        manager: &SchemaManager<'_>,
        indexes: &[&[&'static str]],
    ) -> Result<(), DbErr> {
        let name = self.name;
        manager.create_table(self.statement).await?;
        for columns in indexes {
            let mut index = Index::create();
            index
                .name(format!("ix_{name}_{}", columns.join("_")))
                .table(Alias::new(name));
            for column in *columns {
                index.col(Alias::new(*column));
            }
            manager.create_index(index).await?;
        }
        Ok(())
    }
}

/// Declares a migration that only goes forward.
macro_rules! forward {
    (|$manager:ident| $body:block) => {
        /// One step forward.
        #[derive(Debug, sea_orm_migration::prelude::DeriveMigrationName)]
        pub(crate) struct Migration;

        #[sea_orm_migration::prelude::async_trait::async_trait]
        impl sea_orm_migration::prelude::MigrationTrait for Migration {
            async fn up(
                &self,
                $manager: &sea_orm_migration::prelude::SchemaManager,
            ) -> Result<(), sea_orm_migration::prelude::DbErr> {
                $body
            }
        }
    };
}
pub(crate) use forward;
