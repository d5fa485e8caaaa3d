//! The audit log in the browser: verified line by line. Signatures are for WebCrypto, which every browser has.
//!
//! A crate of its own, so that only the page that verifies a log pays for it. Answers are texts of JSON, whose types
//! stand in `www/elements/audit-log.ts`.

extern crate alloc;

use alloc::{string::String, vec::Vec};

use postern::audit::{
    checkpoint::{CheckpointKey, read_note},
    verification::{Broken, Verifier},
};
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();

/// Verifies an exported log.
#[wasm_bindgen]
pub struct AuditLogVerifier {
    verifier: Option<Verifier>,
}

/// What became of some lines.
#[derive(Serialize)]
struct Pushed {
    /// Signatures that are to be verified.
    signatures: Vec<Signature>,
    /// The first thing that is wrong.
    broken: Option<Broken>,
}

/// A signature of a checkpoint.
#[derive(Serialize)]
struct Signature {
    /// What is signed.
    text: String,
    /// The key as text.
    name: String,
    /// The raw Ed25519 key.
    key: Vec<u8>,
    signature: Vec<u8>,
    /// What is wrong where the signature does not hold.
    forged: Broken,
}

#[wasm_bindgen]
impl AuditLogVerifier {
    /// Takes checkpoints by `keys` only, or by those that the file names where there are none; each of the `notes`,
    /// checkpoints that were kept elsewhere, has to be met again.
    ///
    /// # Errors
    /// An `Error` that names the text which is no key, or no checkpoint of these keys.
    #[wasm_bindgen(constructor)]
    pub fn new(keys: Vec<String>, notes: Vec<String>) -> Result<Self, JsError> {
        let keys = keys.iter().map(|text| {
            CheckpointKey::read(text).ok_or_else(|| JsError::new("not a key of checkpoints"))
        });
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let known = notes.iter().map(|note| {
            let read = read_note(note, &keys);
            read.map(|(checkpoint, _)| checkpoint)
                .ok_or_else(|| JsError::new("not a checkpoint of these keys"))
        });
        let known = known.collect::<Result<_, _>>()?;
        Ok(Self {
            verifier: Some(Verifier::new(keys, known)),
        })
    }

    /// Reads whole lines. Answers the signatures that are to be verified, and the first thing that is wrong.
    ///
    /// # Errors
    /// An `Error` after the end.
    pub fn push(&mut self, lines: &str) -> Result<String, JsError> {
        let verifier = self.verifier.as_mut().ok_or_else(ended)?;
        let mut pushed = Pushed {
            signatures: Vec::new(),
            broken: None,
        };
        for line in lines.lines() {
            match verifier.push(line) {
                Ok(None) => {}
                Ok(Some(unverified)) => pushed.signatures.push(Signature {
                    name: unverified.key.text(),
                    key: unverified.key.bytes().to_vec(),
                    text: unverified.text,
                    signature: unverified.signature,
                    forged: verifier.forged(),
                }),
                Err(broken) => {
                    pushed.broken = Some(broken);
                    break;
                }
            }
        }
        written(&pushed)
    }

    /// What was found, once all lines were read: `{"whole": …}` or `{"broken": …}`.
    ///
    /// # Errors
    /// An `Error` after the end.
    pub fn finish(&mut self) -> Result<String, JsError> {
        let verifier = self.verifier.take().ok_or_else(ended)?;
        match verifier.finish() {
            Ok(verified) => written(&Found::Whole(verified)),
            Err(broken) => written(&Found::<()>::Broken(broken)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Found<T> {
    Whole(T),
    Broken(Broken),
}

fn ended() -> JsError {
    JsError::new("this log was read to its end")
}

fn written(value: &impl Serialize) -> Result<String, JsError> {
    serde_json::to_string(value).map_err(|_| JsError::new("an answer that is not JSON"))
}
