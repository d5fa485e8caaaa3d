//! The cookies that a browser keeps of each person who signs in there.
//!
//! People share browsers: each has cookies under names of their own, so that what one is given
//! takes nothing from another. What the cookies hold is for [`crate::sign_in::trusted_devices`] and
//! [`crate::sign_in::known_browsers`].

use postern::base64url;
use sha2::{Digest, Sha256};

use crate::http::{context::Home, cookies::Cookies, request::Request};

/// People of whom a browser keeps cookies of one family at most.
const MOST_PEOPLE: usize = 5;

/// As many but one.
const MOST_OTHERS: usize = MOST_PEOPLE - 1;

/// Characters of a name's end that stand for a person: 96 bits.
const PERSON: usize = 16;

/// What cookies are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// The browser may skip the second factor.
    Device,
    /// The person finished a sign-in here before.
    Browser,
}

impl Family {
    const fn prefix(self) -> &'static str {
        match self {
            Self::Device => "__Host-postern-device-",
            Self::Browser => "__Host-postern-browser-",
        }
    }

    fn name(self, home: Home) -> String {
        let mut hash = Sha256::new();
        hash.update(home.organization.as_bytes());
        hash.update(home.user.as_bytes());
        let mut person = base64url::encode(&hash.finalize());
        person.truncate(PERSON);
        self.prefix().to_owned() + &person
    }

    fn has(self, name: &str) -> bool {
        name.strip_prefix(self.prefix()).is_some_and(|person| {
            person.len() == PERSON
                && person
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
        })
    }
}

/// The cookies of a request that belong to people, in its order: the browser sends older ones
/// first (RFC 6265 section 5.4).
#[derive(Clone, Debug, Default)]
pub struct Jar(Vec<(String, String)>);

impl Jar {
    /// The cookies of `request`.
    pub fn of(request: &Request) -> Self {
        Self::parse(&request.header("cookie").unwrap_or_default())
    }

    fn parse(header: &str) -> Self {
        let pairs = header
            .split(';')
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| Family::Device.has(name) || Family::Browser.has(name))
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        Self(pairs.collect())
    }

    /// What this browser keeps of the person at `home`.
    pub fn find(&self, family: Family, home: Home) -> Option<&str> {
        let name = family.name(home);
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        Some(value)
    }

    /// What it keeps of each person, of at most as many as there should be.
    pub fn all(&self, family: Family) -> impl Iterator<Item = &str> {
        let pairs = self.0.iter().filter(move |(name, _)| family.has(name));
        pairs.map(|(_, value)| value.as_str()).take(MOST_PEOPLE)
    }

    /// Has the browser keep `value` of the person at `home`; with more people than there may be,
    /// it forgets the people it has known longest.
    pub fn put(
        &self,
        cookies: &mut Cookies,
        family: Family,
        home: Home,
        value: &str,
        seconds: u64,
    ) {
        let name = family.name(home);
        let mut others: Vec<&str> = Vec::new();
        for (known, _) in &self.0 {
            if family.has(known) && *known != name && !others.contains(&known.as_str()) {
                others.push(known);
            }
        }
        // One place is the new one's.
        let too_many = others.len().saturating_sub(MOST_OTHERS);
        for other in others.iter().take(too_many) {
            cookies.set(other, "", 0);
        }
        cookies.set(&name, value, seconds);
    }

    /// Has the browser forget the person at `home`.
    pub fn remove(cookies: &mut Cookies, family: Family, home: Home) {
        cookies.set(&family.name(home), "", 0);
    }
}

#[cfg(test)]
mod tests {
    use axum::response::IntoResponse as _;
    use http::StatusCode;
    use postern::ids::{OrganizationId, UserId};

    use super::*;

    fn home(user: u8) -> Home {
        Home {
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([user; 16]),
        }
    }

    /// The cookies of so many people, one after another.
    fn of(people: &[u8]) -> Jar {
        let pairs = people
            .iter()
            .map(|person| format!("{}=v{person}", Family::Device.name(home(*person))));
        Jar::parse(&pairs.collect::<Vec<_>>().join("; "))
    }

    fn set(jar: &Jar, person: u8) -> Vec<String> {
        let mut cookies = Cookies::default();
        jar.put(&mut cookies, Family::Device, home(person), "new", 60);
        let response = (cookies, StatusCode::OK).into_response();
        let lines = response.headers().get_all("set-cookie").iter();
        let pairs = lines.map(|line| {
            let line = line.to_str().unwrap_or_default();
            line.split("; Secure").next().unwrap_or_default().to_owned()
        });
        pairs.collect()
    }

    #[test]
    fn a136_each_person_has_a_name_of_their_own() {
        let jar = of(&[1, 2]);
        assert_eq!(jar.find(Family::Device, home(1)), Some("v1"));
        assert_eq!(jar.find(Family::Device, home(2)), Some("v2"));
        assert_eq!(jar.find(Family::Device, home(3)), None);
        assert_eq!(jar.find(Family::Browser, home(1)), None);
        let elsewhere = Home {
            organization: OrganizationId::from_entropy([2; 16]),
            ..home(1)
        };
        assert_eq!(jar.find(Family::Device, elsewhere), None);
    }

    #[test]
    fn a136_a_sixth_replaces_the_oldest_and_a_fifth_or_known_one_none() {
        let name = |person| Family::Device.name(home(person));
        let gone = |person| format!("{}=; Path=/; Max-Age=0", name(person));
        let kept = |person| format!("{}=new; Path=/; Max-Age=60", name(person));
        assert_eq!(set(&of(&[1, 2, 3, 4]), 5), [kept(5)]);
        assert_eq!(set(&of(&[1, 2, 3, 4, 5]), 1), [kept(1)]);
        assert_eq!(set(&of(&[1, 2, 3, 4, 5]), 6), [gone(1), kept(6)]);
        assert_eq!(
            set(&of(&[1, 1, 2, 3, 4, 5, 7]), 6),
            [gone(1), gone(2), kept(6)]
        );
    }

    #[test]
    fn only_our_own_names_are_read() {
        let long = "A".repeat(17);
        for name in [
            "__Host-postern-device-",
            "__Host-postern-device-short",
            "__Host-postern-device-AAAAAAAAAAAAAAA,",
            "__Host-postern-session",
            "postern-device-AAAAAAAAAAAAAAAA",
            &format!("__Host-postern-device-{long}"),
        ] {
            assert_eq!(Jar::parse(&format!("{name}=x")).0.len(), 0, "{name}");
        }
        let mine = Family::Device.name(home(1));
        let jar = Jar::parse(&format!("a=b;{mine}=x;c"));
        assert_eq!(jar.all(Family::Device).collect::<Vec<_>>(), ["x"]);
    }

    /// Five people, two cookies each, beside a session: well under the 8 KiB that servers take.
    #[test]
    fn the_cookies_of_five_people_fit_in_a_header() {
        let value = "v".repeat(160);
        let lines = (0..5).flat_map(|person| {
            let value = &value;
            [Family::Device, Family::Browser]
                .map(|family| format!("{}={value}", family.name(home(person))))
        });
        assert!(lines.collect::<Vec<_>>().join("; ").len() < 2200);
    }
}
