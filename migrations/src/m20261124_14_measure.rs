//! Interim, provisional and precautionary measures.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "interim_measure")
        .texts(&["reference", "kind", "status"])
        .texts(&["requested_on", "decided_on", "in_force_until"])
        .texts(&["asked_of_state", "risk", "reason_for_lifting"])
        .points_to("mechanism_id", "mechanism", false)
        .points_to("communication_id", "communication", false)
        .create(
            manager,
            &[
                &["mechanism_id"],
                &["communication_id"],
                &["status"],
                &["in_force_until"],
            ],
        )
        .await
});
