//! What mechanisms do together; who takes part is in `link`.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "joint_activity")
        .texts(&["title", "kind", "status", "stage", "area"])
        .texts(&[
            "starts_on",
            "ends_on",
            "summary",
            "place",
            "note",
            "outcome",
        ])
        .points_to("proposed_by_id", "mechanism", false)
        .create(manager, &[&["proposed_by_id"]])
        .await
});
