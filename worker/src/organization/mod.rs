//! What applications and owners change: organizations, policies, users.

pub mod audit_events;
pub mod audit_log;
mod file;
pub mod groups;
pub mod help;
pub mod help_requests;
pub mod invitations;
mod mailed_links;
pub mod organizations;
pub mod outgoing_mail;
pub mod overview;
pub mod person;
pub mod policies;
pub mod resets;
pub mod set_up;
pub mod users;
