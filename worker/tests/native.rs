//! The whole router in one native thread: request in, response out, over SQLite. What each route
//! costs in trips is what `tests/api/trips.test.ts` finds in workerd.
#![cfg(not(target_family = "wasm"))]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

use axum::body::{Body, to_bytes};
use http::{Method, Request, header};
use postern::{
    time::UnixTime,
    totp::{Parameters, TotpSecret, totp},
};
use postern_worker::{
    http::router::router,
    platform::native::{DatabaseFault, Found, Native},
};
use serde_json::{Value, json};
use tower_service::Service as _;

const NOW: u64 = 1_800_000_000;
const API_KEY: &str = "native-application-key-0123456789abcdef";
const PASSWORD: &str = "a long password 42";

struct World {
    native: Native,
    now: u64,
}

struct Answer {
    status: u16,
    body: Value,
    trips: usize,
}

impl World {
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
        Self {
            native: Native::new(NOW * 1000, 7, &settings),
            now: NOW,
        }
    }

    fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        self.native.clock.set(self.now * 1000);
    }

    fn call(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(token) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(self.native.platform());
        self.native.database.take_trips();
        let answer = pollster::block_on(async {
            let response = router().call(request).await.unwrap();
            // What the caller waits for; work after the reply comes later.
            let trips = self.native.database.take_trips().len();
            let status = response.status().as_u16();
            let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            let body = serde_json::from_slice(&text).unwrap_or(Value::Null);
            Answer {
                status,
                body,
                trips,
            }
        });
        pollster::block_on(self.native.later.drain());
        answer
    }

    fn application(&self, method: Method, path: &str, body: Value) -> Answer {
        self.call(method, path, Some(API_KEY), Some(body))
    }

    /// An organization, and Ann with a password in it.
    fn with_ann() -> Self {
        let world = Self::new();
        let acme = world.application(
            Method::PUT,
            "/v1/organizations/acme",
            json!({"name": "Acme"}),
        );
        assert_eq!(acme.status, 201, "{}", acme.body);
        let ann = json!({"username": "ann@example.test", "password": PASSWORD});
        let ann = world.application(Method::PUT, "/v1/organizations/acme/users/ann", ann);
        assert_eq!(ann.status, 201, "{}", ann.body);
        world
    }

    fn sign_in(&self) -> Answer {
        let body = json!({"organization": "acme", "username": "ann@example.test",
            "password": PASSWORD, "session": "bearer"});
        self.call(Method::POST, "/v1/sign-ins/password", None, Some(body))
    }

    /// Enrolls an app and answers its secret.
    fn enroll(&self) -> TotpSecret {
        let session = self.sign_in();
        let token = session.body["session"]["token"].as_str().unwrap();
        let started = self.call(Method::POST, "/v1/me/totp", Some(token), Some(json!({})));
        assert_eq!(
            (started.status, started.trips),
            (200, 2),
            "{}",
            started.body
        );
        let enrollment = &started.body["enrollment"];
        let secret = TotpSecret::from_base32(enrollment["secret"].as_str().unwrap()).unwrap();
        let confirmation = json!({"enrollment": enrollment["id"],
            "code": self.code(&secret), "name": "Phone"});
        let confirmed = self.call(
            Method::POST,
            "/v1/me/totp/confirm",
            Some(token),
            Some(confirmation),
        );
        assert_eq!(
            (confirmed.status, confirmed.trips),
            (200, 2),
            "{}",
            confirmed.body
        );
        assert_eq!(
            confirmed.body["backup_codes"]["codes"]
                .as_array()
                .unwrap()
                .len(),
            10
        );
        secret
    }

    fn code(&self, secret: &TotpSecret) -> String {
        totp(secret, Parameters::DEFAULT, UnixTime(self.now)).to_string()
    }

    fn verify(&self, challenge: &Value, code: &str) -> Answer {
        let body = json!({"challenge": challenge, "method": "totp", "code": code});
        self.call(Method::POST, "/v1/challenges/verify", None, Some(body))
    }

    fn ask(&self) -> Value {
        let body = json!({"organization": "acme", "user": "ann", "session": "bearer",
            "first_factor": {"method": "password"}});
        let asked = self.application(Method::POST, "/v1/sign-ins", body);
        assert_eq!(asked.body["decision"], "challenge", "{}", asked.body);
        asked.body["challenge"]["token"].clone()
    }
}

#[test]
fn trips_are_those_of_workerd() {
    let mut world = World::with_ann();
    let without = world.sign_in();
    assert_eq!(
        (without.status, without.trips),
        (200, 2),
        "{}",
        without.body
    );
    let secret = world.enroll();
    world.wait(60);
    let asked = world.sign_in();
    assert_eq!(asked.body["decision"], "challenge");
    assert!(asked.trips <= 2);
    let challenge = &asked.body["challenge"]["token"];
    let wrong = world.verify(challenge, "000000");
    assert_eq!((wrong.status, wrong.trips), (401, 1), "{}", wrong.body);
    let right = world.verify(challenge, &world.code(&secret));
    assert_eq!((right.status, right.trips), (200, 1), "{}", right.body);
    let token = right.body["session"]["token"].as_str().unwrap();
    let me = world.call(Method::GET, "/v1/me", Some(token), None);
    assert_eq!((me.status, me.trips), (200, 1), "{}", me.body);
    let again = world.verify(challenge, &world.code(&secret));
    assert_eq!(again.status, 410, "{}", again.body);
}

#[test]
fn a_question_makes_no_trip_and_a_late_copy_costs_one_more() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let body = json!({"organization": "acme", "user": "ann", "session": "bearer",
        "first_factor": {"method": "password"}});
    let asked = world.application(Method::POST, "/v1/sign-ins", body);
    assert_eq!(asked.body["decision"], "challenge", "{}", asked.body);
    assert_eq!(asked.trips, 0, "a copy is enough to ask");
    for found in [Found::Nothing, Found::Garbage, Found::Late] {
        let challenge = world.ask();
        world.native.copies.find(found);
        world.wait(30);
        let answer = world.verify(&challenge, &world.code(&secret));
        assert_eq!(answer.status, 200, "{found:?}: {}", answer.body);
        assert!(answer.trips <= 2, "{found:?}: {} trips", answer.trips);
        world.native.copies.find(Found::Newest);
    }
}

#[test]
fn a_lost_answer_is_read_back_and_counts_once() {
    let mut world = World::with_ann();
    let secret = world.enroll();
    world.wait(60);
    let challenge = world.ask();
    world
        .native
        .database
        .set_faults(&[(1, DatabaseFault::AnswerLost)]);
    let body = json!({"challenge": challenge, "method": "totp", "code": world.code(&secret)});
    let answer = world.call(Method::POST, "/v1/challenges/verify", None, Some(body));
    assert_eq!(answer.status, 200, "{}", answer.body);
    let sessions = world.native.database.with(|connection| {
        connection.query_row(
            "SELECT count(*) FROM event WHERE action = 'sign_in.verify'",
            [],
            |row| row.get::<_, u32>(0),
        )
    });
    assert_eq!(sessions.unwrap(), 1, "one event for one attempt");
}
