//! The tree against RFC 6962's vectors and an implementation of somebody else's.

use std::collections::HashMap;

use ct_merkle::{
    ConsistencyProof, HashableLeaf, InclusionProof, RootHash, mem_backed_tree::MemoryBackedTree,
};
use proptest::prelude::*;
use sha2::Sha256;

use super::*;

/// A tree that keeps what the database keeps.
#[derive(Default)]
struct Kept {
    edge: Edge,
    nodes: HashMap<Place, Hash>,
}

impl Kept {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut kept = Self::default();
        for (index, leaf) in (0u64..).zip(leaves) {
            let hash = leaf_hash(leaf);
            kept.nodes.insert(Place { level: 0, index }, hash);
            kept.nodes.extend(kept.edge.append(hash));
        }
        kept
    }

    fn hashes(&self, spans: Vec<Span>) -> Vec<Hash> {
        let known = |place| self.nodes.get(&place).copied();
        spans.iter().map(|span| span.hash(known).unwrap()).collect()
    }

    fn root_at(&self, size: u64) -> Hash {
        let known = |place| self.nodes.get(&place).copied();
        Span::whole(size).hash(known).unwrap()
    }
}

/// A leaf as the other implementation takes it.
#[derive(Clone)]
struct Theirs(Vec<u8>);

impl HashableLeaf for Theirs {
    fn hash<H: sha2::digest::Update>(&self, hasher: &mut H) {
        hasher.update(&self.0);
    }
}

fn theirs(leaves: &[Vec<u8>]) -> MemoryBackedTree<Sha256, Theirs> {
    let mut tree = MemoryBackedTree::new();
    for leaf in leaves {
        tree.push(Theirs(leaf.clone()));
    }
    tree
}

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
        .collect()
}

/// The leaves of the test vectors of `certificate-transparency` (`merkle_tree_test.cc`).
fn vector() -> Vec<Vec<u8>> {
    [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    .map(bytes)
    .to_vec()
}

#[test]
fn the_roots_are_those_of_the_known_vectors() {
    let kept = Kept::of(&vector());
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    for (size, root) in (0u64..).zip(roots) {
        assert_eq!(kept.root_at(size).to_vec(), bytes(root), "size {size}");
    }
    let inclusion = kept.hashes(inclusion(5, 8).unwrap());
    let expected = [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(inclusion.map_hex(), expected);
    let consistency = kept.hashes(consistency(6, 8).unwrap());
    let expected = [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ];
    assert_eq!(consistency.map_hex(), expected);
}

trait Hex {
    fn map_hex(&self) -> Vec<String>;
}

impl Hex for Vec<Hash> {
    fn map_hex(&self) -> Vec<String> {
        let hex = |hash: &Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect();
        self.iter().map(hex).collect()
    }
}

#[test]
fn every_small_tree_proves_what_the_other_implementation_proves() {
    let leaves: Vec<Vec<u8>> = (0u8..40).map(|at| vec![at; usize::from(at % 5)]).collect();
    for new in 1..=leaves.len() {
        let kept = Kept::of(&leaves[..new]);
        let other = theirs(&leaves[..new]);
        agree(&kept, &other, &leaves[..new]);
    }
}

/// All proofs of a tree are the other's, and each side verifies the other's.
fn agree(kept: &Kept, other: &MemoryBackedTree<Sha256, Theirs>, leaves: &[Vec<u8>]) {
    let new = leaves.len();
    let root = kept.edge.root();
    let their_root = other.root();
    assert_eq!(root.as_slice(), their_root.as_bytes().as_slice());
    for (index, leaf) in leaves.iter().enumerate() {
        let proof = kept.hashes(inclusion(index as u64, new as u64).unwrap());
        let flat = proof.concat();
        assert_eq!(other.prove_inclusion(index).as_bytes(), flat);
        let ours = InclusionProof::<Sha256>::try_from_bytes(flat).unwrap();
        let found = their_root.verify_inclusion(&Theirs(leaf.clone()), index as u64, &ours);
        assert!(found.is_ok());
        let hash = leaf_hash(leaf);
        let of = (index as u64, new as u64);
        assert!(verify_inclusion(of.0, of.1, &hash, &proof, &root));
        assert!(!verify_inclusion(
            of.0,
            of.1,
            &leaf_hash(b"another"),
            &proof,
            &root
        ));
    }
    for old in 1..new {
        let proof = kept.hashes(consistency(old as u64, new as u64).unwrap());
        let flat = proof.concat();
        assert_eq!(other.prove_consistency(new - old).as_bytes(), flat);
        let ours = ConsistencyProof::<Sha256>::try_from_bytes(flat).unwrap();
        let old_root = kept.root_at(old as u64);
        let before = RootHash::<Sha256>::new(old_root.into(), old as u64);
        assert!(their_root.verify_consistency(&before, &ours).is_ok());
        let (first, second) = ((old as u64, &old_root), (new as u64, &root));
        assert!(verify_consistency(first, second, &proof));
        assert!(!verify_consistency((old as u64, &root), second, &proof));
        assert!(!verify_consistency(first, (new as u64, &old_root), &proof));
    }
}

#[test]
fn a_hundred_thousand_leaves_take_seventeen_hashes() {
    let leaves: Vec<Vec<u8>> = (0u32..100_000)
        .map(|at| at.to_be_bytes().to_vec())
        .collect();
    let kept = Kept::of(&leaves);
    assert_eq!(inclusion(70_000, 100_000).unwrap().len(), 17);
    assert_eq!(consistency(60_000, 100_000).unwrap().len(), 13);
    let nodes = kept.nodes.len();
    assert!(nodes < 200_000, "two hashes a leaf at most: {nodes}");
    let root = kept.edge.root();
    let proof = kept.hashes(inclusion(70_000, 100_000).unwrap());
    let leaf = leaf_hash(&leaves[70_000]);
    assert!(verify_inclusion(70_000, 100_000, &leaf, &proof, &root));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_tree_goes_on_where_it_was_left(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 1..200),
        cut in any::<prop::sample::Index>(),
    ) {
        let kept = Kept::of(&leaves);
        let at = cut.index(leaves.len());
        let known = |place| kept.nodes.get(&place).copied();
        let mut edge = Edge::of(at as u64, known).unwrap();
        prop_assert_eq!(edge.root(), kept.root_at(at as u64));
        for leaf in &leaves[at..] {
            edge.append(leaf_hash(leaf));
        }
        prop_assert_eq!(edge, kept.edge);
    }

    #[test]
    fn no_changed_proof_verifies(
        leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..8), 2..120),
        index in any::<prop::sample::Index>(),
        old in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        bit in 0u8..8,
    ) {
        let kept = Kept::of(&leaves);
        let (size, root) = (leaves.len() as u64, kept.edge.root());
        let at = index.index(leaves.len());
        let leaf = leaf_hash(&leaves[at]);
        let proof = kept.hashes(inclusion(at as u64, size).unwrap());
        prop_assert!(verify_inclusion(at as u64, size, &leaf, &proof, &root));
        let mut changed = proof.clone();
        let which = place.index(changed.len());
        changed[which][place.index(32)] ^= 1 << bit;
        prop_assert!(!verify_inclusion(at as u64, size, &leaf, &changed, &root));
        prop_assert!(!verify_inclusion(at as u64, size, &leaf, &proof[1..], &root));

        let old = 1 + old.index(leaves.len() - 1) as u64;
        let before = kept.root_at(old);
        let proof = kept.hashes(consistency(old, size).unwrap());
        prop_assert!(verify_consistency((old, &before), (size, &root), &proof));
        if !proof.is_empty() {
            let mut changed = proof.clone();
            let which = place.index(changed.len());
            changed[which][place.index(32)] ^= 1 << bit;
            prop_assert!(!verify_consistency((old, &before), (size, &root), &changed));
        }
    }
}
