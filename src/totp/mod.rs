//! One-time passcodes from a shared secret and the clock: HOTP (RFC 4226), TOTP (RFC 6238).
//!
//! In scope: secrets, parameters, codes, which time step a code belongs to.
//! Out of scope: that a step is accepted once. [`verify`] names the step; the commit refuses every
//! step up to the last one accepted, because only the database sees all attempts. Guessing is the
//! throttle's.

mod code;
mod parameters;
mod secret;
#[cfg(test)]
mod tests;

use hmac::{Hmac, KeyInit, Mac, digest::Output};
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use subtle::{Choice, ConditionallySelectable, ConstantTimeEq};

use crate::time::UnixTime;

pub use code::{NotACode, TotpCode};
pub use parameters::{Algorithm, Digits, NotAParameter, Parameters, Period};
pub use secret::{NotASecret, TotpSecret};

/// A time step: whole periods since 1970, `T` in RFC 6238 section 4.2 (with `T0` = 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TimeStep(pub u64);

impl TimeStep {
    /// The step that contains `now`.
    #[must_use]
    pub fn at(now: UnixTime, period: Period) -> Self {
        Self(now.0 / period.seconds())
    }

    /// How many minutes a clock in the middle of this step is behind `now`: rounded, at least one.
    #[must_use]
    pub fn minutes_behind(self, now: UnixTime, period: Period) -> u64 {
        let seconds = period.seconds().get();
        let then = UnixTime(self.0.saturating_mul(seconds).saturating_add(seconds / 2));
        (now.since(then).saturating_add(30) / 60).max(1)
    }
}

/// The step whose code this is, if it is that of the previous, the current or the next step
/// (RFC 6238 section 5.2: one step for the delay on the way, one for a clock that runs ahead).
///
/// All three codes are computed and compared without a branch on any of them, so neither the time
/// taken nor the work done says which step matched, or how much of a code was right.
///
/// Two neighboring steps share a code once in a million. The newest match is returned, because the
/// caller stores it as the last step accepted and refuses everything up to it: if the older one
/// were stored, the same digits would be accepted a second time. And where the older step is spent
/// already, the newer one still counts.
///
/// A code of another length than `parameters` asks for matches nothing.
#[must_use]
pub fn verify(
    secret: &TotpSecret,
    parameters: Parameters,
    code: &TotpCode,
    now: UnixTime,
) -> Option<TimeStep> {
    let TimeStep(step) = TimeStep::at(now, parameters.period);
    let keyed = Keyed::new(secret, parameters.algorithm);
    // Oldest first, so that the newest match is kept. At the ends of time a step is tried twice.
    let steps = [step.saturating_sub(1), step, step.saturating_add(1)];
    let mut matched = step;
    let mut found = Choice::from(0);
    for step in steps {
        let hit = keyed.code(step, parameters.digits).ct_eq(code);
        matched.conditional_assign(&step, hit);
        found |= hit;
    }
    bool::from(found).then_some(TimeStep(matched))
}

/// Seconds before now in which [`late`] looks.
const LATE_SECONDS: u64 = 3600;

/// The newest step before those of [`verify`], but within the last hour, whose code this is: the
/// clock that made it is behind. Never good for acceptance.
///
/// Takes the same time and work whatever the code, as [`verify`] does. By chance, one wrong code of
/// six digits in 8,400 (of eight in 840,000) is that of one of these steps.
#[must_use]
pub fn late(
    secret: &TotpSecret,
    parameters: Parameters,
    code: &TotpCode,
    now: UnixTime,
) -> Option<TimeStep> {
    let TimeStep(step) = TimeStep::at(now, parameters.period);
    let keyed = Keyed::new(secret, parameters.algorithm);
    let farthest = LATE_SECONDS / parameters.period.seconds();
    let mut matched = step;
    let mut found = Choice::from(0);
    // Oldest first, so that the newest match is kept.
    for away in (2..=farthest).rev() {
        let Some(step) = step.checked_sub(away) else {
            continue;
        };
        let hit = keyed.code(step, parameters.digits).ct_eq(code);
        matched.conditional_assign(&step, hit);
        found |= hit;
    }
    bool::from(found).then_some(TimeStep(matched))
}

/// By how many steps this code is away from `now`, looking up to `range` steps each way;
/// negative means that the clock which made the code is behind. The nearest match counts.
///
/// For diagnosis only ("your phone's clock is five minutes slow"), never for acceptance: with six
/// digits, chance alone finds a match for `2 * range / 1,000,000` of all wrong codes. Its running
/// time depends on the answer.
#[must_use]
pub fn diagnose(
    secret: &TotpSecret,
    parameters: Parameters,
    code: &TotpCode,
    now: UnixTime,
    range: u16,
) -> Option<i64> {
    let TimeStep(step) = TimeStep::at(now, parameters.period);
    let keyed = Keyed::new(secret, parameters.algorithm);
    let belongs = |step| keyed.code(step, parameters.digits) == *code;
    for distance in 0..=range {
        if step.checked_sub(u64::from(distance)).is_some_and(belongs) {
            return Some(i64::from(distance).saturating_neg());
        }
        if step.checked_add(u64::from(distance)).is_some_and(belongs) {
            return Some(i64::from(distance));
        }
    }
    None
}

/// What an authenticator app shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preview {
    /// The code of the current step.
    pub code: TotpCode,
    /// The code of the step after it.
    pub next: TotpCode,
    /// Seconds until `next` is the code, 1 up to the whole period.
    pub seconds_left: u64,
}

/// What an app with this secret shows at `now`.
#[must_use]
pub fn preview(secret: &TotpSecret, parameters: Parameters, now: UnixTime) -> Preview {
    let TimeStep(step) = TimeStep::at(now, parameters.period);
    let keyed = Keyed::new(secret, parameters.algorithm);
    let period = parameters.period.seconds();
    let elapsed = now.0 % period;
    Preview {
        code: keyed.code(step, parameters.digits),
        next: keyed.code(step.saturating_add(1), parameters.digits),
        seconds_left: period.get().saturating_sub(elapsed),
    }
}

/// TOTP, RFC 6238 section 4.2: the code of the step that contains `now`.
#[must_use]
pub fn totp(secret: &TotpSecret, parameters: Parameters, now: UnixTime) -> TotpCode {
    let TimeStep(step) = TimeStep::at(now, parameters.period);
    hotp(secret, step, parameters.algorithm, parameters.digits)
}

/// HOTP, RFC 4226 section 5.3: `Truncate(HMAC(secret, counter))`.
#[must_use]
pub fn hotp(secret: &TotpSecret, counter: u64, algorithm: Algorithm, digits: Digits) -> TotpCode {
    Keyed::new(secret, algorithm).code(counter, digits)
}

/// HMAC with the key already mixed in: half of the work, done once for all the steps of a check.
enum Keyed {
    Sha1(Hmac<Sha1>),
    Sha256(Hmac<Sha256>),
    Sha512(Hmac<Sha512>),
}

impl Keyed {
    fn new(secret: &TotpSecret, algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::Sha1 => Self::Sha1(keyed(secret)),
            Algorithm::Sha256 => Self::Sha256(keyed(secret)),
            Algorithm::Sha512 => Self::Sha512(keyed(secret)),
        }
    }

    fn code(&self, counter: u64, digits: Digits) -> TotpCode {
        // RFC 4226 section 5.3 step 1. HS = HMAC(K, C)
        // step 2. Sbits = DT(HS)
        let number = match self {
            Self::Sha1(keyed) => truncate(&mac(keyed, counter)),
            Self::Sha256(keyed) => truncate(&mac(keyed, counter)),
            Self::Sha512(keyed) => truncate(&mac(keyed, counter)),
        };
        // step 3. D = StToNum(Sbits) mod 10^Digit
        TotpCode::new(number, digits)
    }
}

#[expect(
    clippy::expect_used,
    reason = "HMAC takes keys of every length (RFC 2104 section 3)"
)]
fn keyed<M: KeyInit>(secret: &TotpSecret) -> M {
    M::new_from_slice(secret.expose()).expect("a key of any length")
}

fn mac<M: Mac + Clone>(keyed: &M, counter: u64) -> Output<M> {
    keyed
        .clone()
        .chain_update(counter.to_be_bytes())
        .finalize()
        .into_bytes()
}

/// RFC 4226 section 5.3, dynamic truncation: four bytes at the offset that the last nibble names,
/// without the sign bit. At most 15 + 4 bytes are read and the shortest of the hashes has 20.
#[expect(clippy::expect_used, reason = "no hash is shorter than 20 bytes")]
fn truncate(mac: &[u8]) -> u32 {
    let offset = usize::from(mac.last().expect("20 bytes") & 0x0f);
    let bytes = mac.get(offset..).and_then(<[u8]>::first_chunk);
    u32::from_be_bytes(*bytes.expect("20 bytes")) & 0x7fff_ffff
}
