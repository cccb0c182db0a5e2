//! What the schema shows of communications and persons, and the acts on them.

mod disclosure;
mod docket;
mod file;
mod objects;
mod vital;

pub use self::{
    disclosure::{DisclosureActs, DisclosureRequest, disclosure_requests},
    docket::CommunicationActs,
    file::PersonActs,
    objects::PersonName,
    vital::{VitalInterest, VitalInterestActs, vital_interests},
};
