//! URLs as browsers read them (WHATWG URL Standard): by the platform's own parser in the Worker,
//! because one of ours would be a fifth of its weight.

/// A URL, as far as an origin needs it.
pub struct Url {
    /// The scheme.
    pub scheme: String,
    /// The host.
    pub host: String,
    /// The serialized origin.
    pub origin: String,
    /// Whether it names a user, or has a password.
    pub has_credentials: bool,
}

impl Url {
    /// Reads a URL; `None` when it is none.
    #[cfg(target_family = "wasm")]
    pub fn parse(text: &str) -> Option<Self> {
        let url = web_sys::Url::new(text).ok()?;
        Some(Self {
            scheme: url.protocol().trim_end_matches(':').to_owned(),
            host: url.hostname(),
            origin: url.origin(),
            has_credentials: !(url.username().is_empty() && url.password().is_empty()),
        })
    }

    /// Reads a URL; `None` when it is none.
    #[cfg(not(target_family = "wasm"))]
    pub fn parse(text: &str) -> Option<Self> {
        let url = url::Url::parse(text).ok()?;
        Some(Self {
            scheme: url.scheme().to_owned(),
            host: url.host_str()?.to_owned(),
            origin: url.origin().ascii_serialization(),
            has_credentials: !url.username().is_empty() || url.password().is_some(),
        })
    }
}
