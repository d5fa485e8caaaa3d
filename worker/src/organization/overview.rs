//! An organization at a glance: who has which factors, who has to enroll, and who is attacked.
//!
//! What happened day by day is counted by triggers when it happens, so that no answer counts all people
//! or events. Days are those of UTC.

use std::collections::BTreeSet;

use postern::{
    policy::{Mode, Policy},
    refusal::Refusal,
    throttle::{DISABLED, Network},
    time::UnixTime,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    access::Admin,
    http::{body::Json, problem::Problem},
    platform::{json_text, statement},
    store::d1::{self, Rows, Statement},
};

const DAY_SECONDS: u64 = 86_400;

/// Days that the enrollment is shown of at most.
const ENROLLMENT_DAYS: u64 = 90;

/// Days that the attacks are shown of.
const ATTACK_DAYS: u64 = 30;

/// The organization at a glance.
#[derive(Serialize, ToSchema)]
pub struct OverviewAnswer {
    overview: Overview,
}

/// An organization at a glance.
#[derive(Serialize, ToSchema)]
struct Overview {
    now: PeopleNow,
    /// How many people there were, and how many of them had an authenticator, at the end of each of the
    /// last 90 days, the oldest first. It is added up from what each day brought, which is recorded with
    /// each change; it begins with the first day of the organization.
    #[schema(min_items = 1, max_items = 90)]
    enrollment: Vec<EnrollmentDay>,
    due: Due,
    /// What was refused on each of the last 30 days, the oldest first.
    #[schema(min_items = 30, max_items = 30)]
    attacks: Vec<AttackDay>,
    /// People at whose accounts most proofs were refused in the last 24 hours, 10 at most.
    #[schema(max_items = 10)]
    under_attack: Vec<UnderAttack>,
}

/// How many people keep which factors now.
#[derive(Debug, Default, Serialize, ToSchema)]
struct PeopleNow {
    /// All users.
    #[schema(minimum = 0)]
    people: u64,
    /// Those without a confirmed authenticator.
    #[schema(minimum = 0)]
    missing: u64,
    /// Those with authenticator apps only.
    #[schema(minimum = 0)]
    totp: u64,
    /// Those with passkeys only.
    #[schema(minimum = 0)]
    passkey: u64,
    /// Those with both.
    #[schema(minimum = 0)]
    both: u64,
    /// Those with one to three backup codes left.
    #[schema(minimum = 0)]
    backup_codes_low: u64,
    /// Those who used all their backup codes.
    #[schema(minimum = 0)]
    backup_codes_none: u64,
    /// Those who trust a browser.
    #[schema(minimum = 0)]
    trusted_devices: u64,
    /// Those who have to wait before they may try some method again.
    #[schema(minimum = 0)]
    locked: u64,
    /// Those who may not sign in.
    #[schema(minimum = 0)]
    disabled: u64,
}

/// How many people there were at the end of a day.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct EnrollmentDay {
    /// When the day began.
    from: UnixTime,
    /// All users.
    #[schema(minimum = 0)]
    people: u64,
    /// Those with a confirmed authenticator.
    #[schema(minimum = 0)]
    enrolled: u64,
    /// Those without one.
    #[schema(minimum = 0)]
    missing: u64,
}

/// The people who have to enroll. Where the policy takes an identity provider's word, people whose last
/// sign-in came from one are not among them.
#[derive(Serialize, ToSchema)]
#[schema(as = EnrollmentDue)]
struct Due {
    /// The policy's mode.
    mode: Mode,
    /// The policy's deadline.
    #[schema(required)]
    deadline: Option<UnixTime>,
    /// From when people have to enroll: the deadline, or now where it has passed or there is none;
    /// `null` where the policy requires it of no one.
    #[schema(required)]
    next: Option<UnixTime>,
    /// Those who may sign in, are bound by `required` and have no authenticator.
    #[schema(minimum = 0)]
    people: u64,
    /// The first 10 of them, in the order of their ids.
    #[schema(max_items = 10)]
    first: Vec<Named>,
}

/// A person by name.
#[derive(Deserialize, Serialize, ToSchema)]
#[schema(as = NamedPerson)]
struct Named {
    /// The id, chosen by the application.
    id: String,
    /// The name, or the username of a person without one.
    name: String,
}

/// What was refused on one day.
#[derive(Debug, PartialEq, Serialize, ToSchema)]
struct AttackDay {
    /// When the day began.
    from: UnixTime,
    /// Proofs that did not hold, also at names that no user has.
    #[schema(minimum = 0)]
    wrong: u64,
    /// Methods that refusals closed until the end of their day, or until they are unlocked.
    #[schema(minimum = 0)]
    locks: u64,
    /// Trusted devices that were presented and are over, or had a token that was used before.
    #[schema(minimum = 0)]
    refused_devices: u64,
}

/// A person at whose account proofs were refused.
#[derive(Serialize, ToSchema)]
struct UnderAttack {
    /// The id, chosen by the application.
    id: String,
    /// The name, or the username of a person without one.
    name: String,
    /// Proofs refused in the last 24 hours.
    #[schema(minimum = 1)]
    tries: u64,
    /// From how many networks they came: a /24 of IPv4 or a /64 of IPv6 is one, and so are all that are
    /// not known.
    #[schema(minimum = 1)]
    networks: u64,
    /// Whether some method is closed now.
    locked: bool,
    /// Until when; `null` for one that is open, or that only another factor or an unlock gives back.
    #[schema(required)]
    locked_until: Option<UnixTime>,
}

/// `GET /v1/organizations/{org}/overview`
pub async fn show(caller: Admin) -> Result<Json<OverviewAnswer>, Problem> {
    let context = caller.context();
    let organization = caller.organization.as_str();
    let today = context.now.0.div_euclid(DAY_SECONDS);
    let first = today.saturating_sub(ENROLLMENT_DAYS - 1);
    let yesterday = context.now.minus(DAY_SECONDS);
    let statements = [
        Statement::new(NOW, [organization.into(), context.now.into()]),
        Statement::new(DAYS, [organization.into(), first.into()]),
        Statement::new(DUE_PEOPLE, [organization.into()]),
        Statement::new(DUE_FIRST, [organization.into()]),
        statement!(UNDER_ATTACK, { organization: organization, since: yesterday }),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let overview = Overview::read(&mut rows, context.now)?;
    Ok(Json(OverviewAnswer { overview }))
}

impl Overview {
    /// From the rows of the statements.
    fn read(rows: &mut Rows, now: UnixTime) -> Result<Self, Problem> {
        let today = now.0.div_euclid(DAY_SECONDS);
        let of_now: NowRow = rows.first()?.ok_or(Refusal::NotFound)?;
        let days: Vec<DayRow> = rows.all()?;
        let due: Counted = rows.first()?.ok_or(Refusal::NotFound)?;
        let first = rows.readable("people who have to enroll")?;
        let attacked: Vec<AttackedRow> = rows.readable("people under attack")?;
        let sums = Sums::of(&days, today);
        let Policy {
            mode, grace_until, ..
        } = of_now.policy;
        Ok(Self {
            now: of_now.people(sums.last()),
            enrollment: sums.iter().map(Sums::day).collect(),
            due: Due {
                mode,
                deadline: grace_until,
                next: (mode == Mode::Required)
                    .then(|| grace_until.map_or(now, |until| until.max(now))),
                people: due.people,
                first,
            },
            attacks: AttackDay::of(&days, today),
            under_attack: attacked.into_iter().map(AttackedRow::person).collect(),
        })
    }
}

/// What [`NOW`] reads.
#[derive(Deserialize)]
struct NowRow {
    #[serde(deserialize_with = "json_text")]
    policy: Policy,
    backup_codes_low: u64,
    backup_codes_none: u64,
    trusted_devices: u64,
    locked: u64,
    disabled: u64,
}

impl NowRow {
    fn people(&self, sums: Option<&Sums>) -> PeopleNow {
        let of = |what: fn(&Sums) -> i64| sums.map_or(0, |sums| shown(what(sums)));
        PeopleNow {
            people: of(|sums| sums.people),
            missing: of(Sums::missing),
            totp: of(|sums| sums.totp),
            passkey: of(|sums| sums.passkey),
            both: of(|sums| sums.both),
            backup_codes_low: self.backup_codes_low,
            backup_codes_none: self.backup_codes_none,
            trusted_devices: self.trusted_devices,
            locked: self.locked,
            disabled: self.disabled,
        }
    }
}

/// What [`DAYS`] reads: what a day brought, the first one with all days before.
#[derive(Deserialize)]
struct DayRow {
    day: u64,
    people: i64,
    totp: i64,
    passkey: i64,
    both: i64,
    wrong: u64,
    locks: u64,
    refused_devices: u64,
}

/// How many people there were at the end of a day.
#[derive(Clone, Copy, Default)]
struct Sums {
    day: u64,
    people: i64,
    totp: i64,
    passkey: i64,
    both: i64,
}

impl Sums {
    /// Every day from the first one that is known until today.
    fn of(rows: &[DayRow], today: u64) -> Vec<Self> {
        let first = rows.first().map_or(today, |row| row.day.min(today));
        let mut rows = rows.iter().peekable();
        let mut sums = Self::default();
        let days = (first..=today).map(|day| {
            sums.day = day;
            // A day after today is one of another instance's clock, at midnight.
            while let Some(row) = rows.next_if(|row| row.day <= day || day == today) {
                sums.add(row);
            }
            sums
        });
        days.collect()
    }

    const fn add(&mut self, row: &DayRow) {
        self.people = self.people.saturating_add(row.people);
        self.totp = self.totp.saturating_add(row.totp);
        self.passkey = self.passkey.saturating_add(row.passkey);
        self.both = self.both.saturating_add(row.both);
    }

    const fn enrolled(&self) -> i64 {
        let one = self.totp.saturating_add(self.passkey);
        one.saturating_add(self.both)
    }

    const fn missing(&self) -> i64 {
        self.people.saturating_sub(self.enrolled())
    }

    fn day(&self) -> EnrollmentDay {
        EnrollmentDay {
            from: beginning(self.day),
            people: shown(self.people),
            enrolled: shown(self.enrolled()),
            missing: shown(self.missing()),
        }
    }
}

impl AttackDay {
    /// Each of the last days until today.
    fn of(rows: &[DayRow], today: u64) -> Vec<Self> {
        let first = today.saturating_sub(ATTACK_DAYS - 1);
        let days = (first..=today).map(|day| {
            let row = rows.iter().find(|row| row.day == day);
            let of = |what: fn(&DayRow) -> u64| row.map_or(0, what);
            Self {
                from: beginning(day),
                wrong: of(|row| row.wrong),
                locks: of(|row| row.locks),
                refused_devices: of(|row| row.refused_devices),
            }
        });
        days.collect()
    }
}

/// What [`DUE_PEOPLE`] reads.
#[derive(Deserialize)]
struct Counted {
    people: u64,
}

/// What [`UNDER_ATTACK`] reads.
#[derive(Deserialize)]
struct AttackedRow {
    id: String,
    name: String,
    tries: u64,
    #[serde(deserialize_with = "json_text")]
    addresses: Vec<Option<String>>,
    locked_until: Option<UnixTime>,
}

impl AttackedRow {
    fn person(self) -> UnderAttack {
        let networks = self.addresses.iter().map(|ip| Network::of(ip.as_deref()));
        let networks = networks.collect::<BTreeSet<_>>().len();
        UnderAttack {
            id: self.id,
            name: self.name,
            tries: self.tries,
            networks: u64::try_from(networks).unwrap_or(u64::MAX),
            locked: self.locked_until.is_some(),
            locked_until: self.locked_until.filter(|until| *until != DISABLED),
        }
    }
}

const fn beginning(day: u64) -> UnixTime {
    UnixTime(day.saturating_mul(DAY_SECONDS))
}

/// A number of people.
fn shown(number: i64) -> u64 {
    u64::try_from(number).unwrap_or(0)
}

/// ?1 organization 2 now
const NOW: &str = "
SELECT o.policy,
  (SELECT count(*) FROM backup_code_set b WHERE b.organization = o.id AND b.used BETWEEN 7 AND 9) AS backup_codes_low,
  (SELECT count(*) FROM backup_code_set b WHERE b.organization = o.id AND b.used >= 7 AND b.used >= 10) AS backup_codes_none,
  (SELECT count(DISTINCT d.user) FROM trusted_device d INDEXED BY trusted_device_alive WHERE d.organization = o.id AND d.ended_at IS NULL
    AND d.trust_epoch = o.trust_epoch AND d.expires_at > ?2) AS trusted_devices,
  (SELECT count(DISTINCT t.user) FROM throttle t JOIN user u ON (u.organization, u.id) = (t.organization, t.user)
    WHERE t.organization = o.id AND t.not_before > unixepoch()) AS locked,
  (SELECT count(*) FROM user u WHERE u.organization = o.id AND u.state = 'disabled') AS disabled
FROM organization o WHERE o.external_id = ?1";

/// ?1 organization 2 first day
const DAYS: &str = "
SELECT max(d.day, CAST(?2 AS INTEGER)) AS day, sum(d.people) AS people, sum(d.totp) AS totp, sum(d.passkey) AS passkey, sum(d.both) AS both,
  sum(d.wrong) AS wrong, sum(d.locks) AS locks, sum(d.refused_devices) AS refused_devices
FROM organization_day d WHERE d.organization = (SELECT id FROM organization WHERE external_id = ?1)
GROUP BY 1 ORDER BY 1";

/// Users who have to enroll: `$columns` of them, and what is to be done with them. The policy is read
/// once, and not for each user.
macro_rules! due {
    ($columns:literal, $rest:literal) => {
        concat!(
            "
WITH asking AS MATERIALIZED (
  SELECT id, policy ->> 'sso' AS sso, policy -> 'scope' = '\"everyone\"' AS everyone
  FROM organization WHERE external_id = ?1 AND policy ->> 'mode' = 'required'),
roles AS MATERIALIZED (
  SELECT j.value FROM organization o CROSS JOIN json_each(o.policy, '$.scope.roles') j WHERE o.external_id = ?1),
grouped AS MATERIALIZED (
  SELECT g.user FROM organization o CROSS JOIN json_each(o.policy, '$.scope.groups') j
  CROSS JOIN user_group g ON (g.organization, g.name) = (o.id, j.value) WHERE o.external_id = ?1)
SELECT ",
            $columns,
            "
FROM user u INDEXED BY user_due
WHERE u.organization = (SELECT id FROM asking) AND u.enrolled = 0 AND u.state = 'active'
  AND CASE (SELECT sso FROM asking) WHEN 'exempt' THEN u.sso = 0 WHEN 'evidence' THEN u.sso < 2 ELSE 1 END
  AND ((SELECT everyone FROM asking)
    OR u.role IN (SELECT value FROM roles) OR u.id IN (SELECT user FROM grouped))",
            $rest
        )
    };
}

/// ?1 organization
const DUE_PEOPLE: &str = due!("count(*) AS people", "");

/// ?1 organization
const DUE_FIRST: &str = due!(
    "u.external_id AS id, coalesce(u.name, u.username) AS name",
    "
ORDER BY u.external_id LIMIT 10"
);

/// The most that were refused in one way at one account say which accounts to look at; those are counted.
const UNDER_ATTACK: &str = "
SELECT id, name, tries, addresses, locked_until
FROM (
  SELECT u.external_id AS id, coalesce(u.name, u.username) AS name, count(*) AS tries, json_group_array(DISTINCT e.ip) AS addresses,
    (SELECT max(t.not_before) FROM throttle t
      WHERE (t.organization, t.user) = (u.organization, u.id) AND +t.not_before > unixepoch()) AS locked_until
  FROM (
    SELECT DISTINCT user FROM (
      SELECT t.user FROM throttle t
      WHERE t.organization = (SELECT id FROM organization WHERE external_id = :organization) AND t.in_window > 0
      ORDER BY t.in_window DESC LIMIT 100)) busiest
  JOIN user u ON u.organization = (SELECT id FROM organization WHERE external_id = :organization) AND u.id = busiest.user
  JOIN event e ON (e.organization, e.user) = (u.organization, u.id) AND e.at > :since
    AND e.outcome IN ('wrong', 'replayed', 'used', 'count_regressed')
  GROUP BY u.id)
ORDER BY tries DESC, id LIMIT 10";
