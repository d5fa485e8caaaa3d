//! The tree over the events of an organization: the Merkle tree of RFC 6962 section 2.1, of which only
//! its right edge is kept.

use alloc::{string::String, vec::Vec};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// A hash of the tree: 32 bytes.
pub type Hash = [u8; 32];

/// Hashes as text: one after another, in base64.
#[must_use]
pub fn joined(hashes: &[Hash]) -> String {
    STANDARD.encode(hashes.as_flattened())
}

/// What [`joined`] wrote; `None` for anything else.
#[must_use]
pub fn split(text: &str) -> Option<Vec<Hash>> {
    let bytes = STANDARD.decode(text).ok()?;
    let (hashes, rest) = bytes.as_chunks();
    rest.is_empty().then(|| hashes.to_vec())
}

/// The hash of a leaf (RFC 6962 section 2.1): SHA-256 of a zero byte and the leaf.
#[must_use]
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(leaf)
        .finalize()
        .into()
}

fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Sha256::new()
        .chain_update([1])
        .chain_update(left)
        .chain_update(right)
        .finalize()
        .into()
}

/// A tree that grows by leaves at its end. It keeps the roots of its full subtrees, the largest first: as
/// many as its size has ones in binary, 64 at most.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    frontier: Vec<Hash>,
}

impl Tree {
    /// The tree of `size` leaves with this frontier, as [`Tree::frontier`] writes it; `None` where they do
    /// not belong together.
    #[must_use]
    pub fn read(size: u64, frontier: &str) -> Option<Self> {
        let frontier = split(frontier)?;
        let complete = u32::try_from(frontier.len()) == Ok(size.count_ones());
        complete.then_some(Self { size, frontier })
    }

    /// How many leaves it has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its full subtrees, the largest first, [`joined`].
    #[must_use]
    pub fn frontier(&self) -> String {
        joined(&self.frontier)
    }

    /// Adds a leaf by its hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each one at the end of the size is a full subtree that the new leaf makes one with.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.frontier.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.frontier.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root (RFC 6962 section 2.1); of a tree without leaves the hash of nothing.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut subtrees = self.frontier.iter().rev();
        let Some(last) = subtrees.next() else {
            return Sha256::digest([]).into();
        };
        subtrees.fold(*last, |right, left| node_hash(left, &right))
    }
}
