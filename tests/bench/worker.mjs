// Answers tests from inside workerd: POST /<question> with JSON.

import Postern from "./index.js";

/** The functions of tests/bench/wasm: worker-build hangs what a crate exports on its entry point. */
const ours = Postern.prototype;

const questions = {
  /** `GET /`: whether there is somebody. */
  ready: () => true,

  /** A key and what it is said to have signed: the key as SubjectPublicKeyInfo and a verdict each, or why not. */
  async signatures({ cose, signatures }) {
    const key = bytes(cose);
    let spki;
    try {
      spki = text(ours.spki(key));
    } catch (refused) {
      return { refused };
    }
    const verdicts = [];
    for (const { message, signature } of signatures) {
      verdicts.push(await ours.holds(key, bytes(message), bytes(signature)));
    }
    return { spki, verdicts };
  },

  /** One assertion: the credential record to store, or why not. */
  async assertion({ rpId, origin, nonce, record, response }) {
    try {
      return { record: JSON.parse(await ours.assertion(rpId, origin, bytes(nonce), record, response)) };
    } catch (refused) {
      return { refused };
    }
  },
};

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1) || "ready";
    const given = request.method === "POST" ? await request.json() : {};
    return Response.json(await questions[name](given));
  },
};

function bytes(base64url) {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}

function text(array) {
  return array.toBase64({ alphabet: "base64url", omitPadding: true });
}
