//! A request as handlers see it: its surroundings, its route, and what was sent.

use std::sync::Arc;

use http::{HeaderMap, request::Parts};
use postern::{
    challenges::Delivery,
    refusal::{Malformed, Refusal},
};

use crate::{
    http::{
        context::Context,
        local_cookies::COOKIES,
        route::{Access, Route, placeholder},
    },
    platform::Fault,
};

/// A request, its surroundings, and its route.
pub struct Request {
    /// The surroundings.
    pub context: Context,
    /// The route, with the class of who may call it.
    pub route: &'static Route,
    /// The headers.
    pub headers: HeaderMap,
    /// Values of the path's placeholders, in order.
    pub path: Vec<String>,
    /// The raw query, without the question mark.
    pub query: String,
    /// The body, of at most 64 KiB, or why it was not read.
    pub body: Result<Vec<u8>, Refusal>,
}

impl Request {
    /// The request that the router put beside `parts`.
    ///
    /// # Errors
    /// A fault where no router did.
    pub fn of(parts: &Parts) -> Result<Arc<Self>, Fault> {
        let request = parts.extensions.get::<Arc<Self>>().cloned();
        request.ok_or(Fault::new("a request that came by no router"))
    }

    /// Checks where a change comes from, before it is judged who asks.
    ///
    /// # Errors
    /// `cross_origin`.
    pub fn check_origin(&self) -> Result<(), Refusal> {
        if self.changes() && self.route.access != Access::Application && !self.is_same_site() {
            return Err(Refusal::CrossOrigin);
        }
        Ok(())
    }

    /// Checks what does not depend on the route's body: its size and media type, and that the route
    /// takes this query. For after it was judged who asks.
    ///
    /// # Errors
    /// `too_large`, `unsupported_media_type`, `malformed`.
    pub fn check_form(&self) -> Result<(), Refusal> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        if self.changes() && !body.is_empty() && !self.is_json() {
            return Err(Refusal::UnsupportedMediaType);
        }
        let mut seen = Vec::new();
        for (name, _) in form_urlencoded::parse(self.query.as_bytes()) {
            let known = self.route.query.iter().find(|known| **known == name);
            let Some(known) = known else {
                return Err(Refusal::Malformed(Malformed {
                    field: None,
                    detail: format!("an unknown query parameter, {name}").into(),
                }));
            };
            if seen.contains(known) {
                return Err(Refusal::malformed(known, "one value"));
            }
            seen.push(*known);
        }
        Ok(())
    }

    /// The value of `name` in the query, percent-decoded.
    pub fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = form_urlencoded::parse(self.query.as_bytes());
        pairs
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    fn changes(&self) -> bool {
        self.route.method != "GET"
    }

    /// How a session that this call raises travels: as its token came.
    pub fn delivery(&self) -> Delivery {
        if self.bearer().is_some() {
            Delivery::Bearer
        } else {
            Delivery::Cookie
        }
    }

    /// The text of the `index`-th placeholder of the path, percent-decoded.
    pub fn path_text(&self, index: usize) -> &str {
        self.path.get(index).map_or("", String::as_str)
    }

    /// The name of the `index`-th placeholder of the path.
    pub fn placeholder(&self, index: usize) -> Option<&'static str> {
        let mut placeholders = self.route.path.split('/').filter_map(placeholder);
        placeholders.nth(index)
    }

    /// A header's value; the values of several with this name, joined by commas.
    pub fn header(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all(name).iter();
        let texts: Option<Vec<&str>> = values.map(|value| value.to_str().ok()).collect();
        let texts = texts.filter(|texts| !texts.is_empty())?;
        Some(texts.join(", "))
    }

    /// A cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.header("cookie")?
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(key, value)| (key == name).then(|| value.to_owned()))
    }

    /// The bearer token, if the request carries one.
    pub fn bearer(&self) -> Option<String> {
        let header = self.header("authorization")?;
        let (scheme, token) = header.split_once(' ')?;
        scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned())
    }

    /// JSON is UTF-8 (RFC 8259 section 8.1): a body that calls itself something else is not read.
    fn is_json(&self) -> bool {
        let media = self.header("content-type").unwrap_or_default();
        let mut parts = media.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let mut charsets = parts.filter_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim_end()
                .eq_ignore_ascii_case("charset")
                .then(|| value.trim().trim_matches('"'))
        });
        essence.eq_ignore_ascii_case("application/json")
            && charsets.all(|charset| charset.eq_ignore_ascii_case("utf-8"))
    }

    /// A browser names where a change comes from. Other clients need not, but then nothing of what
    /// browsers send by themselves comes along.
    fn is_same_site(&self) -> bool {
        let (site, origin) = (self.header("sec-fetch-site"), self.header("origin"));
        if site.is_none() && origin.is_none() {
            return !self.carries_our_cookies();
        }
        site.is_none_or(|site| matches!(&*site, "same-origin" | "none"))
            && origin.is_none_or(|origin| self.context.settings.origins.contains(&origin))
    }

    fn carries_our_cookies(&self) -> bool {
        let cookies = self.header("cookie").unwrap_or_default();
        cookies
            .split(';')
            .any(|pair| pair.trim_start().starts_with(COOKIES))
    }
}

/// The codes of the problems that every request of `route` can meet: those of
/// [`Request::check_origin`] and [`Request::check_form`], the shield's, and our own failures.
#[cfg(not(target_family = "wasm"))]
pub fn refuses(route: &Route) -> impl Iterator<Item = &'static str> + use<> {
    let (changes, access) = (route.method != "GET", route.access);
    [
        (true, "fault"),
        (true, "malformed"),
        (true, "too_large"),
        (true, "unavailable"),
        (changes, "unsupported_media_type"),
        (changes && access != Access::Application, "cross_origin"),
        (route.is_shielded(), "throttled"),
    ]
    .into_iter()
    .filter_map(|(can, code)| can.then_some(code))
}
