//! The atoms of a spelling: what of a name is compared, in whatever order it stands.

use std::collections::BTreeSet;

use super::{clear::Clear, pinyin::is_pinyin, skeleton::skeletons, words::partings};

/// Words of one spelling that are looked at, the longest first.
const MOST_WORDS: usize = 5;

/// An atom of a name: one skeleton of one of its words.
pub(super) type Atom = Clear;

/// The atoms of one spelling, and the pairs of atoms of two of its words.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct Atoms {
    /// Each by itself.
    pub(super) singles: BTreeSet<Atom>,
    /// Two of different words; the lesser first.
    pub(super) pairs: BTreeSet<(Atom, Atom)>,
}

/// The atoms of a spelling. The order of its words does not matter.
pub(super) fn atoms(spelling: &str) -> Atoms {
    let mut atoms = Atoms::default();
    for words in partings(spelling) {
        atoms.join(words.iter().map(|word| {
            let readings = word.readings.iter();
            let skeletons = readings.flat_map(|reading| skeletons(reading, word.vowels));
            skeletons.collect()
        }));
        // Without vowels Chinese names are few. Where all is Pinyin, it is also compared whole.
        let readings = || words.iter().flat_map(|word| &word.readings);
        if readings().all(|reading| is_pinyin(reading)) {
            let whole = |reading: &Clear| Clear::from(format!("={}", reading.as_str()));
            atoms.join(readings().map(|reading| BTreeSet::from([whole(reading)])));
        }
    }
    atoms
}

impl Atoms {
    fn join(&mut self, words: impl Iterator<Item = BTreeSet<Atom>>) {
        let mut words: Vec<_> = words.filter(|atoms| !atoms.is_empty()).collect();
        words.sort_by_cached_key(|atoms| {
            let longest = atoms.iter().map(|atom| atom.len()).max();
            (std::cmp::Reverse(longest), atoms.clone())
        });
        words.truncate(MOST_WORDS);
        for (place, word) in words.iter().enumerate() {
            for other in words.iter().skip(place + 1) {
                for (one, two) in word
                    .iter()
                    .flat_map(|one| other.iter().map(move |two| (one, two)))
                {
                    let (less, more) = if one <= two { (one, two) } else { (two, one) };
                    self.pairs.insert((less.clone(), more.clone()));
                }
            }
        }
        self.singles.extend(words.into_iter().flatten());
    }
}
