#![allow(clippy::unwrap_used)]

use alloc::{format, vec::Vec};

use super::*;

const NOW: UnixTime = UnixTime(1_800_000_000);

fn keys(seed: u8) -> Keys {
    let key = crate::base64url::encode(&[seed; 32]).replace('_', "/");
    Keys::parse(&format!("k1:{key}=")).unwrap()
}

fn link(purpose: Purpose) -> Link {
    let home = (
        OrganizationId::from_entropy([2; 16]),
        UserId::from_entropy([3; 16]),
    );
    Link::new(purpose, home, LinkId::from_entropy([1; 16]), None, NOW)
}

#[test]
fn a_link_opens_as_what_it_is_and_nothing_else() {
    for purpose in Purpose::ALL {
        let token = link(purpose).seal(&keys(1), [7; 12]).unwrap();
        assert!(token.len() <= 512, "{}", token.len());
        assert!(token.is_ascii() && !token.contains(['#', '&', '=', '+', '/']));
        for other in Purpose::ALL {
            let opened = Link::open(other, &keys(1), &token);
            let expect = if other == purpose {
                Ok(link(purpose))
            } else {
                Err(NotALink)
            };
            assert_eq!(opened, expect);
            let renamed = token.replacen(purpose.form().prefix, other.form().prefix, 1);
            assert_eq!(Link::open(other, &keys(1), &renamed), expect);
        }
        assert_eq!(Link::open(purpose, &keys(2), &token), Err(NotALink));
    }
}

#[test]
fn a120_no_edit_of_a_token_opens() {
    let keys = keys(1);
    let purpose = Purpose::NotMe;
    let token = link(purpose).seal(&keys, [7; 12]).unwrap();
    let check = |bytes: Vec<u8>| {
        let edited = String::from_utf8(bytes).unwrap();
        assert_eq!(
            Link::open(purpose, &keys, &edited),
            Err(NotALink),
            "{edited}"
        );
    };
    for at in 0..token.len() {
        let (before, rest) = token.as_bytes().split_at(at);
        let (byte, after) = rest.split_first().unwrap();
        for other in (0..128).filter(|other| other != byte) {
            check([before, &[other], after].concat());
        }
        check([before, after].concat());
        check([before, b"A", rest].concat());
        check(before.to_vec());
    }
    check([token.as_bytes(), b"="].concat());
    check([token.as_bytes(), token.as_bytes()].concat());
    assert_eq!(Link::open(purpose, &keys, &token), Ok(link(purpose)));
}

#[test]
fn a_link_is_over_on_the_second() {
    const MINUTE: u64 = 60;
    const DAY: u64 = 24 * 60 * MINUTE;
    let check = |purpose, asked, lasts: u64| {
        let Link {
            organization,
            user,
            id,
            ..
        } = link(purpose);
        let link = Link::new(purpose, (organization, user), id, asked, NOW);
        assert!(!link.is_over(NOW));
        assert!(!link.is_over(NOW.plus(lasts - 1)));
        assert!(link.is_over(NOW.plus(lasts)));
    };
    check(Purpose::Reset, None, 60 * MINUTE);
    check(Purpose::Reset, Some(15 * MINUTE), 15 * MINUTE);
    check(Purpose::Reset, Some(DAY), DAY);
    check(Purpose::Reset, Some(u64::MAX), DAY);
    check(Purpose::Invitation, None, DAY);
    check(Purpose::Password, None, 60 * MINUTE);
    check(Purpose::Password, Some(DAY), 60 * MINUTE);
    check(Purpose::NotMe, None, 7 * DAY);
    // Made by a clock that is ahead of this one.
    assert!(!link(Purpose::Reset).is_over(NOW.minus(60)));
    assert!(link(Purpose::Reset).is_over(NOW.minus(61)));
}
