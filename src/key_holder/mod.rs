//! The second key holder: another institution that has the other share of blind tokens.
//!
//! A process of its own, on another machine and in other hands than the hub. It multiplies
//! points that are random to it ([`Desk`]), counts how many for which client and caps them
//! ([`Tally`]), and keeps nothing else: no name, no State, no time of day. Without it nobody
//! makes a token, the hub no more than a thief of the hub.

mod desk;
mod file;
mod tally;
#[cfg(test)]
mod tests;

pub use self::{
    desk::{Desk, DeskFault},
    file::{A_DAY, Admitted, HolderFile, HolderFileError},
    tally::{Tally, TallyFault},
};
