//! The mailed link of a reset: with the person's own first factor it opens a session that may replace
//! all factors, and nothing else. Opening it changes nothing.

use postern::{
    links::{Link, Purpose},
    refusal::Refusal,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Public,
    http::{
        body::{Json, ShortJson},
        context::{Context, Home},
        problem::Problem,
    },
    store::{d1, links::LinkRow},
};

/// A mailed link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MailedLink)]
pub struct Open {
    /// What stands behind the `#` of the link.
    #[schema(max_length = 1024)]
    pub token: String,
}

/// The user that a link is for.
#[derive(Serialize, ToSchema)]
pub struct OpenedReset {
    /// What the organization is called.
    organization_name: String,
    /// The organization's id.
    organization: String,
    /// What the user types to sign in.
    username: String,
    /// Whether the user signs in here, with a password; otherwise where the application asks.
    password: bool,
    /// From when on the link does nothing any more.
    expires_at: UnixTime,
}

/// A link that still does something.
pub struct Reset {
    /// Whose factors it replaces.
    pub home: Home,
    /// What it rests on.
    pub row: LinkRow,
}

impl Reset {
    /// Whether the link is for the user of this name, of this organization.
    pub fn is_for(&self, organization: &str, username: &str) -> bool {
        (&*self.row.organization, &*self.row.username) == (organization, username)
    }
}

/// `POST /v1/resets/open`: the user that the link is for. A scanner that opens links may do so as often as it likes.
pub async fn open(
    caller: Public,
    ShortJson(body): ShortJson<Open>,
) -> Result<Json<OpenedReset>, Problem> {
    let reset = presented(&caller.request.context, &body.token).await?;
    let row = reset.row;
    Ok(Json(OpenedReset {
        organization_name: row.organization_name,
        organization: row.organization,
        username: row.username,
        password: row.password > 0,
        expires_at: row.expires_at,
    }))
}

/// The reset that `token` is the link of.
///
/// # Errors
/// `not_accepted` for what is none of our links; `expired` for one that is over, was used or taken back,
/// or had another take its place; `unavailable`.
pub async fn presented(context: &Context, token: &str) -> Result<Reset, Problem> {
    let link = Link::open(Purpose::Reset, &context.settings.keys, token);
    let link = link.map_err(|_| Refusal::NotAccepted)?;
    let home = Home {
        organization: link.organization,
        user: link.user,
    };
    let read = [LinkRow::statement(home, Purpose::Reset)];
    let mut rows = d1::run(&context.database, &read).await?;
    let row: Option<LinkRow> = rows.first()?;
    let row = row.filter(|row| row.is_of(&link, context.now));
    let row = row.ok_or(Refusal::Expired)?;
    Ok(Reset { home, row })
}
