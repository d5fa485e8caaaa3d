//! The list of users as a file for spreadsheets.

use postern::{audit::Action, refusal::Refusal};
use serde::Serialize;

use super::{Found, Listed, Listing, MOVED_ON, Row, User};
#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::{Admin, still_keeps},
    http::{
        problem::Problem,
        query::{FromQuery, Query},
    },
    organization::file::{File, Format, plain},
    platform::Fault,
    store::d1::{self, Batch, Statement, recording, recording_text, text},
};

/// Users in one file: what a Worker holds without effort.
const MOST: u32 = 5000;

/// Which users a file holds.
#[derive(Clone, Debug)]
pub struct Exported(Listing);

impl FromQuery for Exported {
    const NAMES: &'static [&'static str] = Listing::FILTERS;

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let mut listing = Listing::read(|name| value(name).filter(|_| name != "limit"))?;
        listing.limit = MOST;
        Ok(Self(listing))
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        Listing::describe_filters(description);
    }
}

/// Comma-separated values (RFC 4180).
#[derive(Debug)]
pub struct Csv;

impl Format for Csv {
    const MEDIA: &'static str = "text/csv; charset=utf-8";
    const NAME: &'static str = "users.csv";
    #[cfg(not(target_family = "wasm"))]
    const ABOUT: &'static str = "5000 users at most. Where there are more, `Link` names the rest (RFC 8288, \
                                 `rel=\"next\"`), which has no header row and can be put behind it.";
}

/// `GET /v1/organizations/{org}/users.csv`: with the filters of the list. That it was asked for is
/// recorded.
pub async fn export(
    caller: Admin,
    Query(Exported(listing)): Query<Exported>,
) -> Result<File<Csv>, Problem> {
    let context = caller.context();
    let organization = caller.organization.as_str();
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(EXPORT_EVENT, {
            event: event,
            organization: organization,
            keeper: caller.proviso()?,
            first: listing.is_first(),
            now: context.now,
            action: Action::UserExport.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![],
        reads: vec![
            Statement::new(super::FOUND, [organization.into()]),
            Statement::new(RECORDED, [text(event)]),
            listing.statement(organization),
        ],
    };
    let mut rows = d1::write(&context.database, &batch).await?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    rows.first::<Found>()?.ok_or(MOVED_ON)?;
    let found = rows.each::<Row>("users")?.into_iter();
    let users = found.map(Listed::of).collect::<Result<_, _>>()?;
    let page = super::UserPage::of(users, &listing, None);
    let next = page.next_cursor.as_ref().map(|cursor| {
        let given = caller.request.query.split('&');
        let others = given.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor="));
        let cursor: String = form_urlencoded::byte_serialize(cursor.as_bytes()).collect();
        let mut pairs: Vec<_> = others.map(str::to_owned).collect();
        pairs.push(format!("cursor={cursor}"));
        pairs.join("&")
    });
    let text =
        written(&page.users, listing.is_first()).map_err(|why| Fault::new(why.to_string()))?;
    Ok(File::new(text, next))
}

/// A line of the file.
#[derive(Serialize)]
struct Line {
    id: String,
    username: String,
    name: String,
    email: String,
    role: String,
    groups: String,
    state: String,
    enrolled: String,
    created_at: String,
}

/// The file, which begins with the names of its columns where it is the first.
fn written(users: &[Listed], is_first: bool) -> csv::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(is_first)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for user in users {
        writer.serialize(Line::of(user))?;
    }
    writer
        .into_inner()
        .map_err(|why| csv::Error::from(why.into_error()))
}

impl Line {
    fn of(listed: &Listed) -> Self {
        let user = match listed {
            Listed::Readable(user) => user,
            Listed::Unreadable { id, .. } => {
                let none = String::new;
                return Self {
                    id: plain(id),
                    username: none(),
                    name: none(),
                    email: none(),
                    role: none(),
                    groups: none(),
                    state: "unreadable".to_owned(),
                    enrolled: none(),
                    created_at: none(),
                };
            }
        };
        let User {
            id,
            username,
            name,
            email,
            role,
            groups,
            state,
            enrolled,
            created_at,
            ..
        } = user;
        Self {
            id: plain(id),
            username: plain(username),
            name: plain(name.as_deref().unwrap_or_default()),
            email: plain(email.as_deref().unwrap_or_default()),
            role: super::list::as_text(Some(*role)).unwrap_or_default(),
            groups: plain(&groups.join("; ")),
            state: super::list::as_text(Some(*state)).unwrap_or_default(),
            enrolled: enrolled.to_string(),
            created_at: created_at.0.to_string(),
        }
    }
}

/// Of an organization that there is, by a keeper as they were let in.
const EXPORT_EVENT: &str = recording_text!(
    "id, organization, at, action, actor, actor_id, actor_name, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, o.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', 'accepted',
  json_object('first', json(iif(:first, 'true', 'false'))), :ip, :user_agent, :request_id
FROM organization o WHERE o.external_id = :organization AND ",
    still_keeps!()
);

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
