//! The independent proof: the rules read a second time, and two hubs that differ only in
//! what a viewer may not see.

mod agreement;
mod chance;
mod fuzz;
mod reference;
mod requests;
mod world;
mod worlds;

use crate::support::harness::Suite;

pub(crate) fn register(suite: &mut Suite) {
    agreement::register(suite);
    fuzz::register(suite);
}
