//! Mail on its way: what waits in D1 is claimed, written, sent and marked.
//!
//! Each mail is sent at least once, and twice only where the answer to the first time was lost: then
//! both carry the same id. One that is not taken is tried again, later each time, and given up after
//! some days. Two jobs at once share what waits: a mail belongs to the one whose claim it bears.

use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use postern::time::UnixTime;

use crate::{
    http::settings::Settings,
    platform::{Fault, Platform, log},
    store::d1,
};

mod claim;
mod letter;
mod senders;

use claim::{Claim, Failed, Outcome, Waiting};
use letter::outgoing;
use senders::Sender;

/// Mails in one claim.
const PORTION: u32 = 50;

/// Mails sent at once: a Worker may wait for six answers at a time.
const AT_ONCE: usize = 6;

/// Mails delivered after a reply at most: those that it wrote, as a rule.
pub const AFTER_REPLY: u32 = 6;

/// Mails delivered by one run of the scheduled job at most: each takes a request of the thousand that
/// a Worker may make.
pub const BY_JOB: u32 = 500;

/// Delivers up to `most` mails that are due. Where nothing is set that could send them, they wait.
///
/// # Errors
/// A fault when D1 does not answer: what was claimed is tried again when the claim is over.
pub async fn run(
    platform: &Platform,
    settings: &Settings,
    now: UnixTime,
    most: u32,
) -> Result<(), Fault> {
    let Some(sender) = senders::of(platform, settings) else {
        return Ok(());
    };
    let began = platform.timer.elapsed_ms();
    let mut left = most;
    while left > 0 {
        // A run can take minutes: claims end, and signatures are judged, by the time of each portion.
        let now = now.plus(seconds_since(platform, began));
        let claim = Claim::new(platform, now)?;
        let waiting = claim.take(&platform.database, left.min(PORTION)).await?;
        let count = u32::try_from(waiting.len()).unwrap_or(left);
        let tried = stream::iter(waiting)
            .map(|waiting| tried(platform, settings, &*sender, waiting, now))
            .buffer_unordered(AT_ONCE)
            .collect::<Vec<_>>();
        let outcomes = tried.await;
        d1::run(&platform.database, &claim.mark(&outcomes)?).await?;
        left = left.saturating_sub(count);
        note_failures(&outcomes);
        // Nothing waits any more, or what takes mail takes none.
        if count < PORTION || outcomes.iter().all(Outcome::may_yet_be_taken) {
            break;
        }
    }
    Ok(())
}

/// Whole seconds since `began`, by the platform's timer.
fn seconds_since(platform: &Platform, began: f64) -> u64 {
    let passed = Duration::try_from_secs_f64((platform.timer.elapsed_ms() - began) / 1000.0);
    passed.map_or(0, |passed| passed.as_secs())
}

/// One line in the log for all that were not taken.
fn note_failures(outcomes: &[Outcome]) {
    let mut failed = outcomes
        .iter()
        .filter_map(|outcome| outcome.failed.as_ref());
    if let Some(first) = failed.next() {
        let (others, all) = (failed.count(), outcomes.len());
        let failed = others.saturating_add(1);
        log(&format!(
            "mail: {failed} of {all} not taken, one of them: {first}"
        ));
    }
}

/// Writes and sends one mail.
async fn tried(
    platform: &Platform,
    settings: &Settings,
    sender: &dyn Sender,
    waiting: Waiting,
    now: UnixTime,
) -> Outcome {
    let failed = match outgoing(platform, settings, &waiting, now) {
        Ok(mail) => sender.send(&mail, now).await.err().map(Failed::for_now),
        Err(failed) => Some(failed),
    };
    let seq = waiting.seq;
    Outcome { seq, failed }
}
