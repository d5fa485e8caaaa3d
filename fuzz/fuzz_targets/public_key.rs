//! Whatever is read as a key is kept as it came and has a form that verifiers import.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern::passkeys::{Algorithm, CoseKey};

fuzz_target!(|data: &[u8]| {
    let Ok(key) = CoseKey::from_bytes(data) else {
        return;
    };
    assert_eq!(key.as_bytes(), data);
    let length = key.spki().len();
    match key.algorithm() {
        Algorithm::EdDsa => assert_eq!(length, 44),
        Algorithm::Es256 => assert_eq!(length, 91),
        Algorithm::Rs256 => assert!((290..=1070).contains(&length)),
    }
});
