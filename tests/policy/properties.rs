//! What holds whatever the policy, the person and the evidence.

use postern::{
    evidence::{Aal, Assurance, Enrolled, Evidence, Method},
    ids::AuthenticatorId,
    policy::{
        Mode, Person, PersonFacts, Policy, Reason, Ruling, Scope, Sso, StepUp, SurfaceRule,
        TrustedDevices, Verdict, asks_for_more, decide, may_remove_last, of_whom_more,
    },
    strict_json,
    time::UnixTime,
    users::Role,
};
use proptest::{collection::vec, option, prelude::*, sample::subsequence};

const DAY: u64 = 86_400;
const AUTHENTICATORS: [AuthenticatorId; 2] = [
    AuthenticatorId::from_entropy([1; 16]),
    AuthenticatorId::from_entropy([2; 16]),
];
const SURFACES: [Option<&str>; 4] = [None, Some("panel"), Some("client"), Some("unknown")];

/// Moments that meet each other's limits often: multiples of half a day, and a second more.
fn moment() -> impl Strategy<Value = u64> {
    (10_u64..20, 0_u64..2).prop_map(|(halves, second)| halves * DAY / 2 + second)
}

fn scope() -> impl Strategy<Value = Scope> {
    let groups = subsequence(vec!["a", "b", "c"], 1..=3);
    prop_oneof![
        Just(Scope::Everyone),
        groups.prop_map(|groups| Scope::Groups(
            groups
                .into_iter()
                .map(|group| group.parse().unwrap())
                .collect()
        )),
        subsequence(vec![Role::Member, Role::Admin, Role::Owner], 1..=3).prop_map(Scope::Roles),
    ]
}

fn surface_rule() -> impl Strategy<Value = SurfaceRule> {
    (
        any::<bool>(),
        option::of((1_u64..4).prop_map(|halves| halves * DAY / 2)),
        any::<bool>(),
    )
        .prop_map(|(asked, max_age, every_sign_in)| SurfaceRule {
            asked,
            max_age,
            every_sign_in,
        })
}

prop_compose! {
    fn policy()(
        mode in prop_oneof![1 => Just(Mode::Off), 2 => Just(Mode::Optional), 4 => Just(Mode::Required)],
        scope in scope(),
        panel in option::of(surface_rule()),
        client in option::of(surface_rule()),
        grace_until in option::of(moment().prop_map(UnixTime)),
        sso in prop_oneof![Just(Sso::Exempt), Just(Sso::Evidence), Just(Sso::Always)],
        days in 0_u8..4,
        step_up in prop_oneof![Just(StepUp::PasswordAllowed), Just(StepUp::SecondFactor)],
    ) -> Policy {
        let rules = [("panel", panel), ("client", client)];
        Policy {
            mode,
            scope,
            surfaces: rules.into_iter().filter_map(|(name, rule)| Some((name.parse().unwrap(), rule?))).collect(),
            grace_until,
            sso,
            trusted_devices: if days == 0 { TrustedDevices::Off } else { TrustedDevices::Days(days) },
            step_up,
            ..Policy::default()
        }
    }
}

fn evidence() -> impl Strategy<Value = Evidence> {
    let method = prop_oneof![
        Just(Method::Password),
        Just(Method::Sso),
        Just(Method::Totp),
        Just(Method::BackupCode),
        Just(Method::Passkey),
        Just(Method::TrustedDevice),
    ];
    let amr = prop_oneof![
        Just(vec![]),
        Just(vec!["pwd"]),
        Just(vec!["mfa"]),
        Just(vec!["pwd", "otp"])
    ];
    (method, moment(), 0_u8..4, any::<bool>(), amr).prop_map(
        |(method, at, authenticator, user_verified, amr)| Evidence {
            authenticator: matches!(method, Method::Totp | Method::Passkey)
                .then(|| AuthenticatorId::from_entropy([authenticator; 16])),
            user_verified: user_verified && method == Method::Passkey,
            amr: if method == Method::Sso {
                amr.into_iter().map(str::to_owned).collect()
            } else {
                Vec::new()
            },
            ..Evidence::new(method, UnixTime(at))
        },
    )
}

/// Someone, what they show, where and when.
#[derive(Clone, Debug)]
struct Scene {
    role: Role,
    groups: Vec<String>,
    authenticators: usize,
    backup_codes: bool,
    evidence: Vec<Evidence>,
    surface: Option<&'static str>,
    now: UnixTime,
}

prop_compose! {
    fn scene()(
        role in prop_oneof![Just(Role::Member), Just(Role::Admin), Just(Role::Owner)],
        groups in subsequence(vec!["a".to_owned(), "b".to_owned(), "c".to_owned()], 0..=3),
        authenticators in 0_usize..3,
        backup_codes in any::<bool>(),
        // Most scenes begin with a first factor, or there would be little to see.
        password in prop::bool::weighted(0.6),
        mut evidence in vec(evidence(), 0..4),
        surface in proptest::sample::select(&SURFACES[..]),
        now in moment(),
    ) -> Scene {
        if password {
            evidence.insert(0, Evidence::new(Method::Password, UnixTime(now)));
        }
        Scene { role, groups, authenticators, backup_codes, evidence, surface, now: UnixTime(now) }
    }
}

impl Scene {
    fn person(&self) -> Person<'_> {
        let authenticators = &AUTHENTICATORS[..self.authenticators];
        Person {
            role: self.role,
            groups: &self.groups,
            enrolled: Enrolled {
                authenticators,
                backup_codes: self.backup_codes,
            },
        }
    }

    fn under(&self, policy: &Policy) -> Ruling {
        decide(
            policy,
            &self.person(),
            &self.evidence,
            self.surface,
            self.now,
        )
    }
}

/// How much a verdict asks for.
fn demand(ruling: &Ruling) -> u8 {
    match ruling.verdict {
        Verdict::Complete => 0,
        Verdict::Challenge => 1,
        Verdict::Enroll { .. } => 2,
        Verdict::Refuse => 3,
    }
}

/// One step that asks for more, or for as much where it is at its end already.
fn tighten(policy: &Policy, step: u8, amount: u64) -> Policy {
    let mut policy = policy.clone();
    let each = |policy: &mut Policy, change: &dyn Fn(&mut SurfaceRule)| {
        for name in ["panel", "client"] {
            change(policy.surfaces.entry(name.parse().unwrap()).or_default());
        }
    };
    match step {
        0 => {
            policy.mode = if policy.mode == Mode::Off {
                Mode::Optional
            } else {
                Mode::Required
            }
        }
        1 => policy.scope = Scope::Everyone,
        2 => match &mut policy.scope {
            Scope::Groups(groups) => groups.push("c".parse().unwrap()),
            Scope::Roles(roles) => roles.push(Role::Member),
            Scope::Everyone => {}
        },
        3 => {
            policy.grace_until = policy
                .grace_until
                .map(|until| UnixTime(until.0.saturating_sub(amount)))
        }
        4 => policy.grace_until = None,
        5 => {
            policy.sso = if policy.sso == Sso::Exempt {
                Sso::Evidence
            } else {
                Sso::Always
            }
        }
        6 => policy.trusted_devices = TrustedDevices::Off,
        7 => {
            policy.trusted_devices = match policy.trusted_devices {
                TrustedDevices::Days(days) if days > 1 => TrustedDevices::Days(days - 1),
                _ => TrustedDevices::Off,
            }
        }
        8 => each(&mut policy, &|rule| rule.asked = true),
        9 => each(&mut policy, &|rule| rule.every_sign_in = true),
        10 => each(&mut policy, &|rule| {
            rule.max_age = Some(rule.max_age.map_or(DAY, |age| age.saturating_sub(amount)))
        }),
        _ => policy.step_up = StepUp::SecondFactor,
    }
    policy
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn tightening_never_yields_less(policy in policy(), steps in vec((0_u8..12, 0..DAY / 2), 1..4), scene in scene()) {
        let tighter = steps.iter().fold(policy.clone(), |policy, (step, amount)| tighten(&policy, *step, *amount));
        prop_assert!(demand(&scene.under(&tighter)) >= demand(&scene.under(&policy)), "{tighter:?}");
        prop_assert!(!asks_for_more(&tighter, &policy), "going back asks for nothing: {tighter:?}");
        let may = |policy| may_remove_last(policy, &scene.person(), scene.now).is_ok();
        prop_assert!(may(&policy) || !may(&tighter));
    }

    #[test]
    fn a_change_that_asks_anyone_for_more_is_known_to(old in policy(), new in policy(), scene in scene()) {
        if demand(&scene.under(&new)) > demand(&scene.under(&old)) {
            prop_assert!(asks_for_more(&old, &new));
        }
    }

    #[test]
    fn whoever_is_told_of_a_change_is_asked_for_more_by_it(
        old in policy(), new in policy(), scene in scene(), devices in 0_u32..2, sso in any::<bool>(),
    ) {
        let person = scene.person();
        let facts = [PersonFacts {
            role: person.role,
            groups: person.groups.to_vec(),
            authenticators: u32::try_from(person.enrolled.authenticators.len()).unwrap(),
            sso,
            trusted_devices: devices,
            ..PersonFacts::default()
        }];
        let told = !of_whom_more(&old, &new, &facts, scene.now).is_empty();
        prop_assert!(!told || asks_for_more(&old, &new));
        prop_assert!(of_whom_more(&old, &old, &facts, scene.now).is_empty());
    }

    #[test]
    fn adding_evidence_never_yields_more_demands(policy in policy(), scene in scene(), more in evidence(), at in 0_usize..5) {
        let mut richer = scene.clone();
        richer.evidence.insert(at.min(scene.evidence.len()), more);
        prop_assert!(demand(&richer.under(&policy)) <= demand(&scene.under(&policy)));
    }

    #[test]
    fn time_that_passes_never_yields_less(policy in policy(), scene in scene(), seconds in 0..3 * DAY) {
        let mut now = scene;
        now.evidence.retain(|evidence| evidence.at <= now.now);
        let later = Scene { now: now.now.plus(seconds), ..now.clone() };
        prop_assert!(demand(&later.under(&policy)) >= demand(&now.under(&policy)));
    }

    #[test]
    fn two_factors_are_two_factors_everywhere(policy in policy(), scene in scene()) {
        let ruling = scene.under(&policy);
        let assurance = Assurance::of(&scene.evidence, scene.person().enrolled, policy.sso == Sso::Evidence, scene.now);
        if ruling.reasons.iter().any(|reason| matches!(reason, Reason::SecondFactor | Reason::SsoEvidence)) {
            prop_assert_eq!(assurance.aal, Aal::Aal2);
        }
        // And one is one: who is bound and shows nothing more gets no further.
        if assurance.aal == Aal::Aal1 && policy.mode_for(&scene.person(), scene.now) == Mode::Required {
            let skipped = [Reason::NotAsked, Reason::SsoExempt, Reason::TrustedDevice];
            prop_assert!(ruling.verdict != Verdict::Complete || skipped.contains(&ruling.reasons[0]), "{ruling:?}");
        }
    }

    #[test]
    fn the_reasons_fit_the_verdict(policy in policy(), scene in scene()) {
        let ruling = scene.under(&policy);
        prop_assert_eq!(ruling.reasons.last().map(|reason| reason.rule()), Some(ruling.rule));
        let mut once = ruling.reasons.clone();
        once.sort_unstable();
        once.dedup();
        prop_assert_eq!(once.len(), ruling.reasons.len(), "each reason once");
        let enrolled = scene.authenticators > 0;
        match ruling.verdict {
            Verdict::Challenge => prop_assert!(enrolled, "only who can answer is asked"),
            Verdict::Enroll { deadline } => {
                prop_assert!(!enrolled && policy.mode == Mode::Required);
                prop_assert!(deadline.is_none_or(|deadline| deadline <= scene.now), "it is over");
            }
            Verdict::Complete | Verdict::Refuse => prop_assert_eq!(ruling.reasons.len(), 1),
        }
        prop_assert!(ruling.enroll_by.is_none_or(|by| by > scene.now && ruling.reasons == [Reason::Grace]));
    }

    #[test]
    fn what_is_stored_is_read_back(policy in policy()) {
        prop_assert_eq!(strict_json::read(&serde_json::to_vec(&policy).unwrap()), Ok(policy));
    }
}
