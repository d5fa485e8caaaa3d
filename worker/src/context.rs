//! The edge of one request: the only place that reads the clock, the RNG and the bindings.

use postern::{
    ids::{EventId, OrganizationId, UserId},
    record,
    sealing::Keys,
    slow_hash::Memory,
    time::UnixTime,
};
use serde::Serialize;
use web_sys::Headers;
use worker::{D1Database, Env, KvStore, RateLimiter};

use crate::problem::Fault;

/// What a request may use of its surroundings.
pub struct Context {
    /// The moment this request is answered at; read once.
    pub now: UnixTime,
    /// The same moment in milliseconds, for versions.
    pub now_ms: u64,
    /// The truth.
    pub database: D1Database,
    /// The copies at the edge; `None` where the binding is missing, which costs only time.
    pub copies: Option<KvStore>,
    /// Root keys.
    pub keys: Keys,
    /// Who asks, for the audit trail.
    pub origin: Origin,
    /// Our own origins, the first one is where the pages are.
    pub origins: Vec<String>,
    env: Env,
    worker: worker::Context,
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
    /// Reads the surroundings of a request.
    ///
    /// # Errors
    /// A fault when a binding or key is missing: nothing works without them, and nothing is
    /// answered in the clear.
    pub fn read(env: &Env, worker: worker::Context, headers: &Headers) -> Result<Self, Fault> {
        let now_ms = worker::Date::now().as_millis();
        let text = |name: &str| env.var(name).map(|value| value.to_string());
        let keys = text("POSTERN_KEYS")
            .ok()
            .and_then(|keys| Keys::parse(&keys).ok())
            .ok_or_else(|| Fault::unavailable("POSTERN_KEYS is missing or malformed"))?;
        let database = env
            .d1("DB")
            .map_err(|why| Fault::unavailable(format!("binding DB: {why}")))?;
        let origins = text("ORIGINS")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        Ok(Self {
            now: UnixTime(now_ms / 1000),
            now_ms,
            database,
            copies: env.kv("COPIES").ok(),
            keys,
            origin: Origin::read(headers),
            origins,
            env: env.clone(),
            worker,
        })
    }

    /// `N` bytes from the platform's CSPRNG.
    ///
    /// # Errors
    /// A fault when the platform has none to give.
    #[expect(clippy::unused_self, reason = "randomness is one of the surroundings")]
    pub fn entropy<const N: usize>(&self) -> Result<[u8; N], Fault> {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).map_err(|why| Fault::new(format!("no randomness: {why}")))?;
        Ok(bytes)
    }

    /// The id of the event this request writes.
    ///
    /// # Errors
    /// As [`Context::entropy`].
    pub fn event_id(&self) -> Result<EventId, Fault> {
        Ok(EventId::from_entropy(self.entropy()?))
    }

    /// A setting, or secret, of the deployment.
    pub fn setting(&self, name: &str) -> Option<String> {
        self.env
            .var(name)
            .ok()
            .map(|value| value.to_string())
            .filter(|value| !value.is_empty())
    }

    /// The truth again, for work after the reply.
    ///
    /// # Errors
    /// A fault when the binding is missing.
    pub fn database(&self) -> Result<D1Database, Fault> {
        self.env
            .d1("DB")
            .map_err(|why| Fault::unavailable(format!("binding DB: {why}")))
    }

    /// The outer shield in front of public routes; approximate by nature, `None` where not bound.
    pub fn shield(&self) -> Option<RateLimiter> {
        self.env.rate_limiter("SHIELD").ok()
    }

    /// Lets `work` finish after the reply. Nothing in it may decide anything.
    pub fn after_reply(&self, work: impl Future<Output = ()> + 'static) {
        self.worker.wait_until(work);
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
    fn read(headers: &Headers) -> Self {
        let text = |name| headers.get(name).ok().flatten();
        let drawn = || {
            let mut bytes = [0; 12];
            // A request without a name is still a request.
            let _ = getrandom::fill(&mut bytes);
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
