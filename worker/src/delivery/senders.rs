//! The two ways by which mail leaves.

use std::sync::Arc;

use async_trait::async_trait;
use postern::{names::MailAddress, time::UnixTime, webhooks::WebhookKey};

use super::letter::Outgoing;
use crate::{
    http::settings::{MailSettings, Settings},
    mail::{Envelope, mime},
    platform::{Platform, PostOffice, RawMail, Web, WebPost},
};

/// Seconds that a server may take to answer.
const ANSWER_SECONDS: u32 = 10;

/// Takes a mail to where it goes.
#[async_trait]
pub trait Sender: Send + Sync {
    /// Sends `mail`; that it was taken does not say that it arrived.
    ///
    /// # Errors
    /// Why it was not taken.
    async fn send(&self, mail: &Outgoing, now: UnixTime) -> Result<(), String>;
}

/// The sender that is set, where one is.
pub fn of(platform: &Platform, settings: &Settings) -> Option<Box<dyn Sender>> {
    Some(match settings.mail.as_ref()? {
        MailSettings::PostOffice { from } => Box::new(ByPost {
            office: platform.post_office.clone(),
            from: from.clone(),
            host: settings.rp_id.clone(),
        }),
        MailSettings::Webhook { url, key } => Box::new(ByWebhook {
            web: platform.web.clone(),
            url: url.clone(),
            key: key.clone(),
        }),
    })
}

/// As a message of RFC 5322, by the platform.
struct ByPost {
    office: Option<Arc<dyn PostOffice>>,
    from: MailAddress,
    /// The right-hand side of message ids.
    host: String,
}

#[async_trait]
impl Sender for ByPost {
    async fn send(&self, mail: &Outgoing, _: UnixTime) -> Result<(), String> {
        let office = self.office.as_ref();
        let office = office.ok_or("the binding MAIL is missing")?;
        let envelope = Envelope {
            id: &mail.id.to_string(),
            host: &self.host,
            from: &self.from,
            to: &mail.to,
            at: mail.at,
        };
        let message = mime(&envelope, &mail.message);
        let raw = RawMail {
            from: self.from.to_string(),
            to: mail.to.to_string(),
            message: message.map_err(|fault| format!("{fault:?}"))?,
        };
        office.send(&raw).await
    }
}

/// As a signed request (Standard Webhooks 1.0).
struct ByWebhook {
    web: Arc<dyn Web>,
    url: String,
    key: WebhookKey,
}

#[async_trait]
impl Sender for ByWebhook {
    async fn send(&self, mail: &Outgoing, now: UnixTime) -> Result<(), String> {
        let id = mail.id.to_string();
        let body = mail.payload.clone();
        let headers = vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "Postern".to_owned()),
            ("webhook-signature", self.key.sign(&id, now, &body)),
            ("webhook-timestamp", now.to_string()),
            ("webhook-id", id),
        ];
        let url = self.url.clone();
        let post = WebPost { url, headers, body };
        match self.web.post(&post, ANSWER_SECONDS).await? {
            200..=299 => Ok(()),
            status => Err(format!("answered {status}")),
        }
    }
}
