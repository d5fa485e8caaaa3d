//! The facts that a mail tells.

use postern::time::UnixTime;
pub use postern::users::Language;
use serde::Serialize;
use serde_json::Value;

use crate::store::mail::Kind;

/// The facts of one mail to one person, as they are stored: names are made safe when they are written.
#[derive(Clone, Debug)]
pub struct Letter<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The language of the person.
    pub language: Language,
    /// The name of the organization.
    pub organization: &'a str,
    /// The name of the person who gets it, else the user name.
    pub person: Option<&'a str>,
    /// The name of another person whom it is about.
    pub about: Option<&'a str>,
    /// When it happened.
    pub at: UnixTime,
    /// The network address from which it was done.
    pub network: Option<&'a str>,
    /// Where that is: city and country.
    pub place: Option<&'a str>,
    /// The user agent of the browser with which it was done.
    pub browser: Option<&'a str>,
    /// Who did it, as events say: `user`, `owner`, `admin`, `application` or `system`.
    pub actor: &'a str,
    /// The name of the owner or admin.
    pub actor_name: Option<&'a str>,
    /// The detail of the event. Of it are told: `expires_at`, when the link that
    /// acts stops working; `left`, how many backup codes are left.
    pub detail: Value,
    /// Whom the organization names for questions.
    pub support: Option<&'a str>,
    /// Where the person can go from here.
    pub links: Links,
}

/// Addresses in a mail. Tokens are in the fragment.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Links {
    /// What the mail is for.
    pub act: Option<String>,
    /// "This was not me". Told only where that makes sense: see [`Kind::can_be_denied`].
    pub not_me: Option<String>,
    /// The person's security page.
    pub security: String,
}
