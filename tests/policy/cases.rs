//! One case of the table: words in columns, and what they mean to the core.

use postern::{
    evidence::{Enrolled, Evidence, Method},
    ids::AuthenticatorId,
    policy::{Mode, Person, Policy, Ruling, Scope, Sso, SurfaceRule, TrustedDevices, decide},
    time::UnixTime,
    users::Role,
};

pub const MODE: &[&str] = &["off", "optional", "required"];
pub const SCOPE: &[&str] = &["everyone", "in", "out"];
pub const GRACE: &[&str] = &["none", "ahead", "over"];
pub const ENROLLED: &[&str] = &["none", "codes", "totp"];
pub const FIRST: &[&str] = &["none", "password", "sso", "mfa", "mfa_old", "mfa_stale"];
pub const SECOND: &[&str] = &["none", "totp", "totp_old", "backup", "passkey", "gone"];
pub const DEVICE: &[&str] = &["none", "trusted", "expired"];
pub const TRUST: &[&str] = &["on", "off"];
pub const SSO: &[&str] = &["exempt", "evidence", "always"];
pub const SURFACE: &[&str] = &["default", "not_asked", "period", "always"];
pub const ROLE: &[Role] = &[Role::Member, Role::Admin, Role::Owner];

const NOW: UnixTime = UnixTime(1_800_000_000);
const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;
const PHONE: AuthenticatorId = AuthenticatorId::from_entropy([1; 16]);
const KEY: AuthenticatorId = AuthenticatorId::from_entropy([2; 16]);
const GONE: AuthenticatorId = AuthenticatorId::from_entropy([3; 16]);

/// A case in words.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub mode: &'static str,
    pub scope: &'static str,
    pub grace: &'static str,
    pub enrolled: &'static str,
    pub first: &'static str,
    pub second: &'static str,
    pub device: &'static str,
    pub trust: &'static str,
    pub sso: &'static str,
    pub surface: &'static str,
}

impl Case {
    /// What the core says of it. `by_role` writes a chosen scope as roles instead of groups.
    pub fn decide(&self, role: Role, by_role: bool) -> Ruling {
        let groups = ["staff".to_owned(), "finance".to_owned()];
        let authenticators = [PHONE, KEY];
        let person = Person {
            role,
            groups: &groups,
            enrolled: match self.enrolled {
                "none" => Enrolled::default(),
                "codes" => Enrolled {
                    authenticators: &[],
                    backup_codes: true,
                },
                "totp" => Enrolled {
                    authenticators: &authenticators,
                    backup_codes: true,
                },
                other => panic!("{other}"),
            },
        };
        decide(
            &self.policy(role, by_role),
            &person,
            &self.evidence(),
            Some("panel"),
            NOW,
        )
    }

    fn policy(&self, role: Role, by_role: bool) -> Policy {
        let named = |names: &[&str]| {
            Scope::Groups(names.iter().map(|name| name.parse().unwrap()).collect())
        };
        let rule = match self.surface {
            "default" => SurfaceRule::default(),
            "not_asked" => SurfaceRule {
                asked: false,
                ..SurfaceRule::default()
            },
            "period" => SurfaceRule {
                max_age: Some(HOUR),
                ..SurfaceRule::default()
            },
            "always" => SurfaceRule {
                every_sign_in: true,
                ..SurfaceRule::default()
            },
            other => panic!("{other}"),
        };
        // A rule of another surface, which must not matter.
        let elsewhere = SurfaceRule {
            max_age: Some(60),
            every_sign_in: true,
            ..SurfaceRule::default()
        };
        Policy {
            mode: match self.mode {
                "off" => Mode::Off,
                "optional" => Mode::Optional,
                "required" => Mode::Required,
                other => panic!("{other}"),
            },
            scope: match self.scope {
                "everyone" => Scope::Everyone,
                "in" if by_role => Scope::Roles(vec![role]),
                "out" if by_role => Scope::Roles(
                    ROLE.iter()
                        .copied()
                        .filter(|other| *other != role)
                        .collect(),
                ),
                "in" => named(&["board", "finance"]),
                "out" => named(&["board", "legal"]),
                other => panic!("{other}"),
            },
            surfaces: [
                ("panel".parse().unwrap(), rule),
                ("client".parse().unwrap(), elsewhere),
            ]
            .into(),
            grace_until: match self.grace {
                "none" => None,
                "ahead" => Some(NOW.plus(1)),
                "over" => Some(NOW),
                other => panic!("{other}"),
            },
            sso: match self.sso {
                "exempt" => Sso::Exempt,
                "evidence" => Sso::Evidence,
                "always" => Sso::Always,
                other => panic!("{other}"),
            },
            trusted_devices: match self.trust {
                "on" => TrustedDevices::Days(7),
                "off" => TrustedDevices::Off,
                other => panic!("{other}"),
            },
            ..Policy::default()
        }
    }

    fn evidence(&self) -> Vec<Evidence> {
        let ago = |seconds| UnixTime(NOW.0 - seconds);
        let by_provider = |seconds, amr: &[&str]| Evidence {
            amr: amr.iter().map(|value| (*value).to_owned()).collect(),
            ..Evidence::new(Method::Sso, ago(seconds))
        };
        let first = match self.first {
            "none" => None,
            "password" => Some(Evidence::new(Method::Password, NOW)),
            "sso" => Some(by_provider(0, &["pwd"])),
            "mfa" => Some(by_provider(10, &["pwd", "mfa"])),
            "mfa_old" => Some(by_provider(2 * HOUR, &["pwd", "mfa"])),
            "mfa_stale" => Some(by_provider(DAY + 1, &["pwd", "mfa"])),
            other => panic!("{other}"),
        };
        let second = match self.second {
            "none" => None,
            "totp" => Some(Evidence::of(Method::Totp, PHONE, NOW)),
            "totp_old" => Some(Evidence::of(Method::Totp, PHONE, ago(2 * HOUR))),
            "backup" => Some(Evidence::new(Method::BackupCode, NOW)),
            "passkey" => Some(Evidence {
                user_verified: true,
                ..Evidence::of(Method::Passkey, KEY, NOW)
            }),
            "gone" => Some(Evidence::of(Method::Totp, GONE, NOW)),
            other => panic!("{other}"),
        };
        let device = match self.device {
            "none" => None,
            "trusted" => Some(Evidence::new(Method::TrustedDevice, ago(7 * DAY - 1))),
            "expired" => Some(Evidence::new(Method::TrustedDevice, ago(7 * DAY))),
            other => panic!("{other}"),
        };
        [first, second, device].into_iter().flatten().collect()
    }
}
