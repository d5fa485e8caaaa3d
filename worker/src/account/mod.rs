//! What people change about their own account.

pub mod activity;
pub mod authenticators;
pub mod backup_codes;
mod enrollments;
pub mod exists;
pub mod forgotten;
pub mod invitations;
pub mod me;
pub mod not_me;
pub mod passkeys;
pub mod password;
mod password_links;
pub mod prompt;
pub mod sessions;
pub mod totp;
pub mod trusted_devices;
pub mod turning_off;
