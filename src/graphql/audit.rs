//! The entries of the log on records of one's own mechanism.

use async_graphql::{Context, ID, Result, SimpleObject};

use super::{
    connection::size,
    context::{Asking, failed},
    error::Code,
    listing::{Listing, cursor_of},
    object::Told,
};
use crate::{
    clock::Moment,
    confidentiality::scalar::camel,
    id::GlobalId,
    identity::purpose::PurposeCode,
    journal::EntryKind,
    mechanism::Mechanism,
    store::{audit::AuditEntry as Entry, batch::ById},
};

/// What was done to a record of your mechanism, as the log has it; never a value.
#[derive(SimpleObject)]
pub struct AuditEntry {
    /// When.
    at: Told<Moment>,
    /// What was done.
    act: Told<EntryKind>,
    /// The id of the record; `null` where it was done to several at once.
    record: Option<ID>,
    /// Fields that were opened or written, or kinds of records that were written with it.
    fields: Vec<String>,
    /// For what a file was opened.
    purpose: Option<Told<PurposeCode>>,
    /// The rule that allowed it.
    decision: String,
    /// Code of the mechanism that did it.
    mechanism: Option<String>,
    /// The officer who did it, where it is one of your own mechanism's.
    by: Option<String>,
}

/// A part of a list of entries.
pub type AuditEntries = Listing<AuditEntry>;

/// A part of the entries on records of the viewer's own mechanism, the latest first.
///
/// # Errors
/// Refuses a page over the published limit, and a cursor that is not of this list.
pub async fn audit_entries(
    ctx: &Context<'_>,
    record: Option<&str>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<AuditEntries> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let asked = ctx.asked()?;
    let found = match record.map(GlobalId::parse) {
        // An id that this hub gave to nothing is that of no record.
        Some(None) => after.is_none().then(Default::default),
        Some(Some(record)) => {
            let found = asked.reader.audit_entries(Some(record), after, most);
            found.await.map_err(failed)?
        }
        None => {
            let found = asked.reader.audit_entries(None, after, most);
            found.await.map_err(failed)?
        }
    };
    let found = found.ok_or_else(|| Code::CursorInvalid.error())?;
    asked.count(found.entries.len())?;
    let mut told = Vec::with_capacity(found.entries.len());
    for entry in found.entries {
        let mechanism = match entry.by {
            Some(by) => {
                asked
                    .loader
                    .load_one(ById::<Mechanism>::new(by.into()))
                    .await
            }
            None => Ok(None),
        };
        let code = mechanism.map_err(failed)?.and_then(|mechanism| {
            let code = mechanism.open(|row| &row.code).visible();
            code.flatten().cloned()
        });
        told.push((entry.id, one(entry, code)));
    }
    Ok(AuditEntries::of((after.is_some(), found.more), told))
}

fn one(entry: Entry, mechanism: Option<String>) -> AuditEntry {
    AuditEntry {
        at: Told(entry.at),
        act: Told(entry.act),
        record: entry.record.map(|id| ID(id.to_string())),
        fields: entry.fields.iter().map(|field| camel(field)).collect(),
        purpose: entry.purpose.map(Told),
        decision: entry.decision,
        mechanism,
        by: entry.subject,
    }
}
