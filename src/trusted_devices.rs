//! A browser that may skip the second factor until a fixed day.
//!
//! Whether a device is the one it says is for the settlement; where trust is offered and where it
//! is beaten is for [`crate::policy`].

use alloc::string::String;

use crate::{
    base64url,
    sealing::Keys,
    secret::Secret,
    tokens::{Kind, Token},
};

/// Seconds in which a rotated token still gets the answer of the first use: a repeated request.
pub const REPEAT_SECONDS: u64 = 60;

/// Trusted devices per user at most (DESIGN: caps).
pub const MAX_TRUSTED_DEVICES: u32 = 50;

/// Seconds in a day of trust.
pub const DAY_SECONDS: u64 = 86_400;

/// Writes a device's token: the token, a dot, and our mark on it. An old token of ours is a sign
/// that somebody copied it; a made-up one is nothing, and the mark tells them apart.
#[must_use]
pub fn write(token: &Token, keys: &Keys) -> Option<String> {
    let text = token.write();
    let mark = base64url::encode(keys.mark(text.as_bytes())?.expose());
    Some(alloc::format!("{text}.{mark}"))
}

/// Reads a device's token; `None` for everything that [`write`] did not make.
#[must_use]
pub fn read(text: &str, keys: &Keys) -> Option<Token> {
    let (text, mark) = text.split_once('.')?;
    let presented = base64url::decode_array(mark).map(Secret::new)?;
    let ours = keys.mark(text.as_bytes())? == presented;
    Token::parse(Kind::TrustedDevice, text).filter(|_| ours)
}

/// The token after `token`: derived under our own key, so that a repeat gets the same one and
/// someone who holds only the old one cannot make it.
#[must_use]
pub fn next(token: &Token, keys: &Keys) -> Option<Token> {
    let secret: Secret<32> = keys.successor(token.secret.expose())?;
    Some(Token {
        secret,
        ..token.clone()
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::ids::{OrganizationId, UserId};

    #[test]
    fn a113_a_made_up_token_is_no_token() {
        let keys = Keys::parse("k1:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=").unwrap();
        let token = Token {
            kind: Kind::TrustedDevice,
            organization: OrganizationId::from_entropy([1; 16]),
            user: UserId::from_entropy([2; 16]),
            row: [3; 16],
            secret: Secret::new([4; 32]),
        };
        let text = write(&token, &keys).unwrap();
        assert_eq!(read(&text, &keys).unwrap().row, [3; 16]);
        let (body, mark) = text.split_once('.').unwrap();
        let other = Token {
            secret: Secret::new([5; 32]),
            ..token.clone()
        };
        let swapped = alloc::format!("{}.{mark}", other.write());
        for bad in [body, mark, "", ".", &swapped, &text.to_uppercase()] {
            assert!(read(bad, &keys).is_none(), "{bad}");
        }
        let followed = next(&token, &keys).unwrap();
        assert!(followed.secret != token.secret);
        assert_eq!(
            next(&token, &keys).unwrap().hash(),
            followed.hash(),
            "a repeat gets the same"
        );
    }
}
