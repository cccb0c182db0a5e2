//! Agreements between mechanisms, and the clauses that open channels.
//!
//! The agreement is the access rule: a clause covers only what it names, an empty list
//! names nothing, and an agreement without clauses opens nothing. Who the parties are is
//! for partners by default; the clauses are for the parties.
//!
//! `terms` says what a clause means: a text and a list of fields, from the same clause.

mod acts;
mod entity;
mod graphql;
mod terms;

pub use self::{
    entity::{Agreement, Clause},
    graphql::AgreementActs,
};
