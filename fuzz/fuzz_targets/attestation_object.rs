//! Whatever is read as an attestation object is one to `ciborium` too, with the same members.
#![no_main]

use ciborium::Value;
use libfuzzer_sys::fuzz_target;
use postern::passkeys::{AttestationObject, AuthenticatorData};

fuzz_target!(|data: &[u8]| {
    let Ok(object) = AttestationObject::from_bytes(data) else {
        return;
    };
    let Ok(Value::Map(members)) = ciborium::from_reader(data) else {
        panic!("not a map")
    };
    let auth_data = members
        .iter()
        .find(|(key, _)| key.as_text() == Some("authData"));
    let (_, auth_data) = auth_data.expect("authData is there");
    assert_eq!(
        auth_data.as_bytes().map(Vec::as_slice),
        Some(object.auth_data)
    );
    let _ = AuthenticatorData::from_bytes(object.auth_data);
});
