//! Links that owners, admins and applications have mailed to one person.

use postern::{
    audit::Action,
    links::Purpose,
    names::ExternalId,
    refusal::{Conflict, Refusal},
    time::UnixTime,
};
use serde::Deserialize;

use crate::{
    access::{FreshAdmin, still_keeps},
    http::{context::Context, problem::Problem},
    organization::users::{MOVED_ON, user_models},
    store::{
        d1::{self, Batch, Statement, recording, recording_text, statement, text},
        links, mail,
        models::Models,
    },
};

/// Links of one purpose mailed to one person in an hour at most.
const MOST_IN_AN_HOUR: u64 = 3;

const HOUR_SECONDS: u64 = 3600;

/// What a link is mailed for.
pub struct Mailing {
    /// What the link does.
    pub purpose: Purpose,
    /// As what it is recorded.
    pub action: Action,
    /// The mail that holds it.
    pub kind: mail::Kind,
}

/// A person whom a link may be mailed to by the caller.
pub struct Recipient {
    /// The person.
    pub models: Models,
    mailbox: Mailbox,
}

/// Where a link would go, and how many went there.
#[derive(Deserialize)]
struct Mailbox {
    /// Addresses that the link can be mailed to.
    addresses: u32,
    /// Links mailed in the hour before, and when the first of them was.
    mailed: u64,
    first_at: Option<UnixTime>,
}

impl Mailing {
    /// Finds the person.
    ///
    /// # Errors
    /// `not_found`; `forbidden` where the caller is not above the person; `unavailable`.
    pub async fn to(&self, caller: &FreshAdmin, user: &ExternalId) -> Result<Recipient, Problem> {
        let context = caller.context();
        let statements = [
            user_models(&caller.organization, user),
            statement!(MAILBOX, {
                organization: caller.organization.as_str(),
                user: user.as_str(),
                action: self.action.as_str(),
                since: context.now.minus(HOUR_SECONDS),
            }),
        ];
        let mut rows = d1::run(&context.database, &statements).await?;
        let models: Models = rows.first()?.ok_or(Refusal::NotFound)?;
        let mailbox: Mailbox = rows.first()?.ok_or(Refusal::NotFound)?;
        caller.may_help(&models.user)?;
        Ok(Recipient { models, mailbox })
    }

    /// Mails a link that works for `seconds`, and answers when it is over. The one before it, if any, does nothing
    /// any more.
    ///
    /// # Errors
    /// `conflict` where the person or the caller moved on, or links were mailed too often meanwhile; `unavailable`.
    pub async fn send(
        &self,
        caller: &FreshAdmin,
        Recipient { models, .. }: &Recipient,
        seconds: u64,
    ) -> Result<UnixTime, Problem> {
        let context = caller.context();
        let expires_at = context.now.plus(seconds);
        let event = context.event_id()?;
        let batch = Batch {
            recording: recording!(SEND_EVENT, {
                event: event,
                organization: text(models.user.organization),
                user: text(models.user.id),
                version: models.user.version,
                now: context.now,
                action: self.action.as_str(),
                expires_at: expires_at,
                since: context.now.minus(HOUR_SECONDS),
                most: MOST_IN_AN_HOUR,
                keeper: caller.proviso()?,
                ip: context.origin.ip.clone(),
                user_agent: context.origin.user_agent.clone(),
                request_id: context.origin.request_id.clone(),
            }),
            effects: vec![
                links::start(event, self.purpose),
                mail::notice(context, event, self.kind),
            ],
            reads: vec![Statement::new(RECORDED, [text(event)])],
        };
        let mut rows = d1::write(&context.database, &batch).await?;
        rows.first::<Recorded>()?.ok_or(MOVED_ON)?;
        Ok(expires_at)
    }
}

impl Recipient {
    /// Whether another link can be mailed.
    ///
    /// # Errors
    /// `conflict` without an address; `throttled` after too many.
    pub fn can_be_mailed(&self, context: &Context) -> Result<(), Refusal> {
        let mailbox = &self.mailbox;
        if mailbox.addresses == 0 {
            return Err(Refusal::Conflict(Conflict::NoAddress));
        }
        if mailbox.mailed >= MOST_IN_AN_HOUR {
            let until = mailbox.first_at.unwrap_or(context.now).plus(HOUR_SECONDS);
            return Err(Refusal::Throttled { until });
        }
        Ok(())
    }
}

/// A row that is only there or not.
#[derive(Deserialize)]
struct Recorded {}

const MAILBOX: &str = "
SELECT
  (SELECT count(*) FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id) AS addresses,
  (SELECT count(*) FROM event e
   WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) AS mailed,
  (SELECT min(e.at) FROM event e
   WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) AS first_at
FROM organization o JOIN user u ON u.organization = o.id AND u.external_id = :user
WHERE o.external_id = :organization";

/// Only while the person and the helper are as they were, and not too often.
const SEND_EVENT: &str = recording_text!(
    "id, organization, user, at, action, actor, actor_id, actor_name, subject, outcome, detail, ip, user_agent, request_id",
    "
SELECT :event, u.organization, u.id, :now, :action,
  coalesce(:keeper ->> 'role', 'application'), :keeper ->> 'user', :keeper ->> 'name', u.external_id, 'accepted',
  json_object('expires_at', CAST(:expires_at AS INTEGER)), :ip, :user_agent, :request_id
FROM user u
WHERE u.organization = :organization AND u.id = :user AND u.version = :version
  AND EXISTS (SELECT 1 FROM mailbox b WHERE b.organization = u.organization AND b.user = u.id)
  AND (SELECT count(*) FROM event e
    WHERE e.organization = u.organization AND e.user = u.id AND e.action = :action AND e.at > :since) < :most
  AND ",
    still_keeps!()
);

/// ?1 event
const RECORDED: &str = "SELECT 1 FROM event WHERE id = ?1";
