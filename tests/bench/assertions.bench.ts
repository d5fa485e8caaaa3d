// How many assertions one isolate checks in a second: our core with WebCrypto beside @simplewebauthn/server, from the
// bytes that were posted and stored to the text that is to be stored, options included, in turns. `npm run bench`.
//
// A second is one of CPU, which other processes on the machine disturb least; of the clock where the system does not
// count CPU.

import { availableParallelism, loadavg } from "node:os";
import { Passkey, type Algorithm } from "../harness/passkey.ts";
import { median, test } from "./fixtures.ts";

const ROUNDS = 31;
const KEYS = 50;
/** Of each algorithm's assertions, so that one turn takes about a tenth of a second. */
const TIMES = 16;
const TARGET = 1.3;

const ORIGIN = "https://login.example.test";
const RP_ID = "example.test";

for (const algorithm of ["ES256", "EdDSA", "RS256"] as Algorithm[]) {
  test(`assertions with ${algorithm} checked in a second`, async ({ inside }) => {
    const assertions = Array.from({ length: KEYS }, () => assertion(algorithm));
    const rates: Record<string, number[]> = { postern: [], simplewebauthn: [] };
    for (let round = -2; round < ROUNDS; round += 1) {
      for (const by of Object.keys(rates)) {
        const now = () => inside.cpu() ?? performance.now() / 1000;
        const from = now();
        const checked = await inside.ask("check", {
          by,
          times: TIMES,
          rpId: RP_ID,
          origin: ORIGIN,
          assertions,
        });
        const rate = checked / (now() - from);
        // The first two warm up.
        if (round >= 0) rates[by]!.push(rate);
      }
    }
    const ratios = rates.postern!.map((rate, round) => rate / rates.simplewebauthn![round]!);
    for (const [by, measured] of Object.entries(rates)) {
      console.log(`  ${algorithm} ${by.padEnd(15)} ${median(measured).toFixed(0).padStart(6)} / s`);
    }
    const load = `load ${loadavg()[0]!.toFixed(1)} on ${availableParallelism()} cores`;
    const ratio = median(ratios);
    const reached = ratio >= TARGET ? "reached" : "missed";
    console.log(
      `  ${algorithm} ratio ${ratio.toFixed(2)} (${TARGET} ${reached}; ${ROUNDS} rounds, ` +
        `${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}; ${load})`,
    );
  });
}

/** What `worker.mjs` is asked about: a passkey of its own. */
function assertion(algorithm: Algorithm): object {
  const key = new Passkey(ORIGIN, algorithm);
  key.userHandle = Buffer.alloc(64, 7).toString("base64url");
  const nonce = key.id.toString("base64url");
  const record = {
    id: key.id.toString("base64url"),
    public_key: key.coseKey().toString("base64url"),
    sign_count: 0,
    uv_initialized: true,
    transports: ["internal", "hybrid"],
    backup_eligible: true,
    backup_state: true,
    aaguid: key.aaguid.toString("base64url"),
  };
  const response = JSON.stringify(key.get({ challenge: nonce }, { rpId: RP_ID }));
  return { nonce, record: JSON.stringify(record), response };
}
