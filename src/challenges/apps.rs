//! Which of a user's authenticator apps a code is compared with, and what that costs.

use alloc::{collections::BTreeSet, format, string::String};

use super::Presented;
use crate::{
    ids::AuthenticatorId,
    refusal::{Malformed, Refusal},
    totp::{Digits, Parameters, TotpCode},
    users::User,
};

/// The apps that may have made `code`: the one that is named or all, if their codes are as long.
pub(super) fn compared(
    user: &User,
    code: TotpCode,
    named: Option<AuthenticatorId>,
) -> impl Iterator<Item = (AuthenticatorId, &str, Parameters)> {
    user.totps()
        .filter(move |(id, ..)| named.is_none_or(|named| named == *id))
        .filter(move |(.., parameters)| parameters.digits == code.digits())
}

/// How many secrets the proof would be compared with: what it costs if it is wrong.
#[must_use]
pub fn cost(presented: &Presented, user: &User) -> u32 {
    match presented {
        Presented::Totp {
            code,
            authenticator,
        } => {
            let secrets = compared(user, *code, *authenticator).count();
            u32::try_from(secrets).unwrap_or(u32::MAX).max(1)
        }
        _ => 1,
    }
}

/// Checks that `presented` can be a proof: a code of the wrong form is not counted as an attempt.
/// Whether there are enough wrong proofs left to compare it with all the apps is for the throttle.
///
/// # Errors
/// `malformed`: a code as long as that of no app that the user has.
pub fn check_form(presented: &Presented, user: &User) -> Result<(), Refusal> {
    let Presented::Totp {
        code,
        authenticator,
    } = presented
    else {
        return Ok(());
    };
    let lengths = code_lengths(user, *authenticator);
    if lengths.contains(&code.digits()) {
        return Ok(());
    }
    let lengths: alloc::vec::Vec<String> = lengths
        .iter()
        .map(|digits| format!("{}", digits.count()))
        .collect();
    Err(Refusal::Malformed(Malformed {
        field: Some("code".into()),
        detail: format!("{} digits", lengths.join(" or ")).into(),
    }))
}

/// How long a code may be: as that of the app named, if the user has it, or of any. A user without
/// an app is answered like one with an app of the default parameters.
#[must_use]
pub fn code_lengths(user: &User, named: Option<AuthenticatorId>) -> BTreeSet<Digits> {
    let of = |named: Option<AuthenticatorId>| -> BTreeSet<Digits> {
        user.totps()
            .filter(|(id, ..)| named.is_none_or(|named| named == *id))
            .map(|(.., parameters)| parameters.digits)
            .collect()
    };
    let known = [of(named), of(None)]
        .into_iter()
        .find(|found| !found.is_empty());
    known.unwrap_or_else(|| BTreeSet::from([Parameters::DEFAULT.digits]))
}
