//! Who must show what, where, how often and from when: an organization's [`Policy`], and
//! [`decide`], the one function that applies it.
//!
//! In scope: the rules, their defaults, what makes a policy valid, what a change asks for and which
//! people it affects. Out of scope: what evidence adds up to for other uses ([`crate::evidence`]),
//! who may write a policy, that a trusted device or a session is alive (the database), how a
//! challenge is answered ([`crate::challenges`]).

mod change;
mod decide;
mod lock_out;
mod preview;
mod prompt;
mod ruling;
mod step_up;
#[cfg(test)]
mod tests;

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    backup_codes::Format,
    evidence::Enrolled,
    names::{Group, Surface},
    roles::Role,
    strict_json::objects_by_name,
    time::UnixTime,
};

pub use change::{asks_for_more, validate};
pub use decide::{decide, enrolling_allowed, may_remove_last, trust_days};
pub use lock_out::{LockOut, locks_out};
pub use preview::{Change, Effect, NAMED_PEOPLE, PersonFacts, Preview, of_whom_more, preview};
pub use prompt::{MAX_PROMPT_DAYS, Prompt, prompts};
pub use ruling::{Reason, Rule, Ruling, Verdict};
pub use step_up::{fresh_until, password_steps_up};

/// Days of trust at most, and by default.
pub const MAX_TRUST_DAYS: u8 = 30;

/// An organization's rules, as stored in D1 and KV and written in the API.
///
/// A field that is absent has its default; an unknown one is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Policy {
    /// Whether second factors are used at all, and whether everyone in scope needs one.
    pub mode: Mode,
    /// Which users `required` binds, and which are offered enrollment; all others are as under `optional`.
    pub scope: Scope,
    /// Rules per surface. A surface without an entry has the default rule; a sign-in that names
    /// no surface may lead to any, so it gets the strictest of all.
    #[serde(deserialize_with = "objects_by_name")]
    pub surfaces: BTreeMap<Surface, SurfaceRule>,
    /// `required` counts as `optional` before this moment, so that people have time to enroll.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace_until: Option<UnixTime>,
    /// Whether people who need not enroll are offered it after signing in.
    pub prompt: Prompt,
    /// What a sign-in by an identity provider is worth.
    pub sso: Sso,
    /// Whether a browser may skip the second factor, and for how long.
    pub trusted_devices: TrustedDevices,
    /// What a security change requires of a user who has a second factor.
    pub step_up: StepUp,
    /// How new backup codes are written; sets alive keep theirs.
    pub backup_codes: Format,
    /// What happens when a passkey's sign count goes back (WebAuthn L3 section 7.2 step 22).
    pub sign_count_regression: SignCountRegression,
    /// Whether people who cannot answer a challenge see the names of owners and admins to ask.
    pub show_admins: bool,
}

/// Whether second factors are used. Ordered by what they ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyMode))]
pub enum Mode {
    /// No user is asked and none can enroll. What is enrolled is kept and not asked for.
    Off,
    /// Users who enrolled are asked.
    #[default]
    Optional,
    /// Everyone in scope enrolls at the next sign-in and reaches no data before.
    Required,
}

/// Which users `required` binds, and which are offered enrollment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyScope))]
pub enum Scope {
    /// Every user of the organization.
    #[default]
    Everyone,
    /// Members of any of these groups: one is enough, so the strictest wins.
    Groups(Vec<Group>),
    /// Users with any of these roles.
    Roles(Vec<Role>),
}

impl Scope {
    /// Whether `person` is bound.
    #[must_use]
    pub fn binds(&self, person: &Person<'_>) -> bool {
        match self {
            Self::Everyone => true,
            Self::Groups(groups) => groups
                .iter()
                .any(|group| person.groups.iter().any(|of| of == group.as_str())),
            Self::Roles(roles) => roles.contains(&person.role),
        }
    }
}

/// What one surface asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct SurfaceRule {
    /// Whether a second factor is asked for here at all.
    pub asked: bool,
    /// Seconds after which a second factor is asked for again, also within a session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u64>,
    /// Whether every sign-in asks, on trusted devices too.
    pub every_sign_in: bool,
}

impl Default for SurfaceRule {
    fn default() -> Self {
        Self {
            asked: true,
            max_age: None,
            every_sign_in: false,
        }
    }
}

impl SurfaceRule {
    /// The stricter of both in each respect.
    #[must_use]
    pub fn strictest(self, other: Self) -> Self {
        Self {
            asked: self.asked || other.asked,
            max_age: self.max_age.into_iter().chain(other.max_age).min(),
            every_sign_in: self.every_sign_in || other.every_sign_in,
        }
    }
}

/// What a sign-in by an identity provider is worth. It attaches to the sign-in, not the person.
/// Ordered by what they ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = SsoRule))]
pub enum Sso {
    /// Enough: the provider's own policy applies. Stays `aal1`.
    #[default]
    Exempt,
    /// Enough if the provider's `amr` says multi-factor (RFC 8176).
    Evidence,
    /// As much as a password.
    Always,
}

/// Whether a browser may skip the second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TrustedDevices {
    /// Never.
    Off,
    /// For so many days, 1 to [`MAX_TRUST_DAYS`], counted from the proof and never moved.
    Days(u8),
}

impl Default for TrustedDevices {
    fn default() -> Self {
        Self::Days(MAX_TRUST_DAYS)
    }
}

impl TrustedDevices {
    /// Days of trust; zero when off.
    #[must_use]
    pub const fn days(self) -> u8 {
        match self {
            Self::Off => 0,
            Self::Days(days) => days,
        }
    }
}

/// What a security change requires of a user who has a second factor. Ordered by what they ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = StepUpRule))]
pub enum StepUp {
    /// The password is enough (deviates from ASVS 7.5.1).
    PasswordAllowed,
    /// A second factor; a password only from users who have no authenticator.
    #[default]
    SecondFactor,
}

/// What to do with a passkey whose sign count went back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub enum SignCountRegression {
    /// Accept, record and mail.
    #[default]
    Accept,
    /// Refuse.
    Refuse,
}

/// What the policy sees of a user.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// The role; owners are bound like everyone.
    pub role: Role,
    /// The groups, as the application set them.
    pub groups: &'a [String],
    /// What is enrolled now. Backup codes alone are not being enrolled.
    pub enrolled: Enrolled<'a>,
}

impl Policy {
    /// The mode that binds `person` at `now`: `required` only within its scope and after its grace.
    #[must_use]
    pub fn mode_for(&self, person: &Person<'_>, now: UnixTime) -> Mode {
        match self.mode {
            Mode::Required if !self.scope.binds(person) || self.in_grace(now) => Mode::Optional,
            mode => mode,
        }
    }

    /// Whether the deadline to enroll is still ahead.
    #[must_use]
    pub fn in_grace(&self, now: UnixTime) -> bool {
        self.grace_until.is_some_and(|until| now < until)
    }

    /// The rule of a surface; see [`Policy::surfaces`].
    #[must_use]
    pub fn surface_rule(&self, surface: Option<&str>) -> SurfaceRule {
        match surface {
            Some(name) => self
                .surfaces
                .iter()
                .find(|(known, _)| known.as_str() == name)
                .map_or_else(SurfaceRule::default, |(_, rule)| *rule),
            None => self
                .surfaces
                .values()
                .copied()
                .fold(SurfaceRule::default(), SurfaceRule::strictest),
        }
    }
}
