//! The independent proof: the rules read a second time, and two hubs that differ only in
//! what a viewer may not see.

mod acts;
mod after;
mod agreement;
mod alike;
pub(crate) mod canaries;
mod chance;
mod command;
mod core;
mod exports;
mod fuzz;
mod goals;
mod inputs;
mod laws;
mod past;
#[cfg(feature = "planted-leaks")]
mod planted;
mod reference;
mod requests;
mod world;
mod worlds;

use crate::support::harness::Suite;

pub(crate) fn register(suite: &mut Suite) {
    #[cfg(feature = "planted-leaks")]
    planted::register(suite);
    agreement::register(suite);
    core::register(suite);
    laws::register(suite);
    canaries::register(suite);
    fuzz::register(suite);
    command::register(suite);
    acts::register(suite);
    exports::register(suite);
}
