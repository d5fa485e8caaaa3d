//! The models that a decision rests on.

use postern::{organizations::Organization, users::User};
use serde::Deserialize;

use crate::{http::context::Home, platform::json_text};

/// A user and their organization, as D1 or a copy has them.
#[derive(Clone, Debug, Deserialize)]
pub struct Models {
    /// The user.
    #[serde(deserialize_with = "json_text")]
    pub user: User,
    /// The organization.
    #[serde(deserialize_with = "json_text")]
    pub organization: Organization,
}

impl Models {
    /// Where the user is at home.
    pub const fn home(&self) -> Home {
        Home {
            organization: self.organization.id,
            user: self.user.id,
        }
    }
}
