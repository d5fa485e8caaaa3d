//! Browsers in which a person finished a sign-in before: recognized, and remembered.

use postern::{
    ids::KnownBrowserId,
    known_browsers::{KnownBrowser, LIFE_SECONDS},
    throttle::{Lane, Network},
};

use crate::http::cookies::Cookies;
use crate::http::{
    context::{Context, Home},
    jar::{Family, Jar},
};
use crate::platform::{Fault, log};

/// Those that the browser of `jar` is known as: one for each person who signed in there.
pub fn presented(context: &Context, jar: &Jar) -> Vec<KnownBrowser> {
    let values = jar.all(Family::Browser);
    values
        .filter_map(|value| KnownBrowser::read(value, &context.settings.keys))
        .collect()
}

/// The lane for a password of the person at `home`; without one, that of a browser that is not known.
pub fn lane(context: &Context, presented: &[KnownBrowser], home: Option<Home>) -> Lane {
    let known = presented.iter().find(|browser| {
        home.is_some_and(|home| {
            (browser.organization, browser.user) == (home.organization, home.user)
        })
    });
    known.map_or_else(
        || Lane::Network(Network::of(context.origin.ip.as_deref())),
        |browser| Lane::Browser(browser.id),
    )
}

/// Has the browser that finished a sign-in remember it: in the lane it has, or in a new one. The
/// sign-in is accepted by now: a browser that cannot be remembered stays unknown, and the log says so.
pub fn remember(context: &Context, jar: &Jar, home: Home, cookies: &mut Cookies) {
    let known = jar
        .find(Family::Browser, home)
        .and_then(|value| KnownBrowser::read(value, &context.settings.keys))
        .filter(|browser| (browser.organization, browser.user) == (home.organization, home.user));
    let new = || {
        Ok(KnownBrowser {
            organization: home.organization,
            user: home.user,
            id: KnownBrowserId::from_entropy(context.entropy()?),
        })
    };
    let browser: Result<_, Fault> = known.map_or_else(new, Ok);
    match browser {
        Ok(browser) => {
            let value = browser.write(&context.settings.keys);
            jar.put(cookies, Family::Browser, home, &value, LIFE_SECONDS);
        }
        Err(why) => log(&format!("a browser of {home} is not remembered: {why}")),
    }
}
