// Key URIs, read by two programs that are not ours: pyotp (Python) and otpauth (npm).

import { execFileSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { URI } from "otpauth";
import { Caller } from "../harness/client.ts";
import { codeAt, oathtool } from "../harness/codes.ts";
import { expect, test } from "../harness/fixtures.ts";

const python = process.env.POSTERN_PYTHON ?? "";
const parser = fileURLToPath(new URL("../clients/parse_key_uris.py", import.meta.url));

const ALPHABET = [
  ..."abcXYZ019 .-_~!@#$%^&*()+=[]{}|;',<>?/\\\"`",
  ..."äßéñøŁ中文字かな한글עבעربي",
  "🙂",
  "👩‍💻",
  "🇩🇪",
];

function random(length: number, alphabet: string[]): string {
  return (
    Array.from({ length }, () => alphabet[randomInt(alphabet.length)])
      .join("")
      .trim() || "x"
  );
}

interface Made {
  issuer: string;
  account: string;
  secret: string;
  uri: string;
}

test.describe.serial("200 random issuers and accounts", () => {
  const made: Made[] = [];

  test("read as they were by otpauth (npm)", async ({ application, harness }) => {
    for (let index = 0; index < 200; index += 1) {
      // It stands in the URI twice, and a URI is kept short enough for a QR code that every camera reads.
      let issuer = random(1 + randomInt(30), ALPHABET);
      while (encodeURIComponent(issuer).length > 150) issuer = random(1 + randomInt(20), ALPHABET);
      const account = random(1 + randomInt(20), [..."abcxyz0189._~@+-"]);
      const organization = `uri-${index}-${randomInt(1e9)}`;
      const path = `/v1/organizations/${organization}`;
      const put = await application.put(path, { name: issuer });
      // What no URI can carry is refused when the organization is named, never mangled.
      if (put.status === 400) continue;
      expect(put.status, `${JSON.stringify(issuer)}: ${put.text}`).toBe(201);
      const user = await application.put(`${path}/users/u`, { username: account });
      expect(user.status, `${account}: ${user.text}`).toBe(201);
      // Through an application, where no slow hash is in the way.
      const signIn = { organization, user: "u", first_factor: { method: "password" }, session: "bearer" };
      const person = new Caller(harness);
      person.bearer = (await application.post("/v1/sign-ins", signIn)).json.session.token;
      const reply = await person.post("/v1/me/totp", {});
      expect(reply.status, reply.text).toBe(200);
      const { secret, key_uri: uri } = reply.json.enrollment;
      made.push({ issuer, account, secret, uri });
    }
    expect(made.length).toBeGreaterThan(100);
    for (const { issuer, account, secret, uri } of made) {
      const read = URI.parse(uri);
      const found = { issuer: read.issuer, account: read.label, secret: read.secret.base32 };
      expect(found, uri).toEqual({ issuer, account, secret });
      expect(codeAt(secret, 59)).toBe(oathtool(secret, 59));
    }
  });

  test("read as they were by pyotp (Python)", () => {
    test.skip(!existsSync(python), "no virtual environment with pyotp could be made");
    const input = made.map(({ uri }) => uri).join("\n");
    const lines = execFileSync(python, [parser], { input, encoding: "utf8" }).trim().split("\n");
    expect(lines.length).toBe(made.length);
    for (const [index, { issuer, account, secret, uri }] of made.entries()) {
      const expected = { issuer, account, secret, digits: 6, period: 30, code_at_59: codeAt(secret, 59) };
      expect(JSON.parse(lines[index]!), uri).toEqual(expected);
    }
  });
});

for (const name of [
  "x&secret=AAAA",
  "x?secret=AAAA",
  "a#b",
  "%26",
  "100%",
  "a:b",
  "RTL \u202e override",
  "🙂:🙂",
  "a\nb",
  "x".repeat(10_000),
]) {
  test(`A85 an issuer called ${JSON.stringify(name.slice(0, 20))}`, async ({ application, nobody }) => {
    const organization = `uri-${randomInt(1e9)}`;
    const put = await application.put(`/v1/organizations/${organization}`, { name });
    if (put.status === 400) return;
    expect(put.status, put.text).toBe(201);
    const password = "a password for one 5";
    await application.put(`/v1/organizations/${organization}/users/u`, { password });
    await nobody.post("/v1/sign-ins/password", { organization, username: "u", password });
    const { secret, key_uri: uri } = (await nobody.post("/v1/me/totp", {})).json.enrollment;
    const read = URI.parse(uri);
    expect({ issuer: read.issuer, account: read.label, secret: read.secret.base32 }).toEqual({
      issuer: name,
      account: "u",
      secret,
    });
    const query = new URL(uri).searchParams;
    expect(query.getAll("secret")).toEqual([secret]);
    expect(query.getAll("issuer")).toEqual([name]);
  });
}
