//! What the schema shows of communications and persons, and the acts on them.

mod docket;
mod file;
mod objects;

pub use self::{docket::CommunicationActs, file::PersonActs, objects::PersonName};
