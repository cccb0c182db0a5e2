//! What the schema shows of communications and persons, and the acts on them.

mod disclosure;
mod docket;
mod file;
mod objects;

pub use self::{
    disclosure::{DisclosureActs, DisclosureRequest, disclosure_requests},
    docket::CommunicationActs,
    file::PersonActs,
    objects::PersonName,
};
