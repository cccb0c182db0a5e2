//! The record of disclosures and acts: what was opened or done, by whom, why.
//!
//! Never a value: an entry names record and fields by keyed hashes and codes. Entries are the
//! leaves of a Merkle tree, whose root is signed: what was changed, removed or put elsewhere
//! afterwards is found, and named by its number.
//!
//! Others witness the log without seeing it: an outer tree has a leaf for each minute
//! ([`tick`]), and of that tree alone they are given checkpoints and [tiles](tile).

mod carried;
mod checkpoint;
mod copy;
mod cosign;
mod entry;
mod ledger;
mod log;
mod nodes;
mod outer;
mod owned;
mod receipt;
mod subject;
pub mod tick;
pub mod tile;
pub mod tree;
mod verify;

pub(crate) use self::entry::record_tag;
pub use self::{
    carried::{Carried, Since},
    checkpoint::{Checkpoint, LogKey, Note, NoteFault, WitnessKey},
    copy::{OwnEntry, verify_file},
    cosign::{Asked, Cosigner},
    entry::{Actor, Entry, EntryKind},
    ledger::{Ledger, LedgerError, Page},
    log::LogFault,
    owned::Owned,
    receipt::{Promise, Receipt},
    subject::SubjectKey,
    verify::{Check, Finding, Report, Witnessed},
};
