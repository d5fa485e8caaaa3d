//! One request and its surroundings, read once.

use std::sync::Arc;

use http::HeaderMap;
use postern::{
    ids::{EventId, OrganizationId, UserId},
    names::Surface,
    record,
    refusal::Refusal,
    slow_hash::Memory,
    time::UnixTime,
};
use serde::Serialize;

use crate::{
    platform::{Copies, Database, Platform, Signatures},
    problem::Fault,
    settings::Settings,
};

/// What a request may use of its surroundings.
pub struct Context {
    /// The moment this request is answered at; read once.
    pub now: UnixTime,
    /// The same moment in milliseconds, for versions.
    pub now_ms: u64,
    /// The truth.
    pub database: Arc<dyn Database>,
    /// The copies at the edge; `None` where the binding is missing, which costs only time.
    pub copies: Option<Arc<dyn Copies>>,
    /// What the operator set.
    pub settings: Arc<Settings>,
    /// Who asks, for the audit trail.
    pub origin: Origin,
    platform: Platform,
}

/// Where a request comes from.
pub struct Origin {
    /// Client address as Cloudflare saw it (`CF-Connecting-IP`), never from another header.
    pub ip: Option<String>,
    /// The first 256 characters of the user agent.
    pub user_agent: Option<String>,
    /// Names the request in logs, problems and events.
    pub request_id: String,
}

impl Context {
    /// The surroundings of a request that came from `origin` at `now_ms`.
    pub fn new(platform: Platform, settings: Arc<Settings>, origin: Origin, now_ms: u64) -> Self {
        Self {
            now: UnixTime(now_ms / 1000),
            now_ms,
            database: platform.database.clone(),
            copies: platform.copies.clone(),
            settings,
            origin,
            platform,
        }
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

    /// Signatures, checked and made.
    pub fn signatures(&self) -> &dyn Signatures {
        &*self.platform.signatures
    }

    /// Whether the outer shield in front of public routes lets this client through. Approximate and
    /// permissive by nature: the throttle in D1 is what counts.
    pub async fn shield_admits(&self) -> bool {
        let client = self.origin.ip.as_deref().unwrap_or_default();
        self.platform.shield.admits(client).await
    }

    /// Lets `work` finish after the reply. Nothing in it may decide anything.
    pub fn after_reply(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.platform.after_reply.run(Box::pin(work));
    }

    /// Runs `hash` with the isolate's one memory for slow hashes, which makes them take turns.
    pub fn with_slow_hash<T>(&self, hash: impl FnOnce(&mut Memory) -> T) -> T {
        thread_local! {
            static MEMORY: std::cell::RefCell<Memory> = const { std::cell::RefCell::new(Memory::new()) };
        }
        MEMORY.with(|memory| match memory.try_borrow_mut() {
            Ok(mut memory) => hash(&mut memory),
            // Not reached: hashing never awaits, so nothing else runs meanwhile.
            Err(_) => hash(&mut Memory::new()),
        })
    }
}

impl Origin {
    /// What the headers of a request say of its origin.
    pub fn read(headers: &HeaderMap, platform: &Platform) -> Self {
        let text = |name| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let drawn = || {
            let mut bytes = [0; 12];
            // A request without a name is still a request.
            let _ = platform.randomness.fill(&mut bytes);
            postern::base64url::encode(&bytes)
        };
        Self {
            ip: text("cf-connecting-ip"),
            user_agent: text("user-agent").map(|agent| agent.chars().take(256).collect()),
            request_id: text("cf-ray").unwrap_or_else(drawn),
        }
    }
}

record! {
    /// The home of a row: whose organization, which user.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
    pub struct Home {
        /// The organization.
        pub organization: OrganizationId,
        /// The user.
        pub user: UserId,
    }
}
