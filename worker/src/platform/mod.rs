//! The seam: what this product needs of the place it runs in, as small traits.
//!
//! [`cloudflare`] implements them with the bindings of Workers; [`native`] with SQLite, a clock that
//! is told and a seeded generator, so that the whole router runs in one native thread. Nothing
//! outside of this folder reads the time, draws randomness or touches a binding.

use std::{pin::Pin, sync::Arc};

use async_trait::async_trait;
use postern::{passkeys::ToVerify, secret::Secret};

#[cfg(target_family = "wasm")]
pub mod cloudflare;
mod database;
mod fault;
mod json_text;
#[cfg(not(target_family = "wasm"))]
pub mod native;
mod statement;
mod trip;
mod url;

pub use database::{Database, DatabaseError};
pub use fault::{Fault, FaultKind};
pub use json_text::{json_text, optional_json_text};
pub(crate) use statement::statement;
pub use statement::{Statement, Value, contains, names_are_those_of, split, text};
pub use trip::{Rows, Unreadable, run, trip};
pub use url::Url;

/// Work that goes on after the reply.
pub type Later = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The place that a request is answered in.
#[derive(Clone)]
pub struct Platform {
    /// The truth.
    pub database: Arc<dyn Database>,
    /// Copies at the edge; `None` where the binding is missing, which costs only time.
    pub copies: Option<Arc<dyn Copies>>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Waiting.
    pub timer: Arc<dyn Timer>,
    /// Randomness for keys, tokens and ids.
    pub randomness: Arc<dyn Randomness>,
    /// Signatures: of passkeys, checked; of assurance tokens, made.
    pub signatures: Arc<dyn Signatures>,
    /// The outer shield in front of public routes.
    pub shield: Arc<dyn Shield>,
    /// Variables and secrets of the deployment.
    pub settings: Arc<dyn Settings>,
    /// Keeps the platform awake for work after the reply.
    pub after_reply: Arc<dyn AfterReply>,
    /// Mail; `None` where nothing is bound that sends it.
    pub post_office: Option<Arc<dyn PostOffice>>,
    /// Other servers.
    pub web: Arc<dyn Web>,
}

/// What takes mail and brings it to its address.
#[async_trait]
pub trait PostOffice: Send + Sync {
    /// Sends one message to one address.
    ///
    /// # Errors
    /// What the platform says.
    async fn send(&self, mail: &RawMail) -> Result<(), String>;
}

/// A message as RFC 5322 has it, and its envelope.
#[derive(Clone, Debug)]
pub struct RawMail {
    /// The address of the sender.
    pub from: String,
    /// The address that it goes to.
    pub to: String,
    /// The message.
    pub message: String,
}

/// Other servers, asked over HTTPS.
#[async_trait]
pub trait Web: Send + Sync {
    /// Sends a POST, follows no redirect, and waits at most `seconds` for the status of the answer.
    ///
    /// # Errors
    /// What kept it from being answered.
    async fn post(&self, request: &WebPost, seconds: u32) -> Result<u16, String>;
}

/// A request to another server.
#[derive(Clone, Debug)]
pub struct WebPost {
    /// Where it goes.
    pub url: String,
    /// Its headers.
    pub headers: Vec<(&'static str, String)>,
    /// Its body.
    pub body: String,
}

/// Sealed copies under keys. Whatever goes wrong is nothing found, or nothing kept: no caller may
/// depend on it.
#[async_trait]
pub trait Copies: Send + Sync {
    /// The texts under `keys`, in their order.
    async fn get(&self, keys: &[&str]) -> Vec<Option<String>>;
    /// Keeps `text` under `key` for `seconds`.
    async fn put(&self, key: &str, text: &str, seconds: u32);
    /// Keeps nothing under `key` any longer.
    async fn delete(&self, key: &str);
}

/// The time.
pub trait Clock: Send + Sync {
    /// Milliseconds since 1970.
    fn now_ms(&self) -> u64;
    /// Sets the clock of this instance, also for requests to come.
    fn set(&self, now_ms: u64);
    /// Notes that `now_ms` was right, by the database's clock.
    fn confirm(&self, now_ms: u64);
    /// The moment that was confirmed last.
    fn confirmed_ms(&self) -> Option<u64>;
}

/// Waiting, by a clock that only goes on.
#[async_trait]
pub trait Timer: Send + Sync {
    /// Milliseconds since some moment.
    fn elapsed_ms(&self) -> f64;
    /// Leaves the platform to others for so many milliseconds, also where it is none.
    async fn pause(&self, ms: u32);
}

/// A generator fit for keys.
pub trait Randomness: Send + Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// A fault when the platform has none to give.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), Fault>;
}

/// Public-key signatures.
#[async_trait]
pub trait Signatures: Send + Sync {
    /// Whether the platform takes the key, and the signature if there is one holds.
    async fn verifies(&self, question: &ToVerify) -> bool;
    /// Takes as long as [`Signatures::verifies`] for an assertion that was refused before its
    /// signature was looked at (WebAuthn L3 section 14.6.2).
    async fn verify_decoy(&self);
    /// Gets the key of `seed` ready, so that [`Signatures::sign`] need not wait for it.
    async fn prepare(&self, seed: &Secret<32>);
    /// An Ed25519 signature over `message`.
    ///
    /// # Errors
    /// A fault when the platform's cryptography fails.
    async fn sign(&self, seed: &Secret<32>, message: &[u8]) -> Result<Vec<u8>, Fault>;
    /// The public key of an Ed25519 seed, as the `x` of a JWK (RFC 8037 section 2).
    ///
    /// # Errors
    /// As [`Signatures::sign`].
    async fn public_key(&self, seed: &Secret<32>) -> Result<String, Fault>;
}

/// A rate limit that is approximate and permissive by nature; the throttle in D1 is what counts.
#[async_trait]
pub trait Shield: Send + Sync {
    /// Whether a client, named by `key`, is let through.
    async fn admits(&self, key: &str) -> bool;
}

/// Variables and secrets.
pub trait Settings: Send + Sync {
    /// The value of `name`; `None` where it is missing or empty.
    fn get(&self, name: &str) -> Option<String>;
}

/// Work that outlives the reply.
pub trait AfterReply: Send + Sync {
    /// Lets `work` finish after the reply. Nothing in it may decide anything.
    fn run(&self, work: Later);
}

/// Writes a line to the deployment's log that asks the operator for nothing.
pub fn note(text: &str) {
    #[cfg(target_family = "wasm")]
    worker::console_log!("{text}");
    #[cfg(not(target_family = "wasm"))]
    println!("{text}");
}

/// Writes a line to the deployment's log.
pub fn log(text: &str) {
    #[cfg(target_family = "wasm")]
    worker::console_error!("{text}");
    #[cfg(not(target_family = "wasm"))]
    eprintln!("{text}");
}
