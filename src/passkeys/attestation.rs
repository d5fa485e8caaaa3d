//! Attestation object and statement (WebAuthn L3 sections 6.5 and 8).
//!
//! Leaves certificate chains unread: no attestation is asked for, and a
//! registration without one is accepted (SP 800-63B-4 section 4.1.3). What is done with each
//! format:
//!
//! | `fmt` | handling |
//! | --- | --- |
//! | `none` | the statement must be the empty map (section 8.7) |
//! | `packed` without `x5c` | self attestation: `alg` must be the key's, the signature must hold (section 8.2) |
//! | the other registered ones, `packed` with `x5c` | the statement must be a well-formed map; what it claims is not judged, so it counts as `none` |
//! | not registered | refused (§7.1 step 21) |

use alloc::vec::Vec;

use super::{
    Refused,
    cbor::{Map, Value},
};

/// Bytes of an attestation object that are read; those seen in the field have up to 8,572.
const BYTES: usize = 64 * 1024;

/// Section 6.5.4: one CBOR map of three.
#[derive(Clone, Debug, PartialEq)]
pub struct AttestationObject<'a> {
    /// How the authenticator vouches for the key.
    pub statement: AttestationStatement<'a>,
    /// The authenticator data, not yet parsed: signatures are over these bytes.
    pub auth_data: &'a [u8],
}

/// `fmt` and `attStmt`, as far as they are judged.
#[derive(Clone, Debug, PartialEq)]
pub enum AttestationStatement<'a> {
    /// `none`.
    None,
    /// `packed` with self attestation: the credential key signs itself.
    PackedSelf {
        /// `COSEAlgorithmIdentifier` of the signature.
        alg: i128,
        /// The signature over authenticator data and client data hash.
        sig: &'a [u8],
    },
    /// A registered format whose statement was not asked for.
    NotJudged,
}

impl<'a> AttestationObject<'a> {
    /// Reads `bytes` as one attestation object.
    ///
    /// # Errors
    /// [`Refused::Malformed`] when they are not canonical CBOR or not the three members;
    /// [`Refused::AttestationFormat`] and [`Refused::AttestationStatement`].
    pub fn from_bytes(bytes: &'a [u8]) -> Result<Self, Refused> {
        const NOT: Refused = Refused::Malformed("attestationObject");
        if bytes.len() > BYTES {
            return Err(NOT);
        }
        let object = Value::read(bytes).map_err(|_| NOT)?;
        let object = object.map().ok_or(NOT)?;
        let fmt = object.named("fmt").and_then(Value::text).ok_or(NOT)?;
        let statement = object.named("attStmt").and_then(Value::map).ok_or(NOT)?;
        let auth_data = object.named("authData").and_then(Value::bytes).ok_or(NOT)?;
        Ok(Self {
            statement: AttestationStatement::read(fmt, statement)?,
            auth_data,
        })
    }
}

impl<'a> AttestationStatement<'a> {
    fn read(fmt: &str, statement: &Map<'a>) -> Result<Self, Refused> {
        // §7.1 step 21. Determine the attestation statement format by a case-sensitive match on fmt
        // against the supported identifiers, here those of the IANA registry (RFC 8809) but
        // `compound`, whose statement is no map and which no authenticator sends unasked.
        match fmt {
            "none" if statement.is_empty() => Ok(Self::None),
            "none" => Err(Refused::AttestationStatement),
            "packed" if statement.named("x5c").is_none() => {
                let alg = statement.named("alg").and_then(Value::integer);
                let sig = statement.named("sig").and_then(Value::bytes);
                match (alg, sig) {
                    (Some(alg), Some(sig)) => Ok(Self::PackedSelf { alg, sig }),
                    _ => Err(Refused::AttestationStatement),
                }
            }
            "packed" | "tpm" | "android-key" | "android-safetynet" | "fido-u2f" | "apple" => {
                Ok(Self::NotJudged)
            }
            _ => Err(Refused::AttestationFormat),
        }
    }
}

/// What an assertion and a packed self attestation sign: authenticator data ‖ client data hash.
pub(super) fn signed_message(auth_data: &[u8], client_data_hash: &[u8; 32]) -> Vec<u8> {
    [auth_data, client_data_hash].concat()
}
