//! The session of the request: what it proves, and its end.

use postern::{
    policy::{Reason, Rule, Verdict},
    users::Role,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Change, Enrolling, change},
    http::{
        body::{Json, NoContent},
        cookies::Cookies,
        problem::Problem,
        query::{Explain, Query},
    },
    sign_in::assurance,
    store::sessions::{SESSION_COOKIE, SessionView},
};

/// A session, and what the policy says to it now.
#[derive(Serialize, ToSchema)]
pub struct SessionAnswer {
    session: SessionView,
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

/// `GET /v1/session`: what it proves, and what the policy says to that now. The assurance token is
/// there while that is enough; `?explain=1` tells admins and owners the rule that decided.
pub async fn show(
    caller: Enrolling,
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
