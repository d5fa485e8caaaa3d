//! Callers that show nothing of themselves.

use std::{marker::PhantomData, sync::Arc};

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
pub type Public = Unproved<class::Public>;

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
pub type Challenger = Unproved<class::Challenger>;

/// A caller of class `C`, whose request has the form that its route takes.
pub struct Unproved<C> {
    /// The request.
    pub request: Arc<Request>,
    class: PhantomData<C>,
}

/// The classes, as types.
pub mod class {
    /// See [`super::Public`].
    pub struct Public;
    /// See [`super::Challenger`].
    pub struct Challenger;
}

impl Class for Public {
    const ACCESS: Access = Access::Public;
}

impl Class for Challenger {
    const ACCESS: Access = Access::Challenge;
}

impl<C> FromRequestParts<()> for Unproved<C> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        request.check_form()?;
        Ok(Self {
            request,
            class: PhantomData,
        })
    }
}
