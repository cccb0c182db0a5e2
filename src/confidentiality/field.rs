//! What is declared of a field: its name, its level, its floor; and sets of fields.

use super::level::Level;

/// The place of a field among the fields of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FieldIndex(pub u8);

/// The rule that a field is declared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRule {
    /// Name in snake case: the column's name, and the one that overrides use.
    pub name: &'static str,
    /// Level where the record's label says nothing else.
    pub level: Level,
    /// The lowest level that the owner of a record may set the field to.
    pub floor: Level,
}

/// A set of fields of one type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FieldSet(u64);

impl FieldSet {
    /// No field.
    pub const NONE: Self = Self(0);
    /// Every field a type can have.
    pub const ALL: Self = Self(u64::MAX);

    /// The set with `field` added. A type has at most 64 fields.
    #[must_use]
    pub const fn with(self, field: FieldIndex) -> Self {
        Self(self.0 | bit(field))
    }

    /// Whether `field` is in the set.
    pub const fn has(self, field: FieldIndex) -> bool {
        self.0 & bit(field) != 0
    }

    /// Whether the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The fields in both sets.
    #[must_use]
    pub const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The fields of this set that are not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// The fields in either set.
    #[must_use]
    pub const fn either(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// A field beyond the 64th has no bit: it is in no set, and so closed.
const fn bit(field: FieldIndex) -> u64 {
    if field.0 < 64 { 1 << field.0 } else { 0 }
}
