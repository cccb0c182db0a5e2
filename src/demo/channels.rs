//! Invented agreements with clauses: channels in force, expired, suspended, drafted.

use super::{
    docket::{Docket, level},
    draft::{Draft, Value},
    rows::{Fault, Row},
};

/// The agreements, then their clauses.
pub(super) fn agreements(docket: &Docket) -> Result<Vec<Draft>, Fault> {
    let agreements = docket
        .rows("agreements")
        .iter()
        .map(|row| agreement(docket, row));
    agreements
        .chain(docket.rows("clauses").iter().map(clause))
        .collect()
}

fn agreement(docket: &Docket, row: &Row) -> Result<Draft, Fault> {
    let draft = Draft::new("agreement", row.id())
        .owned_by(row.texts("parties"))
        .about([], row.texts("topics"))
        .text("title", row.text("title"))
        .text("form", row.text("form"))
        .text("status", row.text("status"))
        .text("signed_on", row.text("signedOn"))
        .text("scope", row.text("scope"))
        .link("parties", "mechanism", row.texts("parties"))
        .invented();
    docket.labelled(within(draft, row)?, row)
}

fn clause(row: &Row) -> Result<Draft, Fault> {
    let draft = Draft::new("clause", row.id())
        .owned_by(row.texts("from").chain(row.texts("to")))
        .list("kinds", row.texts("kinds"))
        .list("countries", row.texts("countries"))
        .list("topics", row.texts("topics"))
        .text("cap", level(row, row.text("cap").unwrap_or_default())?)
        .list("purposes", row.texts("purposes"))
        .value("onward_sharing", Value::Flag(row.says("onwardSharing")))
        .link("from_mechanism", "mechanism", row.texts("from"))
        .link("to_mechanism", "mechanism", row.texts("to"))
        .link("agreement", "agreement", row.texts("agreement"))
        .invented();
    within(
        Draft {
            existence: "CHANNEL",
            ..draft
        },
        row,
    )
}

/// From when and until when it holds; a draft says neither.
fn within(mut draft: Draft, row: &Row) -> Result<Draft, Fault> {
    for (column, name) in [("valid_from", "validFrom"), ("valid_until", "validUntil")] {
        if let Some(moment) = row.moment(name)? {
            draft.values.push((column, Value::Number(moment)));
        }
    }
    Ok(draft)
}
