//! Organisations and categories of actors: what takes part, and is no mechanism.

mod entity;
mod graphql;

pub use self::entity::Organisation;
