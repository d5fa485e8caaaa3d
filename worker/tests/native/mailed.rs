//! Mail that leaves by webhook, and the tokens of the links in it.

use axum::body::Body;
use futures_util::future::join_all;
use http::{Method, Request, header};
use postern_worker::router;
use serde_json::{Value, json};
use tower_service::Service as _;

use crate::world::World;

pub const KEY: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

pub const USER: &str = "/v1/organizations/acme/users/ann";

/// A deployment with Ann, whose mail leaves.
pub fn by_webhook() -> World {
    let world = World::with_ann();
    let settings = &world.native.settings;
    settings.set("MAIL_WEBHOOK", "https://app.example.com/mail");
    settings.set("POSTERN_WEBHOOK_KEY", KEY);
    world
}

/// As [`by_webhook`], and Ann has an address.
pub fn reachable() -> World {
    let mut world = by_webhook();
    let address = json!({"email": "ann@acme.test"});
    assert_eq!(world.application(Method::PATCH, USER, address).status, 200);
    world.wait(60);
    world.native.outside.take_posts();
    world
}

/// The token of the link to `page` in the one mail that left, which is of this kind.
pub fn mailed(world: &World, kind: &str, page: &str) -> String {
    let posts = world.native.outside.take_posts();
    assert_eq!(posts.len(), 1);
    let body: Value = serde_json::from_str(&posts[0].body).unwrap();
    assert_eq!(body["type"], format!("mail.{kind}"));
    let link = body["data"]["links"]["act"].as_str().unwrap();
    assert!(body["data"]["text"].as_str().unwrap().contains(link));
    let token = link.strip_prefix(&format!("https://mfa.example.test/{page}#"));
    token.unwrap().to_owned()
}

/// Fifty requests of nobody at the same moment, each with a body of its own, and their statuses.
pub fn fifty_at_once(world: &World, path: &str, body: impl Fn(u32) -> Value) -> Vec<u16> {
    let answers = pollster::block_on(join_all((0..50).map(|number| {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json")
            .extension(world.native.platform())
            .body(Body::from(body(number).to_string()))
            .unwrap();
        async { router().call(request).await.unwrap().status().as_u16() }
    })));
    pollster::block_on(world.native.later.drain());
    answers
}

/// Other tokens than `token`, which is of `prefix`: cut, edited, and named as one for something else.
pub fn not_quite(token: &str, prefix: &str) -> Vec<String> {
    let edited = |at: usize| {
        let other = if token.as_bytes()[at] == b'A' {
            "B"
        } else {
            "A"
        };
        [&token[..at], other, &token[at + 1..]].concat()
    };
    let renamed = ["pl_re_", "pl_in_", "pl_pw_", "pl_no_"]
        .into_iter()
        .filter(|other| *other != prefix)
        .map(|other| token.replace(prefix, other));
    let mut others = vec![
        String::new(),
        prefix.to_owned(),
        token[..token.len() - 1].to_owned(),
        edited(40),
        edited(token.len() / 2),
    ];
    others.extend(renamed);
    others
}
