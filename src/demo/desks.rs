//! Focal points: the functions are the note's, the people at them invented.

use super::{
    docket::Docket,
    draft::Draft,
    rows::{Fault, Row},
    seed::{Seed, remark},
};

/// The note's focal points, each with an invented mailbox, name and telephone.
pub(super) fn focal_points(seed: &Seed, docket: &Docket) -> Result<Vec<Draft>, Fault> {
    let (sheet, bodies) = (
        seed.sheet("seed/focal_points.json")?,
        seed.sheet("seed/mechanisms.json")?,
    );
    sheet
        .rows()
        .iter()
        .map(|row| {
            let mechanism = row.text("mechanismId").unwrap_or_default();
            let since = sheet.code(row, "since")?;
            let unsaid = row
                .text("since")
                .filter(|_| since.is_none())
                .map(|text| format!("Since: {text}"));
            let appointed = row
                .text("appointedById")
                .and_then(|id| bodies.row(id)?.text("officialName"));
            let appointed = appointed.map(|name| format!("Appointed by: {name}"));
            let scope = remark([
                row.text("scope"),
                unsaid.as_deref(),
                appointed.as_deref(),
                row.text("note"),
            ]);
            let topic = sheet.code(row, "topic")?;
            let draft = Draft::new("focal_point", row.id())
                .owned_by([mechanism])
                .about([], topic)
                .text("title", row.text("title"))
                .text("role", sheet.code(row, "role")?)
                .text("status", sheet.code(row, "status")?)
                .text("region", sheet.code(row, "region")?)
                .text("theme", topic)
                .text("scope", scope.as_deref())
                .text("since", since)
                .link("mechanism", "mechanism", [mechanism])
                .noted(row);
            Ok(staffed(draft, docket.row("people", row.id())))
        })
        .collect()
}

/// Focal points that are invented whole, so that petitions have desks, too.
pub(super) fn invented(docket: &Docket) -> Vec<Draft> {
    let desks = docket.rows("focalPoints").iter();
    desks
        .map(|row| {
            let mechanism = row.text("mechanism").unwrap_or_default();
            let draft = Draft::new("focal_point", row.id())
                .owned_by([mechanism])
                .about([], row.texts("topics"))
                .text("title", row.text("title"))
                .text("role", row.text("role"))
                .text("status", row.text("status"))
                .text("region", row.text("region"))
                .text("theme", row.text("topics"))
                .text("scope", row.text("scope"))
                .text("since", row.text("since"))
                .text("until", row.text("until"))
                .link("mechanism", "mechanism", [mechanism])
                .invented();
            staffed(draft, Some(row))
        })
        .collect()
}

fn staffed(draft: Draft, row: Option<&Row>) -> Draft {
    let text = |column| row.and_then(|row| row.text(column));
    draft
        .text("mailbox", text("mailbox"))
        .text("person_name", text("person"))
        .text("phone", text("phone"))
}
