//! The five levels of confidentiality, in their one order.

use std::fmt;

use crate::vocabulary::codes::{Code, CodeList, Coded};

/// How confidential a field or a record is; the order is total.
///
/// Who reaches which level is decided for each record. The levels correspond to
/// the classes of ST/SGB/2007/6 of the United Nations: unclassified (`PUBLIC`,
/// `PARTNER`), confidential (`CHANNEL`, `SECRETARIAT`), strictly confidential
/// (`VICTIM`). There is no default level: what has none does not build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Level {
    /// Anyone, without a token.
    Public = 0,
    /// Any accredited mechanism with a valid token.
    Partner = 1,
    /// The parties to an agreement in force that covers the record.
    Channel = 2,
    /// The secretariat that owns the record.
    Secretariat = 3,
    /// Officers named for this person's file, with a stated purpose.
    Victim = 4,
}

impl Level {
    /// All levels, from the most open to the most closed.
    pub const ALL: [Self; 5] = [
        Self::Public,
        Self::Partner,
        Self::Channel,
        Self::Secretariat,
        Self::Victim,
    ];

    /// The level as it is written in the schema, in scopes and in labels.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "PUBLIC",
            Self::Partner => "PARTNER",
            Self::Channel => "CHANNEL",
            Self::Secretariat => "SECRETARIAT",
            Self::Victim => "VICTIM",
        }
    }

    /// The level of this code, exactly as `code` writes it.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.code() == code)
    }

    /// The place in the order, as it is stored: 0 is `PUBLIC`.
    pub const fn rank(self) -> i64 {
        self as i64
    }

    /// The level of this place in the order; anything else is no level.
    pub fn from_rank(rank: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.rank() == rank)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Coded for Level {
    const LIST: &'static CodeList = &CodeList {
        name: "Level",
        doc: "A level of confidentiality: what it takes, on a record, to be told. The levels \
              are in one order, each above the one before. In the terms of ST/SGB/2007/6: \
              unclassified (PUBLIC, PARTNER), confidential (CHANNEL, SECRETARIAT), strictly \
              confidential (VICTIM); in those of TLP 2.0: CLEAR, GREEN, AMBER, AMBER+STRICT, RED.",
        codes: &[
            Code {
                code: "PUBLIC",
                doc: "Anyone, without a token.",
            },
            Code {
                code: "PARTNER",
                doc: "Any accredited mechanism with a valid token.",
            },
            Code {
                code: "CHANNEL",
                doc: "The parties to an agreement in force whose clause covers the record.",
            },
            Code {
                code: "SECRETARIAT",
                doc: "The secretariat that owns the record.",
            },
            Code {
                code: "VICTIM",
                doc: "Officers named for the person's file, with a stated purpose; each opening is on record.",
            },
        ],
    };

    fn code(self) -> &'static str {
        Self::code(self)
    }

    fn from_code(code: &str) -> Option<Self> {
        Self::from_code(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_and_ranks_lead_back_to_their_level() {
        for (place, level) in Level::ALL.into_iter().enumerate() {
            assert_eq!(Level::from_code(level.code()), Some(level));
            assert_eq!(level.rank(), place as i64);
            assert_eq!(Level::from_rank(level.rank()), Some(level));
        }
    }

    #[test]
    fn the_order_is_the_declared_one() {
        assert!(Level::ALL.is_sorted());
        assert!(Level::Public < Level::Partner && Level::Secretariat < Level::Victim);
    }

    #[test]
    fn anything_else_is_no_level() {
        for code in ["", "public", "PUBLI", "PUBLIC ", "VICTIMS", "SECRET", "4"] {
            assert_eq!(Level::from_code(code), None, "{code}");
        }
        for rank in [-1, 5, 256, i64::MAX, i64::MIN] {
            assert_eq!(Level::from_rank(rank), None, "{rank}");
        }
    }
}
