//! The edge of one request: the only place that reads the clock, the RNG and the bindings.

use js_sys::Reflect;
use postern::{
    ids::{EventId, OrganizationId, UserId},
    names::Surface,
    record,
    refusal::Refusal,
    sealing::Keys,
    slow_hash::Memory,
    time::UnixTime,
};
use serde::Serialize;
use wasm_bindgen::JsCast;
use web_sys::Headers;
use worker::{Env, worker_sys::D1Database};

use crate::{binding, kv::Store, problem::Fault};

/// What a request may use of its surroundings.
pub struct Context {
    /// The moment this request is answered at; read once.
    pub now: UnixTime,
    /// The same moment in milliseconds, for versions.
    pub now_ms: u64,
    /// The truth.
    pub database: D1Database,
    /// The copies at the edge; `None` where the binding is missing, which costs only time.
    pub copies: Option<Store>,
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
        let keys = setting(env, "POSTERN_KEYS")
            .and_then(|keys| Keys::parse(&keys).ok())
            .ok_or_else(|| Fault::unavailable("POSTERN_KEYS is missing or malformed"))?;
        let origins = setting(env, "ORIGINS")
            .unwrap_or_default()
            .split_whitespace()
            .map(str::to_owned)
            .collect();
        Ok(Self {
            now: UnixTime(now_ms / 1000),
            now_ms,
            database: database(env)?,
            copies: binding::find(env, "COPIES").map(Store::new),
            keys,
            origin: Origin::read(headers),
            origins,
            env: env.clone(),
            worker,
        })
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
        let (Some(known), Some(surface)) = (self.setting("SURFACES"), surface) else {
            return Ok(());
        };
        if known
            .split_whitespace()
            .any(|name| name == surface.as_str())
        {
            Ok(())
        } else {
            Err(Refusal::malformed(field, "a surface of this deployment"))
        }
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
        setting(&self.env, name)
    }

    /// The truth again, for work after the reply.
    ///
    /// # Errors
    /// A fault when the binding is missing.
    pub fn database(&self) -> Result<D1Database, Fault> {
        database(&self.env)
    }

    /// Whether the outer shield in front of public routes lets this client through. Approximate and
    /// permissive by nature: the throttle in D1 is what counts.
    pub async fn shield_admits(&self) -> bool {
        let Some(shield) = binding::find(&self.env, "SHIELD") else {
            return true;
        };
        let client = self.origin.ip.as_deref().unwrap_or_default();
        let outcome = binding::ask(&shield, "limit", [binding::option("key", client)]).await;
        let success = outcome.and_then(|outcome| Reflect::get(&outcome, &"success".into()));
        success.ok().and_then(|success| success.as_bool()) != Some(false)
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

/// The truth.
///
/// # Errors
/// A fault when the binding is missing.
pub fn database(env: &Env) -> Result<D1Database, Fault> {
    binding::find(env, "DB")
        .map(JsCast::unchecked_into)
        .ok_or_else(|| Fault::unavailable("binding DB is missing"))
}

fn setting(env: &Env, name: &str) -> Option<String> {
    let text = binding::find(env, name)?.as_string();
    text.filter(|text| !text.is_empty())
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
