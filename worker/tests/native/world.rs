//! A deployment in memory, and the requests that tests make of it.

use std::sync::Mutex;

use axum::body::{Body, to_bytes};
use http::{Method, Request, header};
use postern::{
    time::UnixTime,
    totp::{Parameters, TotpSecret, totp},
};
use postern_worker::{
    jobs,
    platform::{Clock as _, native::Native},
    router,
};
use rusqlite::Connection;
use serde_json::{Value, json};
use tower_service::Service as _;

pub const NOW: u64 = 1_800_000_000;
pub const API_KEY: &str = "native-application-key-0123456789abcdef";
pub const ANN: &str = "ann@example.test";
pub const PASSWORD: &str = "a long password 42";
pub const KEY: &str = "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
pub const NEWER_KEY: &str = "k2:ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8=";

/// A deployment, and what time it is.
pub struct World {
    pub native: Native,
    pub now: u64,
    /// Headers of every request besides.
    pub headers: Vec<(&'static str, String)>,
    /// What was sent and answered: tokens, bodies, cookies.
    pub heard: Mutex<Vec<String>>,
}

pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// The body as it was sent.
    pub text: String,
    /// Where the rest is.
    pub link: Option<String>,
    pub cookies: Vec<String>,
    pub trips: usize,
    /// The statements of each trip.
    pub statements: Vec<Vec<&'static str>>,
}

impl World {
    pub fn new() -> Self {
        let settings = [
            ("POSTERN_KEYS", KEY),
            ("POSTERN_API_KEY", API_KEY),
            ("ORIGINS", "https://mfa.example.test"),
            ("RP_ID", "example.test"),
        ];
        Self {
            native: Native::new(NOW * 1000, 7, &settings),
            now: NOW,
            headers: vec![],
            heard: Mutex::default(),
        }
    }

    /// Another world in which all of that happened. It draws from another `seed`.
    pub fn copy(&self, seed: u64) -> Self {
        Self {
            native: self.native.copy(seed),
            now: self.now,
            headers: self.headers.clone(),
            heard: Mutex::new(self.heard.lock().unwrap().clone()),
        }
    }

    /// Time passes; every clock is right then.
    pub fn wait(&mut self, seconds: u64) {
        self.now += seconds;
        self.native.database.clock.set(self.now * 1000);
        self.native.clock.set(self.now * 1000);
    }

    /// Until time passes, an instance answers whose clock is ahead by so many seconds, or behind.
    pub fn at_instance(&self, ahead: i64) {
        let told = self.now.saturating_add_signed(ahead);
        self.native.clock.set(told * 1000);
    }

    pub fn call(
        &self,
        method: Method,
        path: &str,
        bearer: Option<&str>,
        body: Option<Value>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let heard = |text: &str| self.heard.lock().unwrap().push(text.to_owned());
        if let Some(token) = bearer {
            heard(token);
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| {
            heard(&body.to_string());
            Body::from(body.to_string())
        });
        let mut request = request.body(body).unwrap();
        request.extensions_mut().insert(self.native.platform());
        self.native.database.take_trips();
        let answer = pollster::block_on(async {
            let response = router().call(request).await.unwrap();
            // What the caller waits for; work after the reply comes later.
            let statements = self.native.database.take_trips();
            let status = response.status().as_u16();
            let cookies = response.headers().get_all(header::SET_COOKIE).iter();
            let cookies = cookies.map(|cookie| cookie.to_str().unwrap().to_owned());
            let cookies: Vec<String> = cookies.collect();
            cookies.iter().for_each(|cookie| heard(cookie));
            let link = response.headers().get(header::LINK);
            let link = link.map(|link| link.to_str().unwrap().to_owned());
            let text = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            heard(&String::from_utf8_lossy(&text));
            let body = serde_json::from_slice(&text).unwrap_or(Value::Null);
            Answer {
                status,
                body,
                text: String::from_utf8_lossy(&text).into_owned(),
                link,
                cookies,
                trips: statements.len(),
                statements,
            }
        });
        pollster::block_on(self.native.later.drain());
        answer
    }

    pub fn application(&self, method: Method, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.call(method, path, Some(API_KEY), body)
    }

    /// An organization, and Ann with a password in it.
    pub fn with_ann() -> Self {
        let world = Self::new();
        let acme = world.application(
            Method::PUT,
            "/v1/organizations/acme",
            json!({"name": "Acme"}),
        );
        assert_eq!(acme.status, 201, "{}", acme.body);
        let ann = json!({"username": ANN, "password": PASSWORD});
        let ann = world.application(Method::PUT, "/v1/organizations/acme/users/ann", ann);
        assert_eq!(ann.status, 201, "{}", ann.body);
        world
    }

    pub fn sign_in(&self) -> Answer {
        self.sign_in_as(ANN, PASSWORD, "bearer")
    }

    /// Enrolls an app and answers its secret.
    pub fn enroll(&self) -> TotpSecret {
        self.enroll_with_codes().0
    }

    /// Enrolls an app and answers its secret, and the backup codes that come with it.
    pub fn enroll_with_codes(&self) -> (TotpSecret, Vec<String>) {
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
        let codes = confirmed.body["backup_codes"]["codes"].as_array().unwrap();
        assert_eq!(codes.len(), 10);
        let codes = codes.iter().map(|code| code.as_str().unwrap().to_owned());
        (secret, codes.collect())
    }

    pub fn code(&self, secret: &TotpSecret) -> String {
        self.code_ahead(secret, 0)
    }

    /// What an app shows whose clock is ahead by so many seconds, or behind.
    pub fn code_ahead(&self, secret: &TotpSecret, ahead: i64) -> String {
        let shown_at = UnixTime(self.now.saturating_add_signed(ahead));
        totp(secret, Parameters::DEFAULT, shown_at).to_string()
    }

    /// The code of an app that an enrollment was put into.
    pub fn code_of(&self, enrollment: &Value) -> String {
        let secret = enrollment["secret"].as_str().unwrap();
        self.code(&TotpSecret::from_base32(secret).unwrap())
    }

    pub fn verify(&self, challenge: &Value, code: &str) -> Answer {
        self.verify_by("totp", challenge, code)
    }

    pub fn verify_by(&self, method: &str, challenge: &Value, code: &str) -> Answer {
        let body = json!({"challenge": challenge, "method": method, "code": code});
        self.call(Method::POST, "/v1/challenges/verify", None, Some(body))
    }

    pub fn sign_in_as(&self, name: &str, password: &str, session: &str) -> Answer {
        let body = json!({"organization": "acme", "username": name, "password": password,
            "session": session});
        self.call(Method::POST, "/v1/sign-ins/password", None, Some(body))
    }

    pub fn accepted(&self, action: &str) -> u32 {
        let count = self.native.database.with(|connection| {
            let sql = "SELECT count(*) FROM event WHERE action = ?1 AND outcome = 'accepted'";
            connection.query_row(sql, [action], |row| row.get(0))
        });
        count.unwrap()
    }

    /// Does what only a test may.
    pub fn run(&self, sql: &str) {
        let run = |database: &Connection| database.execute_batch(sql);
        self.native.database.with(run).unwrap();
    }

    /// Rows of a table.
    pub fn count(&self, table: &str) -> u32 {
        let sql = format!("SELECT count(*) FROM {table}");
        let count = |database: &Connection| database.query_row(&sql, [], |row| row.get(0));
        self.native.database.with(count).unwrap()
    }

    /// The job of every minute, by a clock that is right.
    pub fn sweep(&self) {
        pollster::block_on(jobs::run(&self.native.platform()));
    }

    /// Whether an application that asks is told of `method`.
    pub fn offers(&self, method: &str) -> bool {
        let methods = self.question()["methods"].clone();
        methods.as_array().unwrap().contains(&json!(method))
    }

    pub fn ask(&self) -> Value {
        self.question()["token"].clone()
    }

    fn question(&self) -> Value {
        let body = json!({"organization": "acme", "user": "ann", "session": "bearer",
            "first_factor": {"method": "password"}});
        let asked = self.application(Method::POST, "/v1/sign-ins", body);
        assert_eq!(asked.body["decision"], "challenge", "{}", asked.body);
        asked.body["challenge"].clone()
    }

    /// Signs in by password and app, and answers the session's token.
    pub fn signed_in(&self, secret: &TotpSecret) -> String {
        let answer = self.verify(&self.ask(), &self.code(secret));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["session"]["token"].as_str().unwrap().to_owned()
    }
}
