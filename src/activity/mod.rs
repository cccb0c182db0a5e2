//! Joint activities: what mechanisms propose to each other, agree on, and do together.
//!
//! A proposal is its parties' alone, as a draft agreement is: who is named owns it from the
//! start, and a party that declines is an owner no more. Anyone is told of it only when each
//! owner has agreed to that. A clause on `WORK_PLANS` covers it: what mechanisms are going to
//! do together is part of their plans, and its place is told at the level at which the places
//! of a planned visit are.

mod acts;
mod entity;
mod graphql;
mod terms;

pub use self::{entity::JointActivity, graphql::JointActivityActs};
