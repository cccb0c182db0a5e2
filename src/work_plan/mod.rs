//! Work plans: what a mechanism sets out to do, objective by objective.
//!
//! A draft is for partners (its existence is `PARTNER`); the places of a visit are told
//! to the parties of a channel that covers work plans, before anybody else.

mod acts;
mod entity;
mod graphql;

pub use self::{
    entity::{Objective, WorkPlan, WorkPlanItem},
    graphql::WorkPlanActs,
};
