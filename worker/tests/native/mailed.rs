//! Mail that leaves by webhook, and the tokens of the links in it.

use http::Method;
use serde_json::{Value, json};

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
