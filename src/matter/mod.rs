//! The same-matter check on the stored docket: asking, answering, looking side by side.
//!
//! A question is put for a registered communication of one's own and names nobody. It is taken
//! alike whatever there is; the owner of what the hub finds is told first, and decides. What
//! is compared is the pure engine's ([`crate::same_matter`]); where it lies is the store's
//! ([`crate::store::matter`]).

mod acts;
mod backfill;
mod beside;
mod days;
mod graphql;
mod note;

pub use self::{
    backfill::{BackfillFault, Backfilled, backfill},
    beside::{AskHolder, Beside, BesideFault},
    graphql::{
        BlindMatter, MatterActs, SameMatterCheck, SameMatterSignal, blind_matters,
        same_matter_checks, same_matter_signals,
    },
};
