//! The history of a record: what its fields said before, as far as you are told them.

use async_graphql::{Context, Result, SimpleObject};

use super::{
    connection::size,
    context::{Asking, failed},
    error::Code,
    kinds::of_kind,
    listing::{Listing, cursor_of},
    object::{Shown, Told},
};
use crate::{
    clock::Moment,
    confidentiality::{Level, scalar::camel},
    id::{GlobalId, RecordId},
    store::{
        batch::ById,
        history::{Change, Changes},
    },
};

/// A change of one field of a record.
#[derive(SimpleObject)]
#[graphql(name = "HistoryEntry")]
pub struct HistoryEntry {
    /// When.
    at: Told<Moment>,
    /// The field, or `existence` for the level at which it is known that the record is there.
    field: String,
    /// What it said before, as text; `null` where it said nothing, or leads to records.
    before: Option<String>,
    /// What it said after.
    after: Option<String>,
    /// Who has changed it: for the secretariat that owns the record.
    by: Option<String>,
}

/// A part of a history.
pub type History = Listing<HistoryEntry>;

/// A part of the history of a record; hidden and missing alike have none.
///
/// # Errors
/// Refuses a page over the published limit, and a cursor that is not of this history.
pub async fn history(
    ctx: &Context<'_>,
    id: &str,
    first: Option<i32>,
    after: Option<String>,
) -> Result<History> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let none = || History::of((false, false), []);
    let Some(id) = GlobalId::parse(id) else {
        return after.map_or_else(|| Ok(none()), |_| Err(Code::CursorInvalid.error()));
    };
    of_kind!(
        id.kind,
        |D| of::<D>(ctx, id.id, after, most).await,
        edge match after {
            None => Ok(none()),
            Some(_) => Err(Code::CursorInvalid.error()),
        }
    )
}

async fn of<D: Shown>(
    ctx: &Context<'_>,
    id: RecordId,
    after: Option<RecordId>,
    most: u32,
) -> Result<History> {
    let asked = ctx.asked()?;
    let known = asked.loader.load_one(ById::<D>::new(id)).await;
    let found = match known.map_err(failed)? {
        Some(known) => {
            let own = known.viewer().mechanism();
            let owns = own.is_some_and(|own| known.facts().owners.contains(&own))
                && known.sight().reach.level >= Level::Secretariat;
            let changes = asked.reader.history(&known, after, most).await;
            changes.map_err(failed)?.map(|changes| (changes, owns))
        }
        None => after.is_none().then(|| (Changes::default(), false)),
    };
    let (changes, owns) = found.ok_or_else(|| Code::CursorInvalid.error())?;
    asked.count(changes.changes.len())?;
    let entries = changes.changes.into_iter();
    let entries = entries.map(|change| (change.id, entry(change, owns)));
    Ok(History::of((after.is_some(), changes.more), entries))
}

fn entry(change: Change, owns: bool) -> HistoryEntry {
    HistoryEntry {
        at: Told(change.at),
        field: camel(&change.field),
        before: change.before,
        after: change.after,
        by: owns.then_some(change.subject),
    }
}
