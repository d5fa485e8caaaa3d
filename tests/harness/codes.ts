// One-time passcodes by implementations that are not ours.

import { execFileSync } from "node:child_process";
import { Secret, TOTP } from "otpauth";

/** The code of a base32 secret at a time (unix seconds), by the npm package otpauth. */
export function codeAt(secret: string, at: number, digits = 6): string {
  return new TOTP({ secret: Secret.fromBase32(secret), digits }).generate({ timestamp: at * 1000 });
}

/** The same by oathtool, the program. */
export function oathtool(secret: string, at: number): string {
  return execFileSync("oathtool", ["--totp", "--base32", `--now=@${at}`, secret], {
    encoding: "utf8",
  }).trim();
}

/** A code that is wrong for every step near `at`. */
export function wrongCode(secret: string, at: number): string {
  const right = new Set([-3, -2, -1, 0, 1, 2, 3].map((step) => codeAt(secret, at + step * 30)));
  for (let guess = 0; ; guess += 1) {
    const code = String(guess).padStart(6, "0");
    if (!right.has(code)) return code;
  }
}
