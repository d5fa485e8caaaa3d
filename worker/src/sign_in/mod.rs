//! Signing in: the first factor, the challenge, and what a finished sign-in hands out.

pub mod assurance;
pub mod challenges;
pub mod introspection;
pub mod known_browsers;
pub mod passkeys;
pub mod passwords;
pub mod sign_ins;
pub mod trusted_devices;
