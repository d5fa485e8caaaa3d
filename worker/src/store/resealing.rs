//! Rows on their way from old root keys to the one that writes: when they are used, and in portions
//! by the scheduled job, which also reports what is left under which key.
//!
//! A row moves only while it holds what was read of it, so that two jobs, or a job and a sign-in, do
//! not meet. The version of its user stays, because what it holds is the same. Copies follow by
//! themselves: one that still holds something under a key that is gone is a miss.
//!
//! Two kinds of rows stay: backup codes, which only their owner knows, until they are renewed, and
//! trusted devices, which end within 30 days.

use postern::{
    audit::Action,
    base64url,
    decision::Rekey,
    ids::EventId,
    sealing::{Keys, NotOpened, Place, Purpose},
    time::UnixTime,
};
use serde::Deserialize;

use crate::platform::Fault;
use crate::{
    http::{
        context::{Context, Home},
        problem::Problem,
    },
    platform::{Platform, Randomness, log},
    store::d1::{self, Statement, Value, text},
};

mod report;
#[cfg(test)]
mod tests;

/// Rows that are read, and moved, with one statement.
const PORTION: u32 = 200;

/// Portions of one table and key in a run of the job.
const ROUNDS: u32 = 5;

/// The statements for a table of sealed TOTP secrets.
#[derive(Clone, Copy)]
struct Table {
    page: &'static str,
    moving: &'static str,
    record: &'static str,
}

const TABLES: [Table; 2] = [
    Table {
        page: AUTHENTICATORS,
        moving: MOVE_AUTHENTICATORS,
        record: RECORD_AUTHENTICATORS,
    },
    Table {
        page: ENROLLMENTS,
        moving: MOVE_ENROLLMENTS,
        record: RECORD_ENROLLMENTS,
    },
];

/// A row, and its secret as sealed.
#[derive(Deserialize)]
struct Row {
    organization: String,
    user: String,
    id: String,
    secret: String,
}

/// A row that moved.
#[derive(Deserialize)]
struct Moved {}

/// A row by its three names, what it holds, and what it is to hold.
type Movement = [String; 5];

impl Row {
    /// The way of this row to the writing key.
    ///
    /// # Errors
    /// A fault without randomness; inside, why the secret does not open.
    fn movement(
        self,
        keys: &Keys,
        randomness: &dyn Randomness,
    ) -> Result<Result<Movement, NotOpened>, Fault> {
        let mut nonce = [0; _];
        randomness.fill(&mut nonce)?;
        let place = Place {
            purpose: Purpose::TotpSecret,
            path: &[&self.organization, &self.user, &self.id],
        };
        let secret = match keys.open(&place, &self.secret) {
            Ok(secret) => secret,
            Err(why) => return Ok(Err(why)),
        };
        let resealed = keys.seal(&place, nonce, &secret)?;
        Ok(Ok([
            self.organization,
            self.user,
            self.id,
            self.secret,
            resealed,
        ]))
    }
}

impl Table {
    fn moving(self, keys: &Keys, movements: &[Movement]) -> Result<Statement, Fault> {
        let movements = serde_json::to_string(movements)?;
        Ok(Statement::new(
            self.moving,
            [Value::from(keys.writer().id()), movements.into()],
        ))
    }

    /// Records what moved by `movement`, in the batch of it: an event in each organization.
    fn record(self, movement: &Statement, randomness: &dyn Randomness) -> Result<Statement, Fault> {
        let mut entropy = [0; _];
        randomness.fill(&mut entropy)?;
        let mut values = movement.values.clone();
        values.push(text(EventId::from_entropy(entropy)));
        values.push(Action::KeysMove.as_str().into());
        Ok(Statement::new(self.record, values))
    }
}

/// Keeps under the writing key what an accepted proof showed, after the reply. The proof stays
/// accepted when that fails: what is lost is for the job, or for the next time.
pub fn after_use(context: &Context, home: Home, rekey: &Rekey) {
    let statement = match moving_one(context, home, rekey) {
        Ok(statement) => statement,
        Err(why) => {
            log(&format!("keys: {home} stays under an old key: {why}"));
            return;
        }
    };
    let database = context.database.clone();
    context.after_reply(async move {
        let _ = d1::run(&database, &[statement]).await;
    });
}

fn moving_one(context: &Context, home: Home, rekey: &Rekey) -> Result<Statement, Fault> {
    let keys = &context.settings.keys;
    match rekey {
        Rekey::TotpSecret {
            authenticator,
            sealed,
        } => {
            let row = Row {
                organization: home.organization.to_string(),
                user: home.user.to_string(),
                id: authenticator.to_string(),
                secret: sealed.clone(),
            };
            let [authenticators, _] = TABLES;
            // It opened a moment ago.
            let movement = row.movement(keys, &*context.platform().randomness)?.ok();
            authenticators.moving(keys, movement.as_slice())
        }
        Rekey::Password { from, to } => Ok(Statement::new(
            MOVE_PASSWORD,
            [
                text(home.organization),
                text(home.user),
                from.key.clone().into(),
                base64url::encode(&from.hash).into(),
                serde_json::to_string(&to)?.into(),
            ],
        )),
    }
}

/// Moves what can be moved, and reports once an hour and whenever something moved.
///
/// # Errors
/// `unavailable`; the next minute tries again.
pub async fn run(platform: &Platform, keys: &Keys, now: UnixTime) -> Result<(), Problem> {
    let moved = move_rows(platform, keys).await?;
    if moved > 0 || (now.0 / 60).is_multiple_of(60) {
        report::write(&platform.database, keys, moved).await?;
    }
    Ok(())
}

/// Rows of a table under one key, after the last one that was read.
struct Page<'a> {
    table: Table,
    key: &'a str,
    after: [String; 3],
}

impl Page<'_> {
    fn statement(&self) -> Statement {
        let [organization, user, id] = self.after.clone();
        Statement::new(
            self.table.page,
            [
                self.key.into(),
                organization.into(),
                user.into(),
                id.into(),
                PORTION.into(),
            ],
        )
    }
}

/// Moves rows under keys that do not write, as far as they can be read; answers how many.
async fn move_rows(platform: &Platform, keys: &Keys) -> Result<usize, Problem> {
    // Rows that are older than the column of their key have '' there.
    let others = || keys.iter().skip(1).map(|key| key.id()).chain([""]);
    let page = |table, key| Page {
        table,
        key,
        after: Default::default(),
    };
    let mut pages: Vec<Page<'_>> = TABLES
        .into_iter()
        .flat_map(|table| others().map(move |key| page(table, key)))
        .collect();
    let mut moved = 0_usize;
    for _ in 0..ROUNDS {
        let reads: Vec<Statement> = pages.iter().map(Page::statement).collect();
        let mut found = d1::run(&platform.database, &reads).await?;
        let (mut full, mut writes) = (Vec::new(), Vec::new());
        for mut page in pages {
            let rows = found.all::<Row>()?;
            let table = page.table;
            if u32::try_from(rows.len()) == Ok(PORTION)
                && let Some(last) = rows.last()
            {
                page.after = [&last.organization, &last.user, &last.id].map(String::clone);
                full.push(page);
            }
            let movements = movements(platform, keys, rows)?;
            if !movements.is_empty() {
                let movement = table.moving(keys, &movements)?;
                let record = table.record(&movement, &*platform.randomness)?;
                writes.extend([movement, record]);
            }
        }
        if !writes.is_empty() {
            let mut done = d1::run(&platform.database, &writes).await?;
            for _ in writes.chunks(2) {
                moved = moved.saturating_add(done.all::<Moved>()?.len());
                done.skip(1);
            }
        }
        if full.is_empty() {
            break;
        }
        pages = full;
    }
    Ok(moved)
}

/// The ways of `rows`; one that cannot be read stays where it is, and the log says so.
fn movements(platform: &Platform, keys: &Keys, rows: Vec<Row>) -> Result<Vec<Movement>, Fault> {
    let mut movements = Vec::new();
    for row in rows {
        let name = format!("keys: {} of {} in {}", row.id, row.user, row.organization);
        match row.movement(keys, &*platform.randomness)? {
            Ok(movement) => movements.push(movement),
            Err(NotOpened::NotSealed) => log(&format!("{name} does not open")),
            Err(NotOpened::MissingKey(missing)) => log(&format!("{name}: {missing}")),
        }
    }
    Ok(movements)
}

/// ?1 key 2 organization, 3 user and 4 id of the last one read 5 most
const AUTHENTICATORS: &str = "
SELECT organization, user, id, secret FROM authenticator
WHERE kind = 'totp' AND key = ?1 AND (organization, user, id) > (?2, ?3, ?4)
ORDER BY organization, user, id LIMIT ?5";

/// ?1 key 2 organization, 3 user and 4 id of the last one read 5 most
const ENROLLMENTS: &str = "
SELECT organization, user, id, secret FROM enrollment
WHERE key = ?1 AND (organization, user, id) > (?2, ?3, ?4)
ORDER BY organization, user LIMIT ?5";

/// ?1 writing key 2 movements
const MOVE_AUTHENTICATORS: &str = "
UPDATE authenticator SET secret = m.value ->> 4, key = ?1 FROM json_each(?2) m
WHERE (authenticator.organization, authenticator.user, authenticator.id) = (m.value ->> 0, m.value ->> 1, m.value ->> 2)
  AND authenticator.secret = m.value ->> 3 RETURNING 1";

/// ?1 writing key 2 movements
const MOVE_ENROLLMENTS: &str = "
UPDATE enrollment SET secret = m.value ->> 4, key = ?1 FROM json_each(?2) m
WHERE (enrollment.organization, enrollment.user, enrollment.id) = (m.value ->> 0, m.value ->> 1, m.value ->> 2)
  AND enrollment.secret = m.value ->> 3 RETURNING 1";

/// Those that hold now what they were to hold: no others moved here. ?1 writing key 2 movements 3 event 4 action
const RECORD_AUTHENTICATORS: &str = "
INSERT INTO event (id, organization, at, action, actor, outcome, detail)
SELECT ?3 || ':' || a.organization, a.organization, unixepoch(), ?4, 'system', 'accepted',
  json_object('key', ?1, 'authenticators', count(*))
FROM json_each(?2) m JOIN authenticator a
  ON (a.organization, a.user, a.id, a.secret) = (m.value ->> 0, m.value ->> 1, m.value ->> 2, m.value ->> 4)
WHERE true GROUP BY a.organization ON CONFLICT DO NOTHING";

/// As [`RECORD_AUTHENTICATORS`]. ?1 writing key 2 movements 3 event 4 action
const RECORD_ENROLLMENTS: &str = "
INSERT INTO event (id, organization, at, action, actor, outcome, detail)
SELECT ?3 || ':' || n.organization, n.organization, unixepoch(), ?4, 'system', 'accepted',
  json_object('key', ?1, 'enrollments', count(*))
FROM json_each(?2) m JOIN enrollment n
  ON (n.organization, n.user, n.id, n.secret) = (m.value ->> 0, m.value ->> 1, m.value ->> 2, m.value ->> 4)
WHERE true GROUP BY n.organization ON CONFLICT DO NOTHING";

/// ?1 organization 2 user 3 key and 4 hash of the verifier that is there 5 verifier
const MOVE_PASSWORD: &str = "
UPDATE user SET password = ?5
WHERE organization = ?1 AND id = ?2 AND password ->> 'key' = ?3 AND password ->> 'hash' = ?4";
