//! Cookies of a development server, which is reached at `http://localhost`.
//!
//! WebKit keeps no `Secure` cookie there, so ours have names without `__Host-` and lack that attribute, where all of
//! our origins are such. Everything behind the router knows one name only.

use http::{HeaderMap, HeaderValue, header};

/// How the names of our cookies begin.
pub const COOKIES: &str = "__Host-postern-";

/// As they are named here.
const HERE: &str = "postern-";

/// Gives the cookies of a request the names that they have elsewhere.
pub fn read(headers: &mut HeaderMap) {
    let pairs: Vec<String> = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|pair| !pair.starts_with(COOKIES))
        .map(|pair| match pair.strip_prefix(HERE) {
            Some(rest) => format!("{COOKIES}{rest}"),
            None => pair.to_owned(),
        })
        .collect();
    headers.remove(header::COOKIE);
    if let Ok(value) = HeaderValue::try_from(pairs.join("; "))
        && !pairs.is_empty()
    {
        headers.insert(header::COOKIE, value);
    }
}

/// Gives the cookies of an answer the names that they have here.
pub fn write(headers: &mut HeaderMap) {
    let cookies: Vec<HeaderValue> = headers
        .get_all(header::SET_COOKIE)
        .iter()
        .filter_map(|value| {
            let rest = value.to_str().ok()?.strip_prefix(COOKIES)?;
            HeaderValue::try_from(format!("{HERE}{}", rest.replace("; Secure", ""))).ok()
        })
        .collect();
    headers.remove(header::SET_COOKIE);
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_attributes_are_those_of_localhost() {
        let mut headers = HeaderMap::new();
        let set = "__Host-postern-session=a; Path=/; Max-Age=9; Secure; HttpOnly; SameSite=Lax";
        headers.append(header::SET_COOKIE, HeaderValue::from_static(set));
        write(&mut headers);
        let set = "postern-session=a; Path=/; Max-Age=9; HttpOnly; SameSite=Lax";
        let value = headers.get(header::SET_COOKIE);
        assert_eq!(value, Some(&HeaderValue::from_static(set)));
        let sent = "other=1; postern-session=a; __Host-postern-session=old";
        headers.insert(header::COOKIE, HeaderValue::from_static(sent));
        read(&mut headers);
        let sent = "other=1; __Host-postern-session=a";
        let value = headers.get(header::COOKIE);
        assert_eq!(value, Some(&HeaderValue::from_static(sent)));
    }
}
