// Answers tests from inside workerd: POST /<question> with JSON. What is compared runs in the same isolate.

import { generateAuthenticationOptions, verifyAuthenticationResponse } from "@simplewebauthn/server";
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
    const [stored, posted] = [record, response].map((text) => encoder.encode(text));
    try {
      return { record: JSON.parse(await ours.assertion(rpId, origin, bytes(nonce), stored, posted)) };
    } catch (refused) {
      return { refused };
    }
  },

  /** Makes options for every assertion and checks it, `times` times. Throws if one does not hold. */
  async check({ by, times, rpId, origin, assertions }) {
    const nonces = assertions.map(({ nonce }) => bytes(nonce));
    const records = assertions.map(({ record }) => encoder.encode(record));
    const responses = assertions.map(({ response }) => encoder.encode(response));
    await { postern, simplewebauthn }[by](times, rpId, origin, nonces, records, responses);
    return assertions.length * times;
  },
};

export default {
  async fetch(request) {
    const name = new URL(request.url).pathname.slice(1) || "ready";
    const given = request.method === "POST" ? await request.json() : {};
    return Response.json(await questions[name](given));
  },
};

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

const postern = (...given) => ours.check(...given);

/** The same by the usual package. */
async function simplewebauthn(times, rpId, origin, nonces, records, responses) {
  for (let time = 0; time < times; time += 1) {
    for (const [index, nonce] of nonces.entries()) {
      const record = JSON.parse(decoder.decode(records[index]));
      JSON.stringify(
        await generateAuthenticationOptions({
          rpID: rpId,
          challenge: nonce,
          userVerification: "preferred",
          timeout: 300_000,
          allowCredentials: [{ id: record.id, transports: record.transports }],
        }),
      );
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: JSON.parse(decoder.decode(responses[index])),
        expectedChallenge: text(nonce),
        expectedOrigin: origin,
        expectedRPID: rpId,
        requireUserVerification: false,
        credential: { id: record.id, publicKey: bytes(record.public_key), counter: record.sign_count },
      });
      if (!verified) throw new Error("not verified");
      const { newCounter, credentialBackedUp } = authenticationInfo;
      JSON.stringify({ ...record, sign_count: newCounter, backup_state: credentialBackedUp });
    }
  }
}

function bytes(base64url) {
  return Uint8Array.fromBase64(base64url, { alphabet: "base64url" });
}

function text(array) {
  return array.toBase64({ alphabet: "base64url", omitPadding: true });
}
