//! What runs on a schedule, every minute: [`sweep`] deletes what is over, [`grace`] tells users who
//! have to enroll from today, [`seal`] seals events, [`retention`] deletes old ones,
//! [`delivery`] sends mail, and [`resealing`] moves rows under old root keys to the one that
//! writes.

mod grace;
mod retention;
mod seal;
mod sweep;

use crate::{
    delivery,
    http::{one_clock, problem::Problem, readiness},
    platform::{Platform, log},
    store::resealing,
};

/// Runs everything that is due. What fails is logged and tried again in the next minute.
pub async fn run(platform: &Platform) {
    let database = &platform.database;
    let now = match one_clock::time(database).await {
        Ok(now) => now,
        Err(error) => return log(&format!("time: {error:?}")),
    };
    let settings = match readiness::settings(platform, now).await {
        Ok(settings) => settings,
        // It is in the log by now.
        Err(Problem::Unready(_)) => return,
        Err(error) => return log(&format!("readiness: {error:?}")),
    };
    if let Err(error) = sweep::run(database, now).await {
        log(&format!("sweep: {error:?}"));
    }
    if let Err(error) = grace::run(database, now).await {
        log(&format!("grace: {error:?}"));
    }
    if let Err(error) = seal::run(platform, &settings, now).await {
        log(&format!("seal: {error:?}"));
    }
    if let Err(error) = retention::run(database, now).await {
        log(&format!("retention: {error:?}"));
    }
    if let Err(error) = delivery::run(platform, &settings, now, delivery::BY_JOB).await {
        log(&format!("mail: {error:?}"));
    }
    if let Err(error) = resealing::run(platform, &settings.keys, now).await {
        log(&format!("keys: {error:?}"));
    }
}
