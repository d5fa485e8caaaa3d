//! D1 behind its binding.

use std::{pin::pin, time::Duration};

use async_trait::async_trait;
use futures_util::future::{Either, select};
use js_sys::{Array, JSON, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::{
    Delay, Env,
    send::{IntoSendFuture as _, SendWrapper},
    worker_sys::D1Database,
};

use crate::{
    platform::Fault,
    platform::{Database, DatabaseError, Statement, Value},
};

/// Seconds after which no answer is waited for any longer.
const BOUND_SECONDS: u64 = 10;

/// The binding `DB`.
///
/// `worker`'s own `D1Result` deserializes rows value by value, each a call across the border of
/// WebAssembly; here a statement's rows cross once, as JSON text.
pub struct D1(SendWrapper<D1Database>);

impl D1 {
    /// # Errors
    /// A fault when the binding is missing.
    pub fn of(env: &Env) -> Result<Self, Fault> {
        let missing = || Fault::unavailable("binding DB is missing");
        let binding = Reflect::get(env, &"DB".into()).map_err(|_| missing())?;
        if binding.is_undefined() {
            return Err(missing());
        }
        Ok(Self(SendWrapper(binding.unchecked_into())))
    }

    async fn send(&self, statements: &[&Statement]) -> Result<Vec<String>, JsValue> {
        let prepared = Array::new();
        for statement in statements {
            let values: Array = statement.values.iter().map(JsValue::from).collect();
            let bound = self.0.prepare(&statement.numbered())?.bind(values)?;
            prepared.push(bound.as_ref());
        }
        let results = Array::from(&JsFuture::from(self.0.batch(prepared)?).await?);
        results
            .iter()
            .map(|result| {
                let rows = Reflect::get(&result, &"results".into())?;
                Ok(String::from(JSON::stringify(&rows)?))
            })
            .collect()
    }
}

#[async_trait]
impl Database for D1 {
    async fn batch(&self, statements: &[&Statement]) -> Result<Vec<String>, DatabaseError> {
        let bounded = async {
            let bound = Delay::from(Duration::from_secs(BOUND_SECONDS));
            match select(pin!(self.send(statements)), pin!(bound)).await {
                Either::Left((sent, _)) => sent.map_err(|why| DatabaseError::of(message(&why))),
                Either::Right(_) => {
                    let late = format!("no answer within {BOUND_SECONDS} s");
                    Err(DatabaseError::Late(late))
                }
            }
        };
        bounded.into_send().await
    }
}

fn message(why: &JsValue) -> String {
    let message = Reflect::get(why, &"message".into()).ok();
    message
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| format!("{why:?}"))
}

impl From<&Value> for JsValue {
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "times and versions stay below 2^53"
    )]
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Integer(number) => Self::from_f64(*number as f64),
            Value::Text(text) => Self::from_str(text),
        }
    }
}
