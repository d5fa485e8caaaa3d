//! The KV read model: sealed copies of users and policies, always allowed to be late or missing.
//!
//! A copy that does not open is a miss, never a refusal. What a copy says may lead to a challenge;
//! everything else is confirmed by D1 in the batch that commits it, which refuses when a version
//! is not the one that was copied. Nothing is written here per sign-in.

use postern::{
    base64url,
    ids::OrganizationId,
    names::{ExternalId, OrganizationName},
    organizations::Organization,
    policy::Verdict,
    sealing::{Keys, Place, Purpose},
    users::User,
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    http::context::{Context, Home},
    store::models::Models,
};

/// Seconds after which a copy is dropped by KV.
const LIFE_SECONDS: u32 = 7 * 86_400;

/// The versions a decision rested on: a copy with these needs no writing.
#[derive(Clone, Copy, Debug)]
pub struct Versions {
    /// The user's; zero when there was none.
    pub user: u64,
    /// The policy's; zero when there was none.
    pub policy: u64,
}

/// What a copy said. It may be late, so there are two ways to use it and no third.
pub struct Copied(Models);

impl Copied {
    /// To ask for more: the copy itself if `ruling` says challenge by it, nothing otherwise.
    pub fn if_challenged(self, ruling: impl FnOnce(&Models) -> Verdict) -> Option<Models> {
        (ruling(&self.0) == Verdict::Challenge).then_some(self.0)
    }

    /// To decide an attempt that D1 confirms, both versions included, in the batch that commits it.
    pub fn into_attempt(self) -> Models {
        self.0
    }
}

/// The user and the organization from KV, if both are there and open.
pub async fn read(context: &Context, home: Home) -> Option<Copied> {
    let (user_key, policy_key) = (user_key(home), policy_key(home.organization));
    let store = context.copies.as_ref()?;
    let mut found = store.get(&[&user_key, &policy_key]).await.into_iter();
    let (user_copy, policy_copy) = (found.next()??, found.next()??);
    let organization = home.organization.to_string();
    let user = home.user.to_string();
    let user = open::<User>(
        &context.settings.keys,
        Purpose::UserCopy,
        &[&organization, &user],
        &user_copy,
    )?;
    // The rows may be under a newer key by now.
    user.check_keys(&context.settings.keys).ok()?;
    Some(Copied(Models {
        user,
        organization: open::<Organization>(
            &context.settings.keys,
            Purpose::PolicyCopy,
            &[&organization],
            &policy_copy,
        )?,
    }))
}

/// Our ids for an application's names, from KV.
pub async fn find(
    context: &Context,
    organization: &OrganizationName,
    user: &ExternalId,
) -> Option<Home> {
    let store = context.copies.as_ref()?;
    let sealed = store.get(&[&name_key(organization, user)]).await.pop()??;
    let place = Place {
        purpose: Purpose::NameCopy,
        path: &[organization.as_str(), user.as_str()],
    };
    serde_json::from_slice(&context.settings.keys.open(&place, &sealed).ok()?).ok()
}

/// Writes the copies whose version is not the one in `known`, after the reply.
pub fn keep(context: &Context, models: &Models, known: Versions) {
    if models.user.version != known.user {
        keep_user(context, models);
    }
    if models.organization.policy_version != known.policy {
        keep_policy(context, &models.organization);
    }
}

/// Writes the copy of a user, and the way to it from the application's names.
pub fn keep_user(context: &Context, models: &Models) {
    let Models { user, organization } = models;
    let home = Home {
        organization: organization.id,
        user: user.id,
    };
    let path = [&*organization.id.to_string(), &*user.id.to_string()];
    let copy = seal(context, Purpose::UserCopy, &path, user.version, user);
    put(context, user_key(home), copy);
    let names = [organization.external_id.as_str(), user.external_id.as_str()];
    let place = Place {
        purpose: Purpose::NameCopy,
        path: &names,
    };
    let sealed = sealed(context, &place, &home);
    put(
        context,
        name_key(&organization.external_id, &user.external_id),
        sealed,
    );
}

/// Writes the copy of a policy.
pub fn keep_policy(context: &Context, organization: &Organization) {
    let path = [&*organization.id.to_string()];
    let version = organization.policy_version;
    let copy = seal(context, Purpose::PolicyCopy, &path, version, organization);
    put(context, policy_key(organization.id), copy);
}

/// Drops the copy of a user who is gone, if there is one: nothing else would say so to who asks by
/// their name.
pub fn forget_user(context: &Context, home: Home) {
    let Some(store) = context.copies.clone() else {
        return;
    };
    let key = user_key(home);
    context.after_reply(async move {
        // Of deletes there are few a day, and a challenge of a deleted user can be answered often.
        if store.get(&[&key]).await.pop().flatten().is_some() {
            store.delete(&key).await;
        }
    });
}

/// A copy that cannot be written is a copy that is late.
fn put(context: &Context, key: String, copy: Option<String>) {
    let (Some(store), Some(copy)) = (context.copies.clone(), copy) else {
        return;
    };
    context.after_reply(async move {
        store.put(&key, &copy, LIFE_SECONDS).await;
    });
}

/// `version.blob`; the version is part of the seal.
fn seal(
    context: &Context,
    purpose: Purpose,
    path: &[&str],
    version: u64,
    model: &impl Serialize,
) -> Option<String> {
    let version = version.to_string();
    let mut path = path.to_vec();
    path.push(&version);
    let path = &path;
    let blob = sealed(context, &Place { purpose, path }, model)?;
    Some(format!("{version}.{blob}"))
}

fn sealed(context: &Context, place: &Place<'_>, model: &impl Serialize) -> Option<String> {
    let nonce = context.entropy().ok()?;
    let text = serde_json::to_vec(model).ok()?;
    context.settings.keys.seal(place, nonce, &text).ok()
}

fn open<T: DeserializeOwned>(
    keys: &Keys,
    purpose: Purpose,
    path: &[&str],
    copy: &str,
) -> Option<T> {
    let (version, blob) = copy.split_once('.')?;
    let mut path = path.to_vec();
    path.push(version);
    serde_json::from_slice(
        &keys
            .open(
                &Place {
                    purpose,
                    path: &path,
                },
                blob,
            )
            .ok()?,
    )
    .ok()
}

fn user_key(home: Home) -> String {
    format!("user/{}/{}", home.organization, home.user)
}

/// KV keys are at most 512 bytes and visible to operators, so the person's name is hashed.
fn name_key(organization: &OrganizationName, user: &ExternalId) -> String {
    let hash = base64url::encode(&Sha256::digest(user.as_str()));
    format!("name/{organization}/{hash}")
}

fn policy_key(organization: OrganizationId) -> String {
    format!("policy/{organization}")
}
