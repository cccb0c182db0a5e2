//! Countries, organisations, mechanisms and their mandates.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "country")
        .text("code", true)
        .texts(&["alpha2", "m49", "region", "subregion"])
        .texts(&[
            "name_ar", "name_en", "name_es", "name_fr", "name_ru", "name_zh",
        ])
        .create(manager, &[&["code"]])
        .await?;
    NewTable::of_records(manager, "organisation")
        .text("code", true)
        .texts(&["name", "acronym", "kind"])
        .points_to("parent_id", "organisation", false)
        .create(manager, &[&["code"]])
        .await?;
    NewTable::of_records(manager, "mechanism")
        .text("code", true)
        .texts(&["name", "acronym", "kind", "system", "region"])
        .texts(&["working_methods", "legal_basis", "aliases", "note"])
        .points_to("parent_id", "mechanism", false)
        .points_to("organisation_id", "organisation", false)
        .create(manager, &[&["code"], &["acronym"], &["parent_id"]])
        .await?;
    NewTable::of_records(manager, "mandate")
        .text("code", true)
        .texts(&["title", "basis"])
        .points_to("mechanism_id", "mechanism", false)
        .create(manager, &[&["mechanism_id"]])
        .await
});
