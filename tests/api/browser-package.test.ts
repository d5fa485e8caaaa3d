// The browser package as a page loads it: the same rules, through JavaScript. No server takes part.

import { readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import * as web from "../../www/wasm/pkg/postern_web.js";

/** RFC 6238 Appendix B, SHA-1: the seed in base32, and the last six digits of its eight-digit codes. */
const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const CODES: [time: number, code: string][] = [
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
];

test.beforeAll(() => {
  const wasm = new URL("../../www/wasm/pkg/postern_web_bg.wasm", import.meta.url);
  web.initSync({ module: readFileSync(wasm) });
});

test("previews are the codes of RFC 6238", () => {
  for (const [time, code] of CODES) {
    const preview = web.previewTotp(SECRET, time);
    expect(preview.code).toBe(code);
    expect(preview.secondsLeft).toBe(30 - (time % 30));
    expect(web.previewTotp(SECRET, time + 30).code).toBe(preview.next);
  }
});

test("a clock that is off is told by how much, and a wrong code by nothing", () => {
  expect(web.explainCode(SECRET, "287082", 59)).toBe(0);
  expect(Math.abs(web.explainCode(SECRET, "287082", 59 + 300)!)).toBeGreaterThan(0);
  expect(web.explainCode(SECRET, "000000", 59)).toBeUndefined();
});

test("a key URI is percent-encoded, and its QR code is one dark path on white", () => {
  const uri = web.keyUri("Acme & Söhne", "ann@acme.test", SECRET);
  expect(uri).toBe(
    `otpauth://totp/Acme%20%26%20S%C3%B6hne:ann%40acme.test?secret=${SECRET}&issuer=Acme%20%26%20S%C3%B6hne`,
  );
  expect(web.qrSvg(uri).match(/<path/g)).toHaveLength(1);
});

test("a secret is shown in groups of four, and bad input is an error with words", () => {
  expect(web.formatSecret(SECRET)).toBe("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ");
  expect(() => web.formatSecret("not base32!")).toThrow(/./);
  expect(() => web.previewTotp("short", 59)).toThrow(/./);
  expect(() => web.keyUri("a:b", "ann", SECRET)).toThrow(/./);
});
