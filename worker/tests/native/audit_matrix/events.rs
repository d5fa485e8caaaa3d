//! What was recorded, in words; and that nothing of it is a secret.

use std::collections::{BTreeMap, BTreeSet};

use postern_worker::platform::{Statement, Value, native::rows};
use rusqlite::Connection;
use serde_json::{Map, Value as Json};

use crate::world::World;

/// Events of a world.
pub struct Log(Vec<Map<String, Json>>);

/// With what a row says of it: who the person is, and what the subject is.
const EVENTS: &str = "
SELECT e.*, (SELECT external_id FROM user u WHERE (u.organization, u.id) = (e.organization, e.user)) AS person,
  (SELECT external_id FROM user u WHERE (u.organization, u.id) = (e.organization, e.actor_id)) AS actor_person,
  (SELECT 1 FROM organization o WHERE o.id = e.organization) AS known,
  CASE WHEN e.subject IN (SELECT external_id FROM user) OR e.subject IN ('all', 'others') THEN e.subject
    WHEN e.subject IN (SELECT id FROM authenticator) THEN 'authenticator'
    WHEN e.subject IN (SELECT id FROM session) THEN 'session'
    WHEN e.subject IN (SELECT id FROM trusted_device) THEN 'trusted_device'
    WHEN e.subject IN (SELECT id FROM backup_code_set) THEN 'backup_code_set'
    WHEN e.subject IN (SELECT id FROM enrollment) THEN 'enrollment'
    WHEN e.subject IS NOT NULL THEN 'an id' END AS kind
FROM event e WHERE e.seq > ? ORDER BY e.seq";

impl Log {
    /// The number of the last event.
    pub fn last(world: &World) -> u64 {
        let sql = "SELECT coalesce(max(seq), 0) FROM event";
        let last = |database: &Connection| database.query_row(sql, [], |row| row.get(0));
        world.native.database.with(last).unwrap()
    }

    /// What was recorded after event `last`.
    pub fn after(world: &World, last: u64) -> Self {
        let values = [Value::Integer(last)];
        let read = Statement::new(EVENTS, values);
        let text = world
            .native
            .database
            .with(|database| rows(database, EVENTS, &read));
        Self(serde_json::from_str(&text.unwrap()).unwrap())
    }

    /// Each event in words.
    pub fn told(&self) -> Vec<String> {
        self.0.iter().map(told).collect()
    }

    /// That no event lacks what it must have (REQUIREMENTS L2).
    pub fn check(&self, world: &World) {
        for event in &self.0 {
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            assert_eq!(event["at"], world.now, "{event:?}");
            assert!(
                text("organization") == "?" || event["known"] == 1,
                "{event:?}"
            );
            let who = [
                "user",
                "owner",
                "admin",
                "application",
                "operator",
                "system",
            ];
            assert!(who.contains(&text("actor")), "{event:?}");
            assert_eq!(event["actor_person"], event["actor_name"], "{event:?}");
            let keeps = ["owner", "admin"].contains(&text("actor"));
            assert_eq!(event["actor_id"].is_string(), keeps, "{event:?}");
            for name in ["action", "outcome", "salt"] {
                assert_ne!(text(name), "", "{name}: {event:?}");
            }
            if text("actor") != "system" {
                assert_eq!(
                    (text("ip"), text("user_agent")),
                    ("203.0.113.7", "Native/1")
                );
                assert_ne!(text("request_id"), "", "{event:?}");
            }
            // Without a person it is of the whole organization, or of none.
            let of_all = ["organization.", "policy.", "user.export", "audit.", "keys."];
            let of_all = of_all
                .iter()
                .any(|action| text("action").starts_with(action));
            assert!(event["user"].is_string() || of_all, "{event:?}");
        }
    }
}

fn told(event: &Map<String, Json>) -> String {
    let text = |name: &str| event[name].as_str().unwrap_or("-");
    let trust = event["trust"].as_str().map(|trust| format!("/{trust}"));
    let name = event["actor_name"].as_str().map(|name| format!(":{name}"));
    let person = match (event["user"].is_string(), text("person")) {
        (true, "-") => "a stranger",
        (_, person) => person,
    };
    let detail = event["detail"].as_str().unwrap_or("{}");
    let detail: BTreeMap<String, Json> = serde_json::from_str(detail).unwrap();
    let detail = detail.into_keys().collect::<Vec<_>>().join(",");
    format!(
        "{} {}{} by {}{} on {person}; {}; {}; {}",
        text("action"),
        text("outcome"),
        trust.unwrap_or_default(),
        text("actor"),
        name.unwrap_or_default(),
        text("method"),
        text("kind"),
        if detail.is_empty() { "-" } else { &detail },
    )
}

/// Members of bodies that hold secrets.
const SECRET: [&str; 16] = [
    "token",
    "secret",
    "key_uri",
    "code",
    "codes",
    "password",
    "assurance",
    "challenge",
    "trusted_device",
    "enrollment",
    "clientDataJSON",
    "signature",
    "authenticatorData",
    "attestationObject",
    "userHandle",
    "reset",
];

/// Columns that hold secrets, sealed or hashed.
const HASHED: &str = "
SELECT json_group_array(value) FROM (
  SELECT token_hash AS value FROM session UNION SELECT token_hash FROM trusted_device
  UNION SELECT previous_hash FROM trusted_device UNION SELECT look_up FROM backup_code
  UNION SELECT password ->> 'hash' FROM user)
WHERE value IS NOT NULL";

/// That no column of any event holds a secret, code, token, nonce or cookie of all that was sent and answered, not even
/// hashed (REQUIREMENTS L3, ATTACKS A93).
pub fn check_secrets(world: &World) {
    let read = |sql: &str| {
        let read =
            |database: &Connection| database.query_row(sql, [], |row| row.get::<_, String>(0));
        world.native.database.with(read).unwrap()
    };
    let log = read("SELECT json_group_array(json_array(id, organization, user, action, outcome, trust, actor, actor_id, actor_name,
        method, subject, json(detail), ip, user_agent, request_id, salt)) FROM event");
    let mut secrets: BTreeSet<String> = serde_json::from_str(&read(HASHED)).unwrap();
    let sealed =
        read("SELECT json_group_array(secret) FROM authenticator WHERE secret IS NOT NULL");
    secrets.extend(serde_json::from_str::<Vec<String>>(&sealed).unwrap());
    for text in &*world.heard.lock().unwrap() {
        match serde_json::from_str::<Json>(text) {
            Ok(body) => collect(&body, false, &mut secrets),
            // A bearer's token, or a cookie.
            Err(_) => {
                let value = text.split(';').next().unwrap_or_default();
                let value = value.split_once('=').map_or(value, |(_, value)| value);
                secrets.insert(value.to_owned());
            }
        }
    }
    // Ids of enrollments name them, and are no secrets: only their session can use one.
    let named = read(
        "SELECT json_group_array(subject) FROM event WHERE action = 'enrollment.start' AND subject IS NOT NULL",
    );
    let named: BTreeSet<String> = serde_json::from_str(&named).unwrap();
    let secrets = secrets.difference(&named).filter(|secret| secret.len() > 5);
    let mut looked_for = 0;
    for secret in secrets {
        // As a word of its own: six digits may stand in a number by chance.
        let found = log.match_indices(&**secret).any(|(at, _)| {
            let before = log[..at].chars().next_back();
            let after = log[at + secret.len()..].chars().next();
            let digits =
                |c: Option<char>| secret.len() < 9 && c.is_some_and(|c| c.is_ascii_alphanumeric());
            !digits(before) && !digits(after)
        });
        assert!(!found, "{secret} is in the log");
        looked_for += 1;
    }
    assert!(looked_for > 50, "{looked_for}");
}

/// Adds the texts in secret members, and in all that is within those.
fn collect(body: &Json, secret: bool, found: &mut BTreeSet<String>) {
    match body {
        Json::Object(members) => {
            // The code of a problem is none.
            let is_problem = members.contains_key("title");
            for (name, value) in members {
                let secret = SECRET.contains(&&**name) && !(is_problem && name == "code");
                collect(value, secret, found);
            }
        }
        Json::Array(values) => values
            .iter()
            .for_each(|value| collect(value, secret, found)),
        Json::String(text) if secret => {
            found.insert(text.clone());
        }
        _ => {}
    }
}
