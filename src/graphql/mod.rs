//! The schema as a whole: what a request meets when it asks.

pub mod acts;
pub mod audit;
pub mod code_lists;
pub mod connection;
pub mod context;
pub mod directive;
pub mod edges;
pub mod error;
pub mod fetches;
pub mod filter;
pub mod given;
pub mod history;
mod inputs;
pub(crate) mod kinds;
pub mod labels;
pub mod language;
pub mod limits;
pub mod listing;
pub mod lowerings;
pub mod node;
pub mod notices;
pub mod object;
pub mod restored;
pub mod retirement;
mod roots;
mod schema;
mod service;
pub mod texts;
pub mod translating;
pub mod withheld;

pub use self::{
    object::{Object, Shown},
    schema::{Schema, execute, schema, sdl},
};
