//! What the schema shows of the joint calendar, and the acts on it.

mod acts;
mod edges;
mod feeds;
mod inputs;
mod overlaps;
mod visits;

pub use self::{
    acts::CalendarActs,
    feeds::{CalendarFeed, CalendarFeedActs, calendar_feeds},
    overlaps::{Overlap, overlaps},
    visits::{VisitOverlap, visit_overlaps},
};
