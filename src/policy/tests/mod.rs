#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::arithmetic_side_effects
)]
mod changes;
mod decisions;
mod lock_outs;
mod previews;
mod prompts;
mod step_up;

use alloc::{borrow::ToOwned, format, string::ToString as _, vec};

use serde_json::{Value, json};

use super::*;
use crate::{
    evidence::{Evidence, Method},
    ids::AuthenticatorId,
    refusal::{Malformed, Refusal},
    strict_json,
};

const NOW: UnixTime = UnixTime(1_800_000_000);
const DAY: u64 = 86_400;
const PHONE: AuthenticatorId = AuthenticatorId::from_entropy([1; 16]);
const KEY: AuthenticatorId = AuthenticatorId::from_entropy([2; 16]);
const NOTHING: Enrolled<'static> = Enrolled {
    authenticators: &[],
    backup_codes: false,
};
const CODES: Enrolled<'static> = Enrolled {
    authenticators: &[],
    backup_codes: true,
};
const BOTH: Enrolled<'static> = Enrolled {
    authenticators: &[PHONE, KEY],
    backup_codes: true,
};

fn policy(fields: Value) -> Policy {
    strict_json::read(fields.to_string().as_bytes()).unwrap()
}
fn member(enrolled: Enrolled<'_>) -> Person<'_> {
    Person {
        role: Role::Member,
        groups: &[],
        enrolled,
    }
}
fn password() -> Evidence {
    Evidence::new(Method::Password, NOW)
}
fn sso(amr: &[&str], at: u64) -> Evidence {
    Evidence {
        amr: amr.iter().map(|value| (*value).to_owned()).collect(),
        ..Evidence::new(Method::Sso, UnixTime(at))
    }
}
fn totp(at: u64) -> Evidence {
    Evidence::of(Method::Totp, PHONE, UnixTime(at))
}
fn backup_code(at: u64) -> Evidence {
    Evidence::new(Method::BackupCode, UnixTime(at))
}
fn trusted(at: u64) -> Evidence {
    Evidence::new(Method::TrustedDevice, UnixTime(at))
}
