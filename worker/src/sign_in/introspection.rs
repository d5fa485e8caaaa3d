//! The strict check of a session, for what must stop at once.

use postern::{
    policy::{Reason, Verdict},
    time::UnixTime,
    tokens::{Kind, Token},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::{Application, LiveSession, held},
    http::{
        body::{Json, ShortJson},
        problem::Problem,
    },
    sign_in::assurance::Claims,
};

/// A session that is asked about.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Introspect {
    /// Its token.
    token: String,
    /// Whether the person is there just now: then a session in use counts as used.
    #[serde(default = "touches")]
    touch: bool,
}

const fn touches() -> bool {
    true
}

/// Whether a session is active (after RFC 7662 section 2.2).
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum Introspection {
    /// It is.
    Active(Box<Active>),
    /// It is not; where there is one, the policy does not find it enough any more.
    Inactive(Inactive),
}

/// An active session: its claims, and until when it lives.
#[derive(Serialize, ToSchema)]
#[schema(as = ActiveSession)]
pub struct Active {
    #[serde(flatten)]
    claims: Claims,
    /// `true`.
    active: bool,
    exp: UnixTime,
}

/// A session that is not active.
#[derive(Serialize, ToSchema)]
#[schema(as = InactiveSession)]
pub struct Inactive {
    /// `false`.
    active: bool,
    /// What it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<Verdict>,
    /// Why, as stable codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    reasons: Option<Vec<Reason>>,
}

impl Introspection {
    const NONE: Self = Self::Inactive(Inactive {
        active: false,
        decision: None,
        reasons: None,
    });

    fn not_enough(session: LiveSession) -> Self {
        Self::Inactive(Inactive {
            active: false,
            decision: Some(session.ruling.verdict),
            reasons: Some(session.ruling.reasons),
        })
    }
}

/// `POST /v1/sessions/introspect`: a session that the policy finds enough no more is not active, and
/// the decision says what it takes. To ask about an active one is to use it, unless `touch` is false.
pub async fn introspect(
    caller: Application,
    ShortJson(body): ShortJson<Introspect>,
) -> Result<Json<Introspection>, Problem> {
    let context = &caller.request.context;
    let Some(token) = Token::parse(Kind::Session, &body.token) else {
        return Ok(Json(Introspection::NONE));
    };
    let session = match held(context, &token, None, None).await {
        Ok((session, _)) => session,
        Err(Problem::Refused(_)) => return Ok(Json(Introspection::NONE)),
        Err(problem) => return Err(problem),
    };
    if session.ruling.verdict != Verdict::Complete || session.session.enrolling {
        return Ok(Json(Introspection::not_enough(session)));
    }
    if body.touch {
        session.note_use(context);
    }
    let surface = session.surface.as_deref();
    Ok(Json(Introspection::Active(Box::new(Active {
        claims: Claims::of(context, &session.session, &session.models, surface),
        active: true,
        exp: session.session.expires_at(),
    }))))
}
