//! What the sentences of a mail are made of.

use super::{letter::Letter, name::name};
use crate::store::mail::Kind;

/// The facts of a letter, with all names made safe.
pub struct Facts {
    pub kind: Kind,
    pub organization: String,
    pub about: Option<String>,
    pub actor: Actor,
    /// Backup codes.
    pub left: Option<u64>,
}

/// Who did it.
pub enum Actor {
    Admin(Option<String>),
    Application,
    Owner(Option<String>),
    Person,
    System,
}

impl Facts {
    pub fn of(letter: &Letter) -> Self {
        let by = || letter.actor_name.and_then(name);
        Self {
            kind: letter.kind,
            organization: name(letter.organization).unwrap_or_default(),
            about: letter.about.and_then(name),
            actor: match letter.actor {
                "admin" => Actor::Admin(by()),
                "application" => Actor::Application,
                "owner" => Actor::Owner(by()),
                "system" => Actor::System,
                _ => Actor::Person,
            },
            left: letter.detail.get("left").and_then(|left| left.as_u64()),
        }
    }
}
