//! One request and its surroundings, read once.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

use http::request::Parts;
use postern::{
    ids::{EventId, OrganizationId, UserId},
    names::Surface,
    refusal::Refusal,
    time::UnixTime,
};
use serde::{Deserialize, Serialize};

use crate::platform::Fault;
use crate::{
    http::{admission::Admission, one_clock::OneClock, settings::Settings},
    platform::{Copies, Database, Platform, Signatures, Timer, run},
};

/// What a request may use of its surroundings.
pub struct Context {
    /// The moment this request is answered at; read once.
    pub now: UnixTime,
    /// The same moment in milliseconds, for versions.
    pub now_ms: u64,
    /// The truth, which waits until the request is let through.
    pub database: Arc<dyn Database>,
    /// The copies at the edge; `None` where the binding is missing, which costs only time.
    pub copies: Option<Arc<dyn Copies>>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// The moment, held against the database's clock.
    pub clock: Arc<OneClock>,
    /// Who asks, for the audit trail.
    pub origin: Origin,
    /// Whether the outer shield lets the request through.
    pub admission: Admission,
    /// Whether mail was written that should not wait for the scheduled job.
    pub wrote_mail: Arc<AtomicBool>,
    /// Whose session the request presented, where that lives.
    pub signed_in: OnceLock<Home>,
    platform: Platform,
}

/// Where a client is, in words, as the platform puts it into a request's extensions.
#[derive(Clone)]
pub struct Place(pub String);

/// Where a request comes from.
pub struct Origin {
    /// The city and the country of the address, as far as Cloudflare knows them.
    pub place: Option<String>,
    /// Client address as Cloudflare saw it (`CF-Connecting-IP`), never from another header.
    pub ip: Option<String>,
    /// The first 256 characters of the user agent.
    pub user_agent: Option<String>,
    /// Names the request in logs, problems and events.
    pub request_id: String,
}

impl Context {
    /// The surroundings of a request that came from `origin` at `now_ms`; `shielded` where the outer
    /// shield is asked about it.
    pub fn new(
        mut platform: Platform,
        settings: Arc<Settings>,
        origin: Origin,
        now_ms: u64,
        shielded: bool,
    ) -> Self {
        let admission = if shielded {
            Admission::of(&platform, origin.network())
        } else {
            Admission::open()
        };
        let now = UnixTime(now_ms / 1000);
        let clock = OneClock::new(now, platform.clock.clone());
        platform.database = admission.guard(clock.guard(platform.database));
        Self {
            now,
            clock,
            now_ms,
            database: platform.database.clone(),
            copies: platform.copies.clone(),
            settings,
            origin,
            admission,
            wrote_mail: Arc::default(),
            signed_in: OnceLock::new(),
            platform,
        }
    }

    /// Has the mail that this request writes delivered after its reply.
    pub fn note_mail(&self) {
        self.wrote_mail.store(true, Ordering::Relaxed);
    }

    /// Whether `surface` is one of this deployment's, if it lists any: one that is mistyped would
    /// have the default rule.
    ///
    /// # Errors
    /// `malformed`, naming `field`.
    pub fn check_surface(
        &self,
        field: &'static str,
        surface: Option<&Surface>,
    ) -> Result<(), Refusal> {
        let known = &self.settings.surfaces;
        if known.is_empty() || surface.is_none_or(|surface| known.contains(surface)) {
            Ok(())
        } else {
            Err(Refusal::malformed(field, "a surface of this deployment"))
        }
    }

    /// Holds this request's moment against the database's clock, where nothing else asks it: before
    /// something is refused or handed out by the time alone. No trip while the clock is known to be right.
    ///
    /// # Errors
    /// `unavailable`.
    pub async fn confirm_time(&self) -> Result<(), Fault> {
        if !self.clock.is_confirmed() {
            run(&self.database, &[]).await?;
        }
        Ok(())
    }

    /// `N` bytes from the platform's CSPRNG.
    ///
    /// # Errors
    /// A fault when the platform has none to give.
    pub fn entropy<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        self.platform.randomness.fill(&mut bytes)?;
        Ok(bytes)
    }

    /// The id of the event this request writes.
    ///
    /// # Errors
    /// As [`Context::entropy`].
    pub fn event_id(&self) -> Result<EventId, Fault> {
        Ok(EventId::from_entropy(self.entropy()?))
    }

    /// The place that this request is answered in.
    pub const fn platform(&self) -> &Platform {
        &self.platform
    }

    /// Signatures, checked and made.
    pub fn signatures(&self) -> &dyn Signatures {
        &*self.platform.signatures
    }

    /// Waiting.
    pub fn timer(&self) -> Arc<dyn Timer> {
        self.platform.timer.clone()
    }

    /// Lets `work` finish after the reply. Nothing in it may decide anything.
    pub fn after_reply(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.platform.after_reply.run(Box::pin(work));
    }
}

impl Origin {
    /// What stands for one client: its IPv4 address, or the network of its IPv6 address, since
    /// a client with an IPv6 address has all 2^64 of its network (RFC 6177).
    pub fn network(&self) -> String {
        let text = self.ip.as_deref().unwrap_or_default();
        match text.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V6(address)) => {
                let [a, b, c, d, ..] = address.segments();
                Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
            }
            Ok(address) => address.to_string(),
            Err(_) => text.to_owned(),
        }
    }

    /// What a request says of its origin.
    pub fn read(parts: &Parts, platform: &Platform) -> Self {
        let headers = &parts.headers;
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let drawn = || {
            let mut bytes = [0; 12];
            // A request without a name is still a request.
            let _ = platform.randomness.fill(&mut bytes);
            postern::base64url::encode(&bytes)
        };
        Self {
            place: parts.extensions.get().map(|Place(place)| place.clone()),
            ip: text("cf-connecting-ip"),
            user_agent: text("user-agent").map(|agent| agent.chars().take(256).collect()),
            request_id: text("cf-ray").unwrap_or_else(drawn),
        }
    }
}

/// The home of a row: whose organization, which user.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    /// The organization.
    pub organization: OrganizationId,
    /// The user.
    pub user: UserId,
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.organization, self.user)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_ipv4_address_or_64_bits_of_ipv6() {
        for (ip, network) in [
            ("203.0.113.7", "203.0.113.7"),
            ("::ffff:203.0.113.7", "203.0.113.7"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
            ("2001:DB8:1:2::1", "2001:db8:1:2::"),
            ("2001:db8:1:3::1", "2001:db8:1:3::"),
            ("::1", "::"),
            ("not an address", "not an address"),
        ] {
            let origin = Origin {
                place: None,
                ip: Some(ip.to_owned()),
                user_agent: None,
                request_id: String::new(),
            };
            assert_eq!(origin.network(), network, "{ip}");
        }
    }
}
