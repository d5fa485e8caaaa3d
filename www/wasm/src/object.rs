//! Plain JavaScript objects, at a tenth of the bytes that a serializer or `js-sys` takes.

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    type Object;

    #[wasm_bindgen(constructor)]
    fn new() -> Object;

    #[wasm_bindgen(method, structural, indexing_setter)]
    fn set(this: &Object, name: &str, value: &JsValue);
}

/// `{name: value, …}`.
pub fn object(fields: &[(&str, JsValue)]) -> JsValue {
    let object = Object::new();
    for (name, value) in fields {
        object.set(name, value);
    }
    object.into()
}
