//! The joint calendar: the note's meetings, and invented events that are not announced yet.

use super::{
    bodies::Bodies,
    countries::CUSTODIAN,
    docket::Docket,
    draft::Draft,
    rows::Fault,
    seed::{Seed, remark},
};

const FILE: &str = "seed/meetings.json";

/// The note's meetings: public, as the note is, with who took part. What has no date in the
/// note has none here.
pub(super) fn meetings(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet(FILE)?, Bodies::of(seed)?);
    let states = seed.sheet("countries.csv")?.rows();
    let activities = seed.sheet("seed/joint_activities.json")?.rows();
    sheet
        .rows()
        .iter()
        .map(|row| {
            let told_apart = |column| {
                let (mut mechanisms, mut others) = (Vec::new(), Vec::new());
                for id in row.texts(column) {
                    match bodies.is_mechanism(id)? {
                        true => mechanisms.push(id),
                        false => others.push(id),
                    }
                }
                Ok::<_, Fault>((mechanisms, others))
            };
            let (organisers, other_organisers) = told_apart("organiserIds")?;
            let (participants, other_participants) = told_apart("participantIds")?;
            // A fact without a mechanism is kept by who keeps the reference data.
            let owners = match organisers.as_slice() {
                [] => vec![CUSTODIAN],
                some => some.to_vec(),
            };
            let state = row.text("country").and_then(|iso2| {
                let mut states = states.iter();
                states.find(|state| state.text("iso2") == Some(iso2))
            });
            let undated = row.text("startDate").is_none() || row.says("recurring");
            let when = row.text("dateAsInText").filter(|_| undated);
            let when = when.map(|text| format!("When, in the note's words: {text}"));
            let same = row.text("probablySameOccasionAs");
            let same = same.and_then(|id| sheet.row(id)?.text("title"));
            let same = same.map(|title| format!("Probably the same occasion as: {title}"));
            let summary = remark([
                row.text("summary"),
                when.as_deref(),
                same.as_deref(),
                row.text("note"),
            ]);
            let activity = activities
                .iter()
                .find(|activity| activity.text("meetingId") == Some(row.id()));
            let mut draft = Draft::new("calendar_event", row.id())
                .owned_by(owners.iter().copied())
                .text("title", row.text("title"))
                .text("kind", sheet.code(row, "kind")?)
                .text("status", sheet.code(row, "status")?)
                .text("starts_on", row.text("startDate"))
                .text("ends_on", row.text("endDate"))
                .text("city", row.text("city"))
                .text("summary", summary.as_deref())
                .link("mechanism", "mechanism", owners.iter().copied().take(1))
                .link("held_in", "country", state.map(|state| state.id()))
                .link(
                    "joint_activity",
                    "joint_activity",
                    activity.map(|activity| activity.id()),
                )
                .link("organisers", "mechanism", organisers)
                .link("other_organisers", "organisation", other_organisers)
                .link("participants", "mechanism", participants)
                .link("other_participants", "organisation", other_participants)
                .noted(row);
            for field in ["participants", "other_participants"] {
                if draft.links.iter().any(|(name, ..)| *name == field) {
                    draft.overrides.push((field, "PUBLIC"));
                }
            }
            Ok(draft)
        })
        .collect()
}

/// Invented events: sessions, visits before they are announced, and an invitation.
pub(super) fn invented(docket: &Docket) -> Result<Vec<Draft>, Fault> {
    let mut drafts = Vec::new();
    for (section, kind) in [
        ("events", "calendar_event"),
        ("invitations", "event_invitation"),
    ] {
        for row in docket.rows(section) {
            let mut draft = Draft::new(kind, row.id())
                .owned_by(row.texts("owners"))
                .about(row.texts("countries"), row.texts("topics"))
                .list("delegation", row.texts("delegation"))
                .link("mechanism", "mechanism", row.texts("mechanism"))
                .link("host", "mechanism", row.texts("host"))
                .link("event", "calendar_event", row.texts("event"))
                .link("held_in", "country", row.texts("held_in"))
                .link("work_plan_item", "work_plan_item", row.texts("item"))
                .link("participants", "mechanism", row.texts("participants"));
            for column in [
                "title",
                "subject",
                "kind",
                "status",
                "starts_on",
                "ends_on",
                "time_zone",
                "city",
                "place",
                "places_to_visit",
                "summary",
                "note",
                "message",
                "answer",
                "answered_on",
                "answer_note",
            ] {
                draft = draft.text(column, row.text(column));
            }
            for column in ["begins_at", "finishes_at"] {
                if let Some(moment) = row.moment(column)? {
                    draft = draft.value(column, super::draft::Value::Number(moment));
                }
            }
            drafts.push(docket.labelled(draft.invented(), row)?);
        }
    }
    Ok(drafts)
}
