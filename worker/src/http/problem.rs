//! Refusals and faults as HTTP: `application/problem+json` (RFC 9457), one table.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use postern::{
    refusal::{Conflict, Hint, Malformed, Refusal},
    schema::words,
    sealing::{CannotSeal, MissingKey},
    time::UnixTime,
};
use serde::Serialize;
use utoipa::{
    ToSchema,
    openapi::{RefOr, schema::Schema},
};

use crate::{
    http::settings::Wrong,
    platform::{DatabaseError, Fault, FaultKind},
};

/// Seconds after which a request that failed for our sake may be sent again.
pub const AGAIN_SECONDS: u64 = 5;

/// Why a request is not answered as asked.
#[derive(Clone, Debug)]
pub enum Problem {
    /// A refusal: the answer is no.
    Refused(Refusal),
    /// A failure of our side: logged, and not explained to the caller.
    Failed(Fault),
    /// The deployment is not set up: what may be said of what is wrong. It is in the log.
    Unready(Vec<Wrong>),
}

impl From<MissingKey> for Problem {
    fn from(missing: MissingKey) -> Self {
        Fault::from(missing).into()
    }
}

impl From<CannotSeal> for Problem {
    fn from(error: CannotSeal) -> Self {
        Fault::from(error).into()
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Self {
        Self::Failed(fault)
    }
}

impl From<serde_json::Error> for Problem {
    fn from(error: serde_json::Error) -> Self {
        Fault::from(error).into()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        Self::Failed(error.into())
    }
}

impl Problem {
    /// Without the names of what is wrong with the deployment, which are not for everyone who calls.
    pub fn unnamed(self) -> Self {
        match self {
            Self::Unready(_) => Self::Unready(vec![]),
            problem => problem,
        }
    }

    /// The problem document of request `request_id` at `now`.
    fn document(self, request_id: &str, now: UnixTime) -> Response {
        let (status, code, title) = match &self {
            Self::Refused(refusal) => {
                let (status, title) = status_and_title(refusal);
                (status, refusal.code(), title)
            }
            Self::Unready(_) => (
                StatusCode::SERVICE_UNAVAILABLE,
                "unavailable",
                "This service is not set up; nothing was tried.",
            ),
            Self::Failed(fault) => {
                crate::platform::log(&format!("{request_id}: {fault}"));
                match fault.kind {
                    FaultKind::Own => (
                        StatusCode::INTERNAL_SERVER_ERROR,
                        "fault",
                        "Something broke on our side.",
                    ),
                    FaultKind::Dependency => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        "unavailable",
                        "Something we depend on did not answer; nothing changed.",
                    ),
                    FaultKind::Unknown => (
                        StatusCode::SERVICE_UNAVAILABLE,
                        "unavailable",
                        "Something we depend on did not answer; whether this was done is not known.",
                    ),
                }
            }
        };
        let hint = match &self {
            Self::Refused(Refusal::NotAcceptedBecause(hint)) => Some(Told::of(*hint)),
            _ => None,
        };
        let (detail, field, wait) = match &self {
            Self::Refused(Refusal::Malformed(why)) => {
                (Some(&*why.detail), why.field.as_deref(), None)
            }
            Self::Refused(Refusal::Conflict(why)) => (Some(why.detail()), None, None),
            Self::Refused(Refusal::Disabled) => (Some(DISABLED), None, None),
            Self::Refused(Refusal::Throttled { until }) => {
                (None, None, Some(until.since(now).max(1)))
            }
            _ if status == StatusCode::SERVICE_UNAVAILABLE => (None, None, Some(AGAIN_SECONDS)),
            _ => (None, None, None),
        };
        let unknown = matches!(&self, Self::Failed(fault) if fault.kind == FaultKind::Unknown);
        let document = Document {
            r#type: format!("urn:postern:problem:{code}"),
            title,
            status: status.as_u16(),
            code,
            detail: detail.or(hint.map(|hint| hint.detail)),
            field,
            conflict: match &self {
                Self::Refused(Refusal::Conflict(why)) => Some(why.code()),
                _ => None,
            },
            hint: hint.map(|hint| hint.code),
            clock_behind_minutes: hint.and_then(|hint| hint.clock_behind_minutes),
            outcome: unknown.then_some("unknown"),
            request_id,
            wrong: match &self {
                Self::Unready(wrong) => wrong,
                _ => &[],
            },
        };
        let body = serde_json::to_vec(&document).unwrap_or_default();
        let media = HeaderValue::from_static("application/problem+json");
        let mut response = (status, [(header::CONTENT_TYPE, media)], body).into_response();
        if let Some(seconds) = wait {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A problem on its way out: [`documented`] writes its document, which names the request.
impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether `response` is the problem that its caller may not do what they ask for.
pub fn is_forbidden(response: &Response) -> bool {
    let problem = response.extensions().get::<Problem>();
    matches!(problem, Some(Problem::Refused(Refusal::Forbidden)))
}

/// The answer to request `request_id` at `now`: where it is a problem, with its document.
pub fn documented(mut response: Response, request_id: &str, now: UnixTime) -> Response {
    match response.extensions_mut().remove::<Problem>() {
        Some(problem) => problem.document(request_id, now),
        None => response,
    }
}

/// What to do about it; no waiting helps.
const DISABLED: &str = "after a hundred wrong ones in a row this method is off: show another factor in \
    a step-up, or have it reset";

const fn status_and_title(refusal: &Refusal) -> (StatusCode, &'static str) {
    match refusal {
        // The request is well formed; how many tries are left says no to it.
        Refusal::AuthenticatorRequired => (
            StatusCode::CONFLICT,
            "Too few tries are left for all authenticators; name one.",
        ),
        Refusal::Conflict(_) => (StatusCode::CONFLICT, "That cannot be done now."),
        Refusal::CrossOrigin => (
            StatusCode::FORBIDDEN,
            "This request came from another site.",
        ),
        Refusal::EnrollmentRequired => (StatusCode::FORBIDDEN, "Add an authenticator first."),
        Refusal::Expired => (StatusCode::GONE, "This is over; start again."),
        Refusal::Forbidden => (StatusCode::FORBIDDEN, "Not allowed."),
        Refusal::Malformed(_) => (StatusCode::BAD_REQUEST, "The request could not be read."),
        Refusal::MethodNotAllowed => (
            StatusCode::METHOD_NOT_ALLOWED,
            "This path has other methods.",
        ),
        Refusal::NotAccepted | Refusal::NotAcceptedBecause(_) => {
            (StatusCode::UNAUTHORIZED, "Not accepted.")
        }
        Refusal::NotFound => (StatusCode::NOT_FOUND, "Not found."),
        Refusal::PolicyForbids => (
            StatusCode::FORBIDDEN,
            "The organization's policy does not allow this.",
        ),
        Refusal::StepUpRequired => (StatusCode::FORBIDDEN, "Show a second factor again first."),
        Refusal::Disabled | Refusal::Throttled { .. } => {
            (StatusCode::TOO_MANY_REQUESTS, "Too many attempts; wait.")
        }
        Refusal::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "The request is too large."),
        Refusal::Unauthenticated => (StatusCode::UNAUTHORIZED, "Sign in first."),
        Refusal::UnsupportedMediaType => {
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send application/json.")
        }
    }
}

/// A hint as its person is told: what is wrong and what to do, and a stable code for pages.
#[derive(Clone, Copy)]
struct Told {
    code: &'static str,
    detail: &'static str,
    clock_behind_minutes: Option<u64>,
}

impl Told {
    const fn of(hint: Hint) -> Self {
        match hint {
            Hint::ClockBehind { minutes, .. } => Self {
                code: "clock_behind",
                detail: "This code was right some minutes ago: the clock of the device that made it \
                    is behind. Set it to the network's time.",
                clock_behind_minutes: Some(minutes),
            },
            Hint::PasskeyChanged => Self {
                code: "passkey_changed",
                detail: "Whether this passkey can be synced is not what it was when it was added. \
                    Use another method, then remove the passkey and add it again.",
                clock_behind_minutes: None,
            },
        }
    }
}

/// The codes of problems, each with its status.
pub fn codes() -> BTreeMap<&'static str, StatusCode> {
    let until = UnixTime(0);
    let malformed = Malformed {
        field: None,
        detail: "".into(),
    };
    let refusals = [
        Refusal::AuthenticatorRequired,
        Refusal::Conflict(Conflict::MovedOn),
        Refusal::CrossOrigin,
        Refusal::Disabled,
        Refusal::EnrollmentRequired,
        Refusal::Expired,
        Refusal::Forbidden,
        Refusal::Malformed(malformed),
        Refusal::MethodNotAllowed,
        Refusal::NotAccepted,
        Refusal::NotFound,
        Refusal::PolicyForbids,
        Refusal::StepUpRequired,
        Refusal::Throttled { until },
        Refusal::TooLarge,
        Refusal::Unauthenticated,
        Refusal::UnsupportedMediaType,
    ];
    let refused = refusals.iter().map(|refusal| {
        let (status, _) = status_and_title(refusal);
        (refusal.code(), status)
    });
    let failed = [
        ("fault", StatusCode::INTERNAL_SERVER_ERROR),
        ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
    ];
    refused.chain(failed).collect()
}

fn code() -> RefOr<Schema> {
    words("What went wrong, as a stable code.", codes().into_keys())
}

fn conflict() -> RefOr<Schema> {
    let codes = Conflict::ALL.iter().map(|conflict| conflict.code());
    let about = "With `conflict`: what the stored state does not allow, as a stable code.";
    words(about, codes)
}

fn hint() -> RefOr<Schema> {
    let hints = ["clock_behind", "passkey_changed"];
    words("Why a proof did not hold, where that may be told.", hints)
}

fn outcome() -> RefOr<Schema> {
    let about = "There where it is not known whether the request was carried out.";
    words(about, ["unknown"])
}

/// Why a request was not answered as asked (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Document<'a> {
    /// `urn:postern:problem:` and the code.
    #[schema(pattern = "^urn:postern:problem:[a-z_]+$")]
    r#type: String,
    /// The code in a few words, for people.
    title: &'a str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    #[schema(schema_with = code)]
    code: &'a str,
    /// What was expected, for developers.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    /// The field, query parameter or part of the path that does not fit.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = conflict)]
    conflict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = hint)]
    hint: Option<&'static str>,
    /// With `clock_behind`: by how many minutes.
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_behind_minutes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = outcome)]
    outcome: Option<&'static str>,
    /// The request's id in the log.
    request_id: &'a str,
    /// At `GET /healthz`: the settings that are not what they should be.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    wrong: &'a [Wrong],
}
