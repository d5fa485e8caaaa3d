//! What every new authenticator brings with it, whatever its kind: a risen session, backup codes
//! with the first one, a notice, a new user version, the end of all other sessions.
//!
//! How a kind is started and checked is for [`crate::account::totp`] and [`crate::sign_in::passkeys`].

use http::StatusCode;
use postern::{
    audit::Action,
    decision::{Attempt, Finding, Spend},
    evidence::Evidence,
    ids::EventId,
    policy,
    refusal::Refusal,
};
use serde::Serialize;

use crate::{
    access::caller::Caller,
    account::{
        authenticators,
        backup_codes::{self, Issue},
        sessions::{self, Change, Opening, change},
    },
    http::{
        call::Call,
        problem::Fault,
        reply::{Reply, whole},
        slow_hashes::Place,
    },
    store::{d1::Effect, mail, survivors::Survivors},
};

/// An authenticator about to be confirmed.
pub struct Confirmation {
    /// How it will be shown.
    pub authenticator: authenticators::View,
    /// What was found.
    pub attempt: Attempt,
    /// The ceremony that this spends.
    pub challenge: Option<Spend>,
    /// What the session gains: showing an authenticator proves it.
    pub evidence: Evidence,
}

#[derive(Serialize)]
struct Confirmed {
    authenticator: authenticators::View,
    session: sessions::View,
    #[serde(skip_serializing_if = "Option::is_none")]
    backup_codes: Option<backup_codes::View>,
}

/// Whether the caller may begin to enroll another authenticator of a kind of which there are
/// `count`, and may be `cap`.
///
/// # Errors
/// `policy_forbids`, `conflict`.
pub fn may_begin(caller: &Caller, count: usize, cap: u32) -> Result<(), Refusal> {
    may_end(caller)?;
    if u32::try_from(count).unwrap_or(u32::MAX) >= cap {
        return Err(Refusal::Conflict(
            "no more authenticators of this kind; remove one first",
        ));
    }
    Ok(())
}

/// Whether the policy still allows what began.
///
/// # Errors
/// `policy_forbids`.
pub fn may_end(caller: &Caller) -> Result<(), Refusal> {
    if policy::enrolling_allowed(&caller.truth.organization.policy) {
        Ok(())
    } else {
        Err(Refusal::PolicyForbids)
    }
}

/// Commits `confirmation`; `add` is what adds the authenticator when the event is accepted.
///
/// # Errors
/// What the settlement refuses; `unavailable`.
pub async fn confirm(
    call: &Call,
    caller: &Caller,
    confirmation: Confirmation,
    add: impl FnOnce(EventId) -> Vec<Effect>,
) -> Reply {
    let context = &call.context;
    let user = &caller.truth.user;
    let holds = !matches!(
        confirmation.attempt.finding,
        Finding::Wrong | Finding::Enrollment { step: None, .. }
    );
    let issue = if holds && user.backup_codes.is_none() {
        let place = Place::take(context, caller.home, false)?;
        Some(Issue::new(context, &caller.truth, place).await?)
    } else {
        None
    };
    let opening = Opening::raise(context, caller, confirmation.evidence)?;
    // commit
    let mut confirming = Change::new(context, Action::EnrollmentConfirm)?;
    let event = confirming.event;
    confirming.subject = Some(confirmation.authenticator.id().to_string());
    confirming.attempt = confirmation.attempt;
    confirming.challenge = confirmation.challenge;
    confirming.effects = add(event);
    confirming.effects.push(opening.rise(event));
    let notice = mail::notice(context, event, mail::Kind::AuthenticatorAdded)?;
    confirming.effects.push(notice);
    if let Some(issue) = &issue {
        confirming.effects.extend(issue.effects(event));
    }
    let maker = caller.session.id;
    confirming.survivors = Some(if user.authenticators.is_empty() {
        Survivors::Only(maker)
    } else {
        Survivors::Aal2 {
            maker,
            without: None,
        }
    });
    let judgment = change(call, caller, confirming).await?;
    // reply
    let truth = judgment
        .changed
        .ok_or(Fault::new("an authenticator that changed nothing"))?;
    let delivery = call.delivery();
    let mut response = whole(
        StatusCode::OK,
        &Confirmed {
            authenticator: confirmation.authenticator,
            session: opening.view(&truth, delivery, context.now),
            backup_codes: issue.map(|issue| issue.view()),
        },
    )?;
    opening.set_cookie(&mut response, delivery);
    Ok(response)
}
