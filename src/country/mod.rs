//! States and territories, as the UN's M49 list and ISO 3166 have them.
//!
//! Reference data. A sentence on a disputed status takes no side: the type is a State
//! or territory of the list, no more.

mod entity;
mod graphql;
mod reads;

pub use self::{entity::Country, reads::known};
