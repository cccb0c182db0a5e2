//! Chance that is the same on every machine: SplitMix64 under a seed.

/// A row of numbers that a seed determines.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The row of a seed.
    pub const fn of(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound; 0 where the bound is 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let high = u64::from(bound).wrapping_mul(self.next() >> 32) >> 32;
        u32::try_from(high).unwrap_or_default()
    }

    /// True in so many of 1,000 cases.
    pub fn in_thousand(&mut self, cases: u32) -> bool {
        self.below(1000) < cases
    }

    /// One of several.
    pub fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let count = u32::try_from(of.len()).unwrap_or(u32::MAX);
        of.get(usize::try_from(self.below(count)).ok()?)
    }

    /// One of several, the first ones more often: the weight of a place falls with it.
    ///
    /// Slowly, as the lists are far shorter than those of a people.
    pub fn common<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        let weight = |place: u32| 1_000_000 / (place + 20);
        let count = u32::try_from(of.len()).unwrap_or(u32::MAX);
        let mut at = self.below((0..count).map(weight).sum());
        for (place, item) in (0..count).zip(of) {
            match at.checked_sub(weight(place)) {
                Some(rest) => at = rest,
                None => return Some(item),
            }
        }
        of.last()
    }
}
