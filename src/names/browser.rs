//! What a browser is called in lists that its owner reads.

use alloc::{borrow::ToOwned as _, format, string::String};

/// "Firefox on Windows", as far as a user agent says; a label, nothing more.
#[must_use]
pub fn browser(user_agent: &str) -> String {
    match browser_and_system(user_agent) {
        (Some(browser), Some(system)) => format!("{browser} on {system}"),
        (Some(name), None) | (None, Some(name)) => name.to_owned(),
        (None, None) => "A browser".to_owned(),
    }
}

/// The browser, and the system that it runs on, as far as a user agent says; for sentences in other
/// languages.
#[must_use]
pub fn browser_and_system(user_agent: &str) -> (Option<&'static str>, Option<&'static str>) {
    (first(BROWSERS, user_agent), first(SYSTEMS, user_agent))
}

type Marks = &'static [(&'static str, &'static str)];

fn first(marks: Marks, user_agent: &str) -> Option<&'static str> {
    let mut known = marks.iter();
    known
        .find(|(mark, _)| user_agent.contains(mark))
        .map(|(_, name)| *name)
}

/// Those that name others come before these.
const BROWSERS: Marks = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: Marks = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_have_names() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0",
                "Firefox on Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 CriOS/138.0 Mobile Safari/604",
                "Chrome on iPhone",
            ),
            (
                "Mozilla/5.0 (X11; CrOS x86_64) AppleWebKit/537 Chrome/138.0 Safari/537 Edg/138.0",
                "Edge on ChromeOS",
            ),
            ("curl/8.5", "A browser"),
        ] {
            assert_eq!(browser(agent), name);
        }
    }
}
