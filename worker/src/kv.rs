//! KV: text in, text out. The only place that touches the binding.
//!
//! Whatever goes wrong is nothing found, or nothing kept: nobody may depend on it.

use js_sys::{Array, Map};
use wasm_bindgen::{JsCast, JsValue};

use crate::binding::{ask, option};

/// A namespace.
#[derive(Clone)]
pub struct Store(JsValue);

impl Store {
    /// The namespace behind a binding.
    pub const fn new(binding: JsValue) -> Self {
        Self(binding)
    }

    /// The text under `key`.
    pub async fn get(&self, key: &str) -> Option<String> {
        let found = ask(&self.0, "get", [key.into(), option("type", "text")]);
        found.await.ok()?.as_string()
    }

    /// The texts under two keys, in one read.
    pub async fn get_both(&self, one: &str, other: &str) -> Option<(String, String)> {
        let (one, other) = (JsValue::from(one), JsValue::from(other));
        let keys = Array::of2(&one, &other);
        let found = ask(&self.0, "get", [keys.into(), option("type", "text")]);
        let found: Map = found.await.ok()?.dyn_into().ok()?;
        Some((found.get(&one).as_string()?, found.get(&other).as_string()?))
    }

    /// Keeps `text` under `key` for `seconds`.
    pub async fn put(&self, key: &str, text: &str, seconds: u32) {
        let life = option("expirationTtl", seconds);
        let _ = ask(&self.0, "put", [key.into(), text.into(), life]).await;
    }

    /// Keeps nothing under `key` any longer.
    pub async fn delete(&self, key: &str) {
        let _ = ask(&self.0, "delete", [key.into()]).await;
    }
}
