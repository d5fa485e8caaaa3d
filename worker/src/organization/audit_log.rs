//! The audit log as a file: NDJSON, which anyone can verify without us ([`postern::audit::verification`]),
//! and comma-separated values for spreadsheets.
//!
//! A part holds whole checkpoints. Its place is the number of events before it, so that a file that broke off
//! goes on where it did.

use postern::{
    audit::{
        Action,
        checkpoint::origin,
        verification::{Head, Line, Sealing},
    },
    refusal::Refusal,
};
use serde::Deserialize;
#[cfg(not(target_family = "wasm"))]
use utoipa::openapi::schema::{ObjectBuilder, Type};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::{
    access::{Admin, still_keeps},
    http::{
        problem::Problem,
        query::{FromQuery, Query},
    },
    organization::{
        file::{File, Format},
        users::MOVED_ON,
    },
    platform::{Fault, json_text},
    store::{
        d1::{self, Batch, recording, recording_text, statement},
        records::{RecordRow, record_columns},
    },
};

pub mod checkpoints;
mod spreadsheet;

/// Events in one part at most.
const MOST: u32 = 2000;

/// Where a part begins.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// How many events came before; `None` for the first part.
    after: Option<u64>,
}

impl FromQuery for Place {
    const NAMES: &'static [&'static str] = &["after"];

    fn read(value: impl Fn(&str) -> Option<String>) -> Result<Self, Refusal> {
        let after = value("after").map(|text| text.parse());
        let after = after.transpose().map_err(|_| no_place())?;
        Ok(Self { after })
    }

    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        let number = ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(0.0))
            .description(Some(
                "Where the part begins, as `Link` of the part before names it.",
            ));
        description.query("after", number);
    }
}

fn no_place() -> Refusal {
    Refusal::malformed("after", "a number that a Link named")
}

/// Lines of JSON.
#[derive(Debug)]
pub struct Ndjson;

impl Format for Ndjson {
    const MEDIA: &'static str = "application/x-ndjson";
    const NAME: &'static str = "audit-log.ndjson";
    #[cfg(not(target_family = "wasm"))]
    const ABOUT: &'static str = "About 2000 events at most. Where there are more, `Link` names the rest \
                                 (RFC 8288, `rel=\"next\"`), which can be put behind it.";
}

/// `GET /v1/organizations/{org}/audit-log.ndjson`: all events, and the checkpoints that seal them. That it was
/// asked for is recorded.
pub async fn ndjson(caller: Admin, Query(place): Query<Place>) -> Result<File<Ndjson>, Problem> {
    let part = Part::read(&caller, place, "ndjson").await?;
    let next = part.next();
    let rp_id = &caller.context().settings.rp_id;
    let mut text = Vec::new();
    for line in part.lines(rp_id, place) {
        serde_json::to_writer(&mut text, &line).map_err(Fault::from)?;
        text.push(b'\n');
    }
    Ok(File::new(text, next))
}

pub use spreadsheet::csv;

/// A part of the log.
struct Part {
    begin: Begin,
    checkpoints: Vec<CheckpointRow>,
    events: Vec<RecordRow>,
    /// In the last part: those that are not sealed yet.
    younger: Vec<RecordRow>,
}

/// What [`BEGIN`] reads.
#[derive(Deserialize)]
struct Begin {
    name: String,
    size: u64,
    frontier: String,
    note: Option<String>,
    is_place: u32,
    more: u32,
    #[serde(deserialize_with = "json_text")]
    keys: Vec<String>,
}

/// What [`CHECKPOINTS`] reads.
#[derive(Deserialize)]
struct CheckpointRow {
    size: u64,
    seq: u64,
    note: String,
    leaves: String,
}

/// That an event was found.
#[derive(Deserialize)]
struct Found {}

impl Part {
    async fn read(caller: &Admin, place: Place, format: &'static str) -> Result<Self, Problem> {
        let context = caller.context();
        let organization = caller.organization.as_str();
        let event = context.event_id()?;
        let batch = Batch {
            recording: recording!(EXPORT_EVENT, {
                event: event,
                organization: organization,
                keeper: caller.proviso()?,
                after: place.after,
                format: format,
                now: context.now,
                action: Action::AuditExport.as_str(),
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: vec![],
            reads: vec![
                statement!(RECORDED, { event: event }),
                statement!(BEGIN, { organization: organization, after: place.after, most: MOST }),
                statement!(CHECKPOINTS, { organization: organization, after: place.after, most: MOST }),
                statement!(EVENTS, { organization: organization, after: place.after, most: MOST }),
                statement!(YOUNGER, { organization: organization, after: place.after, most: MOST }),
            ],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        let recorded: Option<Found> = rows.first()?;
        let begin: Begin = rows.first()?.ok_or(Refusal::NotFound)?;
        if begin.is_place == 0 {
            return Err(no_place().into());
        }
        recorded.ok_or(MOVED_ON)?;
        Ok(Self {
            begin,
            checkpoints: rows.all()?,
            events: rows.all()?,
            younger: rows.all()?,
        })
    }

    /// The query of the part behind this one.
    fn next(&self) -> Option<String> {
        let last = self.checkpoints.last().filter(|_| self.begin.more == 1)?;
        Some(format!("after={}", last.size))
    }

    fn lines(self, rp_id: &str, place: Place) -> Vec<Line> {
        let mut lines = Vec::new();
        if place.after.is_none() {
            lines.push(Line::Log(Head {
                origin: origin(rp_id, &self.begin.name),
                size: self.begin.size,
                frontier: self.begin.frontier,
                note: self.begin.note,
                keys: self.begin.keys,
            }));
        }
        let mut events = self.events.into_iter().peekable();
        for checkpoint in self.checkpoints {
            let CheckpointRow {
                note, leaves, seq, ..
            } = checkpoint;
            lines.push(Line::Checkpoint(Sealing { note, leaves }));
            while let Some(event) = events.next_if(|event| event.seq <= seq) {
                lines.push(Line::Event(Box::new(event.record())));
            }
        }
        if self.begin.more == 0 {
            lines.push(Line::Unsealed);
            let is_all = u32::try_from(self.younger.len()).is_ok_and(|count| count < MOST);
            for event in self.younger {
                lines.push(Line::Event(Box::new(event.record())));
            }
            // Without its last line a file is known to be cut.
            if is_all {
                lines.push(Line::End);
            }
        }
        lines
    }
}

/// Of an organization that there is, from a place where a part begins, by a keeper as they were let in.
const EXPORT_EVENT: &str = recording_text!(
    "id, organization, at, action, actor, actor_id, actor_name, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, o.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', 'accepted',
  json_object('format', :format, 'after', CAST(:after AS INTEGER)), :ip, :user_agent, :request_id
FROM organization o WHERE o.external_id = :organization
  AND (coalesce(:after, 0) = 0 OR EXISTS (SELECT 1 FROM checkpoint c WHERE c.organization = o.id AND c.size = :after))
  AND ",
    still_keeps!()
);

const RECORDED: &str = "SELECT 1 FROM event WHERE id = :event";

/// How many events came before: none, or those that are kept no more, where nothing was said.
macro_rules! before {
    () => {
        "coalesce(CAST(:after AS INTEGER), (SELECT max(h.size) FROM checkpoint h WHERE h.organization = o.id AND h.leaves IS NULL), 0)"
    };
}

/// Whether there are more checkpoints than fit into the part.
macro_rules! more {
    () => {
        concat!(
            "EXISTS (SELECT 1 FROM checkpoint m WHERE m.organization = o.id AND m.size > ",
            before!(),
            " + :most)"
        )
    };
}

const BEGIN: &str = concat!(
    "
SELECT o.external_id AS name, ",
    before!(),
    " AS size, coalesce(c.frontier, '') AS frontier, c.note, ",
    more!(),
    " AS more,
  c.size IS NOT NULL OR (",
    before!(),
    " = 0 AND NOT EXISTS (SELECT 1 FROM checkpoint h WHERE h.organization = o.id AND h.leaves IS NULL)) AS is_place,
  (SELECT json_group_array(key) FROM (SELECT key FROM checkpoint_key ORDER BY since, key)) AS keys
FROM organization o LEFT JOIN checkpoint c ON c.organization = o.id AND c.size = ",
    before!(),
    " WHERE o.external_id = :organization"
);

const CHECKPOINTS: &str = concat!(
    "
SELECT c.size, c.seq, c.note, c.leaves FROM organization o JOIN checkpoint c ON c.organization = o.id
WHERE o.external_id = :organization AND c.leaves IS NOT NULL AND c.size > ",
    before!(),
    " AND c.size <= :most + ",
    before!(),
    " ORDER BY c.size"
);

/// Twice as many as were sealed at most, should somebody have put more among them.
const EVENTS: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM organization o JOIN event e ON e.organization = o.id
WHERE o.external_id = :organization AND e.seq > coalesce((
    SELECT c.seq FROM checkpoint c WHERE c.organization = o.id AND c.size = ",
    before!(),
    "), 0)
  AND e.seq <= (SELECT max(c.seq) FROM checkpoint c WHERE c.organization = o.id AND c.size <= :most + ",
    before!(),
    ") ORDER BY e.seq LIMIT 2 * :most"
);

const YOUNGER: &str = concat!(
    "SELECT ",
    record_columns!(),
    " FROM organization o JOIN event e ON e.organization = o.id
WHERE o.external_id = :organization AND NOT ",
    more!(),
    " AND e.seq > coalesce((SELECT max(c.seq) FROM checkpoint c WHERE c.organization = o.id), 0)
ORDER BY e.seq LIMIT :most"
);
