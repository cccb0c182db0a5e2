//! Documents: what mechanisms have issued, with its symbol.

mod entity;
mod graphql;

pub use self::entity::Document;
