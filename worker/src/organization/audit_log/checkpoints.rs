//! The checkpoints of the audit log, to be kept elsewhere: they tell of a log that was made anew.

use postern::{refusal::Refusal, time::UnixTime};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::Admin,
    http::{
        body::Json,
        problem::Problem,
        query::{FromQuery, Query, limit},
    },
    platform::json_text,
    store::d1::{self, statement},
};

/// A page of checkpoints.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckpointPage {
    /// The public keys that checkpoints were ever signed with, the oldest first, as C2SP `signed-note` writes
    /// verifier keys: name, id and key.
    keys: Vec<String>,
    /// 100 at most, the newest first.
    #[schema(max_items = 100)]
    checkpoints: Vec<Checkpoint>,
    /// The `before` of the next page; `null` on the last one.
    #[schema(required, minimum = 1)]
    next_before: Option<u64>,
}

/// A signed root of the audit log.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = AuditCheckpoint)]
struct Checkpoint {
    /// How many events it seals, with those of the checkpoints before.
    #[schema(minimum = 1)]
    size: u64,
    /// When it was made.
    at: UnixTime,
    /// The signed note (C2SP `tlog-checkpoint`).
    note: String,
}

/// Which checkpoints are asked for.
#[derive(Clone, Copy, Debug)]
pub struct Before {
    limit: u32,
    before: Option<u64>,
}

impl FromQuery for Before {
    const NAMES: &'static [&'static str] = &["limit", "before"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let before = value("before").map(|text| text.parse());
        let before = before.transpose();
        Ok(Self {
            limit: limit(&value)?,
            before: before.map_err(|_| Refusal::malformed("before", "a number of events"))?,
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        crate::http::query::describe_limit(description);
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0.0))
            .description(Some("Checkpoints of fewer events than this."));
        description.query("before", number);
    }
}

#[derive(Deserialize)]
struct Keys {
    #[serde(deserialize_with = "json_text")]
    keys: Vec<String>,
}

/// `GET /v1/organizations/{org}/audit-checkpoints`
pub async fn list(
    caller: Admin,
    Query(Before { limit, before }): Query<Before>,
) -> Result<Json<CheckpointPage>, Problem> {
    let organization = caller.organization.as_str();
    let statements = [
        statement!(KEYS, { organization: organization }),
        statement!(LIST, { organization: organization, before: before, most: limit.saturating_add(1) }),
    ];
    let mut rows = d1::run(&caller.context().database, &statements).await?;
    let Keys { keys } = rows.first()?.ok_or(Refusal::NotFound)?;
    let mut checkpoints: Vec<Checkpoint> = rows.all()?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = checkpoints.len() > limit;
    checkpoints.truncate(limit);
    let last = checkpoints.last().map(|checkpoint| checkpoint.size);
    Ok(Json(CheckpointPage {
        keys,
        checkpoints,
        next_before: last.filter(|_| more),
    }))
}

const KEYS: &str = "
SELECT (SELECT json_group_array(key) FROM (SELECT key FROM checkpoint_key ORDER BY since, key)) AS keys
FROM organization WHERE external_id = :organization";

const LIST: &str = "
SELECT c.size, c.at, c.note FROM organization o JOIN checkpoint c ON c.organization = o.id
WHERE o.external_id = :organization AND (:before IS NULL OR c.size < :before) ORDER BY c.size DESC LIMIT :most";
