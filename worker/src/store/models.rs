//! The models that a decision rests on.

use postern::{
    decision::{Attempt, Provisos},
    evidence::{Evidence, Method},
    organizations::Organization,
    policy::{self, Ruling},
    time::UnixTime,
    users::User,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

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

/// An organization as its people see it.
#[derive(Serialize, ToSchema)]
#[schema(as = OwnOrganization)]
pub struct OrganizationView {
    #[schema(value_type = postern::names::OrganizationName)]
    id: String,
    /// What it is called.
    name: String,
}

impl OrganizationView {
    /// The organization of `models`.
    pub fn of(models: &Models) -> Self {
        Self {
            id: models.organization.external_id.to_string(),
            name: models.organization.name.clone(),
        }
    }
}

/// The name that a user signs in with. ?1 organization 2 user
pub const USERNAME: &str = "SELECT username FROM user WHERE organization = ?1 AND id = ?2";

impl Models {
    /// Where the user is at home.
    pub const fn home(&self) -> Home {
        Home {
            organization: self.organization.id,
            user: self.user.id,
        }
    }

    /// What the policy asks of the user after the password, at a browser that is not trusted.
    pub fn asked_after_password(&self, now: UnixTime) -> Ruling {
        let ids = self.user.authenticator_ids();
        let person = self.user.person(&ids);
        let password = [Evidence::new(Method::Password, now)];
        policy::decide(&self.organization.policy, &person, &password, None, now)
    }

    /// The provisos of every decision on these models: that they are those of D1 still.
    pub const fn provisos(&self, attempt: Attempt) -> Provisos {
        Provisos {
            organization: self.organization.id,
            user: self.user.id,
            user_version: self.user.version,
            policy_version: self.organization.policy_version,
            attempt,
            challenge: None,
            session: None,
            device: None,
            enrolled: None,
        }
    }
}
