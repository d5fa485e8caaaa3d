//! SQLite with the Worker's own migrations, fed as D1 feeds it: numbers are doubles, a batch is one
//! transaction.

use std::collections::BTreeMap;

use postern::{
    backup_codes::{BackupCodeSet, Format},
    base64url,
    ids::{AuthenticatorId, BackupCodeSetId, OrganizationId, UserId},
    passkeys::{Aaguid, CoseKey, CredentialRecord},
    policy::{Policy, Sso},
    totp::Parameters,
};
use rusqlite::{Connection, params};

pub use rusqlite::types::Value as Cell;

use super::cases::{
    ALICE, BOB, CHALLENGE, CODE, CREDENTIALS, Case, DEVICE, ELSEWHERE, HERE, KEY, NOW, PHONE,
    SESSION, State,
};
use serde::de::DeserializeOwned;

use crate::{
    platform::native::{MIGRATIONS, rows},
    store::d1::Statement,
};

/// The views of sessions that live.
pub const LIVE: &str = include_str!("../../../../migrations/0008_grounds_of_sessions.sql");

pub struct Database(Connection);

/// What a statement says instead of what the Worker wrote.
pub type Rewrite<'a> = &'a dyn Fn(&'static str) -> String;

impl Database {
    pub fn new(rewrite: Rewrite<'_>) -> Self {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .pragma_update(None, "foreign_keys", true)
            .unwrap();
        for migration in MIGRATIONS {
            connection.execute_batch(&rewrite(migration)).unwrap();
        }
        connection.set_prepared_statement_cache_capacity(256);
        Self(connection)
    }

    /// Runs `work` and takes back whatever it did.
    pub fn rolled_back<T>(&self, work: impl FnOnce() -> T) -> T {
        self.0.execute_batch("SAVEPOINT case_of_its_own").unwrap();
        let result = work();
        self.0
            .execute_batch("ROLLBACK TO case_of_its_own; RELEASE case_of_its_own")
            .unwrap();
        result
    }

    /// Runs a batch while the database's clock says `clock`: the rows of each statement, or why all of it was rolled back.
    pub fn batch(
        &self,
        batch: &[&Statement],
        clock: u64,
        rewrite: Rewrite<'_>,
    ) -> Result<Vec<String>, String> {
        let clocked = |sql| rewrite(sql).replace("unixepoch()", &clock.to_string());
        self.0.execute_batch("SAVEPOINT batch").unwrap();
        let results: rusqlite::Result<Vec<_>> = batch
            .iter()
            .map(|statement| rows(&self.0, &clocked(statement.sql), statement))
            .collect();
        if results.is_err() {
            self.0.execute_batch("ROLLBACK TO batch").unwrap();
        }
        self.0.execute_batch("RELEASE batch").unwrap();
        results.map_err(|why| why.to_string())
    }

    pub fn run(&self, sql: &str) {
        self.0.execute_batch(sql).unwrap();
    }

    /// All but the counts of days, which the tests of what shows them compare with the rest.
    pub fn tables(&self) -> Tables {
        let mut names = self
            .0
            .prepare_cached("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'organization_day' ORDER BY name")
            .unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap();
        Tables(
            names
                .map(|name| name.unwrap())
                .map(|name: String| (name.clone(), self.table(&name)))
                .collect(),
        )
    }

    fn table(&self, name: &str) -> Vec<Row> {
        let mut statement = self
            .0
            .prepare_cached(&format!("SELECT * FROM \"{name}\""))
            .unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let rows = statement.query_map([], |row| {
            columns
                .iter()
                .enumerate()
                // The database draws it.
                .filter(|(_, column)| *column != "salt")
                .map(|(at, column)| Ok((column.clone(), row.get(at)?)))
                .collect()
        });
        rows.unwrap().map(Result::unwrap).collect()
    }

    pub fn write(&self, case: &Case) {
        for (organization, name) in [(HERE, "here"), (ELSEWHERE, "elsewhere")] {
            let state =
                [&case.alice, &case.alice_elsewhere][usize::from(organization == ELSEWHERE)];
            let user = state.user.as_ref();
            let versions = user.map_or((1, 1), |user| (user.policy_version, user.trust_epoch));
            let mut policy = Policy::default();
            if user.is_some_and(|user| user.sso_evidence) {
                policy.sso = Sso::Evidence;
            }
            self.insert(
                "INSERT INTO organization (id, external_id, created_at, name, policy, policy_version, trust_epoch)
                 VALUES (?1, ?2, 0, ?2, ?3, ?4, ?5)",
                params![
                    organization.to_string(),
                    name,
                    serde_json::to_string(&policy).unwrap(),
                    versions.0,
                    versions.1
                ],
            );
        }
        let [_, hers, bobs, others] = CREDENTIALS;
        self.write_user(HERE, ALICE, "alice", hers, &case.alice);
        self.write_user(HERE, BOB, "bob", bobs, &case.bob);
        self.write_user(ELSEWHERE, ALICE, "alice", others, &case.alice_elsewhere);
        if let Some(tries_left) = case.tries_left {
            self.insert(
                "INSERT INTO spent_challenge VALUES (?1, ?2, ?3)",
                params![CHALLENGE.to_string(), NOW + 660, tries_left],
            );
        }
    }

    fn write_user(
        &self,
        organization: OrganizationId,
        id: UserId,
        name: &str,
        passkey: &str,
        state: &State,
    ) {
        let home = (organization.to_string(), id.to_string());
        for throttle in &state.throttles {
            self.insert(
                "INSERT INTO throttle VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    home.0,
                    home.1,
                    throttle.method.as_str(),
                    throttle.lane,
                    throttle.window_from,
                    throttle.in_window,
                    throttle.in_row,
                    throttle.not_before
                ],
            );
        }
        let Some(user) = &state.user else { return };
        self.insert(
            "INSERT INTO user (organization, id, external_id, created_at, version, username, email, role, groups, state, handle)
             VALUES (?1, ?2, ?3, 0, ?4, ?3, ?5, 'member', '[]', ?6, ?7)",
            params![
                home.0,
                home.1,
                name,
                user.version,
                user.email.then_some("somebody@example.test"),
                if user.active { "active" } else { "disabled" },
                "A".repeat(43)
            ],
        );
        let other = |n| (other_id(201, n), 0);
        let others = (0..state.others).map(other);
        for (id, last_step) in state
            .phone
            .map(|step| (PHONE, step))
            .into_iter()
            .chain(others)
        {
            self.insert(
                "INSERT INTO authenticator VALUES (?1, ?2, ?3, 'totp', 0, 'Phone', NULL, 'sealed', ?4, ?5, NULL, 'k1')",
                params![home.0, home.1, id.to_string(), serde_json::to_string(&Parameters::DEFAULT).unwrap(), last_step],
            );
        }
        let others = (0..state.other_keys).map(|n| {
            let id = other_id(202, n);
            (
                id,
                base64url::encode(format!("{passkey} {n}").as_bytes()),
                0,
            )
        });
        let key = state.key.map(|count| (KEY, passkey.to_owned(), count));
        for (id, name, count) in key.into_iter().chain(others) {
            self.insert(
                "INSERT INTO authenticator VALUES (?1, ?2, ?3, 'passkey', 0, 'Passkey', NULL, NULL, NULL, NULL, ?4, '')",
                params![home.0, home.1, id.to_string(), credential(&name, count, false, false)],
            );
        }
        if let Some(used_at) = state.code {
            let set = BackupCodeSet::new(Format::default(), [0; 16]);
            self.insert(
                "INSERT INTO backup_code_set VALUES (?1, ?2, ?3, 'k1', ?4, 0, NULL, 0)",
                params![
                    home.0,
                    home.1,
                    BackupCodeSetId::from_entropy([0; 16]).to_string(),
                    serde_json::to_string(&set).unwrap()
                ],
            );
            let other = (!state.code_left).then_some(NOW - 7);
            for (look_up, used_at) in [(CODE, used_at), ("another one", other)] {
                self.insert(
                    "INSERT INTO backup_code VALUES (?1, ?2, ?3, ?4)",
                    params![home.0, home.1, look_up, used_at],
                );
            }
        }
        if let Some(pending) = &state.enrollment {
            self.insert(
                "INSERT INTO enrollment VALUES (?1, ?2, ?3, ?4, 'sealed', 0, ?5, 'k1', 0, 1)",
                params![
                    home.0,
                    home.1,
                    pending.id.to_string(),
                    pending.session.to_string(),
                    pending.expires_at
                ],
            );
        }
        if let Some(session) = &state.session {
            self.insert(
                "INSERT INTO session VALUES (?1, ?2, ?3, 0, ?4, NULL, NULL, ?5, '[]', ?6, ?7, ?8, 0, ?9, NULL)",
                params![
                    home.0,
                    home.1,
                    SESSION.to_string(),
                    session.enrolling,
                    session.token_hash,
                    serde_json::to_string(&[session.ground]).unwrap(),
                    session.trusting.then(|| DEVICE.to_string()),
                    session.user_version,
                    session.ended_at
                ],
            );
        }
        if let Some(device) = &state.device {
            self.insert(
                "INSERT INTO trusted_device VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'Browser', ?8, ?9, ?10, ?11, 'k1')",
                params![
                    home.0, home.1, DEVICE.to_string(), device.created_at, device.expires_at, device.user_version,
                    device.trust_epoch, device.token_hash, device.previous_hash, device.rotated_at, device.ended_at
                ],
            );
        }
        if let Some(at) = state.warned_at {
            self.insert(
                "INSERT INTO mail (organization, user, event, kind, address, created_at, due_at)
                 VALUES (?1, ?2, 'before', 'second_factor_failed', 'somebody@example.test', ?3, ?3)",
                params![home.0, home.1, at],
            );
        }
    }

    fn insert(&self, sql: &str, values: impl rusqlite::Params) {
        self.0.prepare_cached(sql).unwrap().execute(values).unwrap();
    }
}

/// The id of the n-th authenticator of a kind that no case is about.
const fn other_id(kind: u8, n: u8) -> AuthenticatorId {
    let k = kind;
    AuthenticatorId::from_entropy([k, n, k, k, k, k, k, k, k, k, k, k, k, k, k, k])
}

/// A credential record as the Worker stores it.
pub fn credential(id: &str, sign_count: u32, backup_state: bool, uv_initialized: bool) -> String {
    // COSE_Key: kty OKP, alg EdDSA, crv Ed25519, x.
    let key = [
        b"\xa4\x01\x01\x03\x27\x20\x06\x21\x58\x20".as_slice(),
        &[9; 32],
    ]
    .concat();
    let record = CredentialRecord {
        id: serde_json::from_value(id.into()).unwrap(),
        public_key: CoseKey::from_bytes(&key).unwrap(),
        sign_count,
        uv_initialized,
        transports: vec![],
        backup_eligible: true,
        backup_state,
        aaguid: Aaguid::default(),
    };
    serde_json::to_string(&record).unwrap()
}

/// The first row of a result.
pub fn first<T: DeserializeOwned>(rows: &str) -> Option<T> {
    let rows: Vec<T> = serde_json::from_str(rows).unwrap();
    rows.into_iter().next()
}

/// Every row of every table.
#[derive(Clone, PartialEq)]
pub struct Tables(BTreeMap<String, Vec<Row>>);

pub type Row = BTreeMap<String, Cell>;

impl Tables {
    /// The rows of Alice, of whom the attempt is.
    pub fn hers(&mut self, table: &str) -> impl Iterator<Item = &mut Row> {
        let rows = self.0.get_mut(table).unwrap().iter_mut();
        rows.filter(|row| {
            row["organization"] == cell(HERE)
                && row[if row.contains_key("user") {
                    "user"
                } else {
                    "id"
                }] == cell(ALICE)
        })
    }

    /// All rows of a table.
    pub fn all(&mut self, table: &str) -> impl Iterator<Item = &mut Row> {
        self.0.get_mut(table).unwrap().iter_mut()
    }

    /// Her row with this in that column.
    pub fn her(&mut self, table: &str, column: &str, is: impl ToString) -> Option<&mut Row> {
        let is = cell(is);
        self.hers(table).find(|row| row[column] == is)
    }

    pub fn add(&mut self, table: &str, cells: impl IntoIterator<Item = (&'static str, Cell)>) {
        let row = cells
            .into_iter()
            .map(|(name, cell)| (name.to_owned(), cell));
        self.0.get_mut(table).unwrap().push(row.collect());
    }

    /// The rows that only one of two has.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let only = |sign: &'static str, these: &Self, those: &Self| {
            let mut found = Vec::new();
            for (name, rows) in &these.0 {
                let others = &those.0[name];
                found.extend(
                    rows.iter()
                        .filter(|row| !others.contains(row) || rows.len() != others.len())
                        .map(|row| format!("{sign} {name} {row:?}")),
                );
            }
            found
        };
        [only("expected", self, other), only("found", other, self)].concat()
    }
}

/// Text in a table.
pub fn cell(text: impl ToString) -> Cell {
    Cell::Text(text.to_string())
}

/// A number in a table.
pub fn number(number: u64) -> Cell {
    Cell::Integer(number.try_into().unwrap())
}
