//! Signing in: the first factor, the challenge, and what a finished sign-in hands out.

pub mod application;
pub mod assertion;
pub mod assurance;
pub mod challenge;
mod finish;
mod first_factor;
pub mod introspection;
mod known_browsers;
pub mod passkey;
pub mod password;
pub mod resets;
pub mod session;
pub mod trusted_devices;
