//! The audit log for spreadsheets.

use postern::audit::record::{Personal, Record};
use serde::Serialize;

use super::{Part, Place};
use crate::{
    access::Admin,
    http::{problem::Problem, query::Query},
    organization::file::{File, Format, plain},
    platform::Fault,
};

/// Comma-separated values (RFC 4180).
#[derive(Debug)]
pub struct Csv;

impl Format for Csv {
    const MEDIA: &'static str = "text/csv; charset=utf-8";
    const NAME: &'static str = "audit-log.csv";
    #[cfg(not(target_family = "wasm"))]
    const ABOUT: &'static str = "About 2000 events at most. Where there are more, `Link` names the rest \
                                 (RFC 8288, `rel=\"next\"`), which has no header row and can be put behind it.";
}

/// `GET /v1/organizations/{org}/audit-log.csv`. That it was asked for is recorded.
pub async fn csv(caller: Admin, Query(place): Query<Place>) -> Result<File<Csv>, Problem> {
    let part = Part::read(&caller, place, "csv").await?;
    let next = part.next();
    let text = written(part, place.after.is_none())?;
    Ok(File::new(text, next))
}

/// A line of the file.
#[derive(Serialize)]
struct Row {
    /// From 1; none yet where it is not sealed.
    number: Option<u64>,
    id: String,
    at: u64,
    action: String,
    outcome: String,
    actor: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    user: Option<String>,
    method: Option<String>,
    subject: Option<String>,
    trust: Option<String>,
    detail: Option<String>,
    ip: Option<String>,
    user_agent: Option<String>,
    request_id: Option<String>,
}

fn written(part: Part, is_first: bool) -> Result<Vec<u8>, Fault> {
    let mut writer = csv::WriterBuilder::new()
        .has_headers(is_first)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    let numbers = (part.begin.size.saturating_add(1)..).map(Some);
    let sealed = numbers.zip(part.events);
    let younger = part.younger.into_iter().map(|event| (None, event));
    for (number, event) in sealed.chain(younger) {
        writer
            .serialize(Row::of(number, event.record()))
            .map_err(unwritten)?;
    }
    writer.into_inner().map_err(unwritten)
}

fn unwritten(why: impl ToString) -> Fault {
    Fault::new(why.to_string())
}

impl Row {
    fn of(number: Option<u64>, record: Record) -> Self {
        let Personal {
            actor_name,
            detail,
            ip,
            subject,
            user_agent,
        } = record.personal.unwrap_or_default();
        let plain = |text: Option<String>| text.as_deref().map(plain);
        Self {
            number,
            id: record.id,
            at: record.at,
            action: record.action,
            outcome: record.outcome,
            actor: record.actor,
            actor_id: record.actor_id,
            actor_name: plain(actor_name),
            user: record.user,
            method: plain(record.method),
            subject: plain(subject),
            trust: record.trust,
            detail: plain(detail.map(|detail| detail.to_string())),
            ip: plain(ip),
            user_agent: plain(user_agent),
            request_id: plain(record.request_id),
        }
    }
}
