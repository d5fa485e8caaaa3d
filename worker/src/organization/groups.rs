//! The groups that people are in, for suggestions as one types.

use postern::{names::Group, refusal::Refusal};
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
    store::d1::{self, statement},
};

/// A page of groups.
#[derive(Debug, Serialize, ToSchema)]
pub struct GroupPage {
    /// The groups, 100 at most, in the order of their names without regard to the case of ASCII letters.
    #[schema(max_items = 100)]
    groups: Vec<GroupView>,
    /// The `cursor` of the next page; `null` on the last one.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A group that someone is in.
#[derive(Debug, Deserialize, Serialize, ToSchema)]
#[schema(as = GroupOfPeople)]
struct GroupView {
    /// Its name.
    #[schema(value_type = Group)]
    name: String,
    /// How many people are in it.
    #[schema(minimum = 1)]
    people: u32,
}

/// Which groups are asked for.
#[derive(Clone, Debug)]
pub struct Beginning {
    limit: u32,
    after: Option<Group>,
    prefix: String,
}

impl FromQuery for Beginning {
    const NAMES: &'static [&'static str] = &["limit", "cursor", "prefix"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let about = "the next_cursor of the page before";
        let after = value("cursor").map(|text| text.parse());
        let prefix = value("prefix").unwrap_or_default().to_ascii_lowercase();
        if prefix.chars().count() > 64 {
            return Err(Refusal::malformed("prefix", "at most 64 characters"));
        }
        Ok(Self {
            limit: limit(&value)?,
            after: after
                .transpose()
                .map_err(|_| Refusal::malformed("cursor", about))?,
            prefix: prefix.trim_start().to_owned(),
        })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let text = |about: &str| {
            ObjectBuilder::new()
                .schema_type(Type::String)
                .description(Some(about))
                .max_length(Some(64))
        };
        crate::http::query::describe_limit(description);
        description.query("cursor", text("The `next_cursor` of the page before."));
        let about = "Only groups whose name begins with this; the case of ASCII letters is ignored, \
                     and no character stands for others.";
        description.query("prefix", text(about));
    }
}

/// `GET /v1/organizations/{org}/groups`
pub async fn list(
    caller: Admin,
    Query(beginning): Query<Beginning>,
) -> Result<Json<GroupPage>, Problem> {
    let Beginning {
        limit,
        after,
        prefix,
    } = beginning;
    let organization = caller.organization.as_str();
    let statements = [
        statement!(FOUND, { organization: organization }),
        statement!(GROUPS, {
            organization: organization,
            after: after.as_ref().map_or("", Group::as_str),
            prefix: prefix,
            most: limit.saturating_add(1),
        }),
    ];
    let mut rows = d1::run(&caller.context().database, &statements).await?;
    rows.first::<Found>()?.ok_or(Refusal::NotFound)?;
    let mut groups: Vec<GroupView> = rows.readable("groups")?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = groups.len() > limit;
    groups.truncate(limit);
    let last = groups.last().filter(|_| more);
    Ok(Json(GroupPage {
        next_cursor: last.map(|group| group.name.clone()),
        groups,
    }))
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Found {}

const FOUND: &str = "SELECT 1 FROM organization WHERE external_id = :organization";

const GROUPS: &str = "
SELECT g.name, count(*) AS people FROM user_group g
WHERE g.organization = (SELECT id FROM organization WHERE external_id = :organization)
  AND lower(g.name) >= :prefix AND lower(g.name) < :prefix || char(1114111)
  AND (lower(g.name), g.name) > (lower(:after), :after)
GROUP BY lower(g.name), g.name ORDER BY lower(g.name), g.name LIMIT :most";
