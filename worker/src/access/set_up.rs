//! The operator who sets a deployment up, by the code that was made for it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::request::Parts;
use postern::{audit::Action, refusal::Refusal, throttle::WINDOW_SECONDS};
use serde::Deserialize;

use crate::{
    http::{
        context::Context,
        problem::Problem,
        request::Request,
        route::{Access, Class},
    },
    store::d1::{self, Batch, Statement, effect, recording, recording_text},
};

/// The operator with the set-up code, while it was not used.
///
/// ```compile_fail,E0451
/// use postern_worker::access::{Public, SetUp};
///
/// fn handler(caller: Public) -> SetUp {
///     SetUp {
///         request: caller.request,
///         _code: todo!(),
///     }
/// }
/// ```
pub struct SetUp {
    /// The request.
    pub request: Arc<Request>,
    _code: Checked,
}

impl SetUp {
    /// The surroundings of the request.
    pub fn context(&self) -> &Context {
        &self.request.context
    }
}

/// That the code was checked.
struct Checked;

impl Class for SetUp {
    const ACCESS: Access = Access::SetUp;
    const REFUSES: &'static [&'static str] = &["expired", "not_accepted", "unauthenticated"];
}

impl FromRequestParts<()> for SetUp {
    type Rejection = Problem;

    /// A right code is never made to wait for wrong ones: it is too long to be guessed, and a wait would
    /// let anyone keep the operator out.
    async fn from_request_parts(parts: &mut Parts, (): &()) -> Result<Self, Problem> {
        let request = Request::of(parts)?;
        let context = &request.context;
        let presented = request.bearer().ok_or(Refusal::Unauthenticated)?;
        if !context.settings.is_set_up_code(&presented) {
            record_wrong_code(context).await?;
            return Err(Refusal::NotAccepted.into());
        }
        let mut rows = d1::run(&context.database, &[Statement::new(DONE, [])]).await?;
        if rows.first::<Done>()?.is_some() {
            return Err(Refusal::Expired.into());
        }
        request.check_form()?;
        let _code = Checked;
        Ok(Self { request, _code })
    }
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Done {}

/// Records that a wrong code was shown, while a right one would open set-up, and as long as there are not too many of
/// them: a flood costs a read each, and fills nothing.
async fn record_wrong_code(context: &Context) -> Result<(), Problem> {
    let event = context.event_id()?;
    let batch = Batch {
        recording: recording!(WRONG, {
            event: event,
            now: context.now,
            has_code: context.settings.has_set_up_code(),
            action: Action::OrganizationSetUp.as_str(),
            ip: context.origin.ip.clone(),
            user_agent: context.origin.user_agent.clone(),
            request_id: context.origin.request_id.clone(),
        }),
        effects: vec![effect!(COUNT, event, WINDOW_SECONDS, MOST_RECORDED)],
        reads: vec![],
    };
    d1::write(&context.database, &batch).await?;
    Ok(())
}

/// Wrong codes that are recorded in a day, of all callers together.
const MOST_RECORDED: u32 = 100;

const DONE: &str = "SELECT 1 FROM set_up";

/// It belongs to no organization's audit trail, and ends with the day.
const WRONG: &str = recording_text!(
    "id, organization, at, action, actor, outcome, ip, user_agent, request_id",
    "
SELECT :event, '?', :now, :action, 'operator', 'wrong', :ip, :user_agent, :request_id
WHERE :has_code AND NOT EXISTS (SELECT 1 FROM set_up) AND NOT EXISTS (
  SELECT 1 FROM throttle
  WHERE (organization, user, method, lane) = ('?', '?', 'set_up', '') AND not_before > :now)"
);

/// Shut until the day is over when there were too many. ?1 event 2 window 3 most
const COUNT: &str = "
INSERT INTO throttle (organization, user, method, lane, window_from, in_window, in_row, not_before)
SELECT '?', '?', 'set_up', '', e.at, 1, 0, 0 FROM event e WHERE e.id = ?1
ON CONFLICT DO UPDATE SET
  window_from = iif(excluded.window_from - window_from < ?2, window_from, excluded.window_from),
  in_window = iif(excluded.window_from - window_from < ?2, in_window + 1, 1),
  not_before = iif(excluded.window_from - window_from < ?2 AND in_window + 1 >= ?3, window_from + ?2, 0)";
