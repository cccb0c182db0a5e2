//! All that the rules may know of a record, besides its label.

use crate::{
    clock::Moment,
    id::{MechanismId, RecordId},
    identity::kind::Kind,
};

/// ISO 3166-1 alpha-3 code of a State or territory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 3]);

impl CountryCode {
    /// Three capital letters, or nothing.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Self(bytes))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A mechanism that the owner has named on a record, until a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Naming {
    /// Who is named.
    pub mechanism: MechanismId,
    /// From this moment on, no longer.
    pub until: Moment,
}

/// Who holds a record, whom it names, and what it concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Its kind.
    pub kind: Kind,
    /// Its id: grants are given for one person's file.
    pub id: RecordId,
    /// Mechanisms that own it. None owns what has no owner.
    pub owners: Vec<MechanismId>,
    /// Mechanisms named on it.
    pub named: Vec<Naming>,
    /// States that it concerns; `None` where a stored code is unknown.
    pub countries: Option<Vec<CountryCode>>,
    /// Topics that it concerns.
    pub topics: Vec<Box<str>>,
    /// Whether the file was erased (persons only).
    pub erased: bool,
}

impl Facts {
    /// A record of which nothing is known: nobody's, concerning nothing.
    pub fn unknown(kind: Kind, id: RecordId) -> Self {
        Self {
            kind,
            id,
            owners: Vec::new(),
            named: Vec::new(),
            countries: Some(Vec::new()),
            topics: Vec::new(),
            erased: false,
        }
    }
}
