//! A person's built-in password, changed by its owner.

use postern::{
    audit::Action,
    passwords::{Password, Verifier},
    refusal::{Malformed, Refusal},
    slow_hash::Memory,
};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::{
    access::{Change, Unrestricted, change},
    http::{
        body::{Json, NoContent},
        context::{Context, Home},
        problem::Problem,
        slow_hashes::Place,
    },
    store::{d1::effect, mail, survivors::Survivors},
};

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// 15 to 128 characters, none of the most common ones.
    #[schema(value_type = String, format = Password, min_length = 8, max_length = 256)]
    password: Password,
}

/// `PUT /v1/me/password`: ends all other sessions, trusted devices and open challenges.
pub async fn put(
    caller: Unrestricted,
    Json(body): Json<ChangePassword>,
) -> Result<NoContent, Problem> {
    check_suitable(&body.password)?;
    let context = caller.context();
    let verifier = verifier(context, caller.home, &body.password).await?;
    let mut changing = Change::new(context, Action::PasswordChange)?;
    let event = changing.event;
    changing.effects = vec![
        effect!(SET_PASSWORD, event, verifier),
        mail::notice(context, event, mail::Kind::PasswordChanged),
    ];
    changing.survivors = Some(Survivors::Only(caller.session.id));
    change(context, &caller, changing).await?;
    Ok(NoContent)
}

/// # Errors
/// `malformed` for a password that cannot be chosen.
pub fn check_suitable(password: &Password) -> Result<(), Refusal> {
    password.suitable().map_err(|why| {
        Refusal::Malformed(Malformed {
            field: Some("password".into()),
            detail: why.as_str().into(),
        })
    })
}

/// What is stored of the password of the user at `home`.
///
/// # Errors
/// `throttled` when there is no place among the slow hashes; a fault.
pub async fn verifier(
    context: &Context,
    home: Home,
    password: &Password,
) -> Result<String, Problem> {
    let salt = context.entropy()?;
    let keys = &context.settings.keys;
    let make = |memory: &mut Memory| Verifier::new(password, salt, keys, memory);
    let place = Place::take(context, home, false).await?;
    Ok(serde_json::to_string(&place.hash(make).await?)?)
}

/// ?1 event 2 verifier
pub const SET_PASSWORD: &str = "
UPDATE user SET password = ?2 FROM accepted e
WHERE e.id = ?1 AND (user.organization, user.id) = (e.organization, e.user)";
