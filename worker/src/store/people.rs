//! The people of an organization as a policy sees them: for previews, and for the day when grace is
//! over.

use std::sync::Arc;

use postern::{
    evidence::Method, ids::OrganizationId, policy::PersonFacts, time::UnixTime, users::Role,
};
use serde::Deserialize;

use crate::{
    http::problem::Problem,
    platform::json_text,
    platform::optional_json_text,
    store::d1::{self, Database, Statement, text},
};

/// People read in one trip.
const PORTION: u32 = 2000;

/// What [`PEOPLE`] reads.
#[derive(Deserialize)]
struct Row {
    user: String,
    name: Option<String>,
    role: Role,
    #[serde(deserialize_with = "json_text")]
    groups: Vec<String>,
    authenticators: u32,
    trusted_devices: u32,
    #[serde(default, deserialize_with = "optional_json_text")]
    last: Option<LastSignIn>,
}

/// The first factor of the last sign-in.
#[derive(Deserialize)]
struct LastSignIn {
    method: Method,
    amr: Option<Vec<String>>,
}

/// People who may sign in.
#[derive(Default)]
pub struct People {
    /// In the order of their ids.
    pub facts: Vec<PersonFacts>,
    /// What each of them is called, in the same order.
    pub names: Vec<Option<String>>,
    /// How many more there are whose row cannot be read. They are logged.
    pub unreadable: u32,
}

/// Reads everyone who may sign in.
///
/// # Errors
/// `unavailable`.
pub async fn all(
    database: &Arc<dyn Database>,
    organization: OrganizationId,
    now: UnixTime,
) -> Result<People, Problem> {
    let mut people = People::default();
    let mut after = Some(String::new());
    while let Some(last) = after {
        after = people.read(database, organization, last, now).await?;
    }
    Ok(people)
}

impl People {
    /// Reads those who come after `last` too, as many as one trip reads. Answers the id of the last of
    /// them where there may be more.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn read(
        &mut self,
        database: &Arc<dyn Database>,
        organization: OrganizationId,
        last: String,
        now: UnixTime,
    ) -> Result<Option<String>, Problem> {
        let values = [text(organization), last.into(), PORTION.into(), now.into()];
        let mut rows = d1::run(database, &[Statement::new(PEOPLE, values)]).await?;
        let found = rows.each::<Row>("people")?;
        let more = u32::try_from(found.len()) == Ok(PORTION);
        let mut last = String::new();
        for row in found {
            match row {
                Ok(row) => {
                    last.clone_from(&row.user);
                    let (name, facts) = row.facts();
                    self.names.push(name);
                    self.facts.push(facts);
                }
                Err(row) => {
                    last = row.text("user")?;
                    self.unreadable = self.unreadable.saturating_add(1);
                }
            }
        }
        Ok(more.then_some(last))
    }
}

impl Row {
    fn facts(self) -> (Option<String>, PersonFacts) {
        let last = self.last;
        let facts = PersonFacts {
            user: self.user,
            role: self.role,
            groups: self.groups,
            authenticators: self.authenticators,
            sso: last.as_ref().is_some_and(|last| last.method == Method::Sso),
            amr: last.and_then(|last| last.amr).unwrap_or_default(),
            trusted_devices: self.trusted_devices,
        };
        (self.name, facts)
    }
}

/// ?1 organization 2 after 3 at most 4 now
const PEOPLE: &str = "
SELECT u.external_id AS user, u.name, u.role, u.groups,
  (SELECT count(*) FROM authenticator a WHERE (a.organization, a.user) = (u.organization, u.id)) AS authenticators,
  (SELECT count(*) FROM trusted_device d WHERE (d.organization, d.user) = (u.organization, u.id)
    AND d.ended_at IS NULL AND d.expires_at > ?4 AND d.user_version = u.version
    AND d.trust_epoch = o.trust_epoch) AS trusted_devices,
  (SELECT json_object('method', e.method, 'amr', e.detail -> 'amr') FROM event e
    WHERE (e.organization, e.user) = (u.organization, u.id) AND e.action = 'sign_in.first_factor'
      AND e.outcome = 'accepted' ORDER BY e.seq DESC LIMIT 1) AS last
FROM user u JOIN organization o ON o.id = u.organization
WHERE u.organization = ?1 AND u.external_id > ?2 AND u.state = 'active'
ORDER BY u.external_id LIMIT ?3";
