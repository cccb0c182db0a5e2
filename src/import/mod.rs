//! Import: the rows of a partner's file become records of the mechanism that brings them.
//!
//! A file is read ([`read`]), each row is understood by a mapping ([`mapping`], [`plan`]),
//! and all rows are written in one act ([`acts`]), from the command line or from the API.
//! Nothing is half written; what is refused is said by line and column ([`report`]).
//!
//! The strictest level is the default: what a mapping says nothing of is kept at
//! `SECRETARIAT`. What identifies a person is not imported at all.

pub mod acts;
pub mod describe;
pub mod graphql;
pub mod mapping;
pub mod plan;
pub mod read;
pub mod rejects;
pub mod report;
pub mod targets;
pub mod template;
pub mod values;

pub use self::graphql::ImportActs;
