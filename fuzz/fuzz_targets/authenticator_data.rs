//! Whatever is read as authenticator data is what its flags say, and says where each byte went.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern::passkeys::AuthenticatorData;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = AuthenticatorData::from_bytes(data) else {
        return;
    };
    assert_eq!(read.rp_id_hash, data[..32]);
    assert_eq!(read.sign_count.to_be_bytes(), data[33..37]);
    assert_eq!(read.flags.at, read.attested_credential_data.is_some());
    let Some(credential) = read.attested_credential_data else {
        assert_eq!(read.flags.ed, data.len() > 37);
        return;
    };
    let id = credential.credential_id.as_bytes();
    assert_eq!(credential.aaguid.0, data[37..53]);
    assert_eq!(id, &data[55..55 + id.len()]);
    let rest = &data[55 + id.len()..];
    if let Ok(key) = credential.credential_public_key {
        assert_eq!(key.as_bytes(), &rest[..key.as_bytes().len()]);
        assert_eq!(read.flags.ed, rest.len() > key.as_bytes().len());
    }
});
