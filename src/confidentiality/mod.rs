//! What may be told to whom.
//!
//! This room knows no slice, no HTTP, and no SQL but its column glue. Three
//! sentences to keep: *no row without a viewer; no confidential value without a
//! permit; no permit without a record.* Read [`reach`] first.

pub mod channel;
mod classified;
pub mod declare;
mod disclosed;
pub mod facts;
mod field;
pub mod gate;
pub mod grant;
pub mod label;
pub mod level;
pub mod permit;
pub mod reach;
pub mod scalar;
pub mod sealed;
pub mod stored;
pub mod vault;
mod verdict;
pub mod warrant;

pub use self::{
    classified::Classified,
    declare::Domain,
    disclosed::Disclosed,
    field::{FieldIndex, FieldRule, FieldSet},
    gate::Known,
    level::Level,
    verdict::Ground,
};
