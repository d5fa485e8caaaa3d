//! An organization with everybody and everything that a row of the matrix needs.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

use http::Method;
use postern::totp::TotpSecret;
use serde_json::{Value, json};

use crate::{
    mailed::{KEY, mailed},
    passkey::Passkey,
    people::{Enrolled, USERS, acme, enroll_with_all, first_factor, path_of, person},
    world::{Answer, PASSWORD, World},
};

pub const ACME: &str = "/v1/organizations/acme";

pub const SETUP_CODE: &str = "set-up-code-0123456789abcdef-012";

/// Olga and Otto are owners, Adam is an admin. Mia has an app, backup codes, a passkey and a trusted browser, Nina a
/// password alone, Bea nothing yet.
pub struct Stage {
    pub world: World,
    tokens: BTreeMap<&'static str, String>,
    secrets: BTreeMap<&'static str, TotpSecret>,
    pub codes: Vec<String>,
    pub passkey: Passkey,
    /// The token of Mia's trusted browser.
    pub device: String,
    /// What a row prepared for its request.
    pub kept: Value,
}

impl Stage {
    /// Everybody, two minutes after they were enrolled.
    pub fn new() -> Self {
        let mut world = acme();
        world.headers = vec![
            ("cf-connecting-ip", "203.0.113.7".to_owned()),
            ("user-agent", "Native/1".to_owned()),
        ];
        for (name, value) in [
            ("MAIL_WEBHOOK", "https://app.example.com/mail"),
            ("POSTERN_WEBHOOK_KEY", KEY),
            ("POSTERN_SETUP_CODE", SETUP_CODE),
        ] {
            world.native.settings.set(name, value);
        }
        let (mut tokens, mut secrets) = (BTreeMap::new(), BTreeMap::new());
        let mut codes = vec![];
        for (id, role) in [
            ("olga", "owner"),
            ("otto", "owner"),
            ("adam", "admin"),
            ("mia", "member"),
        ] {
            person(&world, id, role);
            let enrolled = enroll_with_all(&world, id);
            let Enrolled { token, secret, .. } = enrolled;
            tokens.insert(id, token);
            secrets.insert(id, secret);
            codes = enrolled.codes;
        }
        let mia = &tokens["mia"];
        let (passkey, confirmed) = add_passkey(&world, mia, 1);
        let raised = confirmed.body["session"]["token"].as_str().unwrap();
        tokens.insert("mia", raised.to_owned());
        person(&world, "nina", "member");
        tokens.insert("nina", first_factor(&world, "nina"));
        let bea = json!({"username": "bea", "email": "bea@acme.test"});
        let made = world.application(Method::PUT, &format!("{USERS}/bea"), bea);
        assert_eq!(made.status, 201, "{}", made.body);
        world.wait(60);
        let mut stage = Self {
            world,
            tokens,
            secrets,
            codes,
            passkey,
            device: String::new(),
            kept: Value::Null,
        };
        let code = stage.code("mia");
        let trusting = json!({"challenge": stage.ask("mia")["token"], "method": "totp", "code": code, "trust_device": true});
        let trusted = stage.nobody("/v1/challenges/verify", trusting);
        stage.device = trusted.body["trusted_device"].as_str().unwrap().to_owned();
        stage.wait(60);
        stage.world.native.outside.take_posts();
        stage
    }

    /// Another stage on which all of that happened.
    pub fn copy(&self) -> Self {
        static SEED: AtomicU64 = AtomicU64::new(1000);
        Self {
            world: self.world.copy(SEED.fetch_add(1, Ordering::Relaxed)),
            tokens: self.tokens.clone(),
            secrets: self.secrets.clone(),
            codes: self.codes.clone(),
            passkey: self.passkey.clone(),
            device: self.device.clone(),
            kept: self.kept.clone(),
        }
    }

    pub fn wait(&mut self, seconds: u64) {
        self.world.wait(seconds);
    }

    /// A request in the session of `who`.
    pub fn by(&self, who: &str, method: Method, path: &str, body: Value) -> Answer {
        let body = Some(body).filter(|body| !body.is_null());
        self.world.call(method, path, Some(&self.tokens[who]), body)
    }

    pub fn post(&self, who: &str, path: &str, body: Value) -> Answer {
        self.by(who, Method::POST, path, body)
    }

    /// A request that shows nothing of who sends it.
    pub fn nobody(&self, path: &str, body: Value) -> Answer {
        self.world.call(Method::POST, path, None, Some(body))
    }

    pub fn application(&self, method: Method, path: &str, body: Value) -> Answer {
        self.world.application(method, path, body)
    }

    /// What the app of `who` shows.
    pub fn code(&self, who: &str) -> String {
        self.world.code(&self.secrets[who])
    }

    /// A sign-in that an application asks about.
    pub fn asked(&self, who: &str, more: &Value) -> Answer {
        let mut body = json!({"organization": "acme", "user": who, "session": "bearer",
            "first_factor": {"method": "password"}});
        let more = more.as_object().cloned().unwrap_or_default();
        body.as_object_mut().unwrap().extend(more);
        self.application(Method::POST, "/v1/sign-ins", body)
    }

    /// The challenge of a sign-in.
    pub fn ask(&self, who: &str) -> Value {
        self.asked(who, &Value::Null).body["challenge"].clone()
    }

    /// Keeps the challenge of a sign-in of `who`, and then time passes.
    pub fn keep_challenge(&mut self, who: &str) {
        self.kept = self.ask(who);
        self.wait(30);
    }

    /// Keeps the challenge of a step-up of `who`.
    pub fn keep_step_up(&mut self, who: &str) {
        let opened = self.post(who, "/v1/challenges", json!({"purpose": "step_up"}));
        assert_eq!(opened.status, 200, "{}", opened.body);
        self.kept = opened.body["challenge"].clone();
        self.wait(30);
    }

    /// Answers the challenge that was kept.
    pub fn answer(&self, method: &str, proof: &str) -> Answer {
        self.world.verify_by(method, &self.kept["token"], proof)
    }

    /// As [`Stage::answer`], in the session of `who`.
    pub fn answer_by(&self, who: &str, method: &str, proof: &str) -> Answer {
        let body = json!({"challenge": self.kept["token"], "method": method, "code": proof});
        self.post(who, "/v1/challenges/verify", body)
    }

    /// Answers the challenge that was kept by Mia's passkey, whose count is this.
    pub fn answer_by_passkey(&self, count: u32) -> Answer {
        let credential = self.passkey.assert(count, &self.kept["passkey"]);
        let body =
            json!({"challenge": self.kept["token"], "method": "passkey", "credential": credential});
        self.nobody("/v1/challenges/verify", body)
    }

    /// Keeps the link of the one mail that an application's request about `who` sends.
    pub fn keep_link(&mut self, (who, what): (&str, &str), kind: &str, page: &str) {
        self.world.native.outside.take_posts();
        let sent = self.application(Method::POST, &path_of(who, what), json!({}));
        assert_eq!(sent.status, 200, "{}", sent.body);
        self.kept = json!(mailed(&self.world, kind, page));
    }

    /// Keeps the link to a new password of `who`.
    pub fn keep_password_link(&mut self, who: &str) {
        self.world.native.outside.take_posts();
        let body = json!({"organization": "acme", "username": who});
        self.nobody("/v1/passwords/forgotten", body);
        self.kept = json!(mailed(&self.world, "password_forgotten", "password"));
    }

    /// The id of the first row in a list of `who`'s own.
    pub fn first(&self, who: &str, path: &str, list: &str) -> String {
        let shown = self.by(who, Method::GET, path, Value::Null);
        let id = &shown.body[list][0]["id"];
        id.as_str().unwrap().to_owned()
    }

    /// Begins an app of `who`, and keeps what confirms it.
    pub fn keep_enrollment(&mut self, who: &str) {
        let begun = self.post(who, "/v1/me/totp", json!({}));
        let shown = &begun.body["enrollment"];
        self.kept =
            json!({"enrollment": shown["id"], "code": self.world.code_of(shown), "name": "Tablet"});
    }

    /// Begins a passkey of Mia, and keeps what confirms it.
    pub fn keep_passkey(&mut self) {
        let begun = self.post("mia", "/v1/me/passkeys", json!({}));
        let enrollment = &begun.body["enrollment"];
        let (_, made) = Passkey::create(2, &enrollment["options"]);
        self.kept = json!({"enrollment": enrollment["token"], "credential": made, "name": "Key"});
    }

    /// What was kept, with `field` changed.
    pub fn kept_with(&self, field: &str, value: Value) -> Value {
        let mut body = self.kept.clone();
        body[field] = value;
        body
    }

    /// From now on `who` acts in the session of `token`.
    pub fn signed_in(&mut self, who: &'static str, token: String) {
        self.tokens.insert(who, token);
    }

    pub fn password(&self, who: &str, password: &str) -> Answer {
        self.world.sign_in_as(who, password, "bearer")
    }

    pub fn right_password(&self, who: &str) -> Answer {
        self.password(who, PASSWORD)
    }
}

fn add_passkey(world: &World, token: &str, number: u8) -> (Passkey, Answer) {
    let begun = world.call(
        Method::POST,
        "/v1/me/passkeys",
        Some(token),
        Some(json!({})),
    );
    let enrollment = &begun.body["enrollment"];
    let (passkey, made) = Passkey::create(number, &enrollment["options"]);
    let body = json!({"enrollment": enrollment["token"], "credential": made, "name": "Laptop"});
    let path = "/v1/me/passkeys/confirm";
    let confirmed = world.call(Method::POST, path, Some(token), Some(body));
    assert_eq!(confirmed.status, 200, "{}", confirmed.body);
    (passkey, confirmed)
}
