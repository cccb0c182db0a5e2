//! Mechanisms, their mandates, and the focal points through which they are reached.
//!
//! A mechanism owns its own profile: what it is and how it works. Direct telephones and
//! names of staff are for other mechanisms (`PARTNER`); a function mailbox is public.

mod acts;
mod entity;
mod graphql;
mod reads;

pub use self::{
    entity::{FocalPoint, Mandate, Mechanism},
    graphql::MechanismActs,
    reads::{institution, registered},
};
