//! The Merkle tree over the deeds of a log (RFC 6962, section 2.1), as far as it takes to add to it: the hashes of its
//! perfect parts. Its root says what all deeds were, and a root that was signed once can't be met by others.

use sha2::{Digest as _, Sha256};
use sightline_model::Digest;

/// A hash of the tree: 32 bytes.
pub type Hash = [u8; 32];

/// A tree that grows at its end.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tree {
    size: u64,
    /// The hashes of its perfect parts, the largest first: one for each bit that is set in the size.
    parts: Vec<Hash>,
}

/// The hash of a leaf that says `bytes`.
pub fn leaf(bytes: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(bytes)
        .finalize()
        .into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

impl Tree {
    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // As many parts of the same size join as the number has ones at its end.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.parts.pop() {
                hash = node(&left, &hash);
            }
        }
        self.parts.push(hash);
        self.size += 1;
    }

    /// The root: what is signed.
    pub fn root(&self) -> Hash {
        let mut parts = self.parts.iter().rev();
        match parts.next() {
            // That of no leaves.
            None => Sha256::digest([]).into(),
            Some(last) => parts.fold(*last, |right, left| node(left, &right)),
        }
    }

    /// Its parts as text: what [`Tree::read`] reads.
    pub fn text(&self) -> String {
        let parts = self.parts.iter().map(|part| Digest::of_hash(part).0);
        parts.collect::<Vec<_>>().join(" ")
    }

    /// A tree of so many leaves with these parts; none if they do not go together.
    pub fn read(size: u64, text: &str) -> Option<Self> {
        let parts: Vec<Hash> = text.split_whitespace().map(hash).collect::<Option<_>>()?;
        let fits = parts.len() == size.count_ones() as usize;
        fits.then_some(Self { size, parts })
    }
}

/// A hash as 64 hexadecimal digits.
pub fn hash(digits: &str) -> Option<Hash> {
    let digits = digits.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        let value = |digit: u8| char::from(digit).to_digit(16);
        *byte = u8::try_from(value(pair[0])? * 16 + value(pair[1])?).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word by word.
    fn defined(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Sha256::digest([]).into(),
            [one] => *one,
            many => {
                let split = many.len().next_power_of_two() / 2;
                let (left, right) = many.split_at(split);
                node(&defined(left), &defined(right))
            }
        }
    }

    #[test]
    fn a_tree_that_grows_is_the_one_that_is_defined() {
        let leaves: Vec<Hash> = (0..200_u32).map(|n| leaf(&n.to_be_bytes())).collect();
        let mut tree = Tree::default();
        for n in 0..=leaves.len() {
            assert_eq!(tree.root(), defined(&leaves[..n]), "{n}");
            assert_eq!(Tree::read(n as u64, &tree.text()).as_ref(), Some(&tree));
            assert_eq!(Tree::read(n as u64 ^ 1, &tree.text()), None);
            if let Some(next) = leaves.get(n) {
                tree.push(*next);
            }
        }
    }

    #[test]
    fn known_roots_are_met() {
        // The test vectors of Certificate Transparency's reference implementation.
        let leaves: [&[u8]; 3] = [b"", b"\x00", b"\x10"];
        let roots = [
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ];
        let mut tree = Tree::default();
        for (n, root) in roots.iter().enumerate() {
            assert_eq!(Digest::of_hash(&tree.root()).0, *root, "{n}");
            if let Some(next) = leaves.get(n) {
                tree.push(leaf(next));
            }
        }
    }
}
