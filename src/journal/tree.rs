//! The Merkle tree of the log, as RFC 6962 and RFC 9162 hash it.
//!
//! Pure: what is kept of a tree are the roots of its perfect subtrees, a node a leaf, so that
//! root and proofs take as many hashes as the size has bits, twice at most.

use sha2::{Digest, Sha256};

/// A hash of the tree.
pub type Hash = [u8; 32];

/// The hash of an entry's body.
pub fn leaf_hash(body: &[u8]) -> Hash {
    // The leading zero marks a leaf, so that no inner node passes for one.
    let hash = Sha256::new().chain_update([0]).chain_update(body);
    hash.finalize().into()
}

/// The hash of two subtrees.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let hash = Sha256::new().chain_update([1]).chain_update(left);
    hash.chain_update(right).finalize().into()
}

/// The root of the tree without a leaf.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A perfect subtree: `1 << level` leaves, the `index`-th such in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Its height; a leaf has none.
    pub level: u32,
    /// Which one of its height.
    pub index: u64,
}

/// Leaves in a row whose hash is part of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    begin: u64,
    end: u64,
}

impl Span {
    /// All leaves of a tree.
    pub fn whole(size: u64) -> Self {
        Self {
            begin: 0,
            end: size,
        }
    }

    /// The perfect subtrees that it is made of, the largest first.
    pub fn places(self) -> Vec<Place> {
        let length = self.end.saturating_sub(self.begin);
        let mut begin = self.begin;
        let levels = (0..u64::BITS)
            .rev()
            .filter(|level| length >> level & 1 == 1);
        let places = levels.map(|level| {
            let index = begin >> level;
            begin += 1 << level;
            Place { level, index }
        });
        places.collect()
    }

    /// Its hash, from those of its subtrees; `None` where one is not known.
    pub fn hash(self, known: impl Fn(Place) -> Option<Hash>) -> Option<Hash> {
        let mut roots = Vec::new();
        for place in self.places() {
            roots.push(known(place)?);
        }
        Some(folded(&roots))
    }

    /// The left part, a power of two as large as can be, and the right.
    fn split(self) -> (Self, Self) {
        let length = self.end - self.begin;
        let left = 1 << (length - 1).ilog2();
        let at = self.begin + left;
        let (begin, end) = (self.begin, self.end);
        (Self { begin, end: at }, Self { begin: at, end })
    }

    fn is_one_leaf(self) -> bool {
        self.end - self.begin == 1
    }
}

/// The hash of subtrees in a row, the largest first.
fn folded(roots: &[Hash]) -> Hash {
    let mut roots = roots.iter().rev();
    let Some(last) = roots.next() else {
        return empty_root();
    };
    roots.fold(*last, |right, left| node_hash(left, &right))
}

/// The right edge of a tree: all that appending to it needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edge {
    size: u64,
    roots: Vec<Hash>,
}

impl Edge {
    /// The edge of a tree of this size, from the hashes of its subtrees; `None` where one is
    /// not known.
    pub fn of(size: u64, known: impl Fn(Place) -> Option<Hash>) -> Option<Self> {
        let places = Span::whole(size).places();
        let roots = places.into_iter().map(known).collect::<Option<_>>()?;
        Some(Self { size, roots })
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        folded(&self.roots)
    }

    /// Appends a leaf, and says which subtrees above it are perfect now.
    pub fn append(&mut self, leaf: Hash) -> Vec<(Place, Hash)> {
        let mut made = Vec::new();
        let mut hash = leaf;
        for level in 1..=self.size.trailing_ones() {
            let Some(left) = self.roots.pop() else { break };
            hash = node_hash(&left, &hash);
            let index = self.size >> level;
            made.push((Place { level, index }, hash));
        }
        self.roots.push(hash);
        self.size += 1;
        made
    }
}

/// What proves that the leaf of this index is in a tree of this size, from the leaf upwards.
pub fn inclusion(index: u64, size: u64) -> Option<Vec<Span>> {
    if index >= size {
        return None;
    }
    let mut at = Span::whole(size);
    let mut path = Vec::new();
    while !at.is_one_leaf() {
        let (left, right) = at.split();
        let (next, beside) = if index < left.end {
            (left, right)
        } else {
            (right, left)
        };
        path.push(beside);
        at = next;
    }
    path.reverse();
    Some(path)
}

/// What proves that a tree of the size `new` begins with that of the size `old`.
pub fn consistency(old: u64, new: u64) -> Option<Vec<Span>> {
    if old > new {
        return None;
    }
    if old == 0 || old == new {
        return Some(Vec::new());
    }
    let mut at = Span::whole(new);
    let mut path = Vec::new();
    while at.end != old {
        let (left, right) = at.split();
        let (next, beside) = if old <= left.end {
            (left, right)
        } else {
            (right, left)
        };
        path.push(beside);
        at = next;
    }
    // The old tree itself is known to who asks; a part of it is not.
    if at.begin > 0 {
        path.push(at);
    }
    path.reverse();
    Some(path)
}

/// Whether a proof shows that a leaf is in the tree with this root (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(index: u64, size: u64, leaf: &Hash, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut hash) = (index, size - 1, *leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(beside, &hash);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *root
}

/// Whether a proof shows that one tree begins with another (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    (old, old_root): (u64, &Hash),
    (new, new_root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    if old == 0 {
        // Every tree begins with none.
        return proof.is_empty() && *old_root == empty_root();
    }
    let mut proof = proof.iter();
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        proof.next()
    };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (old - 1, new - 1);
    let whole = place.trailing_ones();
    place >>= whole;
    last >>= whole;
    let (mut before, mut after) = (*first, *first);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            before = node_hash(beside, &before);
            after = node_hash(beside, &after);
            while place & 1 == 0 && place != 0 {
                place >>= 1;
                last >>= 1;
            }
        } else {
            after = node_hash(&after, beside);
        }
        place >>= 1;
        last >>= 1;
    }
    last == 0 && before == *old_root && after == *new_root
}

#[cfg(test)]
mod tests;
