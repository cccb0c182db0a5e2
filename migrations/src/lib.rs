//! The tables of Liaison, in the order in which they came to be.
//!
//! Migrations only go forward, one idea each, and run on SQLite and PostgreSQL.

pub use sea_orm_migration::prelude::MigratorTrait;
use sea_orm_migration::prelude::{MigrationTrait, async_trait};

mod columns;
mod key_store;
mod m20261124_01_standing;
mod m20261124_02_reference;
mod m20261124_03_cooperation;
mod m20261124_04_docket;
mod m20261124_05_sealed;
mod m20261124_06_journal;
mod m20261124_07_edition;
mod m20261124_08_acts;
mod m20261124_09_proposer;
mod m20261124_10_history;
mod m20261124_11_provenance;
mod m20261124_12_tokens;
mod m20261124_13_activities;
mod m20261124_14_measure;
mod m20261124_15_issuers;
mod m20261124_16_vital;
mod m20261124_17_retirement;
mod m20261124_18_lowering_batch;
mod m20261124_19_mapping_end;
mod m20261124_20_log;
mod m20261124_21_entries;
mod m20261124_22_key_store;
mod m20261124_25_match;
mod m20261124_26_matter;
mod m20261124_27_side_by_side;
mod m20261124_28_match_use;
mod m20261124_29_ticks;
mod m20261124_30_witnesses;
mod m20261124_31_statistics;
mod m20261124_32_statistic_parts;
mod m20261124_34_restored;
mod m20261124_35_statistic_zeros;
mod m20261124_36_authority;
mod m20261124_37_match_part;
mod m20261124_40_recommendations;
mod m20261124_43_calendar;
mod m20261124_44_calendar_feeds;
mod m20261124_45_visit_overlaps;
mod m20261124_46_translations;
mod m20261124_48_restored_statistics;
mod m20261127_49_feed;

pub use self::key_store::KeyStoreMigrator;

/// Brings a database up to date.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261124_01_standing::Migration),
            Box::new(m20261124_02_reference::Migration),
            Box::new(m20261124_03_cooperation::Migration),
            Box::new(m20261124_04_docket::Migration),
            Box::new(m20261124_05_sealed::Migration),
            Box::new(m20261124_06_journal::Migration),
            Box::new(m20261124_07_edition::Migration),
            Box::new(m20261124_08_acts::Migration),
            Box::new(m20261124_09_proposer::Migration),
            Box::new(m20261124_10_history::Migration),
            Box::new(m20261124_11_provenance::Migration),
            Box::new(m20261124_12_tokens::Migration),
            Box::new(m20261124_13_activities::Migration),
            Box::new(m20261124_14_measure::Migration),
            Box::new(m20261124_15_issuers::Migration),
            Box::new(m20261124_16_vital::Migration),
            Box::new(m20261124_17_retirement::Migration),
            Box::new(m20261124_18_lowering_batch::Migration),
            Box::new(m20261124_19_mapping_end::Migration),
            Box::new(m20261124_20_log::Migration),
            Box::new(m20261124_21_entries::Migration),
            Box::new(m20261124_22_key_store::Migration),
            Box::new(m20261124_25_match::Migration),
            Box::new(m20261124_26_matter::Migration),
            Box::new(m20261124_27_side_by_side::Migration),
            Box::new(m20261124_28_match_use::Migration),
            Box::new(m20261124_29_ticks::Migration),
            Box::new(m20261124_30_witnesses::Migration),
            Box::new(m20261124_31_statistics::Migration),
            Box::new(m20261124_32_statistic_parts::Migration),
            Box::new(m20261124_34_restored::Migration),
            Box::new(m20261124_35_statistic_zeros::Migration),
            Box::new(m20261124_36_authority::Migration),
            Box::new(m20261124_37_match_part::Migration),
            Box::new(m20261124_40_recommendations::Migration),
            Box::new(m20261124_43_calendar::Migration),
            Box::new(m20261124_44_calendar_feeds::Migration),
            Box::new(m20261124_45_visit_overlaps::Migration),
            Box::new(m20261124_46_translations::Migration),
            Box::new(m20261124_48_restored_statistics::Migration),
            Box::new(m20261127_49_feed::Migration),
        ]
    }
}
