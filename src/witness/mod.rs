//! A witness: a partner institution that watches whether a hub's log only ever grows.
//!
//! It sees the hub's outer tree ([`crate::journal::tick`]) and nothing of what is in the log. At
//! each visit it verifies that the tree begins with what it has seen last, keeps the new head,
//! and only then puts its name to it. What does not go on from there is never signed: both heads
//! are kept as evidence, and an officer has to look.

mod asked;
mod folder;
mod round;

pub use self::{
    asked::{HubFault, Remote},
    folder::{Folder, FolderFault, Seen},
    round::{Refused, Round, RoundFault},
};
