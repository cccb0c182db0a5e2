//! Agreements between mechanisms, and the clauses that open channels.
//!
//! The agreement is the access rule: a clause covers only what it names, an empty list
//! names nothing, and an agreement without clauses opens nothing. Who the parties are is
//! for partners by default; the clauses are for the parties.

mod acts;
mod entity;
mod graphql;

pub use self::{
    entity::{Agreement, Clause},
    graphql::AgreementActs,
};
