//! Where a no becomes HTTP: `application/problem+json` (RFC 9457), one table.

use std::fmt;

use axum::response::IntoResponse as _;
use http::StatusCode;
use postern::{
    json::Unread,
    refusal::{Hint, Refusal},
    sealing::MissingKey,
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    http::{reply::Response, settings::Wrong},
    platform::DatabaseError,
    store::readiness::AGAIN_SECONDS,
};

/// Why a request is not answered as asked.
#[derive(Debug)]
pub enum Problem {
    /// Our no.
    Refused(Refusal),
    /// Our failure: logged where it is made, says nothing.
    Failed(Fault),
    /// The deployment is not set up: what may be said of what is wrong. It is in the log.
    Unready(Vec<Wrong>),
}

/// Our side broke. The text goes to the log, never to the client.
#[derive(Debug)]
pub struct Fault {
    kind: FaultKind,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FaultKind {
    Own,
    Dependency,
    Unknown,
}

impl Fault {
    /// A failure of our own.
    pub fn new(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Own, text.into());
        Self { kind, text }
    }

    /// A dependency failed; nothing changed.
    pub fn unavailable(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Dependency, text.into());
        Self { kind, text }
    }

    /// A dependency failed, and whether it did before that what it was asked for is not known.
    pub fn unknown(text: impl Into<String>) -> Self {
        let (kind, text) = (FaultKind::Unknown, text.into());
        Self { kind, text }
    }
}

/// For the log.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<MissingKey> for Fault {
    fn from(missing: MissingKey) -> Self {
        Self::unavailable(missing.to_string())
    }
}

impl From<MissingKey> for Problem {
    fn from(missing: MissingKey) -> Self {
        Fault::from(missing).into()
    }
}

impl From<Unread> for Fault {
    fn from(unread: Unread) -> Self {
        Self::new(format!("stored JSON that cannot be read: {unread}"))
    }
}

impl From<serde_json::Error> for Fault {
    #[cold]
    fn from(error: serde_json::Error) -> Self {
        Self::new(format!("JSON that cannot be written: {error}"))
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
    /// The problem document where no request could be read, or no route was found.
    pub fn without_request(self) -> axum::response::Response {
        self.reply("-", UnixTime(0)).into_response()
    }

    /// The same without the names of what is wrong with the deployment, which are not for everybody
    /// who calls.
    pub fn unnamed(self) -> Self {
        match self {
            Self::Unready(_) => Self::Unready(vec![]),
            problem => problem,
        }
    }

    /// Writes the problem document of request `request_id` at `now`.
    pub fn reply(self, request_id: &str, now: UnixTime) -> Response {
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
            Self::Refused(Refusal::Conflict(why)) => (Some(*why), None, None),
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
        let mut response = Response::new(status, "application/problem+json", body);
        if let Some(seconds) = wait {
            response.append("retry-after", seconds.to_string());
        }
        response
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

#[derive(Serialize)]
struct Document<'a> {
    r#type: String,
    title: &'a str,
    status: u16,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    clock_behind_minutes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    request_id: &'a str,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    wrong: &'a [Wrong],
}
