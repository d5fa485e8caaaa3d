//! Classes of sessions: what a session must show to call a route.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::refusal::Refusal;

use crate::{
    access::live_session::{LiveSession, claimed_home, look_up, session_token},
    http::{
        context::{Context, Home},
        problem::Problem,
        request::Request,
        route::{Access, Class},
    },
    platform::Fault,
    store::d1::{Rows, Statement},
};

/// Any live session, also one that may only enroll.
///
/// ```compile_fail,E0451
/// use postern_worker::access::Enrolling;
///
/// fn handler(other: Enrolling) -> Enrolling {
///     Enrolling {
///         request: other.request,
///         live: other.live,
///         loaded: (),
///         class: std::marker::PhantomData,
///     }
/// }
/// ```
pub type Enrolling<L = ()> = SignedIn<class::Enrolling, L>;
/// As [`Enrolling`], with a proof of the last five minutes: to add an authenticator.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Adding, Enrolling};
///
/// fn change(_: &Adding) {}
/// fn handler(caller: Enrolling) {
///     change(&caller);
/// }
/// ```
pub type Adding<L = ()> = SignedIn<class::Adding, L>;
/// A live session that the policy finds enough.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Enrolling, Session};
///
/// fn change(_: &Session) {}
/// fn handler(caller: Enrolling) {
///     change(&caller);
/// }
/// ```
pub type Session<L = ()> = SignedIn<class::Session, L>;
/// As [`Session`], with two factors shown.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Aal2, Session};
///
/// fn change(_: &Aal2) {}
/// fn handler(caller: Session) {
///     change(&caller);
/// }
/// ```
pub type Aal2<L = ()> = SignedIn<class::Aal2, L>;
/// As [`Session`], with a proof of the last five minutes.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Aal2, Fresh};
///
/// fn change(_: &Fresh) {}
/// fn handler(caller: Aal2) {
///     change(&caller);
/// }
/// ```
pub type Fresh<L = ()> = SignedIn<class::Fresh, L>;
/// As [`Fresh`], and the second factor was no backup code.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Fresh, Unrestricted};
///
/// fn change(_: &Unrestricted) {}
/// fn handler(caller: Fresh) {
///     change(&caller);
/// }
/// ```
pub type Unrestricted<L = ()> = SignedIn<class::Unrestricted, L>;

/// A live session of class `C`, and what `L` read in the trip that loaded it.
pub struct SignedIn<C, L = ()> {
    /// The request.
    pub request: Arc<Request>,
    /// The session.
    pub live: LiveSession,
    /// What was read with it.
    pub loaded: L,
    class: PhantomData<C>,
}

impl<C, L> Deref for SignedIn<C, L> {
    type Target = LiveSession;

    fn deref(&self) -> &LiveSession {
        &self.live
    }
}

impl<C, L> SignedIn<C, L> {
    /// The surroundings of the request.
    pub fn context(&self) -> &Context {
        &self.request.context
    }
}

/// What a handler reads in the trip that loads the session.
pub trait Load: Sized {
    /// The statements, for the user at `home`. Who that is, is believed after the session is judged.
    fn statements(request: &Request, home: Home) -> Vec<Statement>;

    /// Reads their rows.
    ///
    /// # Errors
    /// A fault when they are not what they should be.
    fn read(rows: &mut Rows) -> Result<Self, Fault>;
}

impl Load for () {
    fn statements(_: &Request, _: Home) -> Vec<Statement> {
        vec![]
    }

    fn read(_: &mut Rows) -> Result<Self, Fault> {
        Ok(())
    }
}

/// What a session of a class must show.
pub trait SessionClass {
    /// The class, as it is documented.
    const ACCESS: Access;
    /// The codes of the problems with which a session that does not show it is refused, and a request
    /// without one.
    const REFUSES: &'static [&'static str];

    /// Checks that `session` shows it.
    ///
    /// # Errors
    /// `enrollment_required`, `step_up_required`, `policy_forbids`, `forbidden`.
    fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal>;
}

/// The classes of sessions, as types.
pub mod class {
    use postern::{policy, refusal::Refusal};

    use super::SessionClass;
    use crate::{
        access::live_session::LiveSession,
        http::{context::Context, route::Access},
    };

    /// See [`super::Enrolling`].
    pub struct Enrolling;
    /// See [`super::Adding`].
    pub struct Adding;
    /// See [`super::Session`].
    pub struct Session;
    /// See [`super::Aal2`].
    pub struct Aal2;
    /// See [`super::Fresh`].
    pub struct Fresh;
    /// See [`super::Unrestricted`].
    pub struct Unrestricted;

    impl SessionClass for Enrolling {
        const ACCESS: Access = Access::Enrolling;
        const REFUSES: &'static [&'static str] = &["unauthenticated"];

        fn admit(_: &LiveSession, _: &Context) -> Result<(), Refusal> {
            Ok(())
        }
    }

    impl SessionClass for Adding {
        const ACCESS: Access = Access::Adding;
        const REFUSES: &'static [&'static str] =
            &["policy_forbids", "step_up_required", "unauthenticated"];

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            // Before the step-up: where the policy allows none, a proof would not help.
            if !policy::enrolling_allowed(&session.models.organization.policy) {
                return Err(Refusal::PolicyForbids);
            }
            // The link of a reset stands in for the factors that it replaces.
            if session.session.replaces_until.is_some() {
                return Ok(());
            }
            session.fresh(context.now)
        }
    }

    impl SessionClass for Session {
        const ACCESS: Access = Access::Session;
        const REFUSES: &'static [&'static str] =
            &["enrollment_required", "step_up_required", "unauthenticated"];

        fn admit(session: &LiveSession, _: &Context) -> Result<(), Refusal> {
            session.complete()
        }
    }

    impl SessionClass for Aal2 {
        const ACCESS: Access = Access::Aal2;
        const REFUSES: &'static [&'static str] =
            &["enrollment_required", "step_up_required", "unauthenticated"];

        fn admit(session: &LiveSession, _: &Context) -> Result<(), Refusal> {
            session.complete()?;
            session.aal2()
        }
    }

    impl SessionClass for Fresh {
        const ACCESS: Access = Access::Fresh;
        const REFUSES: &'static [&'static str] =
            &["enrollment_required", "step_up_required", "unauthenticated"];

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            session.complete()?;
            session.fresh(context.now)
        }
    }

    impl SessionClass for Unrestricted {
        const ACCESS: Access = Access::Unrestricted;
        const REFUSES: &'static [&'static str] = &[
            "enrollment_required",
            "forbidden",
            "step_up_required",
            "unauthenticated",
        ];

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            session.complete()?;
            session.fresh(context.now)?;
            session.unrestricted()
        }
    }
}

impl<C: SessionClass, L: Load> Class for SignedIn<C, L> {
    const ACCESS: Access = C::ACCESS;
    const REFUSES: &'static [&'static str] = C::REFUSES;
}

impl<C: SessionClass, L: Load> FromRequestParts<()> for SignedIn<C, L> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        let token = session_token(&request).ok_or(Refusal::Unauthenticated)?;
        let more = L::statements(&request, claimed_home(&token));
        let (live, mut rows) = look_up(&request.context, &token, more).await?;
        C::admit(&live, &request.context)?;
        live.note_use(&request.context);
        request.check_form()?;
        Ok(Self {
            loaded: L::read(&mut rows)?,
            live,
            request,
            class: PhantomData,
        })
    }
}
