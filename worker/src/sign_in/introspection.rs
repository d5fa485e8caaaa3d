//! The strict check of a session, for what must stop at once.

use http::StatusCode;
use postern::{
    policy::Verdict,
    record,
    tokens::{Kind, Token},
};

use crate::{
    http::{
        call::Call,
        problem::Problem,
        reply::{Object, Reply, json},
    },
    sign_in::assurance,
};

record! {
    strict struct Introspect {
        token: String,
        /// Whether the person is there just now: then a session in use counts as used.
        touch: bool = true,
    }
}

/// `POST /v1/sessions/introspect` (the answer's shape after RFC 7662 section 2.2): a session that the
/// policy finds enough no more is not active, and the decision says what it takes. To ask about an
/// active one is to use it, unless `touch` is false.
pub async fn introspect(call: Call) -> Reply {
    let judged = call.application().await?;
    let body: Introspect = call.short_json(judged)?;
    let inactive = || json(StatusCode::OK, "active", &false);
    let Some(token) = Token::parse(Kind::Session, &body.token) else {
        return inactive();
    };
    let caller = match call.held_session(&token, None, None).await {
        Ok((caller, _)) => caller,
        Err(Problem::Refused(_)) => return inactive(),
        Err(problem) => return Err(problem),
    };
    let ruling = &caller.ruling;
    if ruling.verdict != Verdict::Complete || caller.session.enrolling {
        let answer = Object::new()
            .with("active", &false)?
            .with("decision", &ruling.verdict.as_str())?
            .with("reasons", &ruling.reasons)?;
        return Ok(answer.reply(StatusCode::OK));
    }
    if body.touch {
        call.note_use(&caller);
    }
    let claims = assurance::claims(
        &call.context,
        &caller.session,
        &caller.truth,
        caller.surface.as_deref(),
    );
    let answer = claims?
        .with("active", &true)?
        .with("exp", &caller.session.expires_at())?;
    Ok(answer.reply(StatusCode::OK))
}
