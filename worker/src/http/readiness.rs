//! Whether the deployment is set up: found out when an isolate starts, and again while it is not.
//!
//! What is wrong is named by the log and by `GET /healthz`; everything else is answered 503 and
//! leaves no trace, so that the operator's fault counts against no user. A root key that is gone while
//! rows need it is named too, but fails only what needs those rows.

use std::{cell::RefCell, sync::Arc};

use postern::{
    sealing::{Keys, RootKey},
    time::UnixTime,
};

use crate::platform::Fault;
use serde::Deserialize;

use crate::{
    http::{
        problem::Problem,
        settings::{Settings, Texts, Wrong},
    },
    platform::{Platform, log},
    store::d1::{self, DatabaseError, Statement},
};

/// The newest migration that this Worker knows. A newer one may be applied already: migrations come
/// before the Workers that need them.
const SCHEMA_VERSION: u32 = 28;

/// Seconds after which a database that was not ready is looked at again.
pub const AGAIN_SECONDS: u64 = 5;

thread_local! {
    static FOUND: RefCell<Option<Found>> = const { RefCell::new(None) };
}

/// What this isolate found.
struct Found {
    /// An isolate can be kept when nothing but its settings changed.
    texts: Texts,
    settings: Result<Arc<Settings>, Vec<Wrong>>,
    /// `None` until the database was looked at.
    database: Option<Database>,
}

#[derive(Clone)]
struct Database {
    at: UnixTime,
    /// The schema is older than this Worker: nothing can be served.
    schema: Option<Wrong>,
    /// Rows are under keys that are not there.
    keys: Vec<Wrong>,
}

#[derive(Deserialize)]
struct SchemaRow {
    version: Option<u32>,
}

#[derive(Deserialize)]
struct KeyRow {
    key: String,
}

/// The settings, once everything is right.
///
/// # Errors
/// What is wrong; `unavailable` when D1 does not say.
pub async fn settings(platform: &Platform, now: UnixTime) -> Result<Arc<Settings>, Problem> {
    let (settings, known) = found(platform);
    let settings = settings.map_err(Problem::Unready)?;
    let database = match known {
        Some(database) if database.schema.is_none() || database.is_fresh(now) => database,
        _ => looked_at(platform, &settings.keys, now).await?,
    };
    match database.schema {
        None => Ok(settings),
        Some(wrong) => Err(Problem::Unready(vec![wrong])),
    }
}

/// Whether nothing at all is wrong, asked by who is served already.
///
/// # Errors
/// As [`settings`].
pub async fn health(platform: &Platform, now: UnixTime) -> Result<(), Problem> {
    let (settings, known) = found(platform);
    let settings = settings.map_err(Problem::Unready)?;
    let database = match known {
        Some(database) if database.wrong().next().is_none() || database.is_fresh(now) => database,
        _ => looked_at(platform, &settings.keys, now).await?,
    };
    let wrong: Vec<Wrong> = database.wrong().cloned().collect();
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Problem::Unready(wrong))
    }
}

/// What is known already; the settings are read when they are not those of before.
fn found(platform: &Platform) -> (Result<Arc<Settings>, Vec<Wrong>>, Option<Database>) {
    let text = |name| platform.settings.get(name);
    let texts = Texts {
        keys: text("POSTERN_KEYS"),
        api_key: text("POSTERN_API_KEY"),
        set_up_code: text("POSTERN_SETUP_CODE"),
        origins: text("ORIGINS"),
        rp_id: text("RP_ID"),
        surfaces: text("SURFACES"),
        mail_from: text("MAIL_FROM"),
        mail_webhook: text("MAIL_WEBHOOK"),
        webhook_key: text("POSTERN_WEBHOOK_KEY"),
    };
    FOUND.with_borrow_mut(|found| {
        let found = match found {
            Some(found) if found.texts == texts => found,
            _ => found.insert(Found::read(texts)),
        };
        (found.settings.clone(), found.database.clone())
    })
}

impl Found {
    fn read(texts: Texts) -> Self {
        let settings = Settings::read(&texts).map(Arc::new);
        if let Err(wrong) = &settings {
            say(wrong);
        }
        Self {
            texts,
            settings,
            database: None,
        }
    }
}

impl Database {
    fn wrong(&self) -> impl Iterator<Item = &Wrong> {
        self.schema.iter().chain(&self.keys)
    }

    /// Whether it was looked at a moment ago, by a clock that may have been turned back.
    fn is_fresh(&self, now: UnixTime) -> bool {
        now.0.abs_diff(self.at.0) < AGAIN_SECONDS
    }
}

/// Looks at the database, and keeps what was found.
async fn looked_at(platform: &Platform, keys: &Keys, now: UnixTime) -> Result<Database, Fault> {
    let database = look(platform, keys, now).await?;
    FOUND.with_borrow_mut(|found| {
        let Some(found) = found else { return };
        let before = found.database.replace(database.clone());
        let said = |wrong: &Wrong| {
            let mut known = before.iter().flat_map(Database::wrong);
            known.any(|known| known == wrong)
        };
        say(database.wrong().filter(|wrong| !said(wrong)));
    });
    Ok(database)
}

async fn look(platform: &Platform, keys: &Keys, now: UnixTime) -> Result<Database, Fault> {
    // Every id but ours is in between two of these.
    let mut ids: Vec<&str> = keys.iter().map(RootKey::id).collect();
    ids.sort_unstable();
    let (from, to) = ([""].iter().chain(&ids), ids.iter().chain(&["~"]));
    let gaps = from
        .zip(to)
        .map(|(&from, &to)| Statement::new(KEY_BETWEEN, [from.into(), to.into()]));
    let mut statements = vec![Statement::new(SCHEMA, [])];
    statements.extend(gaps);
    let outdated = || {
        let expected = format!("a schema of version {SCHEMA_VERSION}: apply the migrations");
        Some(Wrong::new("DB", expected))
    };
    let mut database = Database {
        at: now,
        schema: None,
        keys: vec![],
    };
    let mut rows = match d1::run(&platform.database, &statements).await {
        Ok(rows) => rows,
        Err(DatabaseError::Schema(_)) => {
            database.schema = outdated();
            return Ok(database);
        }
        Err(error) => return Err(error.into()),
    };
    let version = rows.first::<SchemaRow>()?.and_then(|row| row.version);
    if version.is_none_or(|version| version < SCHEMA_VERSION) {
        database.schema = outdated();
    }
    for _ in 1..statements.len() {
        if let Some(KeyRow { key }) = rows.first()? {
            let expected = format!("{key} among them: there are rows that only this key opens");
            database.keys.push(Wrong::new("POSTERN_KEYS", expected));
        }
    }
    Ok(database)
}

fn say<'a>(wrong: impl IntoIterator<Item = &'a Wrong>) {
    for Wrong { setting, expected } in wrong {
        log(&format!("wrong setting: {setting}: expected {expected}"));
    }
}

const SCHEMA: &str = "SELECT max(version) AS version FROM schema_version";

/// A key that is in use: of trusted devices nothing is sealed, their browsers are only asked again.
/// ?1 the key before it 2 the key after it
const KEY_BETWEEN: &str = "
SELECT key FROM keyed_row WHERE key > ?1 AND key < ?2 AND kind <> 'trusted_device' LIMIT 1";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::{fs, path::Path};

    use super::*;
    use crate::platform::native::MIGRATIONS;

    #[test]
    fn every_migration_says_its_number_and_the_newest_one_is_asked_for() {
        let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
        let entries = fs::read_dir(folder).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let database = rusqlite::Connection::open_in_memory().unwrap();
        let mut version = None;
        for (number, path) in (1_u32..).zip(&paths) {
            let (name, sql) = (path.display(), fs::read_to_string(path).unwrap());
            let file = path.file_name().unwrap().to_string_lossy();
            assert!(file.starts_with(&format!("{number:04}_")), "{name}");
            database.execute_batch(&sql).unwrap();
            // The first four are older than the table.
            if number > 4 {
                version = database.query_row(SCHEMA, [], |row| row.get(0)).unwrap();
                assert_eq!(
                    version,
                    Some(number),
                    "{name} should end with: INSERT INTO schema_version (version) VALUES ({number});"
                );
            }
        }
        assert_eq!(
            version,
            Some(SCHEMA_VERSION),
            "the newest migration is not SCHEMA_VERSION"
        );
        assert_eq!(
            paths.len(),
            MIGRATIONS.len(),
            "platform/native/sqlite.rs lists others"
        );
    }
}
