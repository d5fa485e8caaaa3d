//! States of the database and attempts against them, drawn so that each proviso holds more often
//! than not: most cases break none or one.

use std::ops::Range;

use super::NEW_SESSION;
use crate::store::survivors::Survivors;
use postern::{
    decision::{Attempt, Finding, Holder, Provisos, Spend},
    evidence::{Ground, Method},
    ids::{
        AuthenticatorId, ChallengeId, EnrollmentId, EventId, KnownBrowserId, OrganizationId,
        SessionId, TrustedDeviceId, UserId,
    },
    refusal::Hint,
    throttle::{DISABLED, Lane, Network, ThrottleKey},
    time::UnixTime,
    totp::TimeStep,
};
use proptest::{collection::vec, option, prelude::*};

pub const NOW: u64 = 1_800_000_000;
pub const DAY: u64 = 86_400;
pub const STEP: u64 = NOW / 30;

pub const EVENT: EventId = EventId::from_entropy([1; 16]);
pub const HERE: OrganizationId = OrganizationId::from_entropy([2; 16]);
pub const ELSEWHERE: OrganizationId = OrganizationId::from_entropy([3; 16]);
pub const ALICE: UserId = UserId::from_entropy([4; 16]);
pub const BOB: UserId = UserId::from_entropy([5; 16]);
pub const PHONE: AuthenticatorId = AuthenticatorId::from_entropy([6; 16]);
pub const DEVICE: TrustedDeviceId = TrustedDeviceId::from_entropy([7; 16]);
/// Answers that a challenge takes, where it takes only so many.
pub const TRIES: u32 = 10;
pub const CHALLENGE: ChallengeId = ChallengeId::from_entropy([8; 16]);
pub const SESSION: SessionId = SessionId::from_entropy([9; 16]);
pub const OTHER_SESSION: SessionId = SessionId::from_entropy([10; 16]);
pub const ENROLLMENT: EnrollmentId = EnrollmentId::from_entropy([11; 16]);
pub const OTHER_ENROLLMENT: EnrollmentId = EnrollmentId::from_entropy([12; 16]);
pub const KEY: AuthenticatorId = AuthenticatorId::from_entropy([13; 16]);
pub const BROWSER: KnownBrowserId = KnownBrowserId::from_entropy([14; 16]);
pub const NETWORK: Network = Network::V4([192, 0, 2]);
/// The sign count that is shown.
pub const COUNT: u32 = 10;
/// Ids of credentials: a new one, and what Alice, Bob and the other Alice have.
pub const CREDENTIALS: [&str; 4] = ["bmV3", "YWxpY2U", "Ym9i", "ZXZl"];
pub const CODE: &str = "the look-up of the code shown";

/// One attempt, what it meets, and what stands beside it that it must not touch.
#[derive(Debug)]
pub struct Case {
    /// What the database's clock says; ours says [`NOW`].
    pub clock: u64,
    pub alice: State,
    /// The same ids in the same organization.
    pub bob: State,
    /// The same ids in another organization.
    pub alice_elsewhere: State,
    /// Answers left of the challenge, if it was answered before. Challenges are random: no other
    /// user can have this one.
    pub tries_left: Option<u32>,
    pub attempt: Provisos,
    /// It also moves the user version, as a change of factors does: the sessions that outlive it.
    pub survivors: Option<Survivors>,
    /// What other requests do between the lost answer and the second try.
    pub meanwhile: Meanwhile,
}

/// A change by another request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meanwhile {
    Nothing,
    /// Of something that the version moves with.
    Moved,
    /// All users were deleted.
    Gone,
}

/// What D1 holds about a user, as far as an attempt can depend on it.
#[derive(Clone, Debug)]
pub struct State {
    pub user: Option<User>,
    /// `last_step` of the phone, if that is enrolled.
    pub phone: Option<u64>,
    /// Apps beside the phone.
    pub others: u8,
    /// The sign count of the passkey, if that is enrolled.
    pub key: Option<u32>,
    /// Passkeys beside it.
    pub other_keys: u8,
    /// The code shown is one of the set; when it was used.
    pub code: Option<Option<u64>>,
    /// Another code of the set is unused.
    pub code_left: bool,
    pub enrollment: Option<Enrollment>,
    /// By method and lane.
    pub throttles: Vec<Throttle>,
    pub session: Option<Session>,
    pub device: Option<Device>,
    /// When the last notice of a wrong second factor was written.
    pub warned_at: Option<u64>,
}

#[derive(Clone, Debug)]
pub struct User {
    pub version: u64,
    pub policy_version: u64,
    pub trust_epoch: u64,
    /// The organization takes a provider's word.
    pub sso_evidence: bool,
    pub active: bool,
    pub email: bool,
}

#[derive(Clone, Debug)]
pub struct Enrollment {
    pub id: EnrollmentId,
    pub session: SessionId,
    pub expires_at: u64,
}

#[derive(Clone, Debug)]
pub struct Throttle {
    pub method: Method,
    pub lane: String,
    pub window_from: u64,
    pub in_window: u32,
    pub in_row: u32,
    pub not_before: u64,
}

#[derive(Clone, Debug)]
pub struct Session {
    pub token_hash: &'static str,
    pub ended_at: Option<u64>,
    pub user_version: u64,
    pub ground: Ground,
    pub enrolling: bool,
    /// It rests on the device.
    pub trusting: bool,
}

#[derive(Clone, Debug)]
pub struct Device {
    pub created_at: u64,
    pub expires_at: u64,
    pub user_version: u64,
    pub trust_epoch: u64,
    pub token_hash: &'static str,
    pub previous_hash: Option<&'static str>,
    pub rotated_at: u64,
    pub ended_at: Option<u64>,
}

pub fn cases() -> impl Strategy<Value = Case> {
    let tries_left = prop_oneof![
        12 => Just(None),
        1 => Just(Some(0)),
        1 => Just(Some(1)),
        1 => Just(Some(TRIES - 1))
    ];
    let states = (state(), state(), state());
    let all = (clock(), states, tries_left, attempt());
    let meanwhile = prop_oneof![
        4 => Just(Meanwhile::Nothing),
        4 => Just(Meanwhile::Moved),
        1 => Just(Meanwhile::Gone)
    ];
    (all, option::weighted(0.6, survivors()), meanwhile).prop_map(
        |((clock, (alice, bob, alice_elsewhere), tries_left, attempt), survivors, meanwhile)| {
            Case {
                clock,
                alice,
                bob,
                alice_elsewhere,
                tries_left,
                attempt,
                survivors,
                meanwhile,
            }
        },
    )
}

/// Ours, or one that is just near enough, or just not.
fn clock() -> impl Strategy<Value = u64> {
    prop_oneof![
        8 => Just(NOW),
        3 => prop::sample::select(vec![NOW - 30, NOW + 30]),
        1 => prop::sample::select(vec![NOW - 31, NOW + 31, NOW - 2 * DAY, NOW + 2 * DAY]),
    ]
}

fn survivors() -> impl Strategy<Value = Survivors> {
    let aal2 = (maker(), option::of(ground()));
    prop_oneof![
        1 => maker().prop_map(Survivors::Only),
        3 => aal2.prop_map(|(maker, without)| Survivors::Aal2 { maker, without }),
    ]
}

fn maker() -> impl Strategy<Value = SessionId> {
    prop::sample::select(vec![SESSION, NEW_SESSION])
}

fn ground() -> impl Strategy<Value = Ground> {
    prop_oneof![
        Just(Ground::Password),
        Just(Ground::Authenticator(PHONE)),
        Just(Ground::Authenticator(KEY)),
        Just(Ground::BackupCodes),
        Just(Ground::Provider),
    ]
}

fn state() -> BoxedStrategy<State> {
    let factors = (
        mostly_some(around(STEP - 3..STEP - 1, &[STEP - 1, STEP, STEP + 4])),
        prop_oneof![12 => Just(0_u8), 1 => Just(98), 1 => Just(99), 1 => Just(100)],
        (
            mostly_some(mostly(None, Some(NOW - 5))),
            mostly(true, false),
        ),
        mostly_some(prop::sample::select(vec![0, COUNT - 1, COUNT, COUNT + 1])),
        prop_oneof![30 => Just(0_u8), 1 => Just(98), 1 => Just(99), 1 => Just(100)],
    );
    let guards = (
        mostly_some(enrollment()),
        vec(throttle(), 0..6).prop_map(one_for_each_lane),
        mostly_some(session()),
        mostly_some(device()),
        option::weighted(0.3, around(NOW - 7200..NOW, &[NOW - 3600, NOW - 3599])),
    );
    (mostly_some(user()), factors, guards)
        .prop_map(
            |(
                user,
                (phone, others, (code, code_left), key, other_keys),
                (enrollment, throttles, session, device, warned_at),
            )| {
                State {
                    user,
                    phone,
                    others,
                    code,
                    code_left,
                    key,
                    other_keys,
                    enrollment,
                    throttles,
                    session,
                    device,
                    warned_at,
                }
            },
        )
        .boxed()
}

fn user() -> BoxedStrategy<User> {
    let versions = (mostly(7_u64, 8), mostly(5_u64, 6), mostly(3_u64, 4));
    let is = (any::<bool>(), mostly(true, false), mostly(true, false));
    (versions, is)
        .prop_map(
            |((version, policy_version, trust_epoch), (sso_evidence, active, email))| User {
                version,
                policy_version,
                trust_epoch,
                sso_evidence,
                active,
                email,
            },
        )
        .boxed()
}

fn enrollment() -> BoxedStrategy<Enrollment> {
    (
        mostly(ENROLLMENT, OTHER_ENROLLMENT),
        mostly(SESSION, OTHER_SESSION),
        around(NOW + 1..NOW + 600, &[NOW, NOW + 1]),
    )
        .prop_map(|(id, session, expires_at)| Enrollment {
            id,
            session,
            expires_at,
        })
        .boxed()
}

fn throttle() -> BoxedStrategy<Throttle> {
    (
        method(),
        counted(),
        around(NOW - 2 * DAY..NOW + 1, &[NOW - DAY, NOW - DAY + 1]),
        prop_oneof![3 => 0..9_u32, 1 => Just(9), 2 => 98..101_u32, 1 => 298..301_u32],
        prop_oneof![0..12_u32, 98..101_u32],
        around(0..NOW, &[NOW, NOW + 1, NOW + 900, DISABLED.0]),
    )
        .prop_map(
            |(method, lane, window_from, in_window, in_row, not_before)| Throttle {
                method,
                lane,
                window_from,
                in_window,
                in_row,
                not_before,
            },
        )
        .boxed()
}

fn one_for_each_lane(mut throttles: Vec<Throttle>) -> Vec<Throttle> {
    throttles.sort_by_key(|throttle| (throttle.method.as_str(), throttle.lane.clone()));
    throttles.dedup_by_key(|throttle| (throttle.method, throttle.lane.clone()));
    throttles
}

fn session() -> BoxedStrategy<Session> {
    let token = (mostly("now", "before"), mostly(None, Some(NOW - 1)));
    let rests = (
        mostly(7_u64, 6),
        ground(),
        mostly(false, true),
        prop_oneof![4 => Just(false), 1 => Just(true)],
    );
    (token, rests)
        .prop_map(
            |((token_hash, ended_at), (user_version, ground, enrolling, trusting))| Session {
                token_hash,
                ended_at,
                user_version,
                ground,
                enrolling,
                trusting,
            },
        )
        .boxed()
}

fn device() -> BoxedStrategy<Device> {
    let token = (
        prop_oneof![Just("now"), Just("after")],
        option::weighted(0.8, mostly("now", "long ago")),
        around(
            NOW - 90..NOW + 90,
            &[NOW - 61, NOW - 60, NOW + 60, NOW + 61],
        ),
    );
    let life = (
        around(NOW - 30 * DAY..NOW - DAY, &[NOW + 60, NOW + 61]),
        around(NOW + 1..NOW + DAY, &[NOW, NOW + 1]),
        mostly(7_u64, 8),
        mostly(3_u64, 4),
        mostly(None, Some(NOW - 1)),
    );
    (token, life)
        .prop_map(
            |(
                (token_hash, previous_hash, rotated_at),
                (created_at, expires_at, user_version, trust_epoch, ended_at),
            )| Device {
                created_at,
                expires_at,
                user_version,
                trust_epoch,
                token_hash,
                previous_hash,
                rotated_at,
                ended_at,
            },
        )
        .boxed()
}

fn attempt() -> BoxedStrategy<Provisos> {
    let finding = prop_oneof![
        1 => Just(Finding::Nothing),
        4 => Just(Finding::Holds),
        2 => Just(Finding::Wrong),
        3 => Just(Finding::Step { authenticator: PHONE, step: TimeStep(STEP) }),
        3 => Just(Finding::LookUp(CODE.to_owned())),
        2 => mostly(Some(TimeStep(STEP)), None)
            .prop_map(|step| Finding::Enrollment { id: ENROLLMENT, step }),
        3 => (prop::sample::select(vec![0, COUNT]), any::<bool>(), any::<bool>(), any::<bool>())
            .prop_map(|(sign_count, backup_state, uv_initialized, refuse_regression)| Finding::Assertion {
                authenticator: KEY, sign_count, backup_state, uv_initialized, refuse_regression,
            }),
        2 => prop::sample::select(CREDENTIALS.to_vec())
            .prop_map(|credential| Finding::Registration { credential: credential.to_owned() }),
    ];
    let late = Hint::ClockBehind {
        authenticator: PHONE,
        step: TimeStep(STEP),
        minutes: 5,
    };
    let hint =
        prop_oneof![2 => Just(None), 3 => Just(Some(late)), 1 => Just(Some(Hint::PasskeyChanged))];
    let shown = (
        finding,
        hint,
        option::weighted(0.8, (method(), lane())),
        prop_oneof![2 => Just(1_u32), 1 => 1..12_u32],
    );
    let challenge =
        prop_oneof![2 => Just(None), 1 => Just(Some(None)), 1 => Just(Some(Some(TRIES)))];
    let tokens = (challenge, any::<bool>(), any::<bool>());
    let versions = (
        mostly(7_u64, 6),
        mostly(5_u64, 4),
        option::weighted(0.2, mostly(2_u64, 1)),
    );
    (shown, tokens, versions)
        .prop_map(
            |(
                (finding, hint, throttle, cost),
                (challenge, session, device),
                (user_version, policy_version, enrolled),
            )| {
                let of_passkey = matches!(
                    finding,
                    Finding::Assertion { .. } | Finding::Registration { .. }
                );
                let throttle = throttle.map(|(method, lane)| ThrottleKey {
                    method: if of_passkey { Method::Passkey } else { method },
                    lane,
                });
                // A device stands beside a first factor, an enrollment belongs to a session.
                let device = device && matches!(finding, Finding::Holds | Finding::Wrong);
                let session = session || matches!(finding, Finding::Enrollment { .. });
                Provisos {
                    organization: HERE,
                    user: ALICE,
                    user_version,
                    policy_version,
                    attempt: Attempt {
                        throttle,
                        method: if of_passkey {
                            Some(Method::Passkey)
                        } else {
                            throttle.map(|throttle| throttle.method)
                        },
                        cost: throttle.map_or(0, |_| cost),
                        finding,
                        evidence: None,
                        flaw: None,
                        hint,
                        rekey: None,
                    },
                    challenge: challenge.map(|tries| Spend {
                        id: CHALLENGE,
                        tries,
                        expires_at: UnixTime(NOW + 600),
                    }),
                    session: session.then(|| Holder {
                        id: SESSION,
                        token_hash: "now".to_owned(),
                    }),
                    device: device.then(|| Holder {
                        id: DEVICE,
                        token_hash: "now".to_owned(),
                    }),
                    enrolled,
                }
            },
        )
        .boxed()
}

fn method() -> impl Strategy<Value = Method> {
    prop_oneof![3 => Just(Method::Totp), 1 => Just(Method::BackupCode), 1 => Just(Method::Password), 1 => Just(Method::Passkey)]
}

fn lane() -> impl Strategy<Value = Lane> {
    prop_oneof![
        6 => Just(Lane::Everyone),
        1 => Just(Lane::Device(DEVICE)),
        2 => Just(Lane::Network(NETWORK)),
        2 => Just(Lane::Browser(BROWSER)),
        1 => Just(Lane::Session),
    ]
}

/// The lane of a counter: of one who tries, or one that they share.
fn counted() -> impl Strategy<Value = String> {
    prop_oneof![4 => lane().prop_map(|lane| lane.to_string()), 1 => Just("known".to_owned())]
}

fn mostly<T: Clone + std::fmt::Debug>(this: T, that: T) -> impl Strategy<Value = T> {
    prop_oneof![12 => Just(this), 1 => Just(that)]
}

fn mostly_some<T: std::fmt::Debug>(
    inner: impl Strategy<Value = T>,
) -> impl Strategy<Value = Option<T>> {
    option::weighted(0.93, inner)
}

/// Anything in a range, and its edges.
fn around(usual: Range<u64>, edges: &'static [u64]) -> impl Strategy<Value = u64> {
    prop_oneof![4 => usual, 1 => prop::sample::select(edges)]
}
