//! Whatever is read as client data says the same to `serde_json` as a whole.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern::passkeys::CollectedClientData;

fuzz_target!(|data: &[u8]| {
    let Ok(read) = CollectedClientData::from_bytes(data) else {
        return;
    };
    let data = data.strip_prefix(b"\xef\xbb\xbf").unwrap_or(data);
    let whole: serde_json::Value = match serde_json::from_slice(data) {
        Ok(whole) => whole,
        // A member nobody reads may hold what only a full reader looks at, such as a number too
        // large for any type.
        Err(_) => return,
    };
    let text = |name: &str| {
        whole
            .get(name)
            .map_or("", |value| value.as_str().expect("a text"))
    };
    assert!(whole.is_object());
    assert_eq!(read.r#type, text("type"));
    assert_eq!(read.challenge, text("challenge"));
    assert_eq!(read.origin, text("origin"));
    assert_eq!(
        read.cross_origin,
        whole.get("crossOrigin").is_some_and(|value| value != false)
    );
    assert_eq!(read.has_top_origin, whole.get("topOrigin").is_some());
});
