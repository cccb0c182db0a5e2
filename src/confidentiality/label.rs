//! The label of a record: who must be able to see what for it to be told.

use super::{field::FieldRule, level::Level};
use crate::clock::Moment;

/// The level that an embargo puts on a record until its moment.
///
/// Until then it is the secretariat's own, and theirs whom it names.
pub const EMBARGOED: Level = Level::Secretariat;

/// What a record says of its own confidentiality; its owners are facts apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Level needed to know that the record is there; `None`, where the stored
    /// one is unknown, is a denial to all.
    pub existence: Option<Level>,
    /// Before this moment the record is embargoed.
    pub public_from: Option<Moment>,
    /// Fields whose level differs from the declared one.
    pub overrides: Overrides,
}

/// Levels that an owner has set for single fields of a record.
///
/// Stored as `;field=rank;field=rank;`, so that SQL can read it, too.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Overrides(Option<Box<str>>);

impl Overrides {
    /// Reads the stored form; nothing is refused here, unknown ranks close.
    pub fn stored(text: Option<String>) -> Self {
        Self(
            text.filter(|text| !text.is_empty())
                .map(String::into_boxed_str),
        )
    }

    /// The stored form of the given levels; `None` where there are none.
    pub fn text(levels: &[(&str, Level)]) -> Option<String> {
        (!levels.is_empty()).then(|| {
            levels
                .iter()
                .fold(String::from(";"), |mut text, (field, level)| {
                    text.push_str(&format!("{field}={};", *level as u8));
                    text
                })
        })
    }

    /// The stored form with other levels for some fields; what was set for them before is gone.
    pub fn with(&self, levels: &[(&str, Level)]) -> Option<String> {
        let before = self.0.as_deref().unwrap_or_default().split(';');
        let others = before.filter(|entry| {
            let name = entry.split('=').next().unwrap_or_default();
            !entry.is_empty() && levels.iter().all(|(field, _)| *field != name)
        });
        let mut text: String = others.map(|entry| format!(";{entry}")).collect();
        for (field, level) in levels {
            text.push_str(&format!(";{field}={}", *level as u8));
        }
        (!text.is_empty()).then(|| text + ";")
    }

    /// What is set for `field`: nothing, a level, or something unknown.
    ///
    /// Read as SQL reads it, so that both say the same of a text that is not well made.
    fn of(&self, field: &str) -> Option<Option<Level>> {
        let text = self.0.as_deref()?;
        let mut set: Option<Option<Level>> = None;
        for (at, _) in text.match_indices(';') {
            let entry = text.get(at + 1..).unwrap_or_default();
            let Some(rank) = entry
                .strip_prefix(field)
                .and_then(|rest| rest.strip_prefix('='))
            else {
                continue;
            };
            let level = match rank.as_bytes() {
                [digit @ b'0'..=b'9', b';', ..] => Level::from_rank(i64::from(digit - b'0')),
                _ => None,
            };
            // Of several, the lowest that is known counts.
            set = match (set.flatten(), level) {
                (Some(one), Some(other)) => Some(Some(one.min(other))),
                (one, other) => Some(one.or(other)),
            };
        }
        set
    }

    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }
}

impl Label {
    /// The same with parts raised to levels, of fields or of the record itself.
    pub fn raised(mut self, rules: &[FieldRule], to: &[(Option<String>, Level)]) -> Self {
        for (field, level) in to {
            let Some(field) = field else {
                self.existence = self.existence.map(|known| known.max(*level));
                continue;
            };
            let rule = rules.iter().find(|rule| rule.name == field);
            let known = rule.and_then(|rule| self.level(rule));
            if known.is_some_and(|known| known < *level) {
                self.overrides = Overrides::stored(self.overrides.with(&[(field, *level)]));
            }
        }
        self
    }

    /// Level needed at `now` to know that the record is there.
    pub fn existence(&self, now: Moment) -> Option<Level> {
        let existence = self.existence?;
        let embargoed =
            self.public_from.is_some_and(|from| now < from) && !planted!(EmbargoIgnored);
        Some(if embargoed {
            existence.max(EMBARGOED)
        } else {
            existence
        })
    }

    /// Level of `field` on this record, apart from the record's existence.
    ///
    /// `None` is a denial: an override that this hub does not understand.
    pub fn level(&self, field: &FieldRule) -> Option<Level> {
        match self.overrides.of(field.name) {
            None => Some(field.level.max(field.floor)),
            Some(set) if planted!(OverrideBelowFloor) => set,
            Some(set) => set.map(|level| level.max(field.floor)),
        }
    }
}
