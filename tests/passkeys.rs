//! Passkeys against the outside world: the W3C test vectors, ceremonies recorded from real
//! authenticators, Wycheproof, an independent client, and attackers.
//!
//! Data that is not in this repository is read from `../shared/vectors`; without it the test says
//! what it skipped.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::as_conversions
)]

mod passkeys {
    mod attestations;
    mod ceremonies;
    mod client;
    mod client_data;
    mod encode;
    mod field;
    mod forge;
    mod hostile_cbor;
    mod json;
    mod keys;
    mod mutations;
    mod native;
    mod registrations;
    mod signatures;
    mod vectors;
    mod w3c;
}
