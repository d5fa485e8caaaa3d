//! What people change about their own account.

pub mod authenticators;
pub mod backup_codes;
pub mod enrollments;
pub mod me;
pub mod sessions;
pub mod totp;
pub mod turning_off;
