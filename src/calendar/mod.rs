//! The joint calendar: events of mechanisms, invitations to them, what meets in time and
//! place, and the feeds that calendar programs read.
//!
//! An event that is planned is told where a clause names `WORK_PLANS`, as other planned work
//! is; its places and its delegation stay at `CHANNEL` when it is published. An invitation is
//! known to host and invited alone, and tells what the host has chosen to tell: who is invited
//! need not be able to see the event itself.

mod acts;
mod entity;
mod feeds;
mod graphql;
mod invitations;
mod overlaps;
mod terms;
mod when;

pub use self::{
    entity::{CalendarEvent, EventInvitation},
    graphql::{
        CalendarActs, CalendarFeed, CalendarFeedActs, Overlap, VisitOverlap, calendar_feeds,
        overlaps, visit_overlaps,
    },
};
