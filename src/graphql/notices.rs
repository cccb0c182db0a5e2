//! Notifications: where a holder learns that something has happened.

use async_graphql::{Context, ID, Result, SimpleObject};

use super::{
    connection::size,
    context::{Asking, failed},
    error::Code,
    listing::{Listing, cursor_of},
    object::Told,
};
use crate::{clock::Moment, id::GlobalId, vocabulary::NotificationType};

/// That something has happened to what concerns your mechanism; never what.
#[derive(SimpleObject)]
pub struct Notification {
    /// What has happened.
    #[graphql(name = "type")]
    what: Told<NotificationType>,
    /// The id of the record, or of the request for a file, that it has happened to. What you
    /// may be told of it is asked as ever.
    id: ID,
    /// When.
    at: Told<Moment>,
}

/// A part of a list of notifications.
pub type Notifications = Listing<Notification>;

/// A part of the notifications to the viewer's own mechanism, the latest first.
///
/// # Errors
/// Refuses a page over the published limit, and a cursor that is not of this list.
pub async fn notifications(
    ctx: &Context<'_>,
    first: Option<i32>,
    after: Option<String>,
) -> Result<Notifications> {
    let most = size(first, None)?;
    let after = after.map(|cursor| cursor_of(&cursor)).transpose()?;
    let asked = ctx.asked()?;
    let found = asked.reader.notices(after, most).await.map_err(failed)?;
    let found = found.ok_or_else(|| Code::CursorInvalid.error())?;
    asked.count(found.notices.len())?;
    let entries = found.notices.into_iter().map(|notice| {
        let id = match notice.what {
            NotificationType::DisclosureAsked | NotificationType::DisclosureGranted => {
                notice.record.0.to_string()
            }
            _ => GlobalId {
                kind: notice.kind,
                id: notice.record,
            }
            .to_string(),
        };
        let told = Notification {
            what: Told(notice.what),
            id: ID(id),
            at: Told(notice.at),
        };
        (notice.id, told)
    });
    Ok(Notifications::of((after.is_some(), found.more), entries))
}
