//! Applications, by their key.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::refusal::Refusal;

use crate::{
    access::live_session::{look_up, session_token},
    http::{
        context::Context,
        problem::Problem,
        request::Request,
        route::{Access, Class},
    },
};

/// An application that presented its key.
///
/// ```compile_fail,E0451
/// use postern_worker::access::{Application, Public};
///
/// fn handler(caller: Public) -> Application {
///     Application {
///         request: caller.request,
///         _key: todo!(),
///     }
/// }
/// ```
pub struct Application {
    /// The request.
    pub request: Arc<Request>,
    _key: Checked,
}

impl Application {
    /// The surroundings of the request.
    pub fn context(&self) -> &Context {
        &self.request.context
    }
}

/// That the key was checked.
struct Checked;

impl Class for Application {
    const ACCESS: Access = Access::Application;
    const REFUSES: &'static [&'static str] = &["forbidden", "unauthenticated"];
}

impl FromRequestParts<()> for Application {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        if let Some(token) = session_token(&request) {
            // A session is told that it is one, and that it is not enough.
            let (session, _) = look_up(&request.context, &token, vec![]).await?;
            session.note_use(&request.context);
            return Err(Refusal::Forbidden.into());
        }
        check_key(&request)?;
        request.check_form()?;
        let _key = Checked;
        Ok(Self { request, _key })
    }
}

/// Checks that the request carries an application's key.
///
/// # Errors
/// `unauthenticated`.
pub fn check_key(request: &Request) -> Result<(), Refusal> {
    let presented = request.bearer().ok_or(Refusal::Unauthenticated)?;
    if request.context.settings.is_api_key(&presented) {
        Ok(())
    } else {
        Err(Refusal::Unauthenticated)
    }
}
