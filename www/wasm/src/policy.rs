//! The policy in the browser: the engine that the Worker runs, before anything is saved.

use alloc::{string::String, vec::Vec};

use postern::{
    evidence::{Enrolled, Evidence},
    ids::AuthenticatorId,
    policy::{self, Person, PersonFacts, Policy, Reason, Rule},
    strict_json,
    time::UnixTime,
    users::Role,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use wasm_bindgen::prelude::*;

/// What a decision needs to know of a person.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Facts {
    role: Role,
    groups: Vec<String>,
    authenticators: Vec<AuthenticatorId>,
    backup_codes: bool,
}

#[derive(Serialize)]
struct Decision {
    decision: &'static str,
    reasons: Vec<Reason>,
    rule: Rule,
    #[serde(skip_serializing_if = "Option::is_none")]
    prompt: Option<u16>,
}

/// Whom replacing the policy `current` by `next` touches at `now`, how, and from when.
///
/// # Errors
/// An `Error` that names the field which is no rule, or makes no sense after `current`.
#[wasm_bindgen(js_name = previewPolicy, unchecked_return_type = "PolicyPreview")]
pub fn preview_policy(
    #[wasm_bindgen(unchecked_param_type = "Policy")] current: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Policy")] next: JsValue,
    #[wasm_bindgen(unchecked_param_type = "PersonFacts[]")] people: JsValue,
    now: f64,
) -> Result<JsValue, JsError> {
    let (current, next): (Policy, Policy) = (read(&current)?, read(&next)?);
    let people: Vec<PersonFacts> = read_list(&people)?;
    let now = crate::unix_time(now);
    policy::validate(&next, &current, now).map_err(|why| crate::error(&why))?;
    written(&policy::preview(&current, &next, people.into_iter(), now))
}

/// What a policy says to evidence, and by which rule.
///
/// # Errors
/// An `Error` that names what cannot be read.
#[wasm_bindgen(js_name = decidePolicy, unchecked_return_type = "PolicyDecision")]
pub fn decide_policy(
    #[wasm_bindgen(unchecked_param_type = "Policy")] policy: JsValue,
    #[wasm_bindgen(unchecked_param_type = "DecisionFacts")] person: JsValue,
    #[wasm_bindgen(unchecked_param_type = "Evidence[]")] evidence: JsValue,
    surface: Option<String>,
    now: f64,
) -> Result<JsValue, JsError> {
    let policy: Policy = read(&policy)?;
    let facts: Facts = read(&person)?;
    let evidence: Vec<Evidence> = read_list(&evidence)?;
    let person = Person {
        role: facts.role,
        groups: &facts.groups,
        enrolled: Enrolled {
            authenticators: &facts.authenticators,
            backup_codes: facts.backup_codes,
        },
    };
    let now: UnixTime = crate::unix_time(now);
    let ruling = policy::decide(&policy, &person, &evidence, surface.as_deref(), now);
    written(&Decision {
        decision: ruling.verdict.as_str(),
        prompt: policy::prompts(&policy, &person, &ruling, None, now),
        reasons: ruling.reasons,
        rule: ruling.rule,
    })
}

fn read<T: DeserializeOwned>(value: &JsValue) -> Result<T, JsError> {
    strict_json::read(text(value)?.as_bytes()).map_err(|why| crate::error(&why))
}

fn read_list<T: DeserializeOwned>(value: &JsValue) -> Result<Vec<T>, JsError> {
    strict_json::read_list(text(value)?.as_bytes()).map_err(|why| crate::error(&why))
}

/// What is no JSON, such as a function, is an empty text, which nothing reads.
fn text(value: &JsValue) -> Result<String, JsError> {
    let text = stringify(value).map_err(|_| JsError::new("a value that JSON cannot hold"))?;
    Ok(text.unwrap_or_default())
}

fn written(value: &impl Serialize) -> Result<JsValue, JsError> {
    let text = serde_json::to_string(value).map_err(|why| crate::error(&why))?;
    parse(&text).map_err(|_| JsError::new("an answer that is not JSON"))
}

#[wasm_bindgen(js_namespace = JSON)]
extern "C" {
    #[wasm_bindgen(catch)]
    fn stringify(value: &JsValue) -> Result<Option<String>, JsValue>;

    #[wasm_bindgen(catch)]
    fn parse(text: &str) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A policy as the API writes it: what is absent has its default. */
export interface Policy {
  mode?: "off" | "optional" | "required";
  scope?: "everyone" | { groups: string[] } | { roles: Role[] };
  surfaces?: Record<string, { asked?: boolean; max_age?: number; every_sign_in?: boolean }>;
  /** Unix seconds. */
  grace_until?: number;
  prompt?: "off" | { days: number };
  sso?: "exempt" | "evidence" | "always";
  trusted_devices?: "off" | { days: number };
  step_up?: "second_factor" | "password_allowed";
  backup_codes?: "digits8" | "recovery";
  sign_count_regression?: "accept" | "refuse";
  show_admins?: boolean;
}
export type Role = "member" | "admin" | "owner";
/** What a preview needs to know of a person. */
export interface PersonFacts {
  user: string;
  role: Role;
  groups?: string[];
  authenticators: number;
  sso?: boolean;
  amr?: string[];
  trusted_devices?: number;
}
export interface PolicyPreview {
  people: number;
  affected: number;
  /** `from` in unix seconds; `named` holds the first hundred. */
  effects: { change: string; from: number; people: number; named: string[] }[];
}
/** What a decision needs to know of a person. */
export interface DecisionFacts {
  role?: Role;
  groups?: string[];
  authenticators?: string[];
  backup_codes?: boolean;
}
/** One thing that was shown, `at` in unix seconds. */
export interface Evidence {
  method: "password" | "sso" | "totp" | "backup_code" | "passkey" | "trusted_device";
  at: number;
  authenticator?: string;
  user_verified?: boolean;
  synced?: boolean;
  amr?: string[];
}
export interface PolicyDecision {
  decision: "complete" | "challenge" | "enroll" | "refuse";
  reasons: string[];
  rule: string;
  /** Enrolling is offered; after "not now" again when so many days are over. */
  prompt?: number;
}
"#;
