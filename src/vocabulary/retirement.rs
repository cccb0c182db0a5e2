//! Why records are retired, and how long they are kept then.

use super::codes::codes;

codes! {
    /// Why a record is retired.
    pub RetirementReason {
        /// It should never have been entered: it is of something else, or of nothing. It is
        /// kept for a year at least.
        EnteredInError => "ENTERED_IN_ERROR",
        /// The same is kept in another record. It is kept for a year at least.
        Duplicate => "DUPLICATE",
        /// It is closed, and its time among current records is over. It is kept for ten years
        /// at least.
        Closed => "CLOSED",
    }
}

impl RetirementReason {
    /// Years for which a record is kept at least before it is expunged.
    ///
    /// The hub's own floor, as ST/SGB/2007/5 leaves the periods to each office's retention
    /// schedule: an office whose schedule says longer names a later day in the act.
    pub fn years(self) -> i64 {
        match self {
            Self::EnteredInError | Self::Duplicate => 1,
            Self::Closed => 10,
        }
    }
}
