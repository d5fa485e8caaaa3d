//! The API's document, OpenAPI 3.1: made from the table of routes and from the types of their handlers,
//! with the words and examples of [`operations`]. For the machine that builds, not for the Worker.

use std::collections::{BTreeMap, BTreeSet};

use http::StatusCode;
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    ROUTES,
    http::{
        description::Description,
        problem,
        request::refuses,
        route::{Access, Route, placeholder},
    },
};

mod normalize;
mod operations;

use normalize::{described, never_null, references};
use operations::{Operation, TAGS, operations};

/// The document, in the order in which it is written.
#[derive(Serialize)]
pub struct Document {
    openapi: &'static str,
    info: Value,
    servers: Value,
    tags: Value,
    paths: BTreeMap<&'static str, Map<String, Value>>,
    components: Value,
}

/// Everything that there is to ask, and every answer.
///
/// # Errors
/// What is wrong: a route without an entry in [`operations`], or two schemas of one name.
pub fn document() -> Result<Document, String> {
    let mut schemas = Schemas::default();
    let mut paths = BTreeMap::<_, Map<_, _>>::new();
    let mut left = operations();
    for route in ROUTES {
        let named = format!("{} {}", route.method, route.path);
        let words = left
            .remove(&*named)
            .ok_or(format!("{named} is described nowhere"))?;
        let description = Described::new(route, &mut schemas)?;
        let method = route.method.as_str().to_ascii_lowercase();
        let path = paths.entry(route.path).or_default();
        path.insert(method, description.operation(words));
    }
    if let Some(other) = left.keys().next() {
        return Err(format!("{other} is described and no route"));
    }
    schemas.problem()?;
    let tags = TAGS.map(|(name, description)| json!({ "name": name, "description": description }));
    Ok(Document {
        openapi: "3.1.0",
        info: json!({
            "title": "Postern",
            "version": env!("CARGO_PKG_VERSION"),
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        }),
        servers: json!([{ "url": "/", "description": "The deployment that serves this document." }]),
        tags: json!(tags),
        paths,
        components: json!({
            "securitySchemes": {
                "application": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An application's API key.",
                },
                "set_up": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The operator's set-up code, while it was not used.",
                },
                "session": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session's token, where an application holds it.",
                },
                "session_cookie": {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": crate::store::sessions::SESSION_COOKIE,
                    "description": "A session's token, where a browser holds it. A change says by its \
                        `Origin` or `Sec-Fetch-Site` that it comes from one of our origins.",
                },
            },
            "schemas": schemas.finished(),
        }),
    })
}

const ABOUT: &str = "The second gate of a sign-in: an application checks a first factor, and Postern \
decides whether that is enough, asks for a second factor where it is not, and hands back proof of what \
was shown.\n\nBodies are JSON, UTF-8, at most 64 KiB, and 8 KiB where they hold only codes and tokens. \
No field comes twice, and none that is not described. Times are seconds since 1970. Each path has one \
spelling: another one answers 404, and another method 405 with `Allow`.\n\nEvery answer that is no \
success is a problem document (RFC 9457), whose `code` is stable: `x-codes` lists those of an \
operation. `x-access` says who may call it: `public` and `challenge` anyone, `application` an \
application with its key, `owner` also an owner of the organization with two factors shown, and \
`fresh_owner` within five minutes of a proof, `admin` and `fresh_admin` as those two and also an \
admin, `set_up` the operator with the set-up code; the others a session: `enrolling` any, `adding` with a \
proof of the last five minutes, `session` one that the policy finds enough, `aal2` with two factors \
shown, `fresh` with a proof of the last five minutes, `unrestricted` also without a backup code.";

/// The schemas that are named.
#[derive(Default)]
struct Schemas {
    named: BTreeMap<String, Value>,
    /// Those that requests are read by.
    asked: BTreeSet<String>,
}

impl Schemas {
    /// Adds what `description` names.
    fn add(&mut self, description: &mut Description) -> Result<(), String> {
        for (name, schema) in description.schemas.drain(..) {
            let schema = described(json!(schema));
            match self.named.get(&name) {
                Some(other) if *other != schema => {
                    return Err(format!("two schemas are called {name}"));
                }
                _ => self.named.insert(name, schema),
            };
        }
        Ok(())
    }

    /// Notes that requests are read by `schema`, and by those that it names.
    fn note_asked(&mut self, schema: &Value) {
        for name in references(schema) {
            if self.asked.insert(name.clone())
                && let Some(schema) = self.named.get(&name).cloned()
            {
                self.note_asked(&schema);
            }
        }
    }

    fn problem(&mut self) -> Result<(), String> {
        let mut description = Description::default();
        description.named::<problem::Document<'_>>();
        self.add(&mut description)
    }

    /// Of what is only answered, a field that may be left out is never null.
    fn finished(mut self) -> BTreeMap<String, Value> {
        for (name, schema) in &mut self.named {
            if !self.asked.contains(name) {
                never_null(schema);
            }
        }
        self.named
    }
}

/// A route, as far as its types describe it.
struct Described {
    route: &'static Route,
    parameters: Vec<Value>,
    description: Description,
}

/// What a parameter is.
fn says(parameter: &str) -> Result<&'static str, String> {
    Ok(match parameter {
        "action" => "Only these actions, with commas between them.",
        "actor" => "Only what this owner or admin did, or `application`, `system` or `operator`.",
        "after" => "Where a part begins, as `Link` of the part before names it.",
        "before" => "Checkpoints of fewer events than this.",
        "cursor" => "Where to go on: `next_cursor` of the page before.",
        "enrollment" => "Only users with a confirmed authenticator, or only those without.",
        "exempt" => "Only users whom an identity provider answers for.",
        "explain" => "Whether the answer names the rule that decided.",
        "from" => "Only from this moment on.",
        "group" => "Only users in this group.",
        "id" => "Its id.",
        "limit" => "How many, at most.",
        "locked" => "Only users who have to wait before they may try some method again.",
        "method" => "Only where this method was shown.",
        "org" => "The organization's id.",
        "outcome" => "Only what came out so: `accepted`, `refused`, or a word of its own.",
        "person" => "Only what concerns the account of this user, by id.",
        "prefix" => "Only groups whose name begins so.",
        "restricted" => "Only users in a session that rests on a backup code.",
        "role" => "Only users of this role.",
        "search" => "Only users whose name, username or address begins so.",
        "sort" => "What the list is ordered by; `id` by default.",
        "state" => "Only users in this state.",
        "until" => "Only before this moment.",
        "user" => "The user's id.",
        _ => return Err(format!("no words for the parameter {parameter}")),
    })
}

impl Described {
    fn new(route: &'static Route, schemas: &mut Schemas) -> Result<Self, String> {
        let mut description = Description::default();
        (route.describe)(&mut description);
        description.refuses.extend(refuses(route));
        schemas.add(&mut description)?;
        let names: Vec<&str> = route.path.split('/').filter_map(placeholder).collect();
        if names.len() != description.path.len() {
            return Err(format!("{} does not read its placeholders", route.path));
        }
        let in_path = names.into_iter().zip(&description.path);
        let in_path = in_path.map(|(name, schema)| (name, "path", schema));
        let in_query = description.query.iter();
        let in_query = in_query.map(|(name, schema)| (*name, "query", schema));
        let parameters = in_path.chain(in_query).map(|(name, place, schema)| {
            let required = place == "path";
            Ok(json!({
                "name": name, "in": place, "required": required, "description": says(name)?,
                "schema": described(json!(schema)),
            }))
        });
        let parameters: Vec<Value> = parameters.collect::<Result<_, String>>()?;
        schemas.note_asked(&json!(parameters));
        if let Some((body, _)) = &description.body {
            schemas.note_asked(&json!(body));
        }
        Ok(Self {
            route,
            parameters,
            description,
        })
    }

    fn operation(self, words: Operation) -> Value {
        let Operation {
            id,
            tag,
            summary,
            refuses,
            request,
            answer,
        } = words;
        let mut operation = Map::new();
        let mut add = |name: &str, value| operation.insert(name.to_owned(), value);
        add("operationId", id.into());
        add("tags", json!([tag]));
        add("summary", summary.into());
        add("x-access", self.route.access.as_str().into());
        add("security", security(self.route.access));
        if let Some((schema, most)) = &self.description.body {
            let about = format!("At most {} KiB. No body is an empty object.", most / 1024);
            let body = json!({
                "description": about,
                "required": request.as_ref().is_some_and(|body| *body != json!({})),
                "content": { "application/json": content(json!(schema), request) },
            });
            add("requestBody", body);
        }
        let responses = self.responses(refuses, answer);
        if !self.parameters.is_empty() {
            add("parameters", self.parameters.into());
        }
        add("responses", responses);
        operation.into()
    }

    fn responses(&self, refuses: &[&'static str], answer: Option<Value>) -> Value {
        let mut responses = Map::new();
        for (status, success) in &self.description.answers {
            let mut response = json!({ "description": success.about });
            if let Some(body) = &success.body {
                let body = content(described(json!(body)), answer.clone());
                response = with(response, "content", json!({ success.media: body }));
            }
            if self.description.sets_cookies {
                let header = json!({ "Set-Cookie": {
                    "description": "What the browser keeps: a session, a trusted device, a known browser.",
                    "schema": { "type": "string" },
                }});
                response = with(response, "headers", header);
            }
            responses.insert(status.as_str().to_owned(), response);
        }
        let statuses = problem::codes();
        let mut problems = BTreeMap::<StatusCode, BTreeSet<&str>>::new();
        for code in self.description.refuses.iter().chain(refuses) {
            let status = statuses.get(code).copied();
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            problems.entry(status).or_default().insert(code);
        }
        for (status, codes) in problems {
            responses.insert(status.as_str().to_owned(), refusal(status, &codes));
        }
        responses.into()
    }
}

/// An object with one more member.
fn with(mut object: Value, name: &str, value: Value) -> Value {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    object
}

/// A body and its example.
fn content(schema: Value, example: Option<Value>) -> Value {
    let content = json!({ "schema": schema });
    match example {
        Some(example) => with(content, "example", example),
        None => content,
    }
}

/// The answer that `status` is, with one of `codes`.
fn refusal(status: StatusCode, codes: &BTreeSet<&str>) -> Value {
    let names: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
    let response = json!({
        "description": names.join(", "),
        "x-codes": codes,
        "content": { "application/problem+json": content(json!({ "$ref": PROBLEM }), None) },
    });
    let waits = [
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::SERVICE_UNAVAILABLE,
    ];
    if waits.contains(&status) {
        let header = json!({ "Retry-After": {
            "description": "Seconds after which to try again, where waiting helps.",
            "schema": { "type": "integer", "minimum": 1 },
        }});
        return with(response, "headers", header);
    }
    response
}

const PROBLEM: &str = "#/components/schemas/Problem";

/// What a caller of the class shows: one of these.
fn security(access: Access) -> Value {
    match access {
        Access::Public | Access::Challenge => json!([]),
        Access::Application => json!([{ "application": [] }]),
        Access::SetUp => json!([{ "set_up": [] }]),
        Access::Owner | Access::FreshOwner | Access::Admin | Access::FreshAdmin => {
            json!([{ "application": [] }, { "session": [] }, { "session_cookie": [] }])
        }
        Access::Enrolling
        | Access::Adding
        | Access::Session
        | Access::Aal2
        | Access::Fresh
        | Access::Unrestricted => json!([{ "session": [] }, { "session_cookie": [] }]),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn every_route_is_described_and_nothing_else() {
        let document = document().unwrap();
        let operations: usize = document.paths.values().map(Map::len).sum();
        assert_eq!(operations, ROUTES.len());
    }

    #[test]
    fn every_code_has_a_status() {
        let statuses = problem::codes();
        for (route, operation) in operations() {
            for code in operation.refuses {
                assert!(statuses.contains_key(code), "{route} refuses with {code}");
            }
        }
    }
}
