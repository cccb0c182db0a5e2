//! The independent proof: the rules read a second time, and two hubs that differ only in
//! what a viewer may not see.

mod agreement;
mod chance;
mod reference;
mod world;

use crate::support::harness::Suite;

pub(crate) fn register(suite: &mut Suite) {
    agreement::register(suite);
}
