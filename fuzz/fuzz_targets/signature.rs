//! Whatever is read as an ECDSA signature is the one DER writes for these two numbers.
#![no_main]

use libfuzzer_sys::fuzz_target;
use postern::passkeys::{Algorithm, Signed};

fuzz_target!(|data: &[u8]| {
    let Some(signed) = Signed::read(Algorithm::Es256, Vec::new(), data) else {
        return;
    };
    let (r, s) = signed.signature.split_at(32);
    let body = [integer(r), integer(s)].concat();
    let length = u8::try_from(body.len()).expect("at most 70");
    assert_eq!([&[0x30, length], body.as_slice()].concat(), data);
});

fn integer(fixed: &[u8]) -> Vec<u8> {
    let zeros = fixed.iter().take_while(|byte| **byte == 0).count();
    let magnitude = &fixed[zeros..];
    let sign: &[u8] = if magnitude[0] >= 0x80 { &[0] } else { &[] };
    let length = u8::try_from(sign.len() + magnitude.len()).expect("at most 33");
    [&[2, length], sign, magnitude].concat()
}
