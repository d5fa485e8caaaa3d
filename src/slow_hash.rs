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
/// They are not wiped between hashes, which would take 2 ms: they hold one-way mixtures and never
/// the password, and an attacker who can read an isolate's memory can read its keys.
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

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
#[allow(clippy::arithmetic_side_effects)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn tests(json: &str) -> Vec<Value> {
        let file: Value = serde_json::from_str(json).unwrap();
        file["tests"].as_array().unwrap().clone()
    }

    fn hex(value: &Value) -> Vec<u8> {
        let text = value.as_str().unwrap();
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    }

    fn cost(value: &Value) -> u32 {
        value.as_u64().unwrap().try_into().unwrap()
    }

    #[test]
    fn the_crate_computes_the_vector_of_rfc_9106() {
        let tests = tests(include_str!("../tests/vectors/rfc9106-section-5-3.json"));
        for test in tests {
            let params = argon2::ParamsBuilder::new()
                .m_cost(cost(&test["memory_kib"]))
                .t_cost(cost(&test["iterations"]))
                .p_cost(cost(&test["lanes"]))
                .data(argon2::AssociatedData::new(&hex(&test["associated_data"])).unwrap())
                .build()
                .unwrap();
            let secret = hex(&test["secret"]);
            let mut tag = [0; 32];
            Argon2::new_with_secret(&secret, Algorithm::Argon2id, Version::V0x13, params)
                .unwrap()
                .hash_password_into(&hex(&test["password"]), &hex(&test["salt"]), &mut tag)
                .unwrap();
            assert_eq!(tag[..], hex(&test["expect"]));
        }
    }

    /// One memory for all of them: what one hash leaves behind does not reach the next.
    #[test]
    fn our_cost_computes_what_the_reference_implementation_does() {
        let tests = tests(include_str!("../tests/vectors/argon2id-postern.json"));
        assert_eq!(tests.len(), 8);
        let mut memory = Memory::new();
        for test in &tests {
            let password = test["password"].as_str().unwrap().as_bytes();
            let salt = hex(&test["salt"]).try_into().unwrap();
            let tag = SlowHash::DEFAULT.derive(password, &salt, &mut memory);
            assert_eq!(tag[..], hex(&test["expect"]), "{test}");
        }
        assert_eq!(memory.0.len(), 19_456);
    }

    #[test]
    fn memory_grown_for_a_larger_cost_serves_a_smaller_one() {
        let small = SlowHash::new(64, 1, 1).unwrap();
        let large = SlowHash::new(1024, 2, 4).unwrap();
        let mut shared = Memory::new();
        for cost in [small, large, small, large] {
            let alone = cost.derive(b"password", &[1; 16], &mut Memory::new());
            assert_eq!(cost.derive(b"password", &[1; 16], &mut shared), alone);
        }
    }

    #[test]
    fn every_cost_in_bounds_hashes_and_none_outside_is_read() {
        let mut memory = Memory::new();
        for (memory_kib, iterations, lanes) in [(8, 1, 1), (32, 1, 4), (9, 10, 1), (65_536, 1, 4)] {
            let cost = SlowHash::new(memory_kib, iterations, lanes).unwrap();
            assert_ne!(cost.derive(b"", &[0; 16], &mut memory), [0; 32]);
        }
        for (memory_kib, iterations, lanes) in [
            (0, 1, 1),
            (7, 1, 1),
            (31, 1, 4),
            (65_537, 1, 1),
            (19_456, 0, 1),
            (19_456, 11, 1),
            (19_456, 2, 0),
            (19_456, 2, 5),
            (u32::MAX, u32::MAX, u32::MAX),
        ] {
            assert_eq!(SlowHash::new(memory_kib, iterations, lanes), Err(NotACost));
            let written =
                json!({"memory_kib": memory_kib, "iterations": iterations, "lanes": lanes});
            assert!(serde_json::from_value::<SlowHash>(written).is_err());
        }
        let default = json!({"memory_kib": 19_456, "iterations": 2, "lanes": 1});
        assert_eq!(serde_json::to_value(SlowHash::DEFAULT).unwrap(), default);
        assert_eq!(
            serde_json::from_value::<SlowHash>(default).unwrap(),
            SlowHash::DEFAULT
        );
    }
}
