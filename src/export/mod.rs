//! Export: a list as a file, asked of the executor with the caller's viewer.
//!
//! There is no second path to the data: what is in a cell was told as an answer to a query.
//! A withheld value and an absent one are both an empty cell.

mod calendar;
mod columns;
mod feed;
mod formats;
mod ical;
mod items;
mod list;
mod pages;
mod tongues;

pub use self::{
    calendar::has_calendar,
    feed::feed,
    formats::{Format, FormatError},
    list::List,
    pages::{ExportError, MOST, MOST_OVER_HTTP, export},
};
