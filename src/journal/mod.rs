//! The record of disclosures and acts: what was opened or done, by whom, why.
//!
//! Never a value: an entry names record and fields by keyed hashes and codes.

mod entry;
mod ledger;

pub use self::{
    entry::{Actor, Entry, EntryKind},
    ledger::{Ledger, LedgerError, Page, Receipt},
};
