//! The rules of Postern, the second gate of a sign-in.
//!
//! # What is in scope
//!
//! What counts as proof, what it adds up to, whether it is enough, and what a commit must check
//! before it becomes true. One module per noun; each opens with what it leaves to others.
//!
//! # What is out of scope
//!
//! Clocks, randomness, storage, HTTP. This crate has no clock and no source of randomness: both are
//! arguments ([`time::UnixTime`], `[u8; N]` of entropy), so that a test writes them down and the
//! Worker and the browser decide alike.

// What describes the API needs the standard library, and is for the native generator.
#![cfg_attr(not(feature = "schema"), no_std)]
extern crate alloc;

pub mod audit;
pub mod backup_codes;
pub mod base64url;
pub mod challenges;
pub mod decision;
pub mod evidence;
mod half_width;
pub mod ids;
pub mod key_uri;
pub mod known_browsers;
pub mod links;
pub mod names;
pub mod organizations;
pub mod passkeys;
pub mod passwords;
pub mod policy;
pub mod refusal;
pub mod roles;
#[cfg(feature = "schema")]
pub mod schema;
pub mod sealing;
pub mod secret;
pub mod sessions;
pub mod slow_hash;
pub mod strict_json;
pub mod throttle;
pub mod time;
pub mod tokens;
pub mod totp;
pub mod trusted_devices;
pub mod users;
pub mod webhooks;
