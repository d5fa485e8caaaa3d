//! The session of the request: what it proves, and its end.

use postern::{
    policy::{Reason, Rule, Verdict},
    users::Role,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Change, Enrolling, Load, change},
    http::{
        body::{Json, NoContent},
        context::Home,
        cookies::Cookies,
        problem::Problem,
        query::{Explain, Query},
        request::Request,
    },
    platform::Fault,
    sign_in::assurance,
    store::{
        d1::{Rows, Statement, text},
        models::{OrganizationView, USERNAME},
        sessions::{SESSION_COOKIE, SessionView},
    },
};

/// A session, and what the policy says to it now.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    session: SessionView,
    /// What the person signs in with.
    username: String,
    organization: OrganizationView,
    decision: Verdict,
    /// Why it is not enough; empty when it is.
    reasons: Vec<Reason>,
    /// The signed token, while the session is enough.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(pattern = "^[A-Za-z0-9_-]+[.][A-Za-z0-9_-]+[.][A-Za-z0-9_-]+$")]
    assurance: Option<String>,
    /// The rule that decided, for admins and owners who ask for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    rule: Option<Rule>,
}

/// What the person signs in with, read with the session.
#[derive(Deserialize)]
pub struct Username {
    username: String,
}

impl Load for Username {
    fn statements(_: &Request, home: Home) -> Vec<Statement> {
        let home = [text(home.organization), text(home.user)];
        vec![Statement::new(USERNAME, home)]
    }

    fn read(rows: &mut Rows) -> Result<Self, Fault> {
        let username = rows.first()?;
        username.ok_or(Fault::new("a session without a user"))
    }
}

/// `GET /v1/session`: what it proves, and what the policy says to that now. The assurance token is
/// there while that is enough; `?explain=1` tells admins and owners the rule that decided.
pub async fn show(
    caller: Enrolling<Username>,
    Query(Explain(explain)): Query<Explain>,
) -> Result<Json<SessionAnswer>, Problem> {
    let context = caller.context();
    let ruling = &caller.ruling;
    let complete = ruling.verdict == Verdict::Complete && !caller.session.enrolling;
    let assurance = if complete {
        let surface = caller.surface.as_deref();
        Some(assurance::sign(context, &caller.session, &caller.models, surface).await?)
    } else {
        None
    };
    let explains = explain && caller.models.user.role >= Role::Admin;
    Ok(Json(SessionAnswer {
        session: SessionView::of(&caller.session, &caller.models, context.now),
        username: caller.loaded.username.clone(),
        organization: OrganizationView::of(&caller.models),
        decision: ruling.verdict,
        reasons: ruling.reasons.clone(),
        assurance,
        rule: explains.then_some(ruling.rule),
    }))
}

/// `DELETE /v1/session`: sign out.
pub async fn sign_out(caller: Enrolling) -> Result<(Cookies, NoContent), Problem> {
    let context = caller.context();
    change(
        context,
        &caller,
        Change::end_session(context, caller.session.id)?,
    )
    .await?;
    let mut cookies = Cookies::default();
    cookies.set(SESSION_COOKIE, "", 0);
    Ok((cookies, NoContent))
}
