//! Authenticator data (WebAuthn L3 section 6.1): what the authenticator says it did, for whom.
//!
//! Leaves judging it to the two ceremonies.

use alloc::vec::Vec;

use super::{Aaguid, CoseKey, CredentialId, Refused, cbor::Value, cose::NotAKey};

/// Bytes of authenticator data that are read: 37, a credential id of 1023, a key of about 1040 and
/// extensions.
const BYTES: usize = 8 * 1024;

/// Section 6.1, read to the last byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthenticatorData {
    /// SHA-256 of the RP ID.
    pub rp_id_hash: [u8; 32],
    /// What was done, and what follows.
    pub flags: Flags,
    /// The signature counter; zero when the authenticator keeps none.
    pub sign_count: u32,
    /// The new credential, when `flags.at`.
    pub attested_credential_data: Option<AttestedCredentialData>,
}

/// Section 6.1, `flags`. Bits 1 and 5 are reserved and ignored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// User present.
    pub up: bool,
    /// User verified.
    pub uv: bool,
    /// Backup eligible.
    pub be: bool,
    /// Backup state.
    pub bs: bool,
    /// Attested credential data included.
    pub at: bool,
    /// Extension data included.
    pub ed: bool,
}

/// Section 6.5.1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttestedCredentialData {
    /// The make of the authenticator, as it says.
    pub aaguid: Aaguid,
    /// The credential's name.
    pub credential_id: CredentialId,
    /// The credential's public key, or why it is none that we use: step 20 of section 7.1 judges.
    pub credential_public_key: Result<CoseKey, NotAKey>,
}

impl Flags {
    fn from_byte(byte: u8) -> Self {
        let bit = |position: u8| (byte >> position) & 1 == 1;
        Self {
            up: bit(0),
            uv: bit(2),
            be: bit(3),
            bs: bit(4),
            at: bit(6),
            ed: bit(7),
        }
    }
}

impl AuthenticatorData {
    /// Reads `bytes` to the last one.
    ///
    /// # Errors
    /// [`Refused::AuthenticatorData`] when they are too short, too long, or not what the flags
    /// announce; [`Refused::CredentialId`] for one of no or more than 1023 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Refused> {
        const NOT: Refused = Refused::AuthenticatorData;
        if bytes.len() > BYTES {
            return Err(NOT);
        }
        let (rp_id_hash, rest) = bytes.split_first_chunk::<32>().ok_or(NOT)?;
        let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(NOT)?;
        let (sign_count, mut rest) = rest.split_first_chunk::<4>().ok_or(NOT)?;
        let flags = Flags::from_byte(*flags);
        let mut attested_credential_data = None;
        if flags.at {
            let (data, after) = AttestedCredentialData::read_first(rest)?;
            (attested_credential_data, rest) = (Some(data), after);
        }
        if flags.ed {
            // Section 9: a map of extension outputs. We asked for none and use none.
            let (extensions, after) = Value::read_first(rest).map_err(|_| NOT)?;
            if extensions.map().is_none() {
                return Err(NOT);
            }
            rest = after;
        }
        if !rest.is_empty() {
            return Err(NOT);
        }
        Ok(Self {
            rp_id_hash: *rp_id_hash,
            flags,
            sign_count: u32::from_be_bytes(*sign_count),
            attested_credential_data,
        })
    }
}

impl AttestedCredentialData {
    fn read_first(bytes: &[u8]) -> Result<(Self, &[u8]), Refused> {
        const NOT: Refused = Refused::AuthenticatorData;
        let (aaguid, rest) = bytes.split_first_chunk::<16>().ok_or(NOT)?;
        let (length, rest) = rest.split_first_chunk::<2>().ok_or(NOT)?;
        let (credential_id, rest) = rest
            .split_at_checked(u16::from_be_bytes(*length).into())
            .ok_or(NOT)?;
        // §7.1 step 25. Verify that the credentialId is at most 1023 bytes. Here, because the type
        // cannot hold a longer one.
        let credential_id =
            CredentialId::new(Vec::from(credential_id)).ok_or(Refused::CredentialId)?;
        let (_, after) = Value::read_first(rest).map_err(|_| NOT)?;
        let key = rest.strip_suffix(after).ok_or(NOT)?;
        let credential_public_key = CoseKey::from_bytes(key);
        Ok((
            Self {
                aaguid: Aaguid(*aaguid),
                credential_id,
                credential_public_key,
            },
            after,
        ))
    }
}
