//! A secret as presented, compared with what its user has.

use alloc::{format, string::ToString as _, vec::Vec};

use super::{
    Presented,
    apps::{self, cost},
};
use crate::{
    backup_codes::BackupCode,
    decision::{Attempt, Finding, Rekey},
    evidence::{Evidence, Method},
    ids::AuthenticatorId,
    passwords::{Password, Verifier},
    refusal::Hint,
    sealing::{Keys, MissingKey, NotOpened, key_of},
    slow_hash::{Memory, SlowHash},
    throttle::{Lane, ThrottleKey},
    time::UnixTime,
    totp::{self, TotpCode},
    users::{User, open_totp_secret},
};

/// Compares a proof with what `user` has. It takes the same work for a user without the method, and
/// for one whose secret does not open.
///
/// # Errors
/// [`MissingKey`] when something it is to be compared with was made under a root key that is gone.
/// Then nothing is compared: an error counts no attempt, so guesses at the other secrets would be
/// free.
pub fn check(
    presented: &Presented,
    user: &User,
    lane: Lane,
    keys: &Keys,
    memory: &mut Memory,
    now: UnixTime,
) -> Result<Attempt, MissingKey> {
    let (method, found) = match presented {
        Presented::Password(password) => {
            (Method::Password, by_password(password, user, keys, memory)?)
        }
        Presented::Totp {
            code,
            authenticator,
        } => (
            Method::Totp,
            by_totp(*code, *authenticator, user, keys, now)?,
        ),
        Presented::BackupCode(code) => (
            Method::BackupCode,
            by_backup_code(code, user, keys, memory)?,
        ),
    };
    let evidence = match found.finding {
        Finding::Step { authenticator, .. } => Evidence::of(method, authenticator, now),
        _ => Evidence::new(method, now),
    };
    Ok(Attempt {
        throttle: Some(ThrottleKey { method, lane }),
        method: Some(method),
        cost: cost(presented, user),
        finding: found.finding,
        evidence: Some(evidence),
        flaw: found.flaw,
        hint: found.hint,
        rekey: found.rekey,
    })
}

/// What a comparison found: see the fields of [`Attempt`].
struct Found {
    finding: Finding,
    flaw: Option<&'static str>,
    hint: Option<Hint>,
    rekey: Option<Rekey>,
}

impl Found {
    const fn new(finding: Finding) -> Self {
        Self {
            finding,
            flaw: None,
            hint: None,
            rekey: None,
        }
    }
}

fn by_password(
    password: &Password,
    user: &User,
    keys: &Keys,
    memory: &mut Memory,
) -> Result<Found, MissingKey> {
    let none = || Verifier::of_nobody(keys);
    let verifier = user.password.clone().unwrap_or_else(none);
    let checked = verifier.check(password, keys, memory)?;
    let rekey = checked
        .renewed
        .map(|to| Rekey::Password { from: verifier, to });
    let finding = if checked.holds {
        Finding::Holds
    } else {
        Finding::Wrong
    };
    Ok(Found {
        rekey,
        ..Found::new(finding)
    })
}

fn by_totp(
    code: TotpCode,
    named: Option<AuthenticatorId>,
    user: &User,
    keys: &Keys,
    now: UnixTime,
) -> Result<Found, MissingKey> {
    let mut found = Found::new(Finding::Wrong);
    // All of them are opened before any is compared.
    let mut secrets = Vec::new();
    for (authenticator, sealed, parameters) in apps::compared(user, code, named) {
        let (organization, owner) = (user.organization.to_string(), user.id.to_string());
        let path = [&*organization, &*owner, &*authenticator.to_string()];
        match open_totp_secret(keys, &path, sealed) {
            Ok(secret) => secrets.push((authenticator, sealed, secret, parameters)),
            Err(NotOpened::NotSealed) => found.flaw = Some("unseal_failed"),
            Err(NotOpened::MissingKey(missing)) => return Err(missing),
        }
    }
    for (authenticator, sealed, secret, parameters) in secrets {
        // Looked for also when the code is right: while the throttle is closed, the time taken must
        // not tell right codes from wrong ones.
        if let Some(step) = totp::late(&secret, parameters, &code, now) {
            found.hint = Some(Hint::ClockBehind {
                authenticator,
                step,
                minutes: step.minutes_behind(now, parameters.period),
            });
        }
        if let Some(step) = totp::verify(&secret, parameters, &code, now) {
            found.finding = Finding::Step {
                authenticator,
                step,
            };
            let old = key_of(sealed).as_deref() != Some(keys.writer().id());
            found.rekey = old.then(|| Rekey::TotpSecret {
                authenticator,
                sealed: sealed.into(),
            });
        }
    }
    Ok(found)
}

fn by_backup_code(
    code: &BackupCode,
    user: &User,
    keys: &Keys,
    memory: &mut Memory,
) -> Result<Found, MissingKey> {
    let Some(codes) = &user.backup_codes else {
        let _ = SlowHash::DEFAULT.derive(code.as_str().as_bytes(), &[0; 16], memory);
        return Ok(Found::new(Finding::Wrong));
    };
    let pepper = keys.find(&codes.key)?.pepper();
    let look_up = codes.set.look_up(code, &pepper, memory);
    Ok(Found::new(Finding::LookUp(format!("{look_up}"))))
}
