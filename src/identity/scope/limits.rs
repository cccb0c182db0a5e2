//! Where a scope holds: agreements, States, topics, owners.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::ScopeFault;

const MAX_WORD: usize = 64;

/// The members to which a scope is limited; `None` is no limit.
pub type Limit<T> = Option<BTreeSet<T>>;

/// Where a scope holds; limits of different types apply together.
///
/// A limit is never empty. A record lies within when all its States, all its
/// topics and one of its owners do; one that has none of a kind lies outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    /// Agreements through which records may be reached (`ch:`).
    pub channels: Limit<Uuid>,
    /// States, by ISO alpha-3 code (`st:`).
    pub countries: Limit<String>,
    /// Topics, by theme code (`tp:`).
    pub topics: Limit<String>,
    /// Mechanisms that own the records, by code (`own:`).
    pub owners: Limit<String>,
}

impl Limits {
    /// The limits that admit what both admit; `None` where that is nothing.
    pub(super) fn narrow(&self, other: &Self) -> Option<Self> {
        Some(Self {
            channels: common(&self.channels, &other.channels)?,
            countries: common(&self.countries, &other.countries)?,
            topics: common(&self.topics, &other.topics)?,
            owners: common(&self.owners, &other.owners)?,
        })
    }
}

pub(super) fn add<'a, T: Ord>(
    limit: &mut Limit<T>,
    members: impl IntoIterator<Item = &'a str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<(), ScopeFault> {
    for member in members {
        let member = parse(member).ok_or(ScopeFault::Malformed)?;
        limit.get_or_insert_default().insert(member);
    }
    Ok(())
}

/// The members of both limits; `None` where the two have none in common.
fn common<T: Ord + Clone>(one: &Limit<T>, other: &Limit<T>) -> Option<Limit<T>> {
    match (one, other) {
        (None, limit) | (limit, None) => Some(limit.clone()),
        (Some(one), Some(other)) => {
            let both: BTreeSet<T> = one.intersection(other).cloned().collect();
            (!both.is_empty()).then_some(Some(both))
        }
    }
}

pub(super) fn lies_within<T: Ord>(one: &Limit<T>, other: &Limit<T>) -> bool {
    match (one, other) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(one), Some(other)) => one.is_subset(other),
    }
}

/// An identifier in the one form in which it is issued: lower case, with hyphens.
pub(super) fn uuid(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text)
        .ok()
        .filter(|id| id.to_string() == text)
}

pub(super) fn country(text: &str) -> Option<String> {
    let is_code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_code.then(|| text.to_owned())
}

pub(super) fn topic(text: &str) -> Option<String> {
    words(text, '_').then(|| text.to_owned())
}

/// Accepts the code of a mechanism, such as `cat` or `un-sr-foe`.
pub(in crate::identity) fn mechanism(text: &str) -> Option<String> {
    words(text, '-').then(|| text.to_owned())
}

fn words(text: &str, joint: char) -> bool {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    text.len() <= MAX_WORD && text.split(joint).all(is_word)
}
