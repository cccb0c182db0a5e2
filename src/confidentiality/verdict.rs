//! Why yes: the condition that a disclosure rests on.

/// The condition that a viewer's reach rests on.
///
/// For tests, and for the entry of what was opened; it never leaves the hub, since
/// it would tell facts of grant, naming and channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// Told to anyone.
    Anyone,
    /// An accredited mechanism with a valid token.
    Partner,
    /// A party of an active channel that covers the record.
    Channel,
    /// Named on the record by its owner, and backed by a channel.
    Named,
    /// The secretariat that owns the record.
    Owner,
    /// A live grant for the person's file.
    Grant,
}

impl Ground {
    /// The code under which the log keeps it.
    pub fn code(self) -> &'static str {
        match self {
            Self::Anyone => "ANYONE",
            Self::Partner => "PARTNER",
            Self::Channel => "CHANNEL",
            Self::Named => "NAMED",
            Self::Owner => "OWNER",
            Self::Grant => "GRANT",
        }
    }
}
