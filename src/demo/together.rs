//! What mechanisms have done together, as the note reports it.

use super::{
    bodies::Bodies,
    countries::CUSTODIAN,
    draft::Draft,
    rows::Fault,
    seed::{Seed, remark},
};

const FILE: &str = "seed/joint_activities.json";

/// The note's joint activities: public, as the note is, with their places. Mechanisms that
/// took part own them together; who else did is told in the summary.
pub(super) fn activities(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet(FILE)?, Bodies::of(seed)?);
    let states = seed.sheet("countries.csv")?.rows();
    let agreements = seed.sheet("seed/agreements.json")?;
    sheet
        .rows()
        .iter()
        .map(|row| {
            let (parties, others) = bodies.apart(row.texts("partyIds"))?;
            // A fact without a mechanism is kept by who keeps the reference data.
            let owners = match parties.as_slice() {
                [] => vec![CUSTODIAN],
                some => some.to_vec(),
            };
            let country = row.text("country");
            let country = states.iter().find(|state| state.text("iso2") == country);
            let country = country.filter(|_| row.text("country").is_some());
            let others =
                (!others.is_empty()).then(|| format!("Also taking part: {}", others.join(", ")));
            // What the dates do not say: only a text that is no date itself.
            let undated = row.text("startDate").is_none();
            let when = row.text("dateAsInText").filter(|_| undated);
            let when = when.map(|text| format!("When, in the note's words: {text}"));
            let agreement = row.text("agreementId").and_then(|id| agreements.row(id));
            let agreement = agreement.and_then(|row| row.text("title"));
            let agreement = agreement.map(|title| format!("Under: {title}"));
            let more = [when.as_deref(), agreement.as_deref(), others.as_deref()];
            let summary = remark([row.text("summary")].into_iter().chain(more));
            let mut draft = Draft::new("joint_activity", row.id())
                .owned_by(owners.iter().copied())
                .about(country.map(|state| state.id()), sheet.codes(row, "theme")?)
                .text("title", row.text("title"))
                .text("kind", sheet.code(row, "kind")?)
                .text("status", sheet.code(row, "status")?)
                .text("stage", sheet.code(row, "stage")?)
                .text("area", sheet.code(row, "area")?)
                .text("starts_on", row.text("startDate"))
                .text("ends_on", row.text("endDate"))
                .text("summary", summary.as_deref())
                .text("place", row.text("city"))
                .link("parties", "mechanism", parties.iter().copied())
                .link("agreed_by", "mechanism", parties.iter().copied())
                .link("publication_agreed_by", "mechanism", owners)
                .noted(row);
            if row.text("city").is_some() {
                draft.overrides.push(("place", "PUBLIC"));
            }
            Ok(draft)
        })
        .collect()
}
