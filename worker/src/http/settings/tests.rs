#![allow(clippy::indexing_slicing, clippy::unwrap_used)]
use super::*;

fn right() -> Texts {
    let text = |text: &str| Some(text.to_owned());
    Texts {
        keys: text("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE="),
        api_key: text("0123456789abcdef0123456789abcdef"),
        set_up_code: text("0123456789-abcdef_0123456789ABCDEF"),
        origins: text("https://login.example.com https://example.com:8443"),
        rp_id: text("example.com"),
        surfaces: text("control_panel client_app"),
        ..Texts::default()
    }
}

/// The names of what is wrong when `change` is made to settings that are right.
#[track_caller]
fn check(expect: &[&str], change: impl FnOnce(&mut Texts)) {
    let mut texts = right();
    change(&mut texts);
    let wrong = Settings::read(&texts).err().unwrap_or_default();
    let names: Vec<_> = wrong.iter().map(|wrong| wrong.setting).collect();
    assert_eq!(names, expect, "{wrong:?}");
}

#[test]
fn settings_that_are_right() {
    let settings = Settings::read(&right()).ok().unwrap();
    assert_eq!(
        settings.origins,
        ["https://login.example.com", "https://example.com:8443"]
    );
    assert_eq!(settings.rp_id, "example.com");
    assert_eq!(settings.surfaces.len(), 2);
    assert_eq!(settings.keys.writer().id(), "k1");
    assert!(settings.is_api_key("0123456789abcdef0123456789abcdef"));
    for other in [
        "",
        "0123456789abcdef0123456789abcde",
        "0123456789ABCDEF0123456789abcdef",
    ] {
        assert!(!settings.is_api_key(other), "{other}");
    }
    for (origins, rp_id) in [
        ("http://localhost:8787", "localhost"),
        ("http://localhost", "localhost"),
        ("http://app.localhost:1", "app.localhost"),
        ("https://login.example.com", "login.example.com"),
        ("https://xn--mnchen-3ya.example", "xn--mnchen-3ya.example"),
        (
            "  https://a.example.com\n https://b.example.com ",
            "example.com",
        ),
    ] {
        check(&[], |texts| {
            texts.origins = Some(origins.to_owned());
            texts.rp_id = Some(rp_id.to_owned());
        });
    }
    check(&[], |texts| texts.surfaces = None);
    assert!(settings.is_set_up_code("0123456789-abcdef_0123456789ABCDEF"));
    for other in [
        "",
        "0123456789-abcdef_0123456789ABCDE",
        "0123456789abcdef0123456789abcdef",
    ] {
        assert!(!settings.is_set_up_code(other), "{other}");
    }
    // Set-up is closed without a code, and then nothing is one.
    let closed = Settings::read(&Texts {
        set_up_code: None,
        ..right()
    });
    assert!(!closed.ok().unwrap().is_set_up_code(""));
}

#[test]
fn a134_origins_that_no_browser_sends() {
    for origins in [
        "",
        "https://login.example.com/",
        "https://login.example.com, https://example.com",
        "https://login.example.com,https://example.com",
        "https://Login.example.com",
        "HTTPS://login.example.com",
        "https://login.example.com:443",
        "https://login.example.com:08443",
        "https://login.example.com/app",
        "https://login.example.com?",
        "https://login.example.com#x",
        "https://ann@login.example.com",
        "https://login.example.com.",
        "https://login_1.example.com",
        "https://münchen.example.com",
        "login.example.com",
        "//login.example.com",
        "https:login.example.com",
        "https:///login.example.com",
        "http://login.example.com",
        "ws://localhost",
        "file:///login.example.com",
        "null",
        "*",
        "https://*.example.com",
        "\"https://login.example.com\"",
        "https://127.0.0.1",
        "http://127.0.0.1:8787",
        "http://[::1]:8787",
        "https://login.example.com https://login.example.com",
        "https://login.example.com https://example.com:8443 https://login.example.com",
    ] {
        check(&["ORIGINS"], |texts| {
            texts.origins = Some(origins.to_owned())
        });
    }
    let texts = Texts {
        origins: Some("https://login.example.com https://example.com/".to_owned()),
        ..right()
    };
    let wrong = Settings::read(&texts).err().unwrap();
    assert!(wrong[0].expected.contains("number 2"), "{wrong:?}");
}

#[test]
fn a134_a_relying_party_id_that_no_passkey_has() {
    for rp_id in [
        "",
        "example.com:8443",
        "https://example.com",
        "example.com/",
        ".example.com",
        "example.com.",
        "Example.com",
        " example.com",
        "com",
        "other.com",
        "notexample.com",
        "ple.com",
        "login.example.com",
        "a.login.example.com",
        "127.0.0.1",
    ] {
        check(&["RP_ID"], |texts| texts.rp_id = Some(rp_id.to_owned()));
    }
}

#[test]
fn a134_keys_and_surfaces_that_are_none() {
    check(&["POSTERN_KEYS"], |texts| texts.keys = None);
    check(&["POSTERN_KEYS"], |texts| {
        texts.keys = Some("k1:AQEB".to_owned())
    });
    check(&["POSTERN_API_KEY"], |texts| texts.api_key = None);
    for key in [
        "0123456789abcdef0123456789abcde",
        &" ".repeat(40),
        &"ä".repeat(40),
    ] {
        check(&["POSTERN_API_KEY"], |texts| {
            texts.api_key = Some(key.to_owned())
        });
    }
    for code in [
        "0123456789abcdef0123456789abcde",
        // The application's key is no code of the operator's.
        "0123456789abcdef0123456789abcdef",
        &" ".repeat(40),
        &"ä".repeat(40),
        &"#".repeat(40),
    ] {
        check(&["POSTERN_SETUP_CODE"], |texts| {
            texts.set_up_code = Some(code.to_owned())
        });
    }
    for surfaces in ["control_panel, client_app", "Control panel!", "panel panel"] {
        check(&["SURFACES"], |texts| {
            texts.surfaces = Some(surfaces.to_owned())
        });
    }
}

#[test]
fn a134_everything_that_is_wrong_is_named_and_nothing_is_shown() {
    let secret = "hunter2-hunter2-hunter2 hunter2";
    let all = Some(secret.to_owned());
    let texts = Texts {
        keys: all.clone(),
        api_key: all.clone(),
        set_up_code: all.clone(),
        origins: all.clone(),
        rp_id: all.clone(),
        surfaces: Some("?hunter2".to_owned()),
        mail_from: all.clone(),
        mail_webhook: all.clone(),
        webhook_key: all.clone(),
    };
    let wrong = Settings::read(&texts).err().unwrap();
    let names: Vec<_> = wrong.iter().map(|wrong| wrong.setting).collect();
    assert_eq!(
        names,
        [
            "POSTERN_KEYS",
            "POSTERN_API_KEY",
            "POSTERN_SETUP_CODE",
            "ORIGINS",
            "RP_ID",
            "SURFACES",
            "MAIL_FROM",
            "MAIL_WEBHOOK",
            "POSTERN_WEBHOOK_KEY",
            "MAIL_FROM"
        ]
    );
    assert!(!format!("{wrong:?}").contains("hunter2"));
    let none = Settings::read(&Texts::default()).err().unwrap();
    assert_eq!(none.len(), 4);
}

const WEBHOOK_KEY: &str = "whsec_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

/// Settings by which mail goes to `url`; those of a developer's machine where it is `local`.
fn to_webhook(texts: &mut Texts, url: &str, local: bool) {
    texts.mail_webhook = Some(url.to_owned());
    texts.webhook_key = Some(WEBHOOK_KEY.to_owned());
    if local {
        texts.origins = Some("http://localhost:8787".to_owned());
        texts.rp_id = Some("localhost".to_owned());
    }
}

#[test]
fn mail_leaves_one_way_and_never_into_a_private_network() {
    check(&[], |texts| {
        texts.mail_from = Some("mfa@example.com".to_owned())
    });
    check(&["MAIL_FROM"], |texts| {
        texts.mail_from = Some("mfa@example.com\r\nBcc: eve@example.com".to_owned());
    });
    check(&["POSTERN_WEBHOOK_KEY"], |texts| {
        texts.webhook_key = Some(WEBHOOK_KEY.to_owned());
    });
    check(&["POSTERN_WEBHOOK_KEY"], |texts| {
        texts.mail_webhook = Some("https://app.example.com/mail".to_owned());
    });
    check(&["POSTERN_WEBHOOK_KEY"], |texts| {
        to_webhook(texts, "https://app.example.com/mail", false);
        texts.webhook_key = Some("whsec_c2hvcnQ=".to_owned());
    });
    check(&["MAIL_FROM"], |texts| {
        to_webhook(texts, "https://app.example.com/mail", false);
        texts.mail_from = Some("mfa@example.com".to_owned());
    });
    for url in [
        "https://app.example.com/mail",
        "https://app.example.com:8443/mail?from=postern",
    ] {
        check(&[], |texts| to_webhook(texts, url, false));
    }
    for url in [
        "http://app.example.com/mail",
        "http://localhost:9000/mail",
        "https://localhost/mail",
        "https://127.0.0.1/mail",
        "https://10.1.2.3/mail",
        "https://169.254.169.254/latest",
        "https://0x7f000001/mail",
        "https://2130706433/mail",
        "https://[::1]/mail",
        "https://[fd00::1]/mail",
        "https://printer.local/mail",
        "https://db.internal/mail",
        "https://intranet/mail",
        "https://user:secret@app.example.com/mail",
        "https://app.example.com/mail#fragment",
        "https://app.example.com /mail",
        "ftp://app.example.com/mail",
        "app.example.com/mail",
    ] {
        check(&["MAIL_WEBHOOK"], |texts| to_webhook(texts, url, false));
    }
    check(&[], |texts| {
        to_webhook(texts, "http://localhost:9000/mail", true)
    });
    check(&["MAIL_WEBHOOK"], |texts| {
        to_webhook(texts, "http://127.0.0.1:9000/mail", true);
    });
}
