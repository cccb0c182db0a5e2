//! The lines of the tables of rules, and what is made of them.

use serde::Deserialize;

use super::{
    rule::{Basis, OtherProcedureRule, ProcedureRule, Reservation},
    table::{TableError, Verification, date, read},
};
use crate::{confidentiality::facts::CountryCode, vocabulary::codes::Coded};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ProcedureLine {
    id: String,
    procedure: String,
    provision: String,
    bars_pending: String,
    bars_concluded: String,
    concluded_means: String,
    same_nature_required: String,
    new_information_exception: String,
    own_body_too: String,
    third_party_exception: String,
    rights_test: String,
    as_of: String,
    effective_from: String,
    effective_to: String,
    source: String,
    source_uri: String,
    verified_by: String,
    verified_on: String,
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReservationLine {
    id: String,
    country: String,
    procedure: String,
    article: String,
    bars_pending: String,
    bars_concluded: String,
    limited_to: String,
    as_of: String,
    effective_from: String,
    effective_to: String,
    source: String,
    source_uri: String,
    verified_by: String,
    verified_on: String,
    note: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherLine {
    id: String,
    procedure: String,
    other_mechanism: String,
    other_kind: String,
    counts: String,
    as_of: String,
    source: String,
    source_uri: String,
    verified_by: String,
    verified_on: String,
    note: String,
}

/// The rules of procedures in a table.
pub(super) fn procedures(text: &str) -> Result<Vec<ProcedureRule>, TableError> {
    read("procedures", text)?
        .into_iter()
        .map(procedure)
        .collect()
}

/// The reservations in a table.
pub(super) fn reservations(text: &str) -> Result<Vec<Reservation>, TableError> {
    read("reservations", text)?
        .into_iter()
        .map(reservation)
        .collect()
}

/// What a table says of other procedures.
pub(super) fn others(text: &str) -> Result<Vec<OtherProcedureRule>, TableError> {
    read("other procedures", text)?
        .into_iter()
        .map(other)
        .collect()
}

fn value<C: Coded>(id: &str, column: &'static str, code: &str) -> Result<C, TableError> {
    C::from_code(code).ok_or_else(|| TableError::Value(id.to_owned(), column))
}

fn procedure(line: ProcedureLine) -> Result<ProcedureRule, TableError> {
    let id = line.id.as_str();
    let verified = Verification::parse(
        id,
        &line.verified_by,
        &line.verified_on,
        &line.effective_from,
        &line.source,
    )?;
    Ok(ProcedureRule {
        bars_pending: value(id, "bars_pending", &line.bars_pending)?,
        bars_concluded: value(id, "bars_concluded", &line.bars_concluded)?,
        concluded_means: value(id, "concluded_means", &line.concluded_means)?,
        same_nature_required: value(id, "same_nature_required", &line.same_nature_required)?,
        new_information_exception: value(
            id,
            "new_information_exception",
            &line.new_information_exception,
        )?,
        own_body_too: value(id, "own_body_too", &line.own_body_too)?,
        third_party_exception: value(id, "third_party_exception", &line.third_party_exception)?,
        rights_test: value(id, "rights_test", &line.rights_test)?,
        basis: Basis {
            as_of: date(id, "as_of", &line.as_of)?,
            from: date(id, "effective_from", &line.effective_from)?,
            until: date(id, "effective_to", &line.effective_to)?,
            provision: line.provision,
            source: line.source,
            source_uri: line.source_uri,
            verified,
            note: line.note,
            id: line.id,
        },
        procedure: line.procedure,
    })
}

fn reservation(line: ReservationLine) -> Result<Reservation, TableError> {
    let id = line.id.as_str();
    let verified = Verification::parse(
        id,
        &line.verified_by,
        &line.verified_on,
        &line.effective_from,
        &line.source,
    )?;
    Ok(Reservation {
        country: CountryCode::parse(&line.country)
            .ok_or_else(|| TableError::Value(id.to_owned(), "country"))?,
        bars_pending: value(id, "bars_pending", &line.bars_pending)?,
        bars_concluded: value(id, "bars_concluded", &line.bars_concluded)?,
        limited_to: value(id, "limited_to", &line.limited_to)?,
        basis: Basis {
            as_of: date(id, "as_of", &line.as_of)?,
            from: date(id, "effective_from", &line.effective_from)?,
            until: date(id, "effective_to", &line.effective_to)?,
            provision: line.article,
            source: line.source,
            source_uri: line.source_uri,
            verified,
            note: line.note,
            id: line.id,
        },
        procedure: line.procedure,
    })
}

fn other(line: OtherLine) -> Result<OtherProcedureRule, TableError> {
    let id = line.id.as_str();
    let verified = Verification::parse(
        id,
        &line.verified_by,
        &line.verified_on,
        &line.as_of,
        &line.source,
    )?;
    let named = |text: String| (!text.is_empty() && text != "*").then_some(text);
    let kind = match line.other_kind.as_str() {
        "" => None,
        code => Some(value(id, "other_kind", code)?),
    };
    Ok(OtherProcedureRule {
        kind,
        counts: value(id, "counts", &line.counts)?,
        basis: Basis {
            as_of: date(id, "as_of", &line.as_of)?,
            from: None,
            until: None,
            provision: String::new(),
            source: line.source,
            source_uri: line.source_uri,
            verified,
            note: line.note,
            id: line.id,
        },
        procedure: named(line.procedure),
        mechanism: named(line.other_mechanism),
    })
}
