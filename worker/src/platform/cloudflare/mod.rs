//! The platform as Workers have it: bindings, `Date`, `crypto`.

use std::{cell::Cell, sync::Arc, time::Duration};

use async_trait::async_trait;
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::WorkerGlobalScope;
use worker::{Context, Delay, Env, RateLimiter, kv::KvStore, send::IntoSendFuture as _};

use super::{AfterReply, Clock, Copies, Later, Platform, Randomness, Settings, Shield, Timer};
use crate::platform::Fault;

mod d1;
mod outside;
pub mod web_crypto;

pub use web_crypto::WebCrypto;

/// The platform of one request, or of one run of the scheduled job.
///
/// # Errors
/// A fault when the database is not bound: nothing works without it.
pub fn platform(env: &Env, after_reply: Arc<dyn AfterReply>) -> Result<Platform, Fault> {
    let copies = env.kv("COPIES").ok();
    let copies = copies.map(|store| -> Arc<dyn Copies> { Arc::new(Kv(store)) });
    let shield = env.rate_limiter("SHIELD").ok();
    Ok(Platform {
        database: Arc::new(d1::D1::of(env)?),
        copies,
        clock: Arc::new(Date),
        timer: Arc::new(Timeouts),
        randomness: Arc::new(CryptoRandom),
        signatures: Arc::new(WebCrypto),
        shield: Arc::new(RateLimit(shield)),
        settings: Arc::new(Variables(env.clone())),
        after_reply,
        post_office: outside::post_office(env),
        web: Arc::new(outside::Fetch),
    })
}

struct Kv(KvStore);

#[async_trait]
impl Copies for Kv {
    async fn get(&self, keys: &[&str]) -> Vec<Option<String>> {
        let found = async {
            if let [key] = keys {
                return vec![self.0.get(key).text().await.ok().flatten()];
            }
            let mut found = self.0.get_bulk(keys).text().await.unwrap_or_default();
            keys.iter()
                .map(|key| found.remove(*key).flatten())
                .collect()
        };
        found.into_send().await
    }

    async fn put(&self, key: &str, text: &str, seconds: u32) {
        let put = async {
            if let Ok(put) = self.0.put(key, text) {
                let _ = put.expiration_ttl(seconds.into()).execute().await;
            }
        };
        put.into_send().await;
    }

    async fn delete(&self, key: &str) {
        let _ = self.0.delete(key).into_send().await;
    }
}

struct Date;

thread_local! {
    /// Milliseconds by which this isolate's clock was set forward, or back.
    static SET_BY_MS: Cell<i64> = const { Cell::new(0) };
    /// The moment, by the clock as it is set, that the database confirmed last.
    static CONFIRMED_MS: Cell<Option<u64>> = const { Cell::new(None) };
}

impl Clock for Date {
    fn now_ms(&self) -> u64 {
        let now = worker::Date::now().as_millis();
        now.saturating_add_signed(SET_BY_MS.get())
    }

    fn set(&self, now_ms: u64) {
        let own = worker::Date::now().as_millis();
        SET_BY_MS.set(now_ms.cast_signed().saturating_sub(own.cast_signed()));
    }

    fn confirm(&self, now_ms: u64) {
        CONFIRMED_MS.set(Some(now_ms));
    }

    fn confirmed_ms(&self) -> Option<u64> {
        CONFIRMED_MS.get()
    }
}

struct Timeouts;

#[async_trait]
impl Timer for Timeouts {
    fn elapsed_ms(&self) -> f64 {
        let global: WorkerGlobalScope = js_sys::global().unchecked_into();
        global.performance().map_or(0.0, |clock| clock.now())
    }

    async fn pause(&self, ms: u32) {
        let delay = Delay::from(Duration::from_millis(ms.into()));
        delay.into_send().await;
    }
}

struct CryptoRandom;

impl Randomness for CryptoRandom {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault> {
        getrandom::fill(bytes).map_err(|why| Fault::new(format!("no randomness: {why}")))
    }
}

struct RateLimit(Option<RateLimiter>);

#[async_trait]
impl Shield for RateLimit {
    async fn admits(&self, key: &str) -> bool {
        let Some(limiter) = &self.0 else {
            return true;
        };
        let outcome = limiter.limit(key.to_owned()).into_send().await;
        outcome.is_ok_and(|outcome| !outcome.success).eq(&false)
    }
}

struct Variables(Env);

impl Settings for Variables {
    fn get(&self, name: &str) -> Option<String> {
        let value = self.0.var(name).ok()?.to_string();
        (!value.is_empty()).then_some(value)
    }
}

/// What goes on after the reply of a request.
pub struct WaitUntil(pub Context);

impl AfterReply for WaitUntil {
    fn run(&self, work: Later) {
        self.0.wait_until(work);
    }
}

fn fault(why: JsValue) -> Fault {
    Fault::new(format!("{why:?}"))
}
