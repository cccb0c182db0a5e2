//! The tables of the key store, which is a database of its own.

use sea_orm_migration::prelude::{MigrationTrait, MigratorTrait, async_trait};

mod m20261124_01_keys;

/// Brings a key store up to date.
#[derive(Debug)]
pub struct KeyStoreMigrator;

#[async_trait::async_trait]
impl MigratorTrait for KeyStoreMigrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(m20261124_01_keys::Migration)]
    }
}
