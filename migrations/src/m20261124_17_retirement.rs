//! Records that are retired: what is kept of each, how long, and who has agreed to it.

use sea_orm_migration::prelude::{Alias, ColumnDef, Table};

use crate::columns::{NewTable, forward};

/// Every table of records: one that is retired is in no answer.
const RECORDS: [&str; 16] = [
    "country",
    "organisation",
    "mechanism",
    "mandate",
    "focal_point",
    "work_plan",
    "objective",
    "work_plan_item",
    "agreement",
    "clause",
    "document",
    "communication",
    "communication_person",
    "person",
    "interim_measure",
    "joint_activity",
];

forward!(|manager| {
    for table in RECORDS {
        let add = Table::alter()
            .table(Alias::new(table))
            .add_column(ColumnDef::new(Alias::new("retired_at")).big_integer())
            .to_owned();
        manager.alter_table(add).await?;
    }
    // Its id is the record's own. What was retired with another record has that one as root.
    NewTable::named(manager, "retirement")
        .key("id")
        .text("kind", true)
        .id("root", true)
        .text("designation", false)
        .text("reason", true)
        .text("remark", true)
        .text("subject", true)
        .number("at", true)
        .number("keep_until", true)
        .text("hold", false)
        .create(manager, &[&["root"], &["keep_until"]])
        .await?;
    // Of a record that several own: who has agreed so far that it is retired.
    NewTable::named(manager, "retirement_word")
        .id("record", true)
        .id("mechanism", true)
        .text("subject", true)
        .number("at", true)
        .number("keep_until", true)
        .keyed_by(&["record", "mechanism"])
        .create(manager, &[])
        .await
});
