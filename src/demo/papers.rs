//! Documents, and the agreements that the note reports: facts without clauses.

use super::{
    bodies::Bodies,
    countries::CUSTODIAN,
    docket::Docket,
    draft::Draft,
    rows::Fault,
    seed::{Seed, remark},
};

/// The documents that the note names.
pub(super) fn documents(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet("seed/documents.json")?, Bodies::of(seed)?);
    sheet
        .rows()
        .iter()
        .map(|row| {
            let issuer = row.text("issuerId");
            let (mechanism, organisation) = match issuer {
                Some(id) if bodies.is_mechanism(id)? => (Some(id), None),
                other => (None, other),
            };
            let short = row
                .text("abbreviation")
                .map(|text| format!("Abbreviated {text}"));
            let pinpoint = row
                .text("pinpoints")
                .map(|text| format!("The note refers to {text}"));
            let note = remark([row.text("note"), short.as_deref(), pinpoint.as_deref()]);
            Ok(Draft::new("document", row.id())
                .owned_by([mechanism.unwrap_or(CUSTODIAN)])
                .about([], sheet.codes(row, "topic")?)
                .text("symbol", row.text("symbol"))
                .text("title", row.text("title"))
                .text("kind", sheet.code(row, "kind")?)
                .text("date", row.text("date"))
                .text("url", row.text("url"))
                .text("note", note.as_deref())
                .link("mechanism", "mechanism", mechanism)
                .link("organisation", "organisation", organisation)
                .noted(row))
        })
        .collect()
}

/// Invented papers that are shared, or kept, before they are published.
pub(super) fn invented(docket: &Docket) -> Result<Vec<Draft>, Fault> {
    docket
        .rows("documents")
        .iter()
        .map(|row| {
            let draft = Draft::new("document", row.id())
                .owned_by(row.texts("mechanism"))
                .about(row.texts("countries"), row.texts("topics"))
                .text("symbol", row.text("symbol"))
                .text("title", row.text("title"))
                .text("kind", row.text("kind"))
                .text("date", row.text("date"))
                .text("note", row.text("note"))
                .link("mechanism", "mechanism", row.texts("mechanism"))
                .invented();
            docket.labelled(draft, row)
        })
        .collect()
}

/// The agreements of the note. Their parties are public, as the note is; an
/// agreement without clauses opens nothing.
pub(super) fn agreements(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (seed.sheet("seed/agreements.json")?, Bodies::of(seed)?);
    sheet
        .rows()
        .iter()
        .map(|row| {
            let (parties, others) = bodies.apart(row.texts("partyIds"))?;
            let others = (!others.is_empty()).then(|| format!("Also party: {}", others.join(", ")));
            let governed = row
                .text("governedBy")
                .map(|id| format!("Overseen by: {}", bodies.name(id)));
            let options = sheet.codes(row, "option")?.join(", ");
            let options = (!options.is_empty()).then(|| format!("Forms considered: {options}"));
            let scope = remark([
                row.text("scope"),
                others.as_deref(),
                governed.as_deref(),
                options.as_deref(),
                row.text("note"),
            ]);
            let mut draft = Draft::new("agreement", row.id())
                .owned_by(parties.iter().copied())
                .about([], sheet.codes(row, "topic")?)
                .text("title", row.text("title"))
                .text("form", sheet.code(row, "form")?)
                .text("status", sheet.code(row, "status")?)
                .text("signed_on", row.text("date"))
                .text("scope", scope.as_deref())
                .link("parties", "mechanism", parties)
                .noted(row);
            draft.overrides.push(("parties", "PUBLIC"));
            Ok(draft)
        })
        .collect()
}
