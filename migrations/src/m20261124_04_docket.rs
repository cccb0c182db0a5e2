//! Communications, the persons concerned, and the edges between them.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "communication")
        .texts(&["reference", "kind", "status"])
        .flag("joint", false)
        .texts(&[
            "title",
            "received_on",
            "registered_on",
            "transmitted_on",
            "decided_on",
        ])
        .texts(&["inadmissibility_ground", "outcome", "symbol", "articles"])
        .texts(&["docket_note", "source_kind"])
        .points_to("mechanism_id", "mechanism", false)
        .create(manager, &[&["mechanism_id"], &["reference"], &["status"]])
        .await?;
    NewTable::of_records(manager, "person")
        .number("erased_at", false)
        .create(manager, &[])
        .await?;
    NewTable::of_records(manager, "communication_person")
        .text("role", false)
        .points_to("communication_id", "communication", false)
        .points_to("person_id", "person", false)
        .create(manager, &[&["communication_id"], &["person_id"]])
        .await
});
