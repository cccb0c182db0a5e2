//! Events of the joint calendar, and invitations to them.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "calendar_event")
        .texts(&["title", "kind", "status", "starts_on", "ends_on"])
        .number("begins_at", false)
        .number("finishes_at", false)
        .texts(&["time_zone", "city", "places_to_visit", "delegation"])
        .texts(&["summary", "note"])
        .points_to("mechanism_id", "mechanism", false)
        .points_to("held_in_id", "country", false)
        .points_to("work_plan_item_id", "work_plan_item", false)
        .points_to("joint_activity_id", "joint_activity", false)
        .number("retired_at", false)
        .create(
            manager,
            &[
                &["mechanism_id"],
                &["held_in_id"],
                &["work_plan_item_id"],
                &["joint_activity_id"],
                &["status"],
                &["starts_on"],
            ],
        )
        .await?;
    NewTable::of_records(manager, "event_invitation")
        .texts(&["subject", "kind", "status", "starts_on", "ends_on", "place"])
        .texts(&["message", "answer", "answered_on", "answer_note"])
        .points_to("calendar_event_id", "calendar_event", false)
        .points_to("host_id", "mechanism", false)
        .points_to("mechanism_id", "mechanism", false)
        .number("retired_at", false)
        .create(
            manager,
            &[&["calendar_event_id"], &["host_id"], &["mechanism_id"]],
        )
        .await
});
