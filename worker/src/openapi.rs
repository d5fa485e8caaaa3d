//! The OpenAPI 3.1 document, made from the table of routes.

use http::{HeaderValue, header};

use crate::{
    ROUTES,
    access::Public,
    http::route::{Access, Route, placeholder},
};

/// `GET /openapi.json`
pub async fn show(_: Public) -> ([(header::HeaderName, HeaderValue); 1], String) {
    let media = HeaderValue::from_static("application/json");
    ([(header::CONTENT_TYPE, media)], document())
}

/// The document. Paths and names are our own and need no escaping.
pub fn document() -> String {
    let mut paths: Vec<&str> = ROUTES.iter().map(|route| route.path).collect();
    paths.sort_unstable();
    paths.dedup();
    let paths: Vec<String> = paths
        .iter()
        .map(|path| {
            let routes = ROUTES.iter().filter(|route| route.path == *path);
            let operations: Vec<String> = routes.map(operation).collect();
            format!(r#""{path}":{{{}}}"#, operations.join(","))
        })
        .collect();
    format!(
        r#"{{"openapi":"3.1.0","info":{{"title":"Postern","version":"{}"}},"paths":{{{}}},"components":{COMPONENTS}}}"#,
        env!("CARGO_PKG_VERSION"),
        paths.join(",")
    )
}

fn operation(route: &Route) -> String {
    let in_path = route.path.split('/').filter_map(placeholder);
    let in_query = route.query.iter().copied();
    let parameters: Vec<String> = in_path
        .map(|name| (name, "path"))
        .chain(in_query.map(|name| (name, "query")))
        .map(|(name, place)| {
            let required = place == "path";
            format!(
                r#"{{"name":"{name}","in":"{place}","required":{required},"schema":{{"type":"string"}}}}"#
            )
        })
        .collect();
    let security = match route.access {
        Access::Public | Access::Challenge => "",
        Access::Application => r#"{"application":[]}"#,
        Access::Owner | Access::FreshOwner => r#"{"application":[]},{"session":[]}"#,
        Access::Enrolling
        | Access::Adding
        | Access::Session
        | Access::Aal2
        | Access::Fresh
        | Access::Unrestricted => r#"{"session":[]}"#,
    };
    format!(
        r#""{}":{{"parameters":[{}],"security":[{security}],"x-access":"{}","responses":{RESPONSES}}}"#,
        route.method.as_str().to_ascii_lowercase(),
        parameters.join(","),
        route.access.as_str(),
    )
}

const RESPONSES: &str = r##"{"default":{"description":"The answer, or why not.","content":{"application/json":{"schema":{"type":"object"}},"application/problem+json":{"schema":{"$ref":"#/components/schemas/Problem"}}}}}"##;

const COMPONENTS: &str = r#"{"securitySchemes":{"application":{"type":"http","scheme":"bearer","description":"An application's API key."},"session":{"type":"http","scheme":"bearer","description":"A session token, or its cookie."}},"schemas":{"Problem":{"type":"object","required":["type","title","status","code","request_id"],"properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"code":{"type":"string"},"detail":{"type":"string"},"field":{"type":"string"},"outcome":{"type":"string","enum":["unknown"]},"request_id":{"type":"string"}}}}}"#;
