//! The scope of a token: what it may do, up to which level, and where.
//!
//! ```text
//! scope   = item *( SP item )
//! item    = action ":" kind "@" LEVEL / right / limit
//! action  = "read" / "write" / "label"
//! right   = "match:query" / "match:answer" / "declassify:request"
//!         / "declassify:approve" / "consent:write" / "audit:read"
//!         / "stats:release" / "token:issue"
//! limit   = "ch:" uuid / "st:" ISO3 *("," ISO3) / "tp:" topic *("," topic)
//!         / "own:" mechanism
//! ```
//!
//! A scope is parsed whole or refused. Items are matched whole, never by a part.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

pub(super) use self::limits::mechanism;
pub use self::limits::{Limit, Limits};
use self::limits::{add, country, lies_within, topic, uuid};
use super::kind::{Action, Kind, Right};
use crate::confidentiality::level::Level;

mod limits;

const MAX_BYTES: usize = 4096;
const MAX_ITEMS: usize = 128;

/// Why a scope is refused: the place of the item, and its fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("item {position} of the scope {fault}")]
pub struct ScopeError {
    /// Place of the first faulty item; the first item is 1.
    pub position: usize,
    /// What is wrong with it.
    pub fault: ScopeFault,
}

/// What is wrong with an item of a scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ScopeFault {
    /// The scope has more characters or items than are read.
    #[error("lies beyond the longest scope that is read")]
    TooLong,
    /// The item does not follow the grammar.
    #[error("does not follow the grammar of scopes")]
    Malformed,
    /// No such action, right or limit.
    #[error("names an action that does not exist")]
    UnknownAction,
    /// No such kind of record.
    #[error("names a kind that does not exist")]
    UnknownKind,
    /// No such level.
    #[error("names a level that does not exist")]
    UnknownLevel,
    /// The same action on the same kind, or the same right, was given before.
    #[error("repeats an earlier item")]
    Repeated,
}

/// The highest level of an action, kind by kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Levels([Option<Level>; Kind::ALL.len()]);

impl Levels {
    fn get(&self, kind: Kind) -> Option<Level> {
        self.0.get(kind.index()).copied().flatten()
    }

    fn highest(&self) -> Option<Level> {
        self.0.iter().copied().max().flatten()
    }

    fn narrow(&self, other: &Self) -> Self {
        Self(Kind::ALL.map(|kind| self.get(kind).min(other.get(kind))))
    }

    fn take(&mut self, text: &str) -> Result<(), ScopeFault> {
        let (kind, level) = text.split_once('@').ok_or(ScopeFault::Malformed)?;
        let kind = Kind::from_code(kind).ok_or(ScopeFault::UnknownKind)?;
        let level = Level::from_code(level).ok_or(ScopeFault::UnknownLevel)?;
        let place = self
            .0
            .get_mut(kind.index())
            .ok_or(ScopeFault::UnknownKind)?;
        match place.replace(level) {
            None => Ok(()),
            Some(_) => Err(ScopeFault::Repeated),
        }
    }
}

/// What a token may do: actions by kind and level, rights, and limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    read: Levels,
    write: Levels,
    label: Levels,
    rights: BTreeSet<Right>,
    limits: Limits,
}

impl Scopes {
    /// The scope that opens nothing above `PUBLIC`.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// Each action on every kind up to a level, with these rights and no limits.
    pub fn up_to(
        level: impl Fn(Action) -> Option<Level>,
        rights: impl IntoIterator<Item = Right>,
    ) -> Self {
        let on_every_kind = |action| Levels(Kind::ALL.map(|_| level(action)));
        Self {
            read: on_every_kind(Action::Read),
            write: on_every_kind(Action::Write),
            label: on_every_kind(Action::Label),
            rights: rights.into_iter().collect(),
            limits: Limits::default(),
        }
    }

    /// Up to which level an action may be done on a kind; `None` is not at all.
    pub fn level(&self, action: Action, kind: Kind) -> Option<Level> {
        self.levels(action).get(kind)
    }

    /// Whether a right is held.
    pub fn holds(&self, right: Right) -> bool {
        self.rights.contains(&right)
    }

    /// Where the scope holds.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The highest level that may be read of any kind.
    pub fn ceiling(&self) -> Level {
        self.read.highest().unwrap_or(Level::Public)
    }

    /// The level of the gravest thing that may be done.
    ///
    /// Each right is as grave as what secretariats keep to themselves. How long
    /// a token may live depends on it.
    pub fn gravest(&self) -> Level {
        let by_right = (!self.rights.is_empty()).then_some(Level::Secretariat);
        let by_action = Action::ALL.map(|action| self.levels(action).highest());
        by_action
            .into_iter()
            .max()
            .flatten()
            .max(by_right)
            .unwrap_or(Level::Public)
    }

    /// What both scopes allow: never more than either.
    pub fn narrow(&self, other: &Self) -> Self {
        let both = self.limits.narrow(&other.limits).map(|limits| Self {
            read: self.read.narrow(&other.read),
            write: self.write.narrow(&other.write),
            label: self.label.narrow(&other.label),
            rights: self.rights.intersection(&other.rights).copied().collect(),
            limits,
        });
        both.filter(Self::opens_something).unwrap_or_default()
    }

    /// What of it is reading records of some kinds, within the same limits.
    #[must_use]
    pub fn reading(&self, of: impl Fn(&Kind) -> bool) -> Self {
        let read = Levels(Kind::ALL.map(|kind| self.read.get(kind).filter(|_| of(&kind))));
        let reading = Self {
            read,
            limits: self.limits.clone(),
            ..Self::default()
        };
        match reading.opens_something() {
            true => reading,
            false => Self::default(),
        }
    }

    /// The same up to a level at most, and without leave to issue tokens.
    #[must_use]
    pub fn capped(&self, level: Level) -> Self {
        let rights = Right::ALL.into_iter();
        let rights = rights.filter(|right| *right != Right::TokenIssue);
        self.narrow(&Self::up_to(|_| Some(level), rights))
    }

    /// Whether this scope allows nothing that the other does not.
    pub fn is_within(&self, other: &Self) -> bool {
        self.excess(other).is_none()
    }

    /// The first item that goes beyond the other scope, as it is written.
    pub fn excess(&self, other: &Self) -> Option<String> {
        let pairs = Action::ALL
            .into_iter()
            .flat_map(|a| Kind::ALL.map(|k| (a, k)));
        let by_level = pairs.clone().find_map(|(action, kind)| {
            let level = self.level(action, kind)?;
            (Some(level) > other.level(action, kind)).then(|| item(action, kind, level))
        });
        let by_right = || {
            self.rights
                .difference(&other.rights)
                .next()
                .map(Right::to_string)
        };
        let (mine, theirs) = (&self.limits, &other.limits);
        let by_limit = || {
            [
                ("ch:", lies_within(&mine.channels, &theirs.channels)),
                ("st:", lies_within(&mine.countries, &theirs.countries)),
                ("tp:", lies_within(&mine.topics, &theirs.topics)),
                ("own:", lies_within(&mine.owners, &theirs.owners)),
            ]
            .into_iter()
            .find_map(|(name, within)| (!within).then(|| name.to_owned()))
        };
        let by_limit = || self.opens_something().then(by_limit).flatten();
        by_level.or_else(by_right).or_else(by_limit)
    }

    /// Whether it has more than limits.
    fn opens_something(&self) -> bool {
        let by_action = |action| self.levels(action).highest().is_some();
        !self.rights.is_empty() || Action::ALL.into_iter().any(by_action)
    }

    fn levels(&self, action: Action) -> &Levels {
        match action {
            Action::Read => &self.read,
            Action::Write => &self.write,
            Action::Label => &self.label,
        }
    }

    fn take(&mut self, item: &str) -> Result<(), ScopeFault> {
        let (head, tail) = item.split_once(':').ok_or(ScopeFault::Malformed)?;
        let limits = &mut self.limits;
        match head {
            "read" => self.read.take(tail),
            "write" => self.write.take(tail),
            "label" => self.label.take(tail),
            "ch" => add(&mut limits.channels, [tail], uuid),
            "st" => add(&mut limits.countries, tail.split(','), country),
            "tp" => add(&mut limits.topics, tail.split(','), topic),
            "own" => add(&mut limits.owners, [tail], mechanism),
            _ => {
                let right = Right::from_code(item).ok_or(ScopeFault::UnknownAction)?;
                self.rights
                    .insert(right)
                    .then_some(())
                    .ok_or(ScopeFault::Repeated)
            }
        }
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        let mut scopes = Self::nothing();
        for (place, item) in text.split(' ').enumerate() {
            let position = place.saturating_add(1);
            let taken = if text.len() > MAX_BYTES || position > MAX_ITEMS {
                Err(ScopeFault::TooLong)
            } else {
                scopes.take(item)
            };
            taken.map_err(|fault| ScopeError { position, fault })?;
        }
        Ok(scopes)
    }
}

impl fmt::Display for Scopes {
    /// Writes the canonical text, which parses back to the same scope.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut items = Vec::new();
        for action in Action::ALL {
            for kind in Kind::ALL {
                items.extend(
                    self.level(action, kind)
                        .map(|level| item(action, kind, level)),
                );
            }
        }
        items.extend(self.rights.iter().map(|right| right.to_string()));
        items.extend(
            self.limits
                .channels
                .iter()
                .flatten()
                .map(|id| format!("ch:{id}")),
        );
        items.extend(
            self.limits
                .countries
                .as_ref()
                .map(|codes| list("st:", codes)),
        );
        items.extend(self.limits.topics.as_ref().map(|codes| list("tp:", codes)));
        items.extend(
            self.limits
                .owners
                .iter()
                .flatten()
                .map(|code| format!("own:{code}")),
        );
        f.write_str(&items.join(" "))
    }
}

fn item(action: Action, kind: Kind, level: Level) -> String {
    format!("{}:{kind}@{level}", action)
}

fn list(head: &str, codes: &BTreeSet<String>) -> String {
    head.to_owned() + &codes.iter().cloned().collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
