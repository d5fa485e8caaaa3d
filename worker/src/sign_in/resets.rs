//! The mailed link of a reset: with the person's own first factor it opens a session that may replace
//! all factors, and nothing else. Opening it changes nothing.

use postern::{
    ids::{EventId, LinkId},
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
    store::d1::{self, Statement, text},
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

/// Whom a link is for.
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
    /// The event that it was mailed with.
    pub event: EventId,
    /// It ends with this version of the user.
    pub user_version: u64,
    /// From when on the link does nothing any more.
    pub expires_at: UnixTime,
    row: Row,
}

impl Reset {
    /// Whether the link is for the user of this name, of this organization.
    pub fn is_for(&self, organization: &str, username: &str) -> bool {
        (&*self.row.organization, &*self.row.username) == (organization, username)
    }
}

/// What [`LINK`] reads.
#[derive(Deserialize)]
struct Row {
    event: EventId,
    expires_at: UnixTime,
    user_version: u64,
    organization: String,
    organization_name: String,
    username: String,
    password: u32,
}

/// `POST /v1/resets/open`: whom the link is for. A scanner that opens links may do so as often as it likes.
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
    let home = [text(link.organization), text(link.user)];
    let mut rows = d1::run(&context.database, &[Statement::new(LINK, home)]).await?;
    let row: Option<Row> = rows.first()?;
    let over = link.is_over(context.now);
    let row = row.filter(|row| {
        let newest = LinkId::from_entropy(*row.event.as_bytes()) == link.id;
        newest && !over && context.now < row.expires_at
    });
    let row = row.ok_or(Refusal::Expired)?;
    Ok(Reset {
        home: Home {
            organization: link.organization,
            user: link.user,
        },
        event: row.event,
        user_version: row.user_version,
        expires_at: row.expires_at,
        row,
    })
}

/// ?1 organization 2 user
const LINK: &str = "
SELECT l.event, l.expires_at, l.user_version, o.external_id AS organization, o.name AS organization_name,
  u.username, u.password IS NOT NULL AS password
FROM link l JOIN user u ON u.organization = l.organization AND u.id = l.user
JOIN organization o ON o.id = l.organization
WHERE l.organization = ?1 AND l.user = ?2 AND l.purpose = 'reset'
  AND l.ended_at IS NULL AND l.user_version = u.version AND u.state = 'active'";
