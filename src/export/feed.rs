//! The feed of the joint calendar: what a calendar program fetches again and again.
//!
//! It is an export like any other, asked of the executor with the caller's viewer. What may
//! not be known of any more is not in it, and nothing says that it was: no number and no date
//! of a change, which would tell of changes to what is withheld, too.

use crate::{clock::Moment, date::PartialDate, http::Hub, identity::kind::Kind};

use super::{ExportError, List, MOST_OVER_HTTP, calendar, columns::Columns, pages::rows};

/// What the calendar says of itself: its name, and how often it is fetched (RFC 7986).
const HEAD: [&str; 4] = [
    "NAME:Liaison: joint calendar",
    "X-WR-CALNAME:Liaison: joint calendar",
    "REFRESH-INTERVAL;VALUE=DURATION:PT6H",
    "X-PUBLISHED-TTL:PT6H",
];
const LIST: List = List::Of(Kind::CalendarEvent);

/// The events that a viewer is told of, from the year before the last on.
///
/// # Errors
/// As [`export`](super::export).
pub async fn feed<H: Hub>(hub: &H, viewer: H::Viewer) -> Result<Vec<u8>, ExportError> {
    let columns = Columns::of(&hub.sdl(), LIST).ok_or(ExportError::NoList(LIST))?;
    let first = viewer.clone();
    let since = since(hub.now());
    let filter = format!(
        "{{ or: [{{ startsOn: {{ gte: \"{since}\" }} }}, {{ endsOn: {{ gte: \"{since}\" }} }}] }}"
    );
    let of = (&columns, Some(filter.as_str()));
    let (rows, _, last) = rows(hub, viewer, of, MOST_OVER_HTTP).await?;
    // What has ended since the first page may be in the rows: they are nobody's then.
    hub.again(&last).await?;
    if !H::keeps(&first) {
        return Err(ExportError::Changed);
    }
    let heads = columns.heads();
    let of = [(Kind::CalendarEvent, (heads.as_slice(), rows.as_slice()))];
    let told = (H::is_anyone(&first), midnight(hub.now()));
    Ok(calendar::file(&HEAD, &of, told))
}

/// The first year that is in it.
fn since(now: Moment) -> String {
    let today = PartialDate::of_day(now);
    let year = today.as_str().get(..4).and_then(|year| year.parse().ok());
    let year: i32 = year.unwrap_or_default();
    format!("{:04}", year.saturating_sub(2))
}

/// The stamp of a day: within one, the same events are the same file.
fn midnight(now: Moment) -> Moment {
    PartialDate::of_day(now).begin().unwrap_or(now)
}
