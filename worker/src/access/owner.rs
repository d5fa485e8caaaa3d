//! Who keeps an organization: its owners, and applications.

use std::{marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::{names::OrganizationName, refusal::Refusal, users::Role};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::{
        application::check_key,
        live_session::{LiveSession, look_up, session_token},
        session::SessionClass,
    },
    http::{
        context::Context,
        path,
        problem::Problem,
        request::Request,
        route::{Access, Class},
    },
};

/// An application with its key, or an owner of the organization with two factors shown.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Aal2, Owner};
///
/// fn read(_: &Owner) {}
/// fn handler(caller: Aal2) {
///     read(&caller);
/// }
/// ```
pub type Owner = OwnerOrApplication<class::Owner>;
/// As [`Owner`], an owner with a proof of the last five minutes.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{FreshOwner, Owner};
///
/// fn change(_: &FreshOwner) {}
/// fn handler(caller: Owner) {
///     change(&caller);
/// }
/// ```
pub type FreshOwner = OwnerOrApplication<class::FreshOwner>;

/// Who keeps the organization that the path names first.
pub struct OwnerOrApplication<C> {
    /// The request.
    pub request: Arc<Request>,
    /// The organization.
    pub organization: OrganizationName,
    /// The owner's session, unless it is an application.
    pub owner: Option<LiveSession>,
    class: PhantomData<C>,
}

impl<C> OwnerOrApplication<C> {
    /// The surroundings of the request.
    pub fn context(&self) -> &Context {
        &self.request.context
    }
}

/// The classes of owners, as types.
pub mod class {
    use postern::refusal::Refusal;

    use crate::{
        access::{live_session::LiveSession, session::SessionClass},
        http::{context::Context, route::Access},
    };

    /// What an organization's keepers are refused with.
    const OWNER: &[&str] = &[
        "enrollment_required",
        "forbidden",
        "not_found",
        "step_up_required",
        "unauthenticated",
    ];

    /// See [`super::Owner`].
    pub struct Owner;
    /// See [`super::FreshOwner`].
    pub struct FreshOwner;

    impl SessionClass for Owner {
        const ACCESS: Access = Access::Owner;
        const REFUSES: &'static [&'static str] = OWNER;

        fn admit(session: &LiveSession, _: &Context) -> Result<(), Refusal> {
            session.unrestricted()?;
            session.aal2()
        }
    }

    impl SessionClass for FreshOwner {
        const ACCESS: Access = Access::FreshOwner;
        const REFUSES: &'static [&'static str] = OWNER;

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            Owner::admit(session, context)?;
            session.fresh(context.now)
        }
    }
}

impl<C: SessionClass> Class for OwnerOrApplication<C> {
    const ACCESS: Access = C::ACCESS;
    const REFUSES: &'static [&'static str] = C::REFUSES;

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.path::<OrganizationName>();
    }
}

impl<C: SessionClass> FromRequestParts<()> for OwnerOrApplication<C> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        let owner = match session_token(&request) {
            Some(token) => {
                let (session, _) = look_up(&request.context, &token, vec![]).await?;
                admit::<C>(&session, &request)?;
                session.note_use(&request.context);
                Some(session)
            }
            None => {
                check_key(&request)?;
                None
            }
        };
        request.check_form()?;
        Ok(Self {
            organization: path::value(&request, 0)?,
            owner,
            request,
            class: PhantomData,
        })
    }
}

/// Lets in an owner of the organization that the path names. A session of another organization learns
/// nothing of this one.
fn admit<C: SessionClass>(session: &LiveSession, request: &Request) -> Result<(), Refusal> {
    session.complete()?;
    let mine = &session.models.organization.external_id;
    let named = request.path_text(0).parse::<OrganizationName>();
    if named.as_ref() != Ok(mine) {
        return Err(Refusal::NotFound);
    }
    if session.models.user.role != Role::Owner {
        return Err(Refusal::Forbidden);
    }
    C::admit(session, &request.context)
}
