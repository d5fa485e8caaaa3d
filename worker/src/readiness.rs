//! Whether the deployment is set up: found out when an isolate starts, and again while it is not.
//!
//! What is wrong is named by the log and by `GET /healthz`; everything else is answered 503 and
//! leaves no trace, so that the operator's fault is charged to nobody.

use std::{cell::RefCell, sync::Arc};

use postern::{record, time::UnixTime};

use crate::{
    d1::{self, DatabaseError, Statement},
    platform::{Platform, log},
    problem::{Fault, Problem},
    settings::{Settings, Texts, Wrong},
};

/// The newest migration that this Worker knows. A newer one may be applied already: migrations come
/// before the Workers that need them.
const SCHEMA_VERSION: u32 = 9;

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
    wrong: Vec<Wrong>,
}

record! {
    struct SchemaRow {
        version: Option<u32>,
    }
}

/// The settings, once everything is right.
///
/// # Errors
/// What is wrong; `unavailable` when D1 does not say.
pub async fn settings(platform: &Platform, now: UnixTime) -> Result<Arc<Settings>, Problem> {
    let (settings, known) = found(platform);
    let settings = settings.map_err(Problem::Unready)?;
    let database = match known {
        Some(database) if database.holds(now) => database,
        _ => looked_at(platform, now).await?,
    };
    if database.wrong.is_empty() {
        Ok(settings)
    } else {
        Err(Problem::Unready(database.wrong))
    }
}

/// What is known already; the settings are read when they are not those of before.
fn found(platform: &Platform) -> (Result<Arc<Settings>, Vec<Wrong>>, Option<Database>) {
    let text = |name| platform.settings.get(name);
    let texts = Texts {
        keys: text("POSTERN_KEYS"),
        api_key: text("POSTERN_API_KEY"),
        origins: text("ORIGINS"),
        rp_id: text("RP_ID"),
        surfaces: text("SURFACES"),
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
    /// Whether this need not be looked at again.
    fn holds(&self, now: UnixTime) -> bool {
        self.wrong.is_empty() || now.0.abs_diff(self.at.0) < AGAIN_SECONDS
    }
}

/// Looks at the database, and keeps what was found.
async fn looked_at(platform: &Platform, now: UnixTime) -> Result<Database, Fault> {
    let wrong = wrong_with_database(platform).await?;
    let database = Database { at: now, wrong };
    FOUND.with_borrow_mut(|found| {
        let Some(found) = found else { return };
        let before = found.database.replace(database.clone());
        if !database.wrong.is_empty() && before.is_none_or(|known| known.wrong != database.wrong) {
            say(&database.wrong);
        }
    });
    Ok(database)
}

async fn wrong_with_database(platform: &Platform) -> Result<Vec<Wrong>, Fault> {
    let version = match d1::run(&platform.database, &[Statement::new(SCHEMA, [])]).await {
        Ok(mut rows) => rows.first::<SchemaRow>()?.and_then(|row| row.version),
        Err(DatabaseError::Schema(_)) => None,
        Err(error) => return Err(error.into()),
    };
    if version.is_some_and(|version| version >= SCHEMA_VERSION) {
        return Ok(vec![]);
    }
    let expected = format!("a schema of version {SCHEMA_VERSION}: apply the migrations");
    Ok(vec![Wrong::new("DB", expected)])
}

fn say(wrong: &[Wrong]) {
    for Wrong { setting, expected } in wrong {
        log(&format!("not ready: {setting}: expected {expected}"));
    }
}

const SCHEMA: &str = "SELECT max(version) AS version FROM schema_version";

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
