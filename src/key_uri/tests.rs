#![allow(clippy::unwrap_used)]

use alloc::{format, string::ToString};

use super::*;

fn secret() -> TotpSecret {
    TotpSecret::from_bytes(b"12345678901234567890").unwrap()
}

fn uri(issuer: &str, account: &str) -> Result<KeyUri, NotAKeyUri> {
    KeyUri::new(issuer, account, secret(), Parameters::DEFAULT)
}

#[test]
fn names_are_bounded_in_characters_and_bytes() {
    use NotAName::TooLong;
    for (name, issuer, account) in [
        ("x".repeat(64), Ok(()), Ok(())),
        ("x".repeat(65), Err(TooLong), Ok(())),
        ("x".repeat(128), Err(TooLong), Ok(())),
        ("x".repeat(129), Err(TooLong), Err(TooLong)),
        ("é".repeat(64), Ok(()), Ok(())),
        ("é".repeat(128), Err(TooLong), Ok(())),
        ("日".repeat(42), Ok(()), Ok(())),
        ("日".repeat(43), Err(TooLong), Ok(())),
        ("日".repeat(86), Err(TooLong), Err(TooLong)),
        ("🔑".repeat(32), Ok(()), Ok(())),
        ("🔑".repeat(64), Err(TooLong), Ok(())),
        ("🔑".repeat(65), Err(TooLong), Err(TooLong)),
        ("x".repeat(10_240), Err(TooLong), Err(TooLong)),
    ] {
        assert_eq!(check_issuer(&name), issuer, "{name}");
        assert_eq!(check_account(&name), account, "{name}");
    }
}

#[test]
fn every_uri_made_fits_a_qr_code_on_a_small_screen() {
    // 15 + issuer + 1 + account + 8 + 32 + 8 + issuer
    let longest = uri(&"x".repeat(64), &"x".repeat(128)).unwrap();
    assert_eq!(longest.to_string().len(), 320);
    // é is six characters when encoded: 440 are left, 384 of them for the issuers.
    let issuer = "é".repeat(32);
    let fits = uri(&issuer, &"x".repeat(56)).unwrap();
    assert_eq!(fits.to_string().len(), KeyUri::LONGEST);
    assert_eq!(uri(&issuer, &"x".repeat(57)), Err(NotAKeyUri::TooLong));
    assert_eq!(
        uri(&"🔑".repeat(32), &"x".repeat(56)),
        Err(NotAKeyUri::TooLong)
    );
}

#[test]
fn a85_names_that_apps_would_read_differently_are_refused() {
    use NotAName::{Colon, Empty, Invisible, Space, Steam};
    for (name, why) in [
        ("", Empty),
        ("a:b", Colon),
        (":", Colon),
        ("a\nb", Invisible),
        ("a\r\nb", Invisible),
        ("a\0", Invisible),
        ("a\u{7f}", Invisible),
        ("a\u{85}b", Invisible),
        ("a\u{202e}b", Invisible),
        ("\u{2066}a", Invisible),
        ("a\u{2028}b", Invisible),
        ("\u{feff}a", Invisible),
        (" a", Space),
        ("a ", Space),
        (" ", Space),
        ("a\u{a0}", Space),
        ("\u{3000}a", Space),
    ] {
        assert_eq!(check_issuer(name), Err(why), "{name:?}");
        assert_eq!(check_account(name), Err(why), "{name:?}");
        assert_eq!(uri(name, "a"), Err(NotAKeyUri::Issuer(why)));
        assert_eq!(uri("a", name), Err(NotAKeyUri::Account(why)));
    }
    for steam in ["Steam", "steam", "STEAM"] {
        assert_eq!(check_issuer(steam), Err(Steam));
        assert_eq!(check_account(steam), Ok(()));
    }
    assert_eq!(check_issuer("Steamship Co"), Ok(()));
}

#[test]
fn only_unreserved_characters_stay_as_they_are() {
    for byte in 0x21..0x7f_u8 {
        let name = format!("a{}b", char::from(byte));
        if name.contains(':') {
            continue;
        }
        let written = uri(&name, "x").unwrap().to_string();
        let expected = if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            format!("otpauth://totp/{name}:x?")
        } else {
            format!("otpauth://totp/a%{byte:02X}b:x?")
        };
        assert!(written.starts_with(&expected), "{written}");
    }
}

#[test]
fn debugging_does_not_show_the_secret() {
    assert_eq!(
        format!("{:?}", uri("Acme", "mary").unwrap()),
        "KeyUri { issuer: \"Acme\", account: \"mary\", secret: [redacted], parameters: Parameters \
         { algorithm: Sha1, digits: Six, period: Period(30) } }"
    );
}
