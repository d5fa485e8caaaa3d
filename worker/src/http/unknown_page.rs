//! What a person finds at an address that names nothing: a page, where everything else gets a problem.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, Method, StatusCode, header};

/// Whether a browser asks for a page: it takes HTML, and the path is none of the API's.
pub fn is_asked_for(method: &Method, path: &str, headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT);
    let takes_html = accept.is_some_and(|value| {
        let value = value.to_str().unwrap_or_default();
        value
            .split(',')
            .any(|range| range.trim_start().starts_with("text/html"))
    });
    let of_api = path == "/v1" || API.iter().any(|prefix| path.starts_with(prefix));
    [Method::GET, Method::HEAD].contains(method) && takes_html && !of_api
}

/// The page, 404.
pub fn unknown_page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::VARY, "accept"),
    ];
    (StatusCode::NOT_FOUND, headers, PAGE).into_response()
}

const PAGE: &str = include_str!("unknown_page/page.html");

/// Nothing but the page's own style, by its hash, and the icon.
const POLICY: &str = "default-src 'none'; style-src 'sha256-UWWysChuvfC6RFaluRhc5O/IXnD8jPhG2lHf8O12G3s='; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const API: [&str; 2] = ["/v1/", "/.well-known/"];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use axum::body::{Body, to_bytes};
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use http::Request;
    use sha2::{Digest as _, Sha256};
    use tower_service::Service as _;

    use super::*;

    const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

    /// Status, media type and body.
    fn get(path: &str, accept: Option<&str>) -> (StatusCode, String, String) {
        let mut request = Request::get(path);
        if let Some(accept) = accept {
            request = request.header(header::ACCEPT, accept);
        }
        let request = request.body(Body::empty()).unwrap();
        pollster::block_on(async {
            let Ok(response) = crate::router().call(request).await;
            let named = response.headers()[header::CONTENT_TYPE].to_str();
            let kind = named.unwrap().to_owned();
            let status = response.status();
            let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
            (status, kind, String::from_utf8(body.to_vec()).unwrap())
        })
    }

    #[test]
    fn browsers_get_a_page_and_everything_else_a_problem() {
        for path in ["/nowhere", "/sign-in/x", "//v1//me", "/V1/me", "/v1x"] {
            let (status, kind, body) = get(path, Some(BROWSER));
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(kind, "text/html; charset=utf-8", "{path}");
            assert!(body.contains(r#"href="/sign-in""#), "{path}");
        }
        let others = [
            ("/nowhere", None),
            ("/nowhere", Some("*/*")),
            ("/nowhere", Some("application/json")),
            ("/v1", Some(BROWSER)),
            ("/v1/nowhere", Some(BROWSER)),
            ("/.well-known/nowhere", Some(BROWSER)),
        ];
        for (path, accept) in others {
            let (status, kind, body) = get(path, accept);
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
            assert_eq!(kind, "application/problem+json", "{path}");
            assert!(body.contains("not_found"), "{path}");
        }
    }

    #[test]
    fn the_policy_lets_the_style_in() {
        let (_, rest) = PAGE.split_once("<style>").unwrap();
        let (style, _) = rest.split_once("</style>").unwrap();
        let source = format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)));
        assert!(POLICY.contains(&source), "the style's source is {source}");
    }
}
