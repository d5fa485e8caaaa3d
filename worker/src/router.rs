//! Which route a request means: its method and path against the table, segment by segment.
//!
//! A path has one spelling. Nothing is normalized and only values are decoded, so a trailing slash,
//! upper case, `//` or `%2e` name something else, which is nothing. What a route then asks of its
//! caller is for [`crate::call`].

use percent_encoding::percent_decode_str;

use crate::Route;

/// What was found for a method and a path.
pub enum Found {
    /// A route, and the values of its placeholders in order, decoded.
    Route(&'static Route, Vec<String>),
    /// The path with other methods, as an `Allow` header lists them (RFC 9110 section 10.2.1).
    OtherMethods(String),
    /// Nothing at this path.
    Nothing,
}

/// Finds the route of `method` and `path` in `routes`.
pub fn find(routes: &'static [Route], method: &str, path: &str) -> Found {
    let mut others = Vec::new();
    for route in routes {
        match values(route.path, path) {
            Some(values) if route.method == method => return Found::Route(route, values),
            Some(_) => others.push(route.method),
            None => {}
        }
    }
    if others.is_empty() {
        Found::Nothing
    } else {
        Found::OtherMethods(others.join(", "))
    }
}

/// Path and query of a URL as the platform writes it: absolute, in ASCII.
pub fn target(url: &str) -> (String, String) {
    // Scheme, nothing, host, and the rest.
    let rest = url.splitn(4, '/').nth(3).unwrap_or_default();
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    (format!("/{path}"), query.to_owned())
}

/// The name of a pattern's segment that stands for any one segment.
pub fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The values of the placeholders of `pattern` in `path`, if it matches.
fn values(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut values = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(values),
            (Some(wanted), Some(given)) if placeholder(wanted).is_some() => {
                values.push(value(given)?);
            }
            (Some(wanted), Some(given)) if wanted == given => {}
            _ => return None,
        }
    }
}

/// A segment that is empty, or no UTF-8 once decoded, has no value.
fn value(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    (!decoded.is_empty()).then(|| decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ROUTES;

    #[track_caller]
    fn check(method: &str, path: &str, expect: &str) {
        let found = match find(ROUTES, method, path) {
            Found::Route(route, values) => format!("{} {values:?}", route.path),
            Found::OtherMethods(methods) => format!("405 {methods}"),
            Found::Nothing => "404".to_owned(),
        };
        assert_eq!(found, expect, "{method} {path}");
    }

    #[test]
    fn a_route_has_its_method_and_its_values() {
        check("GET", "/healthz", "/healthz []");
        check(
            "GET",
            "/v1/organizations/acme",
            r#"/v1/organizations/{org} ["acme"]"#,
        );
        check(
            "PUT",
            "/v1/organizations/acme/users/ann%40acme.test",
            r#"/v1/organizations/{org}/users/{user} ["acme", "ann@acme.test"]"#,
        );
        check("DELETE", "/v1/me/sessions", "/v1/me/sessions []");
    }

    #[test]
    fn values_are_decoded_once() {
        let of = |user: &str| format!("/v1/organizations/acme/users/{user}");
        let with =
            |user: &str| format!(r#"/v1/organizations/{{org}}/users/{{user}} ["acme", {user:?}]"#);
        check("GET", &of("a%2Fb"), &with("a/b"));
        check("GET", &of("%2e%2e"), &with(".."));
        check("GET", &of("a%2540b"), &with("a%40b"));
        check("GET", &of("a+b"), &with("a+b"));
        check("GET", &of("%zz"), &with("%zz"));
        check("GET", &of("%C3%A4"), &with("ä"));
        check("GET", &of("%C3"), "404");
        check("GET", &of("%FF"), "404");
        check("GET", &of(""), "404");
    }

    #[test]
    fn another_spelling_is_another_path() {
        for path in [
            "",
            "/",
            "healthz",
            "/healthz/",
            "//healthz",
            "/HEALTHZ",
            "/health%7a",
            "/v1",
            "/v1/",
            "/v1/me/",
            "/v1//me",
            "//v1/me",
            "/v1/ME",
            "/v1/%6de",
            "/v1/./me",
            "/v1/%2e/me",
            "/v1/x/../me",
            "/v1/me;x=1",
            "/v1/me.json",
            "/v1/me%20",
            "/v1/me%00",
            "/v1/organizations/acme/",
            "/v1/organizations//users",
            "/v1/organizations/a/b",
        ] {
            check("GET", path, "404");
        }
    }

    #[test]
    fn a_path_has_the_methods_of_the_table_and_no_others() {
        check("POST", "/v1/organizations/acme", "405 PUT, GET");
        for method in [
            "HEAD", "OPTIONS", "TRACE", "PATCH", "QUERY", "get", "", "GET ",
        ] {
            check(method, "/v1/session", "405 GET, DELETE");
            check(method, "/v1/nothing", "404");
        }
    }

    #[test]
    fn every_route_is_found_where_it_says_and_is_the_only_one_there() {
        for route in ROUTES {
            let path = route.path.replace(['{', '}'], "");
            let matching = ROUTES.iter().filter(|other| {
                other.method == route.method && values(other.path, &path).is_some()
            });
            assert_eq!(matching.count(), 1, "{} {}", route.method, route.path);
        }
    }

    #[test]
    fn a_url_is_split_before_its_path_and_its_query() {
        #[track_caller]
        fn check(url: &str, path: &str, query: &str) {
            assert_eq!(target(url), (path.to_owned(), query.to_owned()), "{url}");
        }
        check("http://localhost:8787/healthz", "/healthz", "");
        check(
            "https://a.test/v1/x?limit=1&cursor=a/b",
            "/v1/x",
            "limit=1&cursor=a/b",
        );
        check("https://a.test//v1//x/", "//v1//x/", "");
        check("https://a.test/?", "/", "");
        check("https://a.test/a%3Fb??", "/a%3Fb", "?");
        check("https://a.test", "/", "");
    }
}
