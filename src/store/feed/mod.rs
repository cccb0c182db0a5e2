//! Feeds of changes of a view: what somebody who has kept up is to be told.
//!
//! The hub remembers of each view which records it held when it was last looked at, and a hash
//! of what was told of each; never a value. A change of the view is what differs from that:
//! whether a record was written, a level raised, an agreement ended or a day has come makes no
//! difference, and what the view does not show changes nothing in it, its numbers included.
//! The outbox says where to look, so that not all is looked at each time.

mod keeping;
mod kept;
mod outbox;
mod part;
mod view;

pub use self::{
    kept::{Looked, ToLookAt},
    part::{Change, Part, Place, What},
};
