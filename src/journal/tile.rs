//! Tiles: hashes of a tree in rows of 256 (C2SP `tlog-tiles`), from which proofs are made.
//!
//! Pure: who serves tiles and who asks for them have the same names for them, and a proof is
//! worked out by who wants it.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Hash, Place, Span, node_hash};

/// Hashes of a whole tile.
pub const WIDTH: u64 = 256;
/// Levels of the tree that one level of tiles spans.
const HEIGHT: u32 = 8;
/// Levels of tiles that a tree can have.
const LEVELS: u32 = 8;

/// A tile: where its hashes are, and how many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// Its level; each hash of level 0 is a leaf, of the next one a whole tile below.
    pub level: u32,
    /// Which one of its level.
    pub index: u64,
    /// How many hashes it has: fewer than a whole one's at the edge of a tree.
    pub width: u64,
}

impl Tile {
    /// The tile of a tree of this size that has this place; `None` outside the tree.
    pub fn with(place: Place, size: u64) -> Option<Self> {
        let level = place.level / HEIGHT;
        let (first, count) = hashes_of(place);
        let index = first / WIDTH;
        let there = size.checked_shr(level * HEIGHT)?;
        (first + count <= there).then(|| Self {
            level,
            index,
            width: (there - index * WIDTH).min(WIDTH),
        })
    }

    /// The tiles that these parts of a tree of this size are in.
    pub fn of(spans: &[Span], size: u64) -> BTreeSet<Self> {
        let places = spans.iter().flat_map(|span| span.places());
        places.filter_map(|place| Self::with(place, size)).collect()
    }

    /// Whether a tree of this size has it.
    pub fn is_in(self, size: u64) -> bool {
        let there = size.checked_shr(self.level * HEIGHT).unwrap_or(0);
        let end = self.index.checked_mul(WIDTH);
        let end = end.and_then(|begin| begin.checked_add(self.width));
        end.is_some_and(|end| end <= there)
    }

    /// The level of its hashes in the tree, and the first and last of them there.
    pub fn row(self) -> (u32, u64, u64) {
        let first = self.index * WIDTH;
        (self.level * HEIGHT, first, first + self.width - 1)
    }

    /// Its path below `tile/`, as in `0/x001/x234/067.p/5`.
    pub fn path(self) -> String {
        let mut rest = self.index / 1_000;
        let mut path = format!("{:03}", self.index % 1_000);
        while rest > 0 {
            path = format!("x{:03}/{path}", rest % 1_000);
            rest /= 1_000;
        }
        let part = match self.width {
            WIDTH => String::new(),
            width => format!(".p/{width}"),
        };
        format!("{}/{path}{part}", self.level)
    }

    /// The tile at a path; each has one.
    pub fn at(path: &str) -> Option<Self> {
        let (whole, width) = match path.split_once(".p/") {
            Some((whole, width)) => (whole, width.parse().ok()?),
            None => (path, WIDTH),
        };
        let (level, parts) = whole.split_once('/')?;
        let mut index = 0_u64;
        for part in parts.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            let digits = digits
                .parse::<u64>()
                .ok()
                .filter(|number| *number < 1_000)?;
            index = index.checked_mul(1_000)?.checked_add(digits)?;
        }
        let level = level.parse().ok().filter(|level| *level < LEVELS)?;
        let tile = Self {
            level,
            index,
            width,
        };
        let fits = (1..=WIDTH).contains(&width) && index <= u64::MAX / WIDTH / 2;
        (fits && tile.path() == path).then_some(tile)
    }
}

/// The hashes of a place's level of tiles that it is made of: the first, and how many.
fn hashes_of(place: Place) -> (u64, u64) {
    let within = place.level % HEIGHT;
    (place.index << within, 1 << within)
}

/// Tiles that were fetched.
#[derive(Debug, Default)]
pub struct Tiles(BTreeMap<(u32, u64), Vec<Hash>>);

impl Tiles {
    /// Takes the bytes of a tile; `false` where they are not as many as it has.
    pub fn take(&mut self, tile: Tile, bytes: &[u8]) -> bool {
        let (hashes, rest) = bytes.as_chunks::<32>();
        let whole = rest.is_empty() && hashes.len() as u64 == tile.width;
        if whole {
            self.0.insert((tile.level, tile.index), hashes.to_vec());
        }
        whole
    }

    /// The hash of a perfect subtree, as far as its tile is there.
    pub fn hash(&self, place: Place) -> Option<Hash> {
        let (first, count) = hashes_of(place);
        let tile = self.0.get(&(place.level / HEIGHT, first / WIDTH))?;
        let from = usize::try_from(first % WIDTH).ok()?;
        let mut row = tile
            .get(from..from + usize::try_from(count).ok()?)?
            .to_vec();
        while row.len() > 1 {
            let pairs = row.as_chunks::<2>().0;
            row = pairs.iter().map(|[one, two]| node_hash(one, two)).collect();
        }
        row.first().copied()
    }

    /// The hashes of a proof; `None` where a tile is not there.
    pub fn proof(&self, spans: &[Span]) -> Option<Vec<Hash>> {
        let hash = |span: &Span| span.hash(|place| self.hash(place));
        spans.iter().map(hash).collect()
    }

    /// The root of the tree at a size; `None` where a tile is not there.
    pub fn root(&self, size: u64) -> Option<Hash> {
        Span::whole(size).hash(|place| self.hash(place))
    }
}

#[cfg(test)]
mod tests;
