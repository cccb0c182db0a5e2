//! The same-matter check as the API takes and tells it.

mod acts;
mod overlap;
mod payloads;
mod told;

pub use self::{
    acts::MatterActs,
    told::{
        BlindMatter, SameMatterCheck, SameMatterSignal, blind_matters, same_matter_checks,
        same_matter_signals,
    },
};
