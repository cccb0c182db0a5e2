//! A piece of a name in the clear: compared and sorted, never printed, wiped when let go.

use std::ops::{Deref, DerefMut};

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A text that is wiped when it is let go.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Zeroize, ZeroizeOnDrop)]
pub(super) struct Clear(String);

impl Deref for Clear {
    type Target = String;

    fn deref(&self) -> &String {
        &self.0
    }
}

impl DerefMut for Clear {
    fn deref_mut(&mut self) -> &mut String {
        &mut self.0
    }
}

impl From<String> for Clear {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl FromIterator<char> for Clear {
    fn from_iter<I: IntoIterator<Item = char>>(letters: I) -> Self {
        Self(letters.into_iter().collect())
    }
}

impl std::fmt::Debug for Clear {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clear")
    }
}
