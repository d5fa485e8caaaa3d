//! The sessions of a person: listed, and ended by their owner.

use postern::{
    audit::Action, evidence::Aal, ids::SessionId, names::browser, sessions::Session, time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{self, Change, Load, change},
    account::exists::{Exists, Named},
    http::{
        body::{Json, NoContent},
        context::Home,
        path::Path,
        problem::Problem,
        request::Request,
    },
    platform::{Fault, json_text},
    store::{
        d1::{Rows, Statement, text},
        models::Models,
        sessions::assurance,
        survivors::Survivors,
    },
};

/// The sessions of a person.
#[derive(Serialize, ToSchema)]
pub struct SessionList {
    /// The last used one first.
    sessions: Vec<Listed>,
}

/// A live session of the person.
#[derive(Serialize, ToSchema)]
#[schema(as = ListedSession)]
pub struct Listed {
    id: SessionId,
    aal: Aal,
    born_at: UnixTime,
    last_used_at: UnixTime,
    /// Whether it is the one that asks.
    current: bool,
    /// Its browser and system, as far as the user agent said.
    name: String,
    /// What the client said of itself (RFC 9110 section 10.1.5).
    #[schema(required)]
    user_agent: Option<String>,
}

/// Rows of live sessions.
pub struct Live(Vec<Row>);

/// A session as [`LIST`] reads it.
#[derive(Deserialize)]
pub struct Row {
    #[serde(deserialize_with = "json_text")]
    session: Session,
    user_agent: Option<String>,
}

impl Load for Live {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        vec![Statement::new(
            LIST,
            [text(home.organization), text(home.user)],
        )]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        Ok(Self(rows.readable("sessions")?))
    }
}

/// `GET /v1/me/sessions`
pub async fn list(caller: access::Session<Live>) -> Json<SessionList> {
    let now = caller.context().now;
    let Live(rows) = &caller.loaded;
    Json(SessionList {
        sessions: listed(rows, &caller.models, Some(caller.session.id), now),
    })
}

/// Those of `rows` that live now, of the person of `models`. `current` is the one that asks.
pub fn listed(
    rows: &[Row],
    models: &Models,
    current: Option<SessionId>,
    now: UnixTime,
) -> Vec<Listed> {
    let living = rows.iter().filter(|row| row.session.lives(now));
    living
        .map(|row| Listed {
            aal: assurance(models, &row.session.evidence, now).aal,
            current: Some(row.session.id) == current,
            id: row.session.id,
            born_at: row.session.born_at,
            last_used_at: row.session.last_used_at,
            name: browser(row.user_agent.as_deref().unwrap_or_default()),
            user_agent: row.user_agent.clone(),
        })
        .collect()
}

/// `DELETE /v1/me/sessions`: end all others. Open challenges, sessions about to be and trusted
/// devices end with the user version, and so does a session that rests on a trusted device.
pub async fn end_all_others(caller: access::Session) -> Result<NoContent, Problem> {
    let context = caller.context();
    let mut ending = Change::new(context, Action::SessionEnd)?;
    ending.subject = Some("others".into());
    ending.survivors = Some(Survivors::Only(caller.session.id));
    change(context, &caller, ending).await?;
    Ok(NoContent)
}

impl Named for SessionId {
    const EXISTS: &'static str = EXISTS;
}

/// `DELETE /v1/me/sessions/{id}`
pub async fn end(
    caller: access::Session<Exists<SessionId>>,
    Path(id): Path<SessionId>,
) -> Result<NoContent, Problem> {
    caller.loaded.found()?;
    let context = caller.context();
    change(context, &caller, Change::end_session(context, id)?).await?;
    Ok(NoContent)
}

/// ?1 organization 2 user
pub const LIST: &str = "
SELECT json_object('id', id, 'evidence', json(evidence), 'born_at', born_at, 'last_used_at', last_used_at,
  'enrolling', json(iif(enrolling, 'true', 'false'))) AS session, user_agent
FROM live_session WHERE organization = ?1 AND user = ?2 ORDER BY last_used_at DESC";

/// ?1 organization 2 user 3 session
const EXISTS: &str = "
SELECT 1 FROM live_session WHERE organization = ?1 AND user = ?2 AND id = ?3";
