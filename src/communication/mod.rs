//! Communications: cases, letters, appeals and measures; and the persons concerned.
//!
//! A pending communication is in its owner's docket: it is told to nobody else, but where
//! a clause names the list of pending communications. Once decided and published it is
//! public, without the docket note and without the persons. What identifies a person is
//! sealed, and opens to an officer with a grant for that person's file alone.
//!
//! Sources: rules of procedure of the mechanisms (confidentiality of proceedings until
//! decided, e.g. African Charter art. 59, OP-ICCPR art. 5 (3)); Manual of operations of
//! the special procedures (confidentiality of sources).

mod acts;
mod entity;
mod graphql;

pub use self::{
    acts::{
        EndWithoutDecision, FileField, Finding, FollowUp, ReopenAs, is_closed, may_follow,
        persons_follow,
    },
    entity::{Communication, CommunicationPerson, Person},
    graphql::{
        CommunicationActs, DisclosureActs, DisclosureRequest, PersonActs, PersonName,
        VitalInterest, VitalInterestActs, disclosure_requests, vital_interests,
    },
};
