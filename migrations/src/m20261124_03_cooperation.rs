//! Focal points, work plans, agreements with their clauses, documents.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "focal_point")
        .texts(&["title", "role", "status", "region", "theme", "scope"])
        .texts(&["mailbox", "person_name", "phone", "since", "until"])
        .points_to("mechanism_id", "mechanism", false)
        .create(manager, &[&["mechanism_id"]])
        .await?;
    NewTable::of_records(manager, "work_plan")
        .texts(&["title", "period", "status"])
        .points_to("mechanism_id", "mechanism", false)
        .create(manager, &[&["mechanism_id"]])
        .await?;
    NewTable::of_records(manager, "objective")
        .text("title", false)
        .number("position", false)
        .points_to("work_plan_id", "work_plan", false)
        .create(manager, &[&["work_plan_id"]])
        .await?;
    NewTable::of_records(manager, "work_plan_item")
        .texts(&[
            "activity",
            "timeline",
            "due",
            "status",
            "area",
            "places_to_visit",
            "note",
        ])
        .points_to("objective_id", "objective", false)
        .create(manager, &[&["objective_id"]])
        .await?;
    NewTable::of_records(manager, "agreement")
        .texts(&["title", "form", "status", "signed_on", "scope"])
        .number("valid_from", false)
        .number("valid_until", false)
        .create(manager, &[])
        .await?;
    NewTable::of_records(manager, "clause")
        .texts(&["kinds", "countries", "topics", "cap", "purposes"])
        .number("valid_from", false)
        .number("valid_until", false)
        .flag("onward_sharing", false)
        .points_to("agreement_id", "agreement", false)
        .points_to("from_mechanism_id", "mechanism", false)
        .points_to("to_mechanism_id", "mechanism", false)
        .create(manager, &[&["agreement_id"], &["to_mechanism_id"]])
        .await?;
    NewTable::of_records(manager, "document")
        .texts(&["symbol", "title", "kind", "date", "url", "note"])
        .points_to("mechanism_id", "mechanism", false)
        .points_to("organisation_id", "organisation", false)
        .create(manager, &[&["mechanism_id"], &["symbol"]])
        .await
});
