//! Schemas in the plainest form that says the same.

use serde_json::{Value, json};

/// `schema` in the words of readers of the API: a description stands beside its reference, as JSON
/// Schema 2020-12 allows, and links of Rust's documentation are names.
pub fn described(schema: Value) -> Value {
    match schema {
        Value::Object(mut members) => {
            if let Some(Value::Array(all)) = members.get("allOf")
                && let [reference, more] = &**all
                && reference.get("$ref").is_some()
                && more.get("properties").is_none()
                && more.get("$ref").is_none()
                && let (Some(reference), Some(more)) = (reference.as_object(), more.as_object())
            {
                let (mut beside, reference) = (more.clone(), reference.clone());
                beside.remove("type");
                members.remove("allOf");
                members.extend(beside);
                members.extend(reference);
            }
            let members = members.into_iter();
            let members = members.map(|(name, value)| {
                let value = match value {
                    Value::String(text) if name == "description" => plain(&text).into(),
                    value => described(value),
                };
                (name, value)
            });
            Value::Object(members.collect())
        }
        Value::Array(items) => items.into_iter().map(described).collect(),
        other => other,
    }
}

fn plain(text: &str) -> String {
    text.replace("[`", "`").replace("`]", "`")
}

/// Takes `null` out of all properties of `schema` that may be left out.
pub fn never_null(schema: &mut Value) {
    let required = schema.get("required").cloned().unwrap_or_default();
    let is_required = |name: &String| {
        let required = required.as_array().into_iter().flatten();
        required.into_iter().any(|known| known == name)
    };
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            if !is_required(name) {
                without_null(property);
            }
        }
    }
    match schema {
        Value::Object(members) => members.values_mut().for_each(never_null),
        Value::Array(items) => items.iter_mut().for_each(never_null),
        _ => {}
    }
}

fn without_null(property: &mut Value) {
    let Some(members) = property.as_object_mut() else {
        return;
    };
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = &**types {
            let only = only.clone();
            members.insert("type".into(), only);
        }
    }
    if let Some(Value::Array(one_of)) = members.get_mut("oneOf") {
        one_of.retain(|schema| *schema != json!({ "type": "null" }));
        if let [Value::Object(only)] = &**one_of {
            let only = only.clone();
            members.remove("oneOf");
            members.extend(only);
        }
    }
}

/// The names of the schemas that `value` refers to.
pub fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => {
            let own = members.get("$ref").and_then(Value::as_str);
            let own = own.and_then(|path| path.strip_prefix("#/components/schemas/"));
            let within = members.values().flat_map(references);
            own.map(ToOwned::to_owned)
                .into_iter()
                .chain(within)
                .collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => vec![],
    }
}
