//! Cookies that an answer sets.

use std::convert::Infallible;

use axum::response::{IntoResponseParts, ResponseParts};
use http::{HeaderValue, header};

#[cfg(not(target_family = "wasm"))]
use crate::http::description::Description;
use crate::http::route::Answer;

/// Cookies that only this host gets, over HTTPS, and that scripts cannot read.
#[derive(Clone, Debug, Default)]
pub struct Cookies(Vec<String>);

impl Cookies {
    /// Has the browser keep `value` under `name` for `seconds`; 0 has it forget.
    pub fn set(&mut self, name: &str, value: &str, seconds: u64) {
        self.0.push(format!(
            "{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Lax"
        ));
    }
}

impl<R: Answer> Answer for (Cookies, R) {
    #[cfg(not(target_family = "wasm"))]
    fn describe(description: &mut Description) {
        R::describe(description);
        description.sets_cookies = true;
    }
}

impl IntoResponseParts for Cookies {
    type Error = Infallible;

    fn into_response_parts(self, mut response: ResponseParts) -> Result<ResponseParts, Infallible> {
        for cookie in self.0 {
            // Names and values are ours, and printable.
            if let Ok(cookie) = HeaderValue::try_from(cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        Ok(response)
    }
}
