//! The demo's cast: who may bear a token, what was consented to, what is granted.

use std::collections::BTreeSet;

use super::{
    docket::{Docket, level},
    draft::{Consent, Draft, Grant, Holder},
    rows::{Fault, Row},
};

/// The cast, and for each owner of a draft a registry in whose name it is written.
pub(super) fn holders(docket: &Docket, drafts: &[Draft]) -> Result<Vec<Holder>, Fault> {
    let cast = docket.rows("holders").iter().map(|row| {
        Ok(Holder {
            subject: row.id().to_owned(),
            mechanism: text(row, "mechanism"),
            kind: text(row, "kind"),
            clearance: level(row, row.text("clearance").unwrap_or_default())?,
            roles: list(row, "roles"),
        })
    });
    let owners: BTreeSet<&String> = drafts.iter().flat_map(|draft| &draft.owners).collect();
    let registries = owners.into_iter().map(|owner| {
        Ok(Holder {
            subject: format!("{owner}.registry"),
            mechanism: owner.clone(),
            kind: "OFFICER".to_owned(),
            // It seals what identifies a person; without a grant it can't read it back.
            clearance: "VICTIM",
            roles: Vec::new(),
        })
    });
    cast.chain(registries).collect()
}

/// What the persons concerned have said, on every basis.
pub(super) fn consents(docket: &Docket) -> Result<Vec<Consent>, Fault> {
    let rows = docket.rows("consents").iter();
    rows.map(|row| {
        Ok(Consent {
            key: row.id().to_owned(),
            person: text(row, "person"),
            basis: text(row, "basis"),
            recipient: text(row, "recipient"),
            purpose: text(row, "purpose"),
            fields: list(row, "fields"),
            given_at: row.moment_set("givenAt")?,
            valid_until: row.moment_set("validUntil")?,
        })
    })
    .collect()
}

/// Grants: live, run out, and ended before their time.
pub(super) fn grants(docket: &Docket) -> Result<Vec<Grant>, Fault> {
    let rows = docket.rows("grants").iter();
    rows.map(|row| {
        Ok(Grant {
            key: row.id().to_owned(),
            person: text(row, "person"),
            holder: text(row, "holder"),
            purposes: list(row, "purposes"),
            fields: list(row, "fields"),
            valid_from: row.moment_set("validFrom")?,
            valid_until: row.moment_set("validUntil")?,
            ended_at: row.moment("endedAt")?,
        })
    })
    .collect()
}

fn text(row: &Row, column: &str) -> String {
    row.text(column).unwrap_or_default().to_owned()
}

fn list(row: &Row, column: &str) -> Vec<String> {
    row.texts(column).map(str::to_owned).collect()
}
