//! The record of disclosures and acts: what was opened or done, by whom, why.
//!
//! Never a value: an entry names record and fields by keyed hashes and codes. Entries are the
//! leaves of a Merkle tree, whose root is signed: what was changed, removed or put elsewhere
//! afterwards is found, and named by its number.

mod carried;
mod checkpoint;
mod entry;
mod ledger;
mod log;
mod nodes;
mod owned;
mod receipt;
mod subject;
pub mod tree;
mod verify;

pub use self::{
    carried::Carried,
    checkpoint::{Checkpoint, LogKey, Note, NoteFault},
    entry::{Actor, Entry, EntryKind},
    ledger::{Ledger, LedgerError, Page},
    log::{LogFault, OwnEntry, verify_file},
    owned::Owned,
    receipt::{Promise, Receipt},
    subject::SubjectKey,
    verify::{Check, Finding, Report},
};
