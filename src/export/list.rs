//! What can be exported: the records of a kind, and what is no record.

use std::fmt;

use crate::identity::kind::Kind;

/// A list that can be a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// All records of a kind.
    Of(Kind),
    /// The entries of the log on the viewer's own records.
    AuditEntries,
}

const AUDIT_ENTRY: &str = "audit_entry";

impl List {
    /// The list with this code.
    pub fn from_code(code: &str) -> Option<Self> {
        if code == AUDIT_ENTRY {
            return Some(Self::AuditEntries);
        }
        Kind::from_code(code).map(Self::Of)
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.code(),
            Self::AuditEntries => AUDIT_ENTRY,
        }
    }

    /// The type of what is in it.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Self::Of(kind) => kind.type_name(),
            Self::AuditEntries => "AuditEntry",
        }
    }
}

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
