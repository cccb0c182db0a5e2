//! The acts on communications and on persons' files.

pub(super) mod correct;
pub(super) mod course;
pub(super) mod disclosure;
pub(super) mod docket;
pub(super) mod file;
pub(super) mod person;
pub(super) mod vital;

pub use self::{
    correct::{may_follow, persons_follow},
    course::{EndWithoutDecision, Finding, FollowUp, ReopenAs, is_closed},
    file::FileField,
};
