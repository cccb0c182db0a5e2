//! Leaks that are planted on purpose, to prove that the proof finds them.
//!
//! They exist under the feature `planted-leaks` alone, which is never on by default and
//! does not build without debug assertions; and none of them is open until a test
//! [chooses](choose) it.

use std::sync::atomic::{AtomicUsize, Ordering};

#[cfg(not(debug_assertions))]
compile_error!("`planted-leaks` is for tests: it does not build without debug assertions");

macro_rules! leaks {
    ($($(#[doc = $doc:literal])+ $leak:ident,)+) => {
        /// A leak, each at the place where it would be made.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Leak {
            $($(#[doc = $doc])+ $leak,)+
        }

        impl Leak {
            /// Every leak, in the order in which they are declared.
            pub const ALL: &'static [Self] = &[$(Self::$leak),+];
        }
    };
}

leaks! {
    /// A count is made without the row scope.
    CountWithoutScope,
    /// A look-up by id is made without the row scope.
    LookUpWithoutScope,
    /// A list under a record is made without the row scope.
    ListUnderWithoutScope,
    /// A filter tests a column that is withheld.
    FilterOnWithheld,
    /// A filter's denial matches what is withheld.
    DenialMatchesWithheld,
    /// A list is ordered by values that are withheld.
    OrderByWithheld,
    /// A cursor carries values that are withheld.
    CursorCarriesWithheld,
    /// A column is told despite its level.
    ColumnDespiteLevel,
    /// A value worked out of another is told despite the other's level.
    DerivedDespiteLevel,
    /// A translation is told despite the level of the field that it translates.
    TranslationDespiteLevel,
    /// An edge is told despite its level.
    EdgeDespiteLevel,
    /// An edge is told backwards despite its level forwards.
    BackwardsDespiteLevel,
    /// A filter follows an edge to what is hidden.
    FilterThroughHidden,
    /// The total of a connection counts edges to what is hidden.
    TotalCountsHiddenEnds,
    /// An embargo is not applied to existence.
    EmbargoIgnored,
    /// What is withheld is said only where there is a value.
    WithheldByValue,
    /// The contact for what is withheld is looked for without the reader's scope.
    ContactOfHidden,
    /// `explainAccess` tells hidden from missing.
    ExplainTellsHidden,
    /// `mechanism(code:)` says that a hidden mechanism has the code.
    CodeTellsHidden,
    /// A sealed field is opened for a purpose that the grant does not name.
    SealedForAnyPurpose,
    /// A sealed field is opened without consent.
    SealedWithoutConsent,
    /// A sealed field is opened of a file that was erased.
    SealedDespiteErasure,
    /// A record that was retired is told as ever.
    RetiredTold,
    /// The limits of a token are not applied.
    TokenLimitsIgnored,
    /// The cap of a token is not applied.
    TokenCapIgnored,
    /// A clause past its end opens its channel.
    ExpiredChannelOpens,
    /// An agreement that is not in force opens its channels.
    SuspendedChannelOpens,
    /// A naming opens without a channel.
    NamedWithoutChannel,
    /// An override lowers a field below its floor.
    OverrideBelowFloor,
    /// An override that is not understood is no denial.
    UnknownOverrideOpens,
    /// Entries of the log are told to others than the owners of what they are about.
    EntriesOfOthers,
    /// The checkpoint that is for witnesses is told to anyone.
    CheckpointForAnyone,
    /// Who has asked of the same matter is told an answer before its due date.
    AnsweredBeforeDue,
    /// How many questions there are, of anybody, is told as a version.
    ChecksOfOthersCounted,
    /// The handles of matters without names are told to others than their secretariat.
    HandlesOfOthers,
    /// A signal is told to who has asked.
    SignalToAsker,
    /// Who has asked is told to the owner who has not confirmed an overlap.
    AskerBeforeOverlap,
    /// A withheld cell of a release is told, from what it was counted from.
    WithheldCellCounted,
    /// A withheld cell of a release is told as nobody.
    WithheldCellAsNobody,
    /// Plans are said to meet on a State that is withheld.
    OverlapOnWithheld,
    /// An answer is kept, and given to anybody who asks the same.
    KeptForAnyone,
}

/// The place of the chosen leak, and one more; 0 is none.
static CHOSEN: AtomicUsize = AtomicUsize::new(0);

/// Opens one leak in this process, or none.
pub fn choose(leak: Option<Leak>) {
    CHOSEN.store(leak.map_or(0, |leak| leak as usize + 1), Ordering::SeqCst);
}

/// Whether this leak is the chosen one.
pub fn is(leak: Leak) -> bool {
    CHOSEN.load(Ordering::Relaxed) == leak as usize + 1
}
