//! Argon2id (RFC 9106), the one slow hash: of passwords and of backup codes.
//!
//! In scope: its parameters, and memory that is used again. Out of scope: salts, peppers, and that
//! only one runs at a time in an isolate of 128 MB.

use alloc::vec::Vec;
use core::fmt;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde::{Deserialize, Serialize};

/// The cost of a hash, stored beside what it made, so that a later default leaves it readable.
///
/// Read from storage it is bounded: 8 KiB to 64 MiB, 1 to 10 passes, 1 to 4 lanes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct SlowHash {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl SlowHash {
    /// 19 MiB, 2 passes, 1 lane: what the OWASP Password Storage Cheat Sheet and ASVS 5.0
    /// appendix C name first.
    pub const DEFAULT: Self = Self {
        memory_kib: 19_456,
        iterations: 2,
        lanes: 1,
    };

    /// Reads a cost.
    ///
    /// # Errors
    ///
    /// [`NotACost`] outside the bounds, and below 8 KiB for each lane (RFC 9106 section 3.1).
    pub const fn new(memory_kib: u32, iterations: u32, lanes: u32) -> Result<Self, NotACost> {
        let in_bounds = memory_kib <= 65_536
            && 1 <= iterations
            && iterations <= 10
            && 1 <= lanes
            && lanes <= 4
            && memory_kib >= lanes.saturating_mul(8);
        if in_bounds {
            Ok(Self {
                memory_kib,
                iterations,
                lanes,
            })
        } else {
            Err(NotACost)
        }
    }

    /// Memory in KiB.
    #[must_use]
    pub const fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        self.iterations
    }

    /// Lanes ("parallelism"); they run one after another here.
    #[must_use]
    pub const fn lanes(self) -> u32 {
        self.lanes
    }

    /// The 32-byte tag of Argon2id, version 0x13, without secret and associated data.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "the bounds of `new` are inside those of RFC 9106"
    )]
    pub fn derive(self, password: &[u8], salt: &[u8; 16], memory: &mut Memory) -> [u8; 32] {
        let params = Params::new(self.memory_kib, self.iterations, self.lanes, Some(32))
            .expect("costs in bounds");
        let blocks = memory.blocks(params.block_count());
        let mut tag = [0; 32];
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into_with_memory(password, salt, &mut tag, blocks)
            .expect("a salt of 16 bytes, a tag of 32, and blocks enough");
        tag
    }
}

impl Default for SlowHash {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// The blocks of one hash at a time, kept for the next one: an isolate allocates 19 MiB once,
/// at its first slow hash, instead of growing and fragmenting its memory with each.
///
/// They are not wiped between hashes (2 ms for nothing): a pass leaves one-way mixtures, never the
/// password, and who can read an isolate's memory reads its keys.
#[derive(Default)]
pub struct Memory(Vec<Block>);

impl Memory {
    /// Holds nothing until the first hash.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    fn blocks(&mut self, count: usize) -> &mut [Block] {
        if self.0.len() < count {
            self.0.resize(count, Block::new());
        }
        &mut self.0
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A cost out of bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotACost;

impl fmt::Display for NotACost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the cost of the slow hash is out of bounds")
    }
}

impl core::error::Error for NotACost {}

/// The cost as it stands in JSON, before its bounds are checked.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    memory_kib: u32,
    iterations: u32,
    lanes: u32,
}

impl TryFrom<Written> for SlowHash {
    type Error = NotACost;

    fn try_from(written: Written) -> Result<Self, NotACost> {
        Self::new(written.memory_kib, written.iterations, written.lanes)
    }
}

impl From<SlowHash> for Written {
    fn from(cost: SlowHash) -> Self {
        Self {
            memory_kib: cost.memory_kib,
            iterations: cost.iterations,
            lanes: cost.lanes,
        }
    }
}
