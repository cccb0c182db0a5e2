//! Statistics: what anyone may be told of how many persons turn to mechanisms.
//!
//! A release is counted once, from parts of the docket that are frozen with it, and told to
//! anyone only after a second officer of each mechanism has approved it. Cells of fewer
//! persons than the threshold are withheld, with as many others as it takes; a linear program
//! looks at all releases together ([`audit`]), so that no difference of two figures tells
//! what one withholds. The counting and its control ([`table`], [`suppress`]) know no
//! database.
//!
//! What is public in itself, such as published Views, is in no release: whoever asks counts it
//! live (`communications { totalCount }`).

mod acts;
pub mod audit;
pub mod docket;
mod entity;
mod graphql;
pub mod published;
pub mod quarter;
pub mod suppress;
pub mod table;
pub mod zeros;

#[cfg(test)]
mod tests;

pub use self::acts::load_zeros;
pub use self::{
    entity::StatisticRelease,
    graphql::{OwnCount, StatisticActs, own_counts},
};
