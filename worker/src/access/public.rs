//! Callers of whom nothing is asked.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;

use crate::http::{
    problem::Problem,
    request::Request,
    route::{Access, Class},
};

/// Anyone.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{LiveSession, Public};
///
/// fn change(_: &LiveSession) {}
/// fn handler(caller: Public) {
///     change(&caller);
/// }
/// ```
pub struct Public {
    /// The request.
    pub request: Arc<Request>,
    _checked: Checked,
}

/// A client that holds a challenge: its token, in the body, says whose it is.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Challenger, LiveSession};
///
/// fn change(_: &LiveSession) {}
/// fn handler(caller: Challenger) {
///     change(&caller);
/// }
/// ```
pub struct Challenger {
    /// The request.
    pub request: Arc<Request>,
    _checked: Checked,
}

/// That the form of the request was checked.
struct Checked;

impl Class for Public {
    const ACCESS: Access = Access::Public;
}

impl Class for Challenger {
    const ACCESS: Access = Access::Challenge;
}

impl FromRequestParts<()> for Public {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        request.check_form()?;
        let _checked = Checked;
        Ok(Self { request, _checked })
    }
}

impl FromRequestParts<()> for Challenger {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        request.check_form()?;
        let _checked = Checked;
        Ok(Self { request, _checked })
    }
}
