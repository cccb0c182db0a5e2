//! Recommendations: the note's own, and invented ones with what others make of them.

use super::{
    bodies::Bodies,
    countries::CUSTODIAN,
    docket::Docket,
    draft::Draft,
    rows::Fault,
    seed::{Seed, remark},
};

const FILE: &str = "seed/recommendations.json";

/// What the meetings that the note reports have recommended: public, as the note is. The note
/// does not say by which body each was adopted: where it was made is its session.
pub(super) fn recommendations(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet(FILE)?, Bodies::of(seed)?);
    sheet
        .rows()
        .iter()
        .map(|row| {
            let (mut mechanisms, mut others) = (Vec::new(), Vec::new());
            for id in row.texts("addresseeIds") {
                match bodies.is_mechanism(id)? {
                    true => mechanisms.push(id),
                    false => others.push(id),
                }
            }
            let strength = row.text("strength").map(|strength| {
                let word = strength.to_lowercase().replace('_', " ");
                format!("In the note's words: {word}")
            });
            let note = remark([strength.as_deref(), row.text("statusInText")]);
            Ok(Draft::new("recommendation", row.id())
                .owned_by([CUSTODIAN])
                .about([], sheet.codes(row, "theme")?)
                .text("reference", row.id())
                .text("text", row.text("summary"))
                .text("made_in", "CONFERENCE_OUTCOME")
                .text("status", "ADOPTED")
                .text("position", "NONE")
                .text("session", row.text("origin"))
                .text("note", note.as_deref())
                .link("document", "document", ["doc-concept-note"])
                .link("addressees", "mechanism", mechanisms)
                .link("other_addressees", "organisation", others)
                .noted(row))
        })
        .collect()
}

/// Invented recommendations of treaty bodies and regional mechanisms, with assessments of
/// several and what leads from one to another.
pub(super) fn invented(docket: &Docket) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for (section, kind) in [
        ("recommendations", "recommendation"),
        ("assessments", "assessment"),
        ("evidence", "evidence"),
        ("references", "recommendation_reference"),
    ] {
        for row in docket.rows(section) {
            let mechanism = row.text("mechanism").unwrap_or_default();
            let mut draft = Draft::new(kind, row.id())
                .owned_by([mechanism])
                .about(row.texts("countries"), row.texts("topics"))
                .link("mechanism", "mechanism", [mechanism]);
            for column in [
                "reference",
                "text",
                "made_in",
                "status",
                "adopted_on",
                "session",
            ]
            .into_iter()
            .chain([
                "action",
                "scope",
                "position",
                "position_on",
                "follow_up_due",
            ])
            .chain([
                "internal_note",
                "scale",
                "value",
                "assessed_on",
                "reasoning",
            ])
            .chain(["relation", "remark"])
            .chain(["summary", "given_on", "source_kind", "source_name"])
            {
                draft = draft.text(column, row.text(column));
            }
            draft = draft
                .list("affected_groups", row.texts("affected_groups"))
                .list("rights", row.texts("rights"))
                .list("sdg_targets", row.texts("sdg_targets"))
                .link(
                    "recommendation",
                    "recommendation",
                    row.texts("recommendation"),
                )
                .link("from_recommendation", "recommendation", row.texts("from"))
                .link("to_recommendation", "recommendation", row.texts("to"));
            drafts.push(docket.labelled(draft.invented(), row)?);
        }
    }
    Ok(drafts)
}
