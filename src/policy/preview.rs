//! Before a policy is saved: which people it affects, how, and from when.
//!
//! Asks [`decide`] about everyone's next sign-in under both policies. Leaves sessions alive now to
//! the requests they make: the same answer meets them there.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    string::String,
    vec::Vec,
};
use core::iter;

use serde::{Deserialize, Serialize};

use super::{
    Mode, Person, Policy, Reason, Ruling, Verdict, asks_for_more, change::stricter_rule, decide,
    prompts,
};
use crate::{
    evidence::{Enrolled, Evidence, Method},
    ids::AuthenticatorId,
    roles::Role,
    time::UnixTime,
};

/// People named per effect at most; the counts cover everyone.
pub const NAMED_PEOPLE: usize = 100;

/// What a preview needs to know of a person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct PersonFacts {
    /// The person's id, chosen by the application.
    pub user: String,
    /// The role.
    pub role: Role,
    /// The groups.
    #[serde(default)]
    pub groups: Vec<String>,
    /// Confirmed authenticators; backup codes are none.
    pub authenticators: u32,
    /// Whether the last sign-in came from an identity provider.
    #[serde(default)]
    pub sso: bool,
    /// What the provider said then (`amr`, RFC 8176).
    #[serde(default)]
    pub amr: Vec<String>,
    /// Trusted devices alive.
    #[serde(default)]
    pub trusted_devices: u32,
}

/// How a change of policy affects a person. It can affect one person in several ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyChange))]
pub enum Change {
    /// Has to enroll, from another day than before.
    Enrolls,
    /// Is asked for a second factor where they were not.
    Asked,
    /// Is asked more often somewhere.
    AskedMoreOften,
    /// Has trusted devices, which end.
    LosesTrust,
    /// Has authenticators, which are not asked for any more: the request that switches to `off`
    /// repeats their number.
    FallsAsleep,
    /// Is no longer asked somewhere, or no longer has to enroll.
    Released,
    /// Is asked less often somewhere.
    AskedLessOften,
    /// Is bound by `required`, and not asked because an identity provider answers for them.
    Exempt,
    /// Is offered enrollment after signing in and can say "not now", where that is new or the days
    /// until the next offer are others.
    Prompted,
}

/// One way in which people are affected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyEffect))]
pub struct Effect {
    /// How.
    pub change: Change,
    /// From when: at the next sign-in or request.
    pub from: UnixTime,
    /// How many people.
    pub people: u32,
    /// The first [`NAMED_PEOPLE`] of them, in the order given.
    pub named: Vec<String>,
}

/// Which people a change affects, how, and from when.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "schema", schema(as = PolicyPreview))]
pub struct Preview {
    /// How many people were looked at.
    pub people: u32,
    /// How many of them are affected.
    pub affected: u32,
    /// How, one entry per change and day, in the order of [`Change`].
    pub effects: Vec<Effect>,
}

impl Preview {
    /// How many people one change touches, whenever.
    #[must_use]
    pub fn count(&self, change: Change) -> u32 {
        self.effects
            .iter()
            .filter(|effect| effect.change == change)
            .map(|effect| effect.people)
            .fold(0, u32::saturating_add)
    }
}

/// The people that replacing `old` by `new` at `now` affects: none where the policy stays the same.
#[must_use]
pub fn preview(
    old: &Policy,
    new: &Policy,
    people: impl Iterator<Item = PersonFacts>,
    now: UnixTime,
) -> Preview {
    let comparison = Comparison::of(old, new, now);
    let mut preview = Preview::default();
    let mut effects = BTreeMap::new();
    for person in people {
        let changes = comparison.changes(&person);
        let affected = changes.iter().any(|(change, _)| *change != Change::Exempt);
        preview.people = preview.people.saturating_add(1);
        preview.affected = preview.affected.saturating_add(affected.into());
        for (change, from) in changes {
            effects
                .entry((change, from))
                .or_insert_with(|| Effect::of(change, from))
                .add(&person.user);
        }
    }
    preview.effects = effects.into_values().collect();
    preview
}

/// The people that `new` requires more of than `old` did, from `now` or from a later day: to
/// enroll, or to do it sooner; to show a second factor where they were not asked, or more often, or
/// again in browsers that were trusted.
pub fn of_whom_more<'a>(
    old: &Policy,
    new: &Policy,
    people: &'a [PersonFacts],
    now: UnixTime,
) -> Vec<&'a str> {
    let comparison = Comparison::of(old, new, now);
    let more = people
        .iter()
        .filter(|facts| comparison.requires_more(facts));
    more.map(|facts| &*facts.user).collect()
}

impl Effect {
    const fn of(change: Change, from: UnixTime) -> Self {
        Self {
            change,
            from,
            people: 0,
            named: Vec::new(),
        }
    }

    fn add(&mut self, user: &str) {
        self.people = self.people.saturating_add(1);
        if self.named.len() < NAMED_PEOPLE {
            self.named.push(user.into());
        }
    }
}

/// Two policies side by side.
struct Comparison<'a> {
    old: &'a Policy,
    new: &'a Policy,
    now: UnixTime,
    ends_trust: bool,
    /// No surface, and those with a rule in either policy.
    surfaces: Vec<Option<&'a str>>,
}

impl<'a> Comparison<'a> {
    fn of(old: &'a Policy, new: &'a Policy, now: UnixTime) -> Self {
        let only_new = new.surfaces.keys();
        let only_new = only_new.filter(|surface| !old.surfaces.contains_key(*surface));
        let named = old.surfaces.keys().chain(only_new);
        let named = named.map(|surface| Some(surface.as_str()));
        Self {
            old,
            new,
            now,
            ends_trust: asks_for_more(old, new),
            surfaces: iter::once(None).chain(named).collect(),
        }
    }

    fn requires_more(&self, facts: &PersonFacts) -> bool {
        self.changes(facts)
            .iter()
            .any(|(change, from)| match change {
                Change::Asked | Change::AskedMoreOften | Change::LosesTrust => true,
                Change::Enrolls => self
                    .enrolls(self.old, facts)
                    .is_none_or(|before| *from < before),
                Change::FallsAsleep
                | Change::Released
                | Change::AskedLessOften
                | Change::Exempt
                | Change::Prompted => false,
            })
    }

    /// Whether the person is offered enrollment, who was not or after another number of days: at the
    /// next sign-in that names no surface, or when the days of their "not now" are over.
    fn is_prompted(&self, facts: &PersonFacts) -> bool {
        let [before, after] = [self.old, self.new].map(|policy| {
            let next = next_sign_in(policy, facts, None, self.now);
            prompts(policy, &person(facts), &next, None, self.now)
        });
        after.is_some() && after != before
    }

    /// From when `policy` makes the person enroll.
    fn enrolls(&self, policy: &Policy, facts: &PersonFacts) -> Option<UnixTime> {
        let day = policy
            .grace_until
            .map_or(self.now, |until| until.max(self.now));
        let must = |surface| {
            let next = next_sign_in(policy, facts, surface, day);
            matches!(next.verdict, Verdict::Enroll { .. })
        };
        self.surfaces.iter().copied().any(must).then_some(day)
    }

    /// Each change once, with the moment from which it holds.
    fn changes(&self, facts: &PersonFacts) -> BTreeSet<(Change, UnixTime)> {
        let now = self.now;
        let surfaces = self.surfaces.iter();
        let asked = surfaces.flat_map(|surface| self.asked_at(facts, *surface));
        let mut changes: BTreeSet<_> = asked
            .map(|change| (change, now))
            .chain(self.enrollment(facts))
            .collect();
        if self.ends_trust && facts.trusted_devices > 0 {
            changes.insert((Change::LosesTrust, now));
        }
        if self.turns_off() && facts.authenticators > 0 {
            // No longer being asked is part of it.
            changes.retain(|(change, _)| *change != Change::Released);
            changes.insert((Change::FallsAsleep, now));
        }
        if self.exempts(facts) {
            changes.insert((Change::Exempt, now));
        }
        if self.is_prompted(facts) {
            changes.insert((Change::Prompted, now));
        }
        changes
    }

    /// How a sign-in of an enrolled person at `surface` changes: one rule may be stricter than the
    /// other in one respect and milder in another.
    fn asked_at(
        &self,
        facts: &PersonFacts,
        surface: Option<&str>,
    ) -> impl Iterator<Item = Change> + use<> {
        let policies = [self.old, self.new];
        let [was, is] = policies.map(|policy| policy.surface_rule(surface));
        let asks = policies.map(|policy| {
            next_sign_in(policy, facts, surface, self.now).verdict == Verdict::Challenge
        });
        let changes = match asks {
            [false, false] => [None, None],
            [false, true] => [Some(Change::Asked), None],
            [true, false] => [Some(Change::Released), None],
            [true, true] => [
                stricter_rule(was, is).then_some(Change::AskedMoreOften),
                stricter_rule(is, was).then_some(Change::AskedLessOften),
            ],
        };
        changes.into_iter().flatten()
    }

    /// Whether a person who is not enrolled has to enroll from another day, or no longer.
    fn enrollment(&self, facts: &PersonFacts) -> Option<(Change, UnixTime)> {
        match (self.enrolls(self.old, facts), self.enrolls(self.new, facts)) {
            (before, Some(day)) if before != Some(day) => Some((Change::Enrolls, day)),
            (Some(day), None) => Some((Change::Released, day)),
            _ => None,
        }
    }

    fn turns_off(&self) -> bool {
        self.new.mode == Mode::Off && self.old.mode != Mode::Off
    }

    /// Whether `required` binds the person, and their identity provider answers for them.
    fn exempts(&self, facts: &PersonFacts) -> bool {
        self.new.mode == Mode::Required
            && self.new.scope.binds(&person(facts))
            && is_exempt(&next_sign_in(self.new, facts, None, self.now))
    }
}

/// What the person's next sign-in gets, at `at`, from a browser that is not trusted.
fn next_sign_in(
    policy: &Policy,
    facts: &PersonFacts,
    surface: Option<&str>,
    at: UnixTime,
) -> Ruling {
    let first = if facts.sso {
        Evidence {
            amr: facts.amr.clone(),
            ..Evidence::new(Method::Sso, at)
        }
    } else {
        Evidence::new(Method::Password, at)
    };
    decide(policy, &person(facts), &[first], surface, at)
}

/// The person as a policy sees them.
const fn person(facts: &PersonFacts) -> Person<'_> {
    const SOMETHING: &[AuthenticatorId] = &[AuthenticatorId::from_entropy([0; 16])];
    let enrolled = facts.authenticators > 0;
    Person {
        role: facts.role,
        groups: facts.groups.as_slice(),
        enrolled: Enrolled {
            authenticators: if enrolled { SOMETHING } else { &[] },
            backup_codes: enrolled,
        },
    }
}

fn is_exempt(ruling: &Ruling) -> bool {
    ruling
        .reasons
        .iter()
        .any(|reason| matches!(reason, Reason::SsoExempt | Reason::SsoEvidence))
}
