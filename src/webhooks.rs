//! Signed requests to an application's server, as Standard Webhooks 1.0 has them: the server sees that
//! they are ours, and knows one that it has had before by its id.

use alloc::{format, string::String, vec::Vec};
use core::str::FromStr;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::time::UnixTime;

/// Bytes of a key (Standard Webhooks, "Signature scheme": between 24 and 64).
const KEY_BYTES: core::ops::RangeInclusive<usize> = 24..=64;

/// What stands before a key, so that those who find one know what it is.
const PREFIX: &str = "whsec_";

/// A symmetric key that both sides know.
#[derive(Clone)]
pub struct WebhookKey(Zeroizing<Vec<u8>>);

/// A text that is no key: `whsec_` and 24 to 64 bytes in base64.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWebhookKey;

impl FromStr for WebhookKey {
    type Err = NotAWebhookKey;

    fn from_str(text: &str) -> Result<Self, NotAWebhookKey> {
        let text = text.strip_prefix(PREFIX).ok_or(NotAWebhookKey)?;
        let key = STANDARD.decode(text).map(Zeroizing::new);
        let key = key.map_err(|_| NotAWebhookKey)?;
        if !KEY_BYTES.contains(&key.len()) {
            return Err(NotAWebhookKey);
        }
        Ok(Self(key))
    }
}

impl WebhookKey {
    /// The value of the header `webhook-signature` for the message `id`, sent at `at` with this body.
    #[must_use]
    pub fn sign(&self, id: &str, at: UnixTime, body: &str) -> String {
        let signed = Hmac::<Sha256>::new_from_slice(&self.0).map(|mut mac| {
            mac.update(format!("{id}.{}.{body}", at.0).as_bytes());
            STANDARD.encode(mac.finalize().into_bytes())
        });
        // HMAC takes keys of any length (RFC 2104 section 2).
        format!("v1,{}", signed.unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// From the verification examples of the specification's own libraries.
    const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn the_signature_is_that_of_the_reference_libraries() {
        let key: WebhookKey = KEY.parse().unwrap();
        assert_eq!(
            key.sign(
                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                UnixTime(1_614_265_330),
                r#"{"test": 2432232314}"#,
            ),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
    }

    #[test]
    fn a_key_has_its_prefix_and_24_to_64_bytes() {
        let key = |bytes: usize| format!("whsec_{}", STANDARD.encode(alloc::vec![7; bytes]));
        for (text, good) in [
            (key(24), true),
            (key(64), true),
            (key(23), false),
            (key(65), false),
            (key(32).replace("whsec_", ""), false),
            (format!("{}!", key(32)), false),
            ("whsec_".into(), false),
        ] {
            assert_eq!(text.parse::<WebhookKey>().is_ok(), good, "{text}");
        }
    }
}
