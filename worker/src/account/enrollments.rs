//! What every new authenticator brings with it, whatever its kind: a risen session, backup codes
//! with the first one, a notice, a new user version, the end of all other sessions.
//!
//! How a kind is started and checked is for [`crate::account::totp`] and [`crate::account::passkeys`].

use postern::{
    audit::Action,
    decision::{Attempt, Finding, Spend},
    evidence::Evidence,
    ids::EventId,
    links::Purpose,
    names::DisplayName,
    policy,
    refusal::{Conflict, Refusal},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    access::{Change, Enrolling, LiveSession, change},
    account::{
        authenticators::AuthenticatorView,
        backup_codes::{BackupCodesView, Issue},
        turning_off,
    },
    http::{body::Json, cookies::Cookies, problem::Problem, slow_hashes::Place},
    platform::Fault,
    store::{
        d1::{Effect, effect},
        event_detail::EventDetail,
        links, mail,
        sessions::{Opening, SessionView},
        survivors::Survivors,
    },
};

/// An authenticator about to be confirmed.
pub struct Confirmation {
    /// How it will be shown.
    pub authenticator: AuthenticatorView,
    /// What was found.
    pub attempt: Attempt,
    /// The ceremony that this spends.
    pub challenge: Option<Spend>,
    /// What the session gains: showing an authenticator proves it.
    pub evidence: Evidence,
}

/// An authenticator that was confirmed, and what came with it.
#[derive(Serialize, ToSchema)]
#[schema(as = ConfirmedAuthenticator)]
pub struct Confirmed {
    authenticator: AuthenticatorView,
    session: SessionView,
    /// With the first authenticator, shown only here.
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_codes: Option<BackupCodesView>,
}

/// Whether the caller may begin to enroll another authenticator of a kind of which there are
/// `count`, and may be `cap`.
///
/// # Errors
/// `policy_forbids`, `conflict`.
pub fn may_begin(caller: &LiveSession, count: usize, cap: u32) -> Result<(), Refusal> {
    may_confirm(caller)?;
    if !replaces(caller) && u32::try_from(count).unwrap_or(u32::MAX) >= cap {
        return Err(Refusal::Conflict(Conflict::Full));
    }
    Ok(())
}

/// Whether the policy still allows what began.
///
/// # Errors
/// `policy_forbids`.
pub fn may_confirm(caller: &LiveSession) -> Result<(), Refusal> {
    if policy::enrolling_allowed(&caller.models.organization.policy) {
        Ok(())
    } else {
        Err(Refusal::PolicyForbids)
    }
}

/// `name`, or another one where the caller has an authenticator of that name: two of them could not be told apart.
pub fn apart(caller: &LiveSession, name: DisplayName) -> DisplayName {
    let authenticators = caller.models.user.authenticators.iter();
    let taken: Vec<&str> = authenticators.map(|known| known.name.as_str()).collect();
    name.apart_from(&taken)
}

/// Commits `confirmation`; `add` is what adds the authenticator when the event is accepted.
///
/// # Errors
/// What the settlement refuses; `unavailable`.
pub async fn confirm<L>(
    caller: &Enrolling<L>,
    confirmation: Confirmation,
    add: impl FnOnce(EventId) -> Vec<Effect>,
) -> Result<(Cookies, Json<Confirmed>), Problem> {
    let context = caller.context();
    let issue = first_codes(caller, &confirmation.attempt.finding).await?;
    let gained = confirmation.evidence;
    let opening = Opening::raise(context, caller.home, &caller.session, gained)?;
    // commit
    let replaces = replaces(caller);
    let (action, kind) = if replaces {
        (Action::ResetComplete, mail::Kind::ResetCompleted)
    } else {
        (Action::EnrollmentConfirm, mail::Kind::AuthenticatorAdded)
    };
    let mut confirming = Change::new(context, action)?;
    let event = confirming.event;
    confirming.subject = Some(confirmation.authenticator.id().to_string());
    confirming.detail = EventDetail::default().with("name", &confirmation.authenticator.name())?;
    confirming.attempt = confirmation.attempt;
    confirming.challenge = confirmation.challenge;
    if replaces {
        confirming.effects = turning_off::end_factors(event);
        confirming.effects.push(effect!(FORGET, event));
    }
    confirming.effects.extend(add(event));
    confirming.effects.push(opening.rise(event)?);
    confirming.effects.push(mail::notice(context, event, kind));
    if replaces {
        // After the session rose: until then it would end with the link.
        confirming.effects.push(links::end(event, Purpose::Reset));
    }
    if let Some(issue) = &issue {
        confirming.effects.extend(issue.effects(event)?);
    }
    confirming.survivors = Some(survivors(caller));
    let judgment = change(context, caller, confirming).await?;
    // reply
    let models = judgment
        .changed
        .ok_or(Fault::new("an authenticator that changed nothing"))?;
    let delivery = caller.request.delivery();
    let mut cookies = Cookies::default();
    opening.set_cookie(&mut cookies, delivery);
    let confirmed = Confirmed {
        authenticator: confirmation.authenticator,
        session: opening.view(&models, delivery, context.now),
        backup_codes: issue.map(|issue| issue.view()),
    };
    Ok((cookies, Json(confirmed)))
}

/// Backup codes, with the first authenticator.
async fn first_codes<L>(
    caller: &Enrolling<L>,
    finding: &Finding,
) -> Result<Option<Issue>, Problem> {
    let holds = !matches!(
        finding,
        Finding::Wrong | Finding::Enrollment { step: None, .. }
    );
    if !holds || !brings_codes(caller) {
        return Ok(None);
    }
    let context = caller.context();
    let place = Place::take(context, caller.home, false).await?;
    Ok(Some(Issue::new(context, &caller.models, place).await?))
}

/// Whether backup codes come with the new authenticator: ten slow hashes.
pub const fn brings_codes(caller: &LiveSession) -> bool {
    caller.models.user.backup_codes.is_none() || replaces(caller)
}

/// Whether the new authenticator takes the place of all others: the session was opened by the link of a reset.
const fn replaces(caller: &LiveSession) -> bool {
    caller.session.replaces_until.is_some()
}

/// Nothing counts against factors that are gone. ?1 event
const FORGET: &str = "
DELETE FROM throttle WHERE method <> 'password'
  AND (organization, user) IN (SELECT organization, user FROM accepted WHERE id = ?1)";

/// The first authenticator ends all other sessions, another one those of one factor.
fn survivors(caller: &LiveSession) -> Survivors {
    let maker = caller.session.id;
    if caller.models.user.authenticators.is_empty() || replaces(caller) {
        Survivors::Only(maker)
    } else {
        Survivors::Aal2 {
            maker,
            without: None,
        }
    }
}
