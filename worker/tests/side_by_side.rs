//! What a request waits for side by side, and what waits for the outer shield: seen natively, as the
//! order in which the platform is asked and answers.
#![cfg(not(target_family = "wasm"))]
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::{
    future::poll_fn,
    sync::{Arc, Mutex},
    task::Poll,
};

use async_trait::async_trait;
use axum::body::{Body, to_bytes};
use http::{Request, header};
use postern::{
    passkeys::ToVerify,
    secret::Secret,
    time::UnixTime,
    totp::{Parameters, TotpSecret, totp},
};
use postern_worker::{
    platform::{
        Clock as _, Copies, Database, DatabaseError, Fault, Platform, Shield, Signatures,
        Statement, native::Native,
    },
    router,
};
use serde_json::{Value, json};
use tower_service::Service as _;

const NOW: u64 = 1_800_000_000;
const API_KEY: &str = "native-application-key-0123456789abcdef";

#[derive(Default)]
struct Journal(Mutex<Vec<String>>);

impl Journal {
    fn note(&self, what: &str) {
        self.0.lock().unwrap().push(what.to_owned());
    }

    /// Waits a while, and lets all others go on meanwhile.
    async fn wait(&self, what: &str) {
        self.note(&format!("{what} asked"));
        let mut polls = 0_u32;
        poll_fn(|task| {
            polls = polls.saturating_add(1);
            if polls > 5 {
                return Poll::Ready(());
            }
            task.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        self.note(&format!("{what} answered"));
    }

    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// A part of the platform that takes its time, and notes when.
struct Slow<T: ?Sized> {
    inner: Arc<T>,
    journal: Arc<Journal>,
}

struct Answering {
    admits: bool,
    journal: Arc<Journal>,
}

#[async_trait]
impl Shield for Answering {
    async fn admits(&self, _: &str) -> bool {
        self.journal.wait("shield").await;
        self.admits
    }
}

#[async_trait]
impl Copies for Slow<dyn Copies> {
    async fn get(&self, keys: &[&str]) -> Vec<Option<String>> {
        self.journal.wait("copies").await;
        self.inner.get(keys).await
    }

    async fn put(&self, key: &str, text: &str, seconds: u32) {
        self.inner.put(key, text, seconds).await;
    }

    async fn delete(&self, key: &str) {
        self.inner.delete(key).await;
    }
}

#[async_trait]
impl Database for Slow<dyn Database> {
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError> {
        self.journal.wait("trip").await;
        self.inner.batch(statements).await
    }
}

#[async_trait]
impl Signatures for Slow<dyn Signatures> {
    async fn verifies(&self, question: &ToVerify) -> bool {
        self.inner.verifies(question).await
    }

    async fn verify_decoy(&self) {
        self.inner.verify_decoy().await;
    }

    async fn prepare(&self, seed: &Secret<32>) {
        self.journal.wait("key").await;
        self.inner.prepare(seed).await;
    }

    async fn sign(&self, seed: &Secret<32>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        self.journal.note("signed");
        self.inner.sign(seed, message).await
    }

    async fn public_key(&self, seed: &Secret<32>) -> Result<String, Fault> {
        self.inner.public_key(seed).await
    }
}

struct World {
    native: Native,
    journal: Arc<Journal>,
    secret: TotpSecret,
}

impl World {
    /// Ann, who has an app.
    fn new() -> Self {
        let settings = [
            (
                "POSTERN_KEYS",
                "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            ),
            ("POSTERN_API_KEY", API_KEY),
            ("ORIGINS", "https://mfa.example.test"),
            ("RP_ID", "example.test"),
        ];
        let native = Native::new(NOW * 1000, 7, &settings);
        let send = |path: &str, bearer: &str, method: &str, body: Value| {
            send(&native, native.platform(), method, path, Some(bearer), body).1
        };
        send(
            "/v1/organizations/acme",
            API_KEY,
            "PUT",
            json!({"name": "Acme"}),
        );
        let ann = json!({"username": "ann@example.test"});
        send("/v1/organizations/acme/users/ann", API_KEY, "PUT", ann);
        let asked = send("/v1/sign-ins", API_KEY, "POST", question());
        let token = asked["session"]["token"].as_str().unwrap();
        let started = send("/v1/me/totp", token, "POST", json!({}));
        let enrollment = &started["enrollment"];
        let secret = TotpSecret::from_base32(enrollment["secret"].as_str().unwrap()).unwrap();
        let code = code(&secret, NOW);
        let confirmation = json!({"enrollment": enrollment["id"], "code": code, "name": "Phone"});
        send("/v1/me/totp/confirm", token, "POST", confirmation);
        native.clock.set((NOW + 60) * 1000);
        native.database.clock.set((NOW + 60) * 1000);
        Self {
            native,
            journal: Arc::default(),
            secret,
        }
    }

    /// The platform where everything takes its time, behind a shield that `admits` or does not.
    fn slow(&self, admits: bool) -> Platform {
        let platform = self.native.platform();
        let journal = || self.journal.clone();
        Platform {
            shield: Arc::new(Answering {
                admits,
                journal: journal(),
            }),
            copies: platform.copies.map(|inner| -> Arc<dyn Copies> {
                Arc::new(Slow {
                    inner,
                    journal: journal(),
                })
            }),
            database: Arc::new(Slow {
                inner: platform.database,
                journal: journal(),
            }),
            signatures: Arc::new(Slow {
                inner: platform.signatures,
                journal: journal(),
            }),
            ..platform
        }
    }

    fn challenge(&self) -> Value {
        let platform = self.native.platform();
        let path = "/v1/sign-ins";
        let (_, asked) = send(
            &self.native,
            platform,
            "POST",
            path,
            Some(API_KEY),
            question(),
        );
        asked["challenge"]["token"].clone()
    }

    /// The answer, and what the platform was asked for it.
    fn send(&self, admits: bool, path: &str, body: Value) -> (u16, Vec<String>) {
        self.journal.take();
        let (status, _) = send(&self.native, self.slow(admits), "POST", path, None, body);
        (status, self.journal.take())
    }

    fn proofs(&self) -> [(&'static str, Value); 3] {
        let challenge = self.challenge();
        let code = code(&self.secret, NOW + 60);
        [
            (
                "/v1/challenges/verify",
                json!({"challenge": challenge, "method": "totp", "code": code}),
            ),
            (
                "/v1/sign-ins/password",
                json!({"organization": "acme", "username": "ann@example.test", "password": "a password"}),
            ),
            ("/v1/sign-ins/passkey", json!({})),
        ]
    }
}

fn question() -> Value {
    json!({"organization": "acme", "user": "ann", "session": "bearer",
        "first_factor": {"method": "password"}})
}

fn code(secret: &TotpSecret, now: u64) -> String {
    totp(secret, Parameters::DEFAULT, UnixTime(now)).to_string()
}

fn send(
    native: &Native,
    platform: Platform,
    method: &str,
    path: &str,
    bearer: Option<&str>,
    body: Value,
) -> (u16, Value) {
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header(header::CONTENT_TYPE, "application/json");
    if let Some(token) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    let mut request = request.body(Body::from(body.to_string())).unwrap();
    request.extensions_mut().insert(platform);
    let answer = pollster::block_on(async {
        let response = router().call(request).await.unwrap();
        let status = response.status().as_u16();
        let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&text).unwrap_or(Value::Null))
    });
    pollster::block_on(native.later.drain());
    answer
}

#[test]
fn the_copy_is_read_while_the_shield_is_asked_and_the_key_got_ready_while_d1_settles() {
    let world = World::new();
    let [(path, body), ..] = world.proofs();
    let (status, journal) = world.send(true, path, body);
    assert_eq!(
        (status, journal),
        (
            200,
            [
                "shield asked",
                "copies asked",
                "shield answered",
                "copies answered",
                "trip asked",
                "key asked",
                "trip answered",
                "key answered",
                "signed",
            ]
            .map(str::to_owned)
            .to_vec()
        )
    );
}

#[test]
fn d1_is_not_asked_before_the_shield_lets_the_request_through() {
    let world = World::new();
    for (path, body) in world.proofs() {
        let (_, journal) = world.send(true, path, body);
        let at = |what: &str| journal.iter().position(|noted| noted == what);
        let (shield, trip) = (at("shield answered"), at("trip asked"));
        assert!(shield.is_some(), "{path}: {journal:?}");
        assert!(trip.is_none() || trip > shield, "{path}: {journal:?}");
    }
}

#[test]
fn what_the_shield_refuses_never_reaches_d1() {
    let world = World::new();
    for (path, body) in world.proofs() {
        let (status, journal) = world.send(false, path, body);
        assert_eq!(status, 429, "{path}: {journal:?}");
        let reached = |what: &str| journal.iter().any(|noted| noted == what);
        assert!(
            !reached("trip asked") && !reached("signed"),
            "{path}: {journal:?}"
        );
    }
    // It counts against nobody: the same proof still holds.
    let [(path, body), ..] = world.proofs();
    assert_eq!(world.send(true, path, body).0, 200);
}

#[test]
fn a_code_of_the_operator_is_tried_behind_the_shield_too() {
    let world = World::new();
    for method in ["GET", "POST"] {
        for (admits, expected) in [(false, 429), (true, 401)] {
            world.journal.take();
            let platform = world.slow(admits);
            let bearer = Some("no code at all");
            let (status, _) = send(
                &world.native,
                platform,
                method,
                "/v1/set-up",
                bearer,
                json!({}),
            );
            let journal = world.journal.take();
            let reached = journal.iter().any(|noted| noted == "trip asked");
            assert_eq!(
                (status, reached),
                (expected, admits),
                "{method}: {journal:?}"
            );
        }
    }
}
