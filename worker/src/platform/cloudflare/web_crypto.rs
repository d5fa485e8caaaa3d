//! The platform's cryptography: signatures of passkeys checked, assurance tokens signed.
//!
//! What is checked, and what its answer means, is for the rooms.

use std::cell::RefCell;

use async_trait::async_trait;
use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use postern::{
    passkeys::{Algorithm, CoseKey, Signed, ToVerify},
    secret::Secret,
};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto, WorkerGlobalScope};

use worker::send::IntoSendFuture as _;

use super::fault;
use crate::{platform::Fault, platform::Signatures};

/// WebCrypto.
pub struct WebCrypto;

#[async_trait]
impl Signatures for WebCrypto {
    async fn verifies(&self, question: &ToVerify) -> bool {
        holds(question.key(), question.signed()).into_send().await
    }

    async fn verify_decoy(&self) {
        ask(Algorithm::Es256, RFC_6979_KEY, Some((&[1; 64], &[0; 69])))
            .into_send()
            .await;
    }

    async fn prepare(&self, seed: &Secret<32>) {
        // What is wrong with it is found when something is signed.
        let _ = signing_key(seed).into_send().await;
    }

    async fn sign(&self, seed: &Secret<32>, message: &[u8]) -> Result<Vec<u8>, Fault> {
        let signed = async {
            let key = signing_key(seed).await?;
            let signature = subtle()?.sign_with_str_and_u8_array("Ed25519", &key, message)?;
            Ok(Uint8Array::new(&JsFuture::from(signature).await?).to_vec())
        };
        signed.into_send().await.map_err(fault)
    }

    async fn public_key(&self, seed: &Secret<32>) -> Result<String, Fault> {
        let exported = async {
            let key = signing_key(seed).await?;
            let jwk = JsFuture::from(subtle()?.export_key("jwk", &key)?).await?;
            Reflect::get(&jwk, &"x".into())?
                .as_string()
                .ok_or(JsValue::NULL)
        };
        exported.into_send().await.map_err(fault)
    }
}

/// Whether the platform takes `key`, and the signature if there is one holds.
pub async fn holds(key: &CoseKey, signed: Option<&Signed>) -> bool {
    let signed = signed.map(|signed| (&*signed.signature, &*signed.message));
    ask(key.algorithm(), key.spki(), signed).await
}

/// `signed`: a signature and its message. A key that the platform does not take, such as a point
/// beside its curve, holds nothing.
async fn ask(algorithm: Algorithm, spki: &[u8], signed: Option<(&[u8], &[u8])>) -> bool {
    let (signature, message) = signed.unzip();
    let promise = js_holds(algorithm.identifier(), spki, signature, message);
    JsFuture::from(promise).await == Ok(JsValue::TRUE)
}

#[wasm_bindgen(module = "/src/platform/cloudflare/web_crypto.js")]
extern "C" {
    #[wasm_bindgen(js_name = holds)]
    fn js_holds(
        identifier: i16,
        spki: &[u8],
        signature: Option<&[u8]>,
        message: Option<&[u8]>,
    ) -> Promise;
}

/// The key of `seed`, imported once an isolate.
async fn signing_key(seed: &Secret<32>) -> Result<CryptoKey, JsValue> {
    let kept = KEYS.with_borrow(|keys| {
        let mut keys = keys.iter();
        let found = keys.find(|(of, _)| of == seed);
        found.map(|(_, key)| key.clone())
    });
    if let Some(key) = kept {
        return Ok(key);
    }
    let key = import_private(seed).await?;
    KEYS.with_borrow_mut(|keys| keys.push((seed.clone(), key.clone())));
    Ok(key)
}

thread_local! {
    /// As many as there are root keys.
    static KEYS: RefCell<Vec<(Secret<32>, CryptoKey)>> = const { RefCell::new(Vec::new()) };
}

async fn import_private(seed: &Secret<32>) -> Result<CryptoKey, JsValue> {
    // PrivateKeyInfo (RFC 8410 section 7) in front of the 32 bytes of the seed.
    let mut der = vec![
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ];
    der.extend_from_slice(seed.expose());
    let bytes: Object = Uint8Array::from(der.as_slice()).into();
    let usages = Array::of1(&"sign".into());
    let imported: Promise =
        subtle()?.import_key_with_str("pkcs8", &bytes, "Ed25519", true, &usages)?;
    JsFuture::from(imported).await?.dyn_into()
}

fn subtle() -> Result<SubtleCrypto, JsValue> {
    let scope: WorkerGlobalScope = js_sys::global().unchecked_into();
    Ok(scope.crypto()?.subtle())
}

/// The P-256 key of RFC 6979 appendix A.2.5, as `SubjectPublicKeyInfo`.
const RFC_6979_KEY: &[u8] = b"\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07\x03\x42\x00\x04\x60\xfe\xd4\xba\x25\x5a\x9d\x31\xc9\x61\xeb\x74\xc6\x35\x6d\x68\xc0\x49\xb8\x92\x3b\x61\xfa\x6c\xe6\x69\x62\x2e\x60\xf2\x9f\xb6\x79\x03\xfe\x10\x08\xb8\xbc\x99\xa4\x1a\xe9\xe9\x56\x28\xbc\x64\xf2\xf1\xb2\x0c\x2d\x7e\x9f\x51\x77\xa3\xc2\x94\xd4\x46\x22\x99";
