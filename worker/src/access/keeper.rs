//! Who keeps an organization: its owners, its admins, and applications.

use std::{marker::PhantomData, sync::Arc};

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::{
    ids::{OrganizationId, SessionId, UserId},
    names::{ExternalId, OrganizationName},
    refusal::Refusal,
    roles::NotHelped,
    users::{Role, User},
};
use serde::Serialize;

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::{
        application::check_key,
        live_session::{LiveSession, look_up, session_token},
    },
    http::{
        context::Context,
        path,
        problem::Problem,
        request::Request,
        route::{Access, Class},
    },
    platform::Fault,
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
pub type Owner = Keeper<class::Owner>;
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
pub type FreshOwner = Keeper<class::FreshOwner>;

/// An application with its key, or an admin or owner of the organization with two factors shown.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Aal2, Admin};
///
/// fn read(_: &Admin) {}
/// fn handler(caller: Aal2) {
///     read(&caller);
/// }
/// ```
///
/// An admin is no owner:
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Admin, Owner};
///
/// fn read(_: &Owner) {}
/// fn handler(caller: Admin) {
///     read(&caller);
/// }
/// ```
pub type Admin = Keeper<class::Admin>;
/// As [`Admin`], an admin or owner with a proof of the last five minutes.
///
/// ```compile_fail,E0308
/// use postern_worker::access::{Admin, FreshAdmin};
///
/// fn change(_: &FreshAdmin) {}
/// fn handler(caller: Admin) {
///     change(&caller);
/// }
/// ```
pub type FreshAdmin = Keeper<class::FreshAdmin>;

/// Who keeps the organization that the path names first.
pub struct Keeper<C> {
    /// The request.
    pub request: Arc<Request>,
    /// The organization.
    pub organization: OrganizationName,
    /// The session of the owner or admin; `None` for an application.
    pub session: Option<LiveSession>,
    class: PhantomData<C>,
}

impl<C> Keeper<C> {
    /// The surroundings of the request.
    pub fn context(&self) -> &Context {
        &self.request.context
    }

    /// Refuses to act on `user` who is above the caller, or the caller. An application is above all.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may_help(&self, user: &User) -> Result<(), Refusal> {
        self.may_help_a(user.id, user.role)
    }

    /// As [`Keeper::may_help`], of the user with this id and role.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn may_help_a(&self, user: UserId, role: Role) -> Result<(), Refusal> {
        self.why_not(user, role)
            .map_or(Ok(()), |_| Err(Refusal::Forbidden))
    }

    /// Why the caller may not act on the user with this id and role; `None` where they may.
    pub fn why_not(&self, user: UserId, role: Role) -> Option<NotHelped> {
        let helper = &self.session.as_ref()?.models.user;
        helper.role.may_help(role, helper.id == user).err()
    }

    /// The owner or admin as they were let in, for [`still_keeps!`]; `None` for an application.
    ///
    /// # Errors
    /// A fault when it has no JSON.
    pub fn proviso(&self) -> Result<Option<String>, Fault> {
        let Some(session) = &self.session else {
            return Ok(None);
        };
        let user = &session.models.user;
        let holder = session.holder();
        Ok(Some(serde_json::to_string(&Proviso {
            organization: user.organization,
            user: user.id,
            name: &user.external_id,
            role: user.role,
            version: user.version,
            policy_version: session.models.organization.policy_version,
            session: holder.id,
            token_hash: &holder.token_hash,
        })?))
    }
}

/// What `:keeper` holds.
#[derive(Serialize)]
struct Proviso<'a> {
    organization: OrganizationId,
    user: UserId,
    name: &'a ExternalId,
    role: Role,
    version: u64,
    policy_version: u64,
    session: SessionId,
    token_hash: &'a str,
}

/// The condition, in a text of [`recording_text!`](crate::store::batch::recording_text), that `:keeper`
/// is still who was let in ([`Keeper::proviso`]): the same person under the same policy, whose session
/// lives, adds up to `aal2`, and has the token that was presented.
macro_rules! still_keeps {
    () => {
        "(:keeper IS NULL OR EXISTS (
    SELECT 1 FROM aal2_session s
    JOIN user h ON (h.organization, h.id) = (s.organization, s.user)
    JOIN organization k ON k.id = s.organization
    WHERE s.organization = :keeper ->> 'organization' AND s.user = :keeper ->> 'user' AND s.id = :keeper ->> 'session'
      AND s.token_hash = :keeper ->> 'token_hash' AND h.version = :keeper ->> 'version'
      AND k.policy_version = :keeper ->> 'policy_version'))"
    };
}
pub(crate) use still_keeps;

use class::KeeperClass;

/// The classes of keepers, as types.
pub mod class {
    use postern::{refusal::Refusal, users::Role};

    use crate::{
        access::{live_session::LiveSession, session::SessionClass},
        http::{context::Context, route::Access},
    };

    /// A class of keepers.
    pub trait KeeperClass: SessionClass {
        /// The least role that it lets in.
        const LEAST: Role;
    }

    impl KeeperClass for Owner {
        const LEAST: Role = Role::Owner;
    }

    impl KeeperClass for FreshOwner {
        const LEAST: Role = Role::Owner;
    }

    impl KeeperClass for Admin {
        const LEAST: Role = Role::Admin;
    }

    impl KeeperClass for FreshAdmin {
        const LEAST: Role = Role::Admin;
    }

    /// What an organization's keepers are refused with.
    const KEEPER: &[&str] = &[
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
    /// See [`super::Admin`].
    pub struct Admin;
    /// See [`super::FreshAdmin`].
    pub struct FreshAdmin;

    impl SessionClass for Owner {
        const ACCESS: Access = Access::Owner;
        const REFUSES: &'static [&'static str] = KEEPER;

        fn admit(session: &LiveSession, _: &Context) -> Result<(), Refusal> {
            session.unrestricted()?;
            session.aal2()
        }
    }

    impl SessionClass for Admin {
        const ACCESS: Access = Access::Admin;
        const REFUSES: &'static [&'static str] = KEEPER;

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            Owner::admit(session, context)
        }
    }

    impl SessionClass for FreshAdmin {
        const ACCESS: Access = Access::FreshAdmin;
        const REFUSES: &'static [&'static str] = KEEPER;

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            FreshOwner::admit(session, context)
        }
    }

    impl SessionClass for FreshOwner {
        const ACCESS: Access = Access::FreshOwner;
        const REFUSES: &'static [&'static str] = KEEPER;

        fn admit(session: &LiveSession, context: &Context) -> Result<(), Refusal> {
            Owner::admit(session, context)?;
            session.fresh(context.now)
        }
    }
}

impl<C: KeeperClass> Class for Keeper<C> {
    const ACCESS: Access = C::ACCESS;
    const REFUSES: &'static [&'static str] = C::REFUSES;

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        description.path::<OrganizationName>();
    }
}

impl<C: KeeperClass> FromRequestParts<()> for Keeper<C> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        let session = match session_token(&request) {
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
            session,
            request,
            class: PhantomData,
        })
    }
}

/// Lets in an owner, or admin where the class says so, of the organization that the path names. A session of another organization learns
/// nothing of this one.
fn admit<C: KeeperClass>(session: &LiveSession, request: &Request) -> Result<(), Refusal> {
    session.complete()?;
    let mine = &session.models.organization.external_id;
    let named = request.path_text(0).parse::<OrganizationName>();
    if named.as_ref() != Ok(mine) {
        return Err(Refusal::NotFound);
    }
    if session.models.user.role < C::LEAST {
        return Err(Refusal::Forbidden);
    }
    C::admit(session, &request.context)
}
