//! The built-in first factor: a name and a password. What it costs to find out does not tell whether
//! there is such a user, or such an organization.

use postern::{
    challenges::{Delivery, Presented},
    evidence::{Evidence, Method},
    known_browsers::KnownBrowser,
    names::{Surface, Username},
    passwords::Password,
    refusal::Refusal,
    throttle::{Counter, Counters, KNOWN, Lane, ThrottleKey},
    time::UnixTime,
    users::State,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::Public,
    http::{body::ShortJson, context::Context, jar::Jar, problem::Problem, slow_hashes::Place},
    sign_in::{
        finish::{SignInReply, finish},
        first_factor::{FirstFactor, Shown},
        known_browsers,
        resets::{Reset, presented},
        trusted_devices::presented_device,
    },
    store::{
        d1::{self, Statement, statement},
        models::Models,
    },
};

mod unknown;

use unknown::Unknown;

/// A name and a password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SignInByPassword)]
pub struct ByPassword {
    /// The organization's id.
    organization: String,
    /// The user's name.
    username: String,
    /// The password.
    password: Password,
    /// What the person signs in to.
    surface: Option<Surface>,
    /// How the session travels.
    #[serde(default)]
    session: Delivery,
    /// What stands behind the `#` of the link of a reset: the answer is a session that may replace all factors.
    #[schema(max_length = 1024)]
    reset: Option<String>,
}

/// Milliseconds below which a refusal waits, by chance.
const REFUSAL_WAITS_MS: u32 = 50;

/// `POST /v1/sign-ins/password`
pub async fn sign_in(
    caller: Public,
    ShortJson(body): ShortJson<ByPassword>,
) -> Result<SignInReply, Problem> {
    let context = &caller.request.context;
    let reply = judged(&caller, body).await;
    if reply.is_err() {
        // A known and an unknown name cost the same work, but not to the millisecond: what is left of a
        // difference takes more tries to see than a throttle allows.
        let [byte] = context.entropy().unwrap_or_default();
        let wait = u32::from(byte).saturating_mul(REFUSAL_WAITS_MS) / 256;
        context.timer().pause(wait).await;
    }
    reply
}

async fn judged(caller: &Public, body: ByPassword) -> Result<SignInReply, Problem> {
    // parse
    let context = &caller.request.context;
    context.check_surface("surface", body.surface.as_ref())?;
    // A name that cannot be is a name that no user has.
    let name = body.username.parse::<Username>();
    let name = name.map_or(body.username, |name| name.to_string());
    let reset = match &body.reset {
        Some(token) => Some(presented(context, token).await?),
        None => None,
    };
    // Before anyone is looked up: whether there is a user of another name must not show.
    let mine = |reset: &Reset| reset.is_for(&body.organization, &name);
    if !reset.as_ref().is_none_or(mine) {
        return Err(Refusal::NotAccepted.into());
    }
    let jar = Jar::of(&caller.request);
    let unknown = Unknown::new(context, body.organization, name);
    let browsers = known_browsers::presented(context, &jar);
    // A known browser goes first, and counts as the person it is known as, whatever names it asks for.
    let asker = browsers.first().map(|browser| browser.id.to_string());
    let known = asker.is_some();
    let place = Place::take(context, asker.as_ref().unwrap_or(&unknown.pseudonym), known).await?;
    // load, the throttle before the slow hash
    let Found {
        models,
        throttle,
        counters,
    } = find(context, &unknown, &browsers).await?;
    if !throttle.lane.is_known() {
        place.fall_behind();
    }
    if let Some(closed) = throttle.closed(&counters, 1, context.now) {
        return Err(Refusal::closed(closed, Refusal::NotAccepted).into());
    }
    let Some(models) = models else {
        return unknown
            .refuse(context, throttle, &body.password, place)
            .await;
    };
    let first_factor = FirstFactor {
        shown: Shown::Password {
            presented: Presented::Password(body.password),
            lane: throttle.lane,
            place,
        },
        evidence: Evidence::new(Method::Password, context.now),
        surface: body.surface,
        delivery: body.session,
        device: presented_device(context, &jar, models.home()),
        jar: Some(jar),
        explain: false,
        reset,
    };
    finish(context, &first_factor, models).await
}

/// Who was found by a name, and how it stands at the throttle of the password.
struct Found {
    /// None where there is no active user of the name.
    models: Option<Models>,
    throttle: ThrottleKey,
    counters: Counters,
}

/// A counter of the user, or of the name that no user has.
#[derive(Deserialize)]
struct CounterRow {
    of_user: u32,
    lane: String,
    not_before: UnixTime,
    in_window: u32,
    window_from: UnixTime,
}

/// The active user of the name, and the throttle in the lane of this browser: of an unknown one, too.
async fn find(
    context: &Context,
    unknown: &Unknown,
    browsers: &[KnownBrowser],
) -> Result<Found, Problem> {
    let throttle = |home| ThrottleKey {
        method: Method::Password,
        lane: known_browsers::lane(context, browsers, home),
    };
    let stranger = throttle(None);
    let mut lanes = vec![String::new(), KNOWN.to_owned(), stranger.lane.to_string()];
    lanes.extend(
        browsers
            .iter()
            .map(|browser| Lane::Browser(browser.id).to_string()),
    );
    let (organization, name) = (|| unknown.organization.as_str(), || unknown.name.as_str());
    let statements = [
        Statement::new(FIND, [organization().into(), name().into()]),
        statement!(COUNTERS, {
            organization: organization(),
            name: name(),
            pseudonym: unknown.pseudonym.as_str(),
            lanes: serde_json::to_string(&lanes)?,
        }),
        Statement::new(DECOY, [organization().into(), name().into()]),
    ];
    let mut rows = d1::run(&context.database, &statements).await?;
    let models = rows.first::<Models>()?;
    let counters = rows.all::<CounterRow>()?;
    // Read like the user asked for, and let go: its faults are not this caller's.
    let _ = rows.first::<Models>();
    // A disabled user is answered like an unknown one, in all that takes time too.
    let models = models.filter(|models| models.user.state == State::Active);
    let throttle = models
        .as_ref()
        .map_or(stranger, |models| throttle(Some(models.home())));
    let of_user = u32::from(models.is_some());
    let counter = |lane: &str| {
        let mut rows = counters.iter();
        let row = rows.find(|row| row.of_user == of_user && row.lane == lane);
        row.map_or_else(Counter::default, |row| Counter {
            not_before: row.not_before,
            in_window: row.in_window,
            window_from: row.window_from,
        })
    };
    let counters = Counters {
        own: counter(&throttle.lane.to_string()),
        shared: throttle
            .shared()
            .map_or_else(Counter::default, |shared| counter(shared.lane)),
    };
    Ok(Found {
        models,
        throttle,
        counters,
    })
}

/// ?1 organization 2 name
const FIND: &str = "
SELECT m.model AS user, p.model AS organization
FROM organization o JOIN user u ON u.organization = o.id AND u.username = ?2
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE o.external_id = ?1";

/// The counters of the user of the name, and those of the name as one that no user has.
const COUNTERS: &str = "
SELECT who.of_user, t.lane, t.not_before, t.in_window, t.window_from
FROM (
  SELECT 1 AS of_user, u.organization, u.id AS user
  FROM organization o JOIN user u ON u.organization = o.id AND u.username = :name
  WHERE o.external_id = :organization
  UNION ALL
  SELECT 0, coalesce((SELECT id FROM organization WHERE external_id = :organization), '?'), :pseudonym) who
JOIN throttle t ON (t.organization, t.user, t.method) = (who.organization, who.user, 'password')
WHERE t.lane IN (SELECT value FROM json_each(:lanes))";

/// Some user, where none has the name, of the same organization if there is one: so that looking
/// for an unknown user takes as long. ?1 organization 2 name
const DECOY: &str = "
SELECT m.model AS user, p.model AS organization
FROM (SELECT coalesce(
    (SELECT u.organization FROM organization o JOIN user u ON u.organization = o.id WHERE o.external_id = ?1 LIMIT 1),
    (SELECT organization FROM user LIMIT 1)) AS id) o
JOIN user u ON u.organization = o.id AND u.id = (SELECT id FROM user WHERE organization = o.id LIMIT 1)
JOIN user_model m ON (m.organization, m.id) = (u.organization, u.id)
JOIN organization_model p ON p.id = o.id
WHERE NOT EXISTS (
  SELECT 1 FROM organization o JOIN user u ON u.organization = o.id WHERE o.external_id = ?1 AND u.username = ?2)";
