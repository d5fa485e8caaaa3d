//! Bindings as JavaScript has them: found by name, asked by name.
//!
//! `worker` types them richer than we need, and its types bring their own errors, options and
//! deserializers along. What is bound, and what answers mean, is for [`crate::context`],
//! [`crate::d1`] and [`crate::kv`].

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use worker::Env;

/// The binding or variable `name`, if there is one.
pub fn find(env: &Env, name: &str) -> Option<JsValue> {
    let found = Reflect::get(env, &name.into()).ok()?;
    (!found.is_undefined() && !found.is_null()).then_some(found)
}

/// Calls `method` of `binding` and waits for what it promises.
///
/// # Errors
/// What JavaScript throws.
pub async fn ask<const N: usize>(
    binding: &JsValue,
    method: &str,
    arguments: [JsValue; N],
) -> Result<JsValue, JsValue> {
    JsFuture::from(call(binding, method, &Array::from_iter(arguments))?).await
}

fn call(binding: &JsValue, method: &str, arguments: &Array) -> Result<Promise, JsValue> {
    let function: Function = Reflect::get(binding, &method.into())?.dyn_into()?;
    function.apply(binding, arguments)?.dyn_into()
}

/// An object with one field.
pub fn option(name: &str, value: impl Into<JsValue>) -> JsValue {
    let object = Object::new();
    // A new object takes any field.
    let _ = Reflect::set(&object, &name.into(), &value.into());
    object.into()
}
