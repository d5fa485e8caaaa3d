//! Events are sealed: those of each organization become leaves of its tree, and the new root is signed
//! ([`postern::audit`]).
//!
//! All organizations are sealed in the order in which their events were recorded, up to one place in it. So
//! what is new is one range of rows, and no event is sealed twice or left out.

use std::{collections::BTreeMap, sync::Arc};

use postern::{
    audit::{
        checkpoint::{Checkpoint, CheckpointKey, origin},
        tree::{Hash, Tree, joined},
    },
    base64url,
    secret::Secret,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};

use crate::{
    http::settings::Settings,
    platform::{Fault, Platform, Signatures, statement},
    store::{
        d1::{self, Database, Statement},
        records::{RecordRow, not_sealable, record_columns},
    },
};

/// Events read in one trip, and under one checkpoint, at most. An event can have some 50 KB of old and new values, and
/// each can be of another organization: what is read and written is held in memory, and D1 takes 2 MB in one value.
const PORTION: usize = 500;

/// Portions in one minute at most.
const ROUNDS: usize = 40;

/// Seals what is new.
///
/// # Errors
/// D1's, or the platform's cryptography; the next minute tries again.
pub async fn run(platform: &Platform, settings: &Settings, now: UnixTime) -> Result<(), Fault> {
    let seed = settings.keys.writer().checkpoint_seed();
    let sealer = Sealer {
        key: checkpoint_key(&platform.signatures, settings, &seed).await?,
        seed,
        rp_id: &settings.rp_id,
        now,
        signatures: platform.signatures.clone(),
    };
    for _ in 0..ROUNDS {
        let Some(read) = Read::from(&platform.database).await? else {
            return Ok(());
        };
        let more = read.events.len() == PORTION;
        sealer.seal(&platform.database, read).await?;
        if !more {
            return Ok(());
        }
    }
    Ok(())
}

/// The public half of `seed`.
///
/// # Errors
/// The platform's.
async fn checkpoint_key(
    signatures: &Arc<dyn Signatures>,
    settings: &Settings,
    seed: &Secret<32>,
) -> Result<CheckpointKey, Fault> {
    let key = signatures.public_key(seed).await?;
    let key = base64url::decode(&key).and_then(|key| key.try_into().ok());
    let key = key.ok_or_else(|| Fault::new("a public key that is not 32 bytes"))?;
    Ok(CheckpointKey::of(&settings.rp_id, key))
}

/// What is new, and where the trees that it belongs to end.
struct Read {
    /// The place up to which all is sealed.
    from: u64,
    events: Vec<RecordRow>,
    heads: Vec<Head>,
}

/// The newest checkpoint of an organization.
#[derive(Deserialize)]
struct Head {
    organization: String,
    name: String,
    size: Option<u64>,
    frontier: Option<String>,
}

#[derive(Deserialize)]
struct Sealed {
    seq: u64,
}

impl Read {
    /// `None` where nothing is new.
    async fn from(database: &Arc<dyn Database>) -> Result<Option<Self>, Fault> {
        let most = u32::try_from(PORTION).unwrap_or(u32::MAX);
        let statements = [
            Statement::new(SEALED, []),
            Statement::new(NEW, [most.into()]),
            Statement::new(HEADS, [most.into()]),
        ];
        let mut rows = d1::run(database, &statements).await?;
        let sealed: Option<Sealed> = rows.first()?;
        let from = sealed.ok_or_else(|| Fault::new("no row of sealed"))?.seq;
        let events: Vec<RecordRow> = rows.all()?;
        let heads = rows.all()?;
        Ok((!events.is_empty()).then_some(Self {
            from,
            events,
            heads,
        }))
    }
}

/// Makes checkpoints.
struct Sealer<'a> {
    seed: Secret<32>,
    key: CheckpointKey,
    rp_id: &'a str,
    now: UnixTime,
    signatures: Arc<dyn Signatures>,
}

/// A checkpoint as [`WRITE`] writes it.
#[derive(Serialize)]
struct Written {
    organization: String,
    size: u64,
    seq: u64,
    frontier: String,
    leaves: String,
    note: String,
}

impl Sealer<'_> {
    async fn seal(&self, database: &Arc<dyn Database>, read: Read) -> Result<(), Fault> {
        let to = read.events.last().map_or(read.from, |event| event.seq);
        let mut events: BTreeMap<String, Vec<RecordRow>> = BTreeMap::new();
        for event in read.events {
            let of_organization = events.entry(event.organization.clone()).or_default();
            of_organization.push(event);
        }
        let mut written = Vec::new();
        // What was tried in organizations that do not exist has no head, and is in no log.
        for head in read.heads {
            let events = events.remove(&head.organization).unwrap_or_default();
            written.push(self.checkpoint(&head, events).await?);
        }
        let statements = [
            statement!(WRITE, {
                checkpoints: serde_json::to_string(&written)?,
                now: self.now,
                from: read.from,
            }),
            Statement::new(KEY, [self.key.text().into(), self.now.into()]),
            Statement::new(MOVE, [read.from.into(), to.into()]),
        ];
        d1::run(database, &statements).await?;
        Ok(())
    }

    /// The checkpoint of an organization over its new events.
    async fn checkpoint(&self, head: &Head, events: Vec<RecordRow>) -> Result<Written, Fault> {
        let frontier = head.frontier.as_deref().unwrap_or_default();
        let mut tree = Tree::read(head.size.unwrap_or_default(), frontier)
            .ok_or_else(|| Fault::new("a frontier of another size"))?;
        let origin = origin(self.rp_id, &head.name);
        let mut leaves: Vec<Hash> = Vec::new();
        let mut last = 0;
        for event in events {
            last = event.seq;
            let leaf = event.record().leaf().map_err(not_sealable)?;
            tree.push(leaf);
            leaves.push(leaf);
        }
        let checkpoint = Checkpoint::of(&origin, &tree);
        let text = checkpoint.text();
        let signature = self.signatures.sign(&self.seed, text.as_bytes()).await?;
        Ok(Written {
            organization: head.organization.clone(),
            size: tree.size(),
            seq: last,
            frontier: tree.frontier(),
            leaves: joined(&leaves),
            note: self.key.note(&checkpoint, &signature),
        })
    }
}

const SEALED: &str = "SELECT seq FROM sealed";

/// ?1 most
const NEW: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM event e WHERE e.seq > (SELECT seq FROM sealed) ORDER BY e.seq LIMIT ?1"
);

/// ?1 most
const HEADS: &str = "
SELECT o.id AS organization, o.external_id AS name, c.size, c.frontier
FROM organization o LEFT JOIN checkpoint c ON c.organization = o.id
  AND c.size = (SELECT max(newest.size) FROM checkpoint newest WHERE newest.organization = o.id)
WHERE o.id IN (
  SELECT organization FROM (
    SELECT organization FROM event WHERE seq > (SELECT seq FROM sealed) ORDER BY seq LIMIT ?1))";

/// Nothing where another job was faster.
const WRITE: &str = "
INSERT INTO checkpoint (organization, size, seq, at, frontier, leaves, note)
SELECT value ->> 'organization', value ->> 'size', value ->> 'seq', :now, value ->> 'frontier', value ->> 'leaves',
  value ->> 'note'
FROM json_each(:checkpoints) WHERE (SELECT seq FROM sealed) = :from";

/// ?1 key 2 now
const KEY: &str = "INSERT INTO checkpoint_key (key, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING";

/// ?1 from 2 to
const MOVE: &str = "UPDATE sealed SET seq = ?2 WHERE seq = ?1";
