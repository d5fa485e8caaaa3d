//! What is said of a user.

use postern::{
    names::{BadName, DisplayName, ExternalId, Group, MailAddress, Username},
    passwords::Password,
    refusal::Refusal,
    users::{Language, Role, State},
};
use serde::{Deserialize, Serialize, Serializer};
use utoipa::ToSchema;

use crate::http::body::given;

/// Groups of one user at most.
const MAX_GROUPS: usize = 100;

/// What is said of a user. A field that is left out is not the same as one that is `null`.
///
/// A `PUT` of a new user may leave out anything. A `PUT` of a user who exists leaves out nothing but
/// the password, the second address and the language, which then stay. A `PATCH` changes what it names
/// and leaves the rest.
// It is written for the statements that compare it with the user and change them.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UserBody {
    /// What the user types to sign in: 1 to 128 characters, unique in the organization. The id where a
    /// new user has none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false)]
    pub username: Option<Username>,
    /// The name shown on pages, 1 to 64 characters that can be seen; `null` for none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<DisplayName>)]
    pub name: Option<Option<DisplayName>>,
    /// The address that notices go to, at most 254 characters of ASCII; `null` for none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<MailAddress>)]
    pub email: Option<Option<MailAddress>>,
    /// A second address that notices go to as well; `null` for none.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<MailAddress>)]
    pub second_email: Option<Option<MailAddress>>,
    /// The language of mail to the user; `null` for that of the organization.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(value_type = Option<Language>)]
    pub language: Option<Option<Language>>,
    /// What the user may do in the organization; a new user is a `member` by default.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false)]
    pub role: Option<Role>,
    /// The groups that the user is in, 100 at most, each of 1 to 64 characters that can be seen.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false, max_items = 100)]
    pub groups: Option<Vec<Group>>,
    /// Whether the user may sign in; a new user is `active` by default.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none"
    )]
    #[schema(nullable = false)]
    pub state: Option<State>,
    /// The password, 8 to 256 characters and none of the most common ones. Only applications set it.
    #[serde(
        default,
        deserialize_with = "given",
        skip_serializing_if = "Option::is_none",
        serialize_with = "only_that_it_is_there"
    )]
    #[schema(value_type = Option<String>, nullable = false, format = Password, min_length = 8, max_length = 256)]
    pub password: Option<Password>,
}

/// A password is never written: the statements and the audit trail read only that there is one.
fn only_that_it_is_there<S: Serializer>(
    _: &Option<Password>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_bool(true)
}

impl UserBody {
    /// The first field that is left out and has to be there.
    pub(super) fn missing(&self) -> Option<&'static str> {
        [
            ("username", self.username.is_some()),
            ("name", self.name.is_some()),
            ("email", self.email.is_some()),
            ("role", self.role.is_some()),
            ("groups", self.groups.is_some()),
            ("state", self.state.is_some()),
        ]
        .into_iter()
        .find_map(|(field, given)| (!given).then_some(field))
    }

    /// With what a new user has where nothing is said.
    ///
    /// # Errors
    /// `malformed` where the id cannot be the username.
    pub fn or_default(self, user: &ExternalId) -> Result<Self, Refusal> {
        let username = match self.username {
            Some(username) => username,
            None => user
                .as_str()
                .parse()
                .map_err(|BadName(rule)| Refusal::malformed("username", rule))?,
        };
        Ok(Self {
            username: Some(username),
            name: Some(self.name.flatten()),
            email: Some(self.email.flatten()),
            second_email: Some(self.second_email.flatten()),
            language: Some(self.language.flatten()),
            role: Some(self.role.unwrap_or_default()),
            groups: Some(self.groups.unwrap_or_default()),
            state: Some(self.state.unwrap_or_default()),
            password: self.password,
        })
    }

    /// Refuses all that is not a name, an address or the language.
    pub(super) const fn only_names(&self) -> Result<(), Refusal> {
        let changes_more = self.role.is_some() || self.groups.is_some() || self.state.is_some();
        if changes_more || self.password.is_some() {
            return Err(Refusal::Forbidden);
        }
        Ok(())
    }

    /// Checks what no type says.
    ///
    /// # Errors
    /// `malformed`, naming the field.
    pub fn check(&self) -> Result<(), Refusal> {
        let groups = self.groups.as_ref().map_or(0, Vec::len);
        if groups > MAX_GROUPS {
            return Err(Refusal::malformed("groups", "at most 100 groups"));
        }
        let suitable = self.password.as_ref().map_or(Ok(()), Password::suitable);
        suitable.map_err(|why| Refusal::malformed("password", why.as_str()))
    }
}
