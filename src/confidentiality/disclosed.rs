//! `Disclosed<T>`: what the gate answers.

/// The answer of the gate on one value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disclosed<T> {
    /// The viewer may be told.
    Visible(T),
    /// The viewer may not; it is not told either whether there is anything to tell.
    Withheld,
}

impl<T> Disclosed<T> {
    /// Whether it is withheld.
    pub fn is_withheld(&self) -> bool {
        matches!(self, Self::Withheld)
    }

    /// The value, where it may be told.
    pub fn visible(self) -> Option<T> {
        match self {
            Self::Visible(value) => Some(value),
            Self::Withheld => None,
        }
    }
}
