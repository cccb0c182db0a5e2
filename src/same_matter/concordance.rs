//! Which articles of which instruments are on the same right.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::table::{TableError, Verification, read};

/// What the hub is delivered with.
const SHIPPED: &str = include_str!("rules/concordance.csv");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    instrument: String,
    article: u16,
    cluster: String,
    as_of: String,
    source: String,
    verified_by: String,
    verified_on: String,
}

/// Articles and the clusters of rights that they belong to, many to many.
#[derive(Clone, Debug)]
pub struct Concordance(BTreeMap<(String, u16), Vec<(String, bool)>>);

/// What a list of articles comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invoked {
    /// The clusters of rights.
    pub clusters: BTreeSet<String>,
    /// Whether an article is in no row.
    pub unknown: bool,
    /// Whether a jurist has checked every row that was used.
    pub verified: bool,
}

impl Concordance {
    /// The one that the hub is delivered with.
    ///
    /// # Errors
    /// Where it is malformed; a test shows that it is not.
    pub fn shipped() -> Result<Self, TableError> {
        Self::parse(SHIPPED)
    }

    /// One of a file.
    ///
    /// # Errors
    /// Where a row is malformed.
    pub fn parse(text: &str) -> Result<Self, TableError> {
        let mut articles: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for line in read::<Line>("concordance", text)? {
            let id = format!("{} {}", line.instrument, line.article);
            let verification = Verification::parse(
                &id,
                &line.verified_by,
                &line.verified_on,
                &line.as_of,
                &line.source,
            )?;
            let key = (line.instrument, line.article);
            let verified = verification.is_some();
            articles
                .entry(key)
                .or_default()
                .push((line.cluster, verified));
        }
        Ok(Self(articles))
    }

    /// What these articles come to: `CAT art. 22 (5) (a)`, `ICCPR 7`.
    pub fn read(&self, articles: &[&str]) -> Invoked {
        let mut invoked = Invoked {
            clusters: BTreeSet::new(),
            unknown: articles.is_empty(),
            verified: true,
        };
        for article in articles {
            let rows = parse_article(article).and_then(|article| self.0.get(&article));
            match rows {
                None => invoked.unknown = true,
                Some(rows) => {
                    invoked.verified &= rows.iter().all(|(_, verified)| *verified);
                    invoked
                        .clusters
                        .extend(rows.iter().map(|(cluster, _)| cluster.clone()));
                }
            }
        }
        invoked
    }
}

fn parse_article(text: &str) -> Option<(String, u16)> {
    let (instrument, rest) = text.trim().split_once([' ', '-'])?;
    let digits = rest.trim_start_matches(|letter: char| !letter.is_ascii_digit());
    let end = digits
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(digits.len());
    Some((instrument.to_uppercase(), digits.get(..end)?.parse().ok()?))
}
