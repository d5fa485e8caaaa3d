//! From a mail that waits to one that can be sent.

use postern::{
    ids::{EventId, LinkId, MailId},
    links::{Link, Purpose},
    names::MailAddress,
    sealing::NONCE_BYTES,
    time::UnixTime,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::claim::{Failed, Waiting};
use crate::{
    http::settings::Settings,
    mail::{self, Language, Letter, Links, Message},
    platform::{Fault, Platform},
    store::mail::Kind,
};

/// A mail that can be sent.
pub struct Outgoing {
    /// The same at every try.
    pub id: MailId,
    /// The one address that it goes to.
    pub to: MailAddress,
    /// When it happened.
    pub at: UnixTime,
    /// What it says.
    pub message: Message,
    /// All of it as JSON, for an application that writes its own mail.
    pub payload: String,
}

/// The body of a webhook.
#[derive(Serialize)]
struct Payload<'a> {
    #[serde(rename = "type")]
    kind: String,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    organization: &'a str,
    user: &'a str,
    to: &'a str,
    language: Language,
    subject: &'a str,
    text: &'a str,
    html: &'a str,
    name: &'a str,
    about: Option<&'a str>,
    actor: &'a str,
    at: UnixTime,
    ip: Option<&'a str>,
    place: Option<&'a str>,
    user_agent: Option<&'a str>,
    links: &'a Links,
}

/// Writes the mail that waits.
///
/// # Errors
/// Why it cannot be sent: for good, where its link is over or its address is none. A kind that this Worker does not
/// know may be one of a newer Worker, which is being deployed.
pub fn outgoing(
    platform: &Platform,
    settings: &Settings,
    waiting: &Waiting,
    now: UnixTime,
) -> Result<Outgoing, Failed> {
    let kind = Kind::named(&waiting.kind).ok_or_else(|| Failed::for_now("an unknown kind"))?;
    let to = waiting.address.parse::<MailAddress>();
    let to = to.map_err(|why| Failed::for_good(why.to_string()))?;
    let id = id_of(waiting);
    let links = links(platform, settings, waiting, kind, id, now)?;
    let detail = waiting.detail.as_deref().unwrap_or("null");
    let letter = Letter {
        kind,
        language: waiting.language,
        organization: &waiting.organization_name,
        person: Some(&waiting.person),
        about: waiting.about.as_deref(),
        at: waiting.at,
        network: waiting.ip.as_deref(),
        place: waiting.place.as_deref(),
        browser: waiting.user_agent.as_deref(),
        actor: &waiting.actor,
        actor_name: waiting.actor_name.as_deref(),
        detail: serde_json::from_str(detail).unwrap_or(Value::Null),
        support: waiting.support.as_deref(),
        links,
    };
    let message = mail::write(&letter).map_err(unwritten)?;
    let payload = Payload {
        kind: format!("mail.{}", kind.as_str()),
        timestamp: mail::rfc3339(waiting.at).map_err(unwritten)?,
        data: Data {
            organization: &waiting.organization_id,
            user: &waiting.user_id,
            to: &waiting.address,
            language: waiting.language,
            subject: &message.subject,
            text: &message.text,
            html: &message.html,
            name: &waiting.person,
            about: waiting.about.as_deref(),
            actor: &waiting.actor,
            at: waiting.at,
            ip: waiting.ip.as_deref(),
            place: waiting.place.as_deref(),
            user_agent: waiting.user_agent.as_deref(),
            links: &letter.links,
        },
    };
    Ok(Outgoing {
        id,
        to,
        at: waiting.at,
        payload: serde_json::to_string(&payload)
            .map_err(|why| Failed::for_good(why.to_string()))?,
        message,
    })
}

/// The id of a mail: of what it tells, to whom and where, so that every try has the same one.
fn id_of(waiting: &Waiting) -> MailId {
    let parts = [
        &*waiting.organization.to_string(),
        &*waiting.user.to_string(),
        &*waiting.event,
        &*waiting.kind,
        &*waiting.address,
    ];
    let digest = Sha256::digest(parts.join("\n"));
    let mut bytes = [0; 16];
    for (byte, of_digest) in bytes.iter_mut().zip(digest) {
        *byte = of_digest;
    }
    MailId::from_entropy(bytes)
}

fn links(
    platform: &Platform,
    settings: &Settings,
    waiting: &Waiting,
    kind: Kind,
    id: MailId,
    now: UnixTime,
) -> Result<Links, Failed> {
    let origin = settings.origins.first().map_or("", String::as_str);
    let not_me = kind.can_be_denied().then(|| {
        let home = (waiting.organization, waiting.user);
        let id = LinkId::from_entropy(*id.as_bytes());
        let link = Link::new(Purpose::NotMe, home, id, None, now);
        let token = sealed(platform, settings, &link)?;
        Ok(format!("{origin}/not-me#{token}"))
    });
    let act = act(platform, settings, waiting, kind, now)?;
    Ok(Links {
        act: act.map(|token| format!("{origin}{token}")),
        not_me: not_me.transpose().map_err(unwritten)?,
        security: format!("{origin}/security"),
    })
}

/// The path and the token of the link that the mail is for.
///
/// # Errors
/// Where the link is over: nothing would come of the mail.
fn act(
    platform: &Platform,
    settings: &Settings,
    waiting: &Waiting,
    kind: Kind,
    now: UnixTime,
) -> Result<Option<String>, Failed> {
    let Some(purpose) = kind.purpose() else {
        return Ok(None);
    };
    let page = match purpose {
        Purpose::Invitation => "/invitation",
        Purpose::NotMe => "/not-me",
        Purpose::Password => "/password",
        Purpose::Reset => "/reset",
    };
    let event = waiting.event.parse::<EventId>();
    let over = || Failed::for_good("its link is over");
    let (Some(until), Ok(event)) = (waiting.link_until.filter(|until| now < *until), event) else {
        return Err(over());
    };
    let home = (waiting.organization, waiting.user);
    let id = LinkId::from_entropy(*event.as_bytes());
    let link = Link::new(purpose, home, id, Some(until.since(now)), now);
    let token = sealed(platform, settings, &link).map_err(unwritten)?;
    Ok(Some(format!("{page}#{token}")))
}

fn sealed(platform: &Platform, settings: &Settings, link: &Link) -> Result<String, Fault> {
    let mut nonce = [0; NONCE_BYTES];
    platform.randomness.fill(&mut nonce)?;
    let token = link.seal(&settings.keys, nonce);
    token.map_err(|_| Fault::new("a link cannot be sealed"))
}

fn unwritten(fault: Fault) -> Failed {
    Failed::for_now(format!("{fault:?}"))
}
