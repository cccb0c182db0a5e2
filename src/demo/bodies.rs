//! Organisations, mechanisms and their mandates.

use super::{
    countries::CUSTODIAN,
    docket::Docket,
    draft::Draft,
    rows::{Fault, Row},
    seed::{Seed, Sheet, remark},
};

const FILE: &str = "seed/mechanisms.json";

/// Courts of organisations that the note itself does not name.
const SEATS: [(&str, &str); 2] = [("ECOWAS", "ecowas"), ("EAC", "eac")];

/// The bodies that the note names, told apart: organisation or mechanism.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bodies<'a>(Sheet<'a>);

impl<'a> Bodies<'a> {
    /// Reads them.
    pub(super) fn of(seed: &'a Seed) -> Result<Self, Fault> {
        seed.sheet(FILE).map(Self)
    }

    /// The type and the kind that a row has in the hub.
    fn kind(self, row: &Row) -> Result<(&'a str, &'a str), Fault> {
        self.0
            .code(row, "kind")?
            .and_then(|code| code.split_once('/'))
            .ok_or_else(|| row.fault(FILE, "its kind names no type of the hub"))
    }

    /// Whether the body with this id is a mechanism.
    pub(super) fn is_mechanism(self, id: &str) -> Result<bool, Fault> {
        self.0
            .row(id)
            .map_or(Ok(false), |row| Ok(self.kind(row)?.0 == "mechanism"))
    }

    /// The ids told apart: mechanisms, and the names of the others.
    pub(super) fn apart<'i>(
        self,
        ids: impl Iterator<Item = &'i str>,
    ) -> Result<(Vec<&'i str>, Vec<&'a str>), Fault> {
        let (mut mechanisms, mut others) = (Vec::new(), Vec::new());
        for id in ids {
            match self.is_mechanism(id)? {
                true => mechanisms.push(id),
                false => others.push(self.name(id)),
            }
        }
        Ok((mechanisms, others))
    }

    /// The name of the body with this id.
    pub(super) fn name(self, id: &str) -> &'a str {
        self.0
            .row(id)
            .and_then(|row| row.text("officialName"))
            .unwrap_or_default()
    }

    fn parent(self, row: &Row) -> Option<&'a Row> {
        row.text("parentId").and_then(|id| self.0.row(id))
    }

    /// The organisation that a mechanism is of: the nearest above it.
    fn organisation(self, row: &Row) -> Result<Option<&'a str>, Fault> {
        let mut above = self.parent(row);
        while let Some(body) = above {
            if !self.is_mechanism(body.id())? {
                return Ok(Some(body.id()));
            }
            above = self.parent(body);
        }
        let system = self.0.code(row, "system")?;
        let seat = SEATS.iter().find(|(of, _)| Some(*of) == system);
        Ok(seat.map(|(_, organisation)| *organisation))
    }

    fn rows_of(self, kind: &str) -> Result<Vec<(&'a Row, &'a str)>, Fault> {
        let mut rows = Vec::new();
        for row in self.0.rows() {
            let (of, code) = self.kind(row)?;
            if of == kind {
                rows.push((row, code));
            }
        }
        Ok(rows)
    }

    /// The organisations, categories of actors, conferences and State groups.
    pub(super) fn organisations(self) -> Result<Vec<Draft>, Fault> {
        self.rows_of("organisation")?
            .into_iter()
            .map(|(row, kind)| {
                Ok(Draft::new("organisation", row.id())
                    .owned_by([CUSTODIAN])
                    .about([], self.0.codes(row, "topic")?)
                    .text("code", row.id())
                    .text("name", row.text("officialName"))
                    .text("acronym", row.text("acronym"))
                    .text("kind", kind)
                    .link("parent", "organisation", self.parent(row).map(Row::id))
                    .noted(row))
            })
            .collect()
    }

    /// The mechanisms; each owns itself. How they work is invented.
    pub(super) fn mechanisms(self, docket: &Docket) -> Result<Vec<Draft>, Fault> {
        self.rows_of("mechanism")?
            .into_iter()
            .map(|(row, kind)| {
                let parent = self.parent(row).map(Row::id);
                let above = parent.map_or(Ok(false), |id| self.is_mechanism(id))?;
                let methods = docket.row("workingMethods", row.id());
                let mut draft = Draft::new("mechanism", row.id())
                    .owned_by([row.id()])
                    .about([], self.0.codes(row, "topic")?)
                    .text("code", row.id())
                    .text("name", row.text("officialName"))
                    .text("acronym", row.text("acronym"))
                    .text("kind", kind)
                    .text("system", self.0.code(row, "system")?)
                    .text("region", self.0.code(row, "region")?)
                    .text("working_methods", methods.and_then(|row| row.text("text")))
                    .list("legal_basis", row.texts("legalBasis"))
                    .list("aliases", row.texts("writtenInTextAs"))
                    .text("note", remark([row.text("note")]).as_deref())
                    .link("parent", "mechanism", parent.filter(|_| above))
                    .link("organisation", "organisation", self.organisation(row)?)
                    .link("members", "mechanism", row.texts("memberIds"))
                    .noted(row);
                if methods.is_some_and(|row| row.says("public")) {
                    draft.overrides.push(("working_methods", "PUBLIC"));
                }
                Ok(draft)
            })
            .collect()
    }

    /// A mandate for each legal basis, and one for each holder of a mandate.
    pub(super) fn mandates(self) -> Result<Vec<Draft>, Fault> {
        let mut drafts = Vec::new();
        for (row, _) in self.rows_of("mechanism")? {
            let alone = matches!(
                row.text("kind"),
                Some("SPECIAL_PROCEDURE" | "REGIONAL_MANDATE")
            ) && row.text("legalBasis").is_none();
            let bases = row
                .texts("legalBasis")
                .map(Some)
                .chain(alone.then_some(None));
            for (number, basis) in bases.enumerate() {
                let code = match number {
                    0 => row.id().to_owned(),
                    _ => format!("{}-{}", row.id(), number + 1),
                };
                let title = format!("Mandate of the {}", self.name(row.id()));
                drafts.push(
                    Draft::new("mandate", &code)
                        .owned_by([row.id()])
                        .about([], self.0.codes(row, "topic")?)
                        .text("code", code.as_str())
                        .text("title", title.as_str())
                        .text("basis", basis)
                        .link("mechanism", "mechanism", [row.id()])
                        .noted(row),
                );
            }
        }
        Ok(drafts)
    }
}
