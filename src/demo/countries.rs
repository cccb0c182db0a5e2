//! Countries in six languages, and the regional organisations they belong to.

use super::{
    draft::Draft,
    rows::Fault,
    seed::{Seed, Sheet},
};

const COUNTRIES: &str = "ISO 3166-1 and UN M49, from datasets/country-codes at caa72d1";
const COUNTRIES_LICENSE: &str = "PDDL-1.0";
const MEMBERSHIP_LICENSE: &str = "MIT";
/// The owner of what no mechanism owns.
pub(super) const CUSTODIAN: &str = "ohchr";

/// Organisations that only the lists of members name: the seed has the others.
pub(super) fn organisations(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let (members, known) = (
        seed.sheet("regional-membership.csv")?,
        seed.sheet("seed/mechanisms.json")?,
    );
    let mut drafts: Vec<Draft> = Vec::new();
    for row in members.rows() {
        let code = members.code(row, "organisation")?.unwrap_or_default();
        if known.row(code).is_none() && !drafts.iter().any(|draft| draft.key == code) {
            drafts.push(
                Draft::new("organisation", code)
                    .owned_by([CUSTODIAN])
                    .text("code", code)
                    .text("name", row.text("organisationName"))
                    .text("acronym", row.text("organisation"))
                    .text("kind", "INTERGOVERNMENTAL")
                    .sourced(
                        row.text("source").unwrap_or_default(),
                        None,
                        MEMBERSHIP_LICENSE,
                    ),
            );
        }
    }
    Ok(drafts)
}

/// The 249 countries and areas, each linked to what it is a member of.
pub(super) fn countries(seed: &Seed) -> Result<Vec<Draft>, Fault> {
    let members = seed.sheet("regional-membership.csv")?;
    let rows = seed.sheet("countries.csv")?.rows();
    rows.iter()
        .map(|row| {
            let code = row.id();
            Ok(Draft::new("country", code)
                .owned_by([CUSTODIAN])
                .about([code], [])
                .text("code", code)
                .text("alpha2", row.text("iso2"))
                .text("m49", row.text("m49"))
                .text("region", row.text("region"))
                .text("subregion", row.text("subRegion"))
                .text("name_ar", row.text("nameAr"))
                .text("name_en", row.text("nameEn"))
                .text("name_es", row.text("nameEs"))
                .text("name_fr", row.text("nameFr"))
                .text("name_ru", row.text("nameRu"))
                .text("name_zh", row.text("nameZh"))
                .link(
                    "member_of",
                    "organisation",
                    memberships(members, row.text("iso2"))?,
                )
                .sourced(COUNTRIES, None, COUNTRIES_LICENSE))
        })
        .collect()
}

/// What the country with this short code is a member of; ended ones left out.
fn memberships<'a>(members: Sheet<'a>, iso2: Option<&str>) -> Result<Vec<&'a str>, Fault> {
    let mut codes = Vec::new();
    for row in members.rows().iter().filter(|row| row.text("iso2") == iso2) {
        if members.code(row, "ended")?.is_none() {
            codes.extend(members.code(row, "organisation")?);
        }
    }
    Ok(codes)
}
