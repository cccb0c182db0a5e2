//! Which State has succeeded which.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::table::{TableError, read};
use crate::confidentiality::facts::CountryCode;

/// What the hub is delivered with.
const SHIPPED: &str = include_str!("rules/successions.csv");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    former: String,
    successor: String,
    #[serde(rename = "source")]
    _source: String,
}

/// States and their successors. It says that a jurist has to look, and nothing of any status.
#[derive(Clone, Debug)]
pub struct Successions(BTreeSet<(CountryCode, CountryCode)>);

impl Successions {
    /// Those that the hub is delivered with.
    ///
    /// # Errors
    /// Where they are malformed; a test shows that they are not.
    pub fn shipped() -> Result<Self, TableError> {
        let mut pairs = BTreeSet::new();
        for line in read::<Line>("successions", SHIPPED)? {
            let country = |code: &str| {
                CountryCode::parse(code)
                    .ok_or_else(|| TableError::Value(line.former.clone(), "country"))
            };
            pairs.insert((country(&line.former)?, country(&line.successor)?));
        }
        Ok(Self(pairs))
    }

    /// Whether one of two States has succeeded the other.
    pub fn between(&self, one: CountryCode, other: CountryCode) -> bool {
        self.0.contains(&(one, other)) || self.0.contains(&(other, one))
    }
}
