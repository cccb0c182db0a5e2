//! Proofs from tiles against an implementation of somebody else's.

use std::collections::HashMap;

use ct_merkle::{
    ConsistencyProof, HashableLeaf, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree,
};
use sha2::Sha256;

use super::*;
use crate::journal::tree::{Edge, consistency, inclusion, leaf_hash, verify_consistency};

/// A leaf as the other implementation takes it.
#[derive(Clone)]
struct Theirs(u32);

impl HashableLeaf for Theirs {
    fn hash<H: sha2::digest::Update>(&self, hasher: &mut H) {
        hasher.update(&self.0.to_be_bytes());
    }
}

/// A tree of which tiles are served.
struct Served(HashMap<Place, Hash>, u64);

impl Served {
    fn of(size: u32) -> Self {
        let (mut edge, mut nodes) = (Edge::default(), HashMap::new());
        for index in 0..size {
            let hash = leaf_hash(&index.to_be_bytes());
            let place = Place {
                level: 0,
                index: index.into(),
            };
            nodes.insert(place, hash);
            nodes.extend(edge.append(hash));
        }
        Self(nodes, size.into())
    }

    /// The tiles for these parts, over their paths, and how many bytes they are.
    fn tiles(&self, spans: &[Span]) -> (Tiles, usize) {
        let (mut tiles, mut bytes) = (Tiles::default(), 0);
        for tile in Tile::of(spans, self.1) {
            let tile = Tile::at(&tile.path()).unwrap();
            assert!(tile.is_in(self.1));
            let (level, first, last) = tile.row();
            let row = (first..=last).map(|index| self.0[&Place { level, index }]);
            let row: Vec<u8> = row.flatten().collect();
            bytes += row.len();
            assert!(tiles.take(tile, &row) && !tiles.take(tile, &row[1..]));
        }
        (tiles, bytes)
    }
}

#[test]
fn a_path_is_the_specification_s_and_there_is_one_for_a_tile() {
    let tile = |level, index, width| Tile {
        level,
        index,
        width,
    };
    for (tile, path) in [
        (tile(0, 0, 256), "0/000"),
        (tile(0, 1_234_067, 256), "0/x001/x234/067"),
        (tile(1, 5, 17), "1/005.p/17"),
        (tile(2, 1_000, 1), "2/x001/000.p/1"),
    ] {
        assert_eq!(tile.path(), path);
        assert_eq!(Tile::at(path), Some(tile));
    }
    for wrong in [
        "",
        "0",
        "0/",
        "0/0",
        "0/0000",
        "00/000",
        "+0/000",
        "0/x000/001",
        "0/001/002",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p/",
        "8/000",
        "0/000/",
        "data/000",
        "entries/000",
        "0/x999/x999/x999/x999/x999/x999/x999/999",
    ] {
        assert_eq!(Tile::at(wrong), None, "{wrong}");
    }
}

#[test]
fn proofs_made_of_tiles_are_those_of_another_implementation() {
    for new in [1_u32, 2, 255, 256, 257, 700, 65_536, 70_000] {
        let served = Served::of(new);
        let mut other = MemoryBackedTree::<Sha256, Theirs>::new();
        (0..new).for_each(|index| other.push(Theirs(index)));
        let (size, root) = (u64::from(new), other.root());
        let whole = served.tiles(&[Span::whole(size)]).0.root(size).unwrap();
        assert_eq!(whole.as_slice(), root.as_bytes().as_slice());
        for index in [0, new / 3, new - 1] {
            let spans = inclusion(index.into(), size).unwrap();
            let proof = served.tiles(&spans).0.proof(&spans).unwrap().concat();
            assert_eq!(other.prove_inclusion(index as usize).as_bytes(), proof);
            let proof = InclusionProof::<Sha256>::try_from_bytes(proof).unwrap();
            let found = root.verify_inclusion(&Theirs(index), index.into(), &proof);
            assert!(found.is_ok());
        }
        for old in [1, new / 2, new - 1] {
            if old == 0 || old == new {
                continue;
            }
            let spans = consistency(old.into(), size).unwrap();
            let (tiles, _) = served.tiles(&[spans.as_slice(), &[Span::whole(old.into())]].concat());
            let before = tiles.root(old.into()).unwrap();
            let proof = tiles.proof(&spans).unwrap();
            let theirs = other.prove_consistency((new - old) as usize);
            assert_eq!(theirs.as_bytes(), proof.concat());
            let theirs = ConsistencyProof::<Sha256>::try_from_bytes(proof.concat()).unwrap();
            let then = RootHash::<Sha256>::new(before.into(), old.into());
            assert!(root.verify_consistency(&then, &theirs).is_ok());
            let (first, second) = ((old.into(), &before), (size, &whole));
            assert!(verify_consistency(first, second, &proof));
        }
    }
}

/// The figures that are told: hashes of a proof, bytes of the tiles that it is made of.
#[test]
fn a_proof_takes_few_hashes_and_few_tiles() {
    for (size, old, in_proof, consistent, most) in [
        (100_u32, 60_u64, 7, 6, 3_200),
        (100_000, 60_000, 17, 13, 26_000),
    ] {
        let served = Served::of(size);
        let size = u64::from(size);
        let inclusion = inclusion(size * 7 / 10, size).unwrap();
        let consistency = consistency(old, size).unwrap();
        assert_eq!((inclusion.len(), consistency.len()), (in_proof, consistent));
        for (what, spans) in [("inclusion", inclusion), ("consistency", consistency)] {
            let (hashes, bytes) = (spans.len(), served.tiles(&spans).1);
            println!("{size} leaves, {what}: {hashes} hashes, tiles of {bytes} bytes");
            assert!(bytes <= most, "{what} at {size}: {bytes}");
        }
    }
}
