//! Recommendations, their assessments, and what leads from one to another.

use crate::columns::{NewTable, forward};

forward!(|manager| {
    NewTable::of_records(manager, "recommendation")
        .texts(&["reference", "text", "made_in", "status", "adopted_on"])
        .texts(&["session", "action", "scope", "affected_groups", "rights"])
        .texts(&["sdg_targets", "made_by", "position", "position_on"])
        .texts(&["follow_up_due", "note", "internal_note"])
        .points_to("mechanism_id", "mechanism", false)
        .points_to("document_id", "document", false)
        .number("retired_at", false)
        .create(
            manager,
            &[
                &["mechanism_id"],
                &["document_id"],
                &["status"],
                &["adopted_on"],
                &["follow_up_due"],
            ],
        )
        .await?;
    NewTable::of_records(manager, "assessment")
        .texts(&[
            "scale",
            "value",
            "assessed_on",
            "reasoning",
            "internal_note",
        ])
        .points_to("recommendation_id", "recommendation", false)
        .points_to("mechanism_id", "mechanism", false)
        .points_to("document_id", "document", false)
        .number("retired_at", false)
        .create(
            manager,
            &[&["recommendation_id"], &["mechanism_id"], &["document_id"]],
        )
        .await?;
    NewTable::of_records(manager, "evidence")
        .texts(&[
            "summary",
            "given_on",
            "source_kind",
            "source_name",
            "internal_note",
        ])
        .points_to("recommendation_id", "recommendation", false)
        .points_to("mechanism_id", "mechanism", false)
        .points_to("document_id", "document", false)
        .number("retired_at", false)
        .create(
            manager,
            &[&["recommendation_id"], &["mechanism_id"], &["document_id"]],
        )
        .await?;
    NewTable::of_records(manager, "recommendation_reference")
        .texts(&["relation", "remark"])
        .points_to("from_recommendation_id", "recommendation", false)
        .points_to("to_recommendation_id", "recommendation", false)
        .points_to("mechanism_id", "mechanism", false)
        .number("retired_at", false)
        .create(
            manager,
            &[
                &["from_recommendation_id"],
                &["to_recommendation_id"],
                &["mechanism_id"],
            ],
        )
        .await
});
