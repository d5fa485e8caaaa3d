// Every request that changes something, each from a fresh start: what the fault sweeps run again and again.

import { randomBytes } from "node:crypto";
import {
  deviceCookie,
  newApplication,
  newBrowser,
  passkeyQuestion,
  type Caller,
  type Organization,
  type Person,
} from "./client.ts";
import { codeAt, wrongCode } from "./codes.ts";
import type { Harness, Tables } from "./harness.ts";
import type { Reply } from "./http.ts";
import { Passkey } from "./passkey.ts";

export interface Flow {
  name: string;
  /**
   * Makes everything that the request needs; answers the request. It is sent from a tab of its own each time, so that
   * it can be sent again after what is stored was restored.
   */
  prepare: (
    acme: Organization,
    harness: Harness,
  ) => Promise<(headers: Record<string, string>) => Promise<Reply>>;
  /** What it answers when nothing goes wrong. */
  status: number;
  decision?: string;
}

async function enrolled(acme: Organization): Promise<Person> {
  return acme.person({ totp: true });
}

/** Signed in with two factors a moment ago. */
async function fresh(acme: Organization): Promise<Person> {
  const person = await enrolled(acme);
  await person.signInFully();
  return person;
}

const signIn = (person: Person, browser: Caller) => (headers: Record<string, string>) =>
  browser
    .copy()
    .post(
      "/v1/sign-ins/password",
      { organization: person.organization.id, username: person.username, password: person.password },
      headers,
    );

export const FLOWS: Flow[] = [
  {
    name: "PUT organization, new",
    status: 201,
    prepare: async (_, harness) => {
      const path = `/v1/organizations/new-${randomBytes(6).toString("hex")}`;
      return (headers) => newApplication(harness).put(path, { name: "New" }, headers);
    },
  },
  {
    name: "PUT user, new",
    status: 201,
    prepare: async (acme) => {
      const path = `${acme.path}/users/new-${randomBytes(6).toString("hex")}`;
      return (headers) =>
        acme.application.put(path, { name: "New", password: "a long password 42" }, headers);
    },
  },
  {
    name: "PATCH user, another role",
    status: 200,
    prepare: async (acme) => {
      const person = await enrolled(acme);
      const path = `${acme.path}/users/${encodeURIComponent(person.username)}`;
      return (headers) => acme.application.patch(path, { role: "admin" }, headers);
    },
  },
  {
    name: "DELETE user",
    status: 204,
    prepare: async (acme) => {
      const person = await fresh(acme);
      const path = `${acme.path}/users/${encodeURIComponent(person.username)}`;
      return (headers) => acme.application.delete(path, undefined, headers);
    },
  },
  {
    name: "sign-in by password, no factor",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => signIn(await acme.person(), newBrowser(harness)),
  },
  {
    name: "sign-in by password, a factor enrolled",
    status: 200,
    decision: "challenge",
    prepare: async (acme, harness) => signIn(await enrolled(acme), newBrowser(harness)),
  },
  {
    name: "sign-in by password, wrong",
    status: 401,
    prepare: async (acme, harness) => {
      const person = await acme.person();
      return (headers) =>
        newBrowser(harness).post(
          "/v1/sign-ins/password",
          { organization: acme.id, username: person.username, password: "not the password 3" },
          headers,
        );
    },
  },
  {
    name: "sign-in on a trusted device",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      await person.trust();
      const browser = newBrowser(harness);
      const [name = "", value = ""] = deviceCookie(person.browser)!.split(/=(.*)/s);
      browser.cookies.set(name, value);
      return signIn(person, browser);
    },
  },
  {
    name: "sign-in asked by an application",
    status: 200,
    decision: "challenge",
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      const body = {
        organization: acme.id,
        user: person.username,
        first_factor: { method: "password" },
      };
      return (headers) => newApplication(harness).post("/v1/sign-ins", body, headers);
    },
  },
  {
    name: "verify a code",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      const token = await person.challenge();
      const code = person.code();
      return (headers) => person.verify(token, code, newBrowser(harness), {}, headers);
    },
  },
  {
    name: "verify a code and trust the device",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      const token = await person.challenge();
      const code = person.code();
      return (headers) => person.verify(token, code, newBrowser(harness), { trust_device: true }, headers);
    },
  },
  {
    name: "verify a wrong code",
    status: 401,
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      const token = await person.challenge();
      const code = wrongCode(person.authenticators[0]!.secret, harness.time());
      return (headers) => person.verify(token, code, newBrowser(harness), {}, headers);
    },
  },
  {
    name: "verify a backup code",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await enrolled(acme);
      const token = await person.challenge();
      return (headers) => person.useBackupCode(token, person.backupCodes[0]!, newBrowser(harness), headers);
    },
  },
  {
    name: "start an enrollment",
    status: 200,
    prepare: async (acme) => {
      const person = await acme.person();
      await person.signIn();
      return (headers) => person.browser.copy().post("/v1/me/totp", {}, headers);
    },
  },
  ...[false, true].map((second) => ({
    name: `confirm the ${second ? "second" : "first"} authenticator`,
    status: 200,
    prepare: async (acme: Organization, harness: Harness) => {
      const person = second ? await fresh(acme) : await acme.person();
      if (!second) await person.signIn();
      const { enrollment } = (await person.browser.post("/v1/me/totp", {})).json;
      const code = codeAt(enrollment.secret, harness.time());
      const body = { enrollment: enrollment.id, code, name: "Tablet" };
      return (headers: Record<string, string>) =>
        person.browser.copy().post("/v1/me/totp/confirm", body, headers);
    },
  })),
  {
    name: "confirm a passkey",
    status: 200,
    prepare: async (acme, harness) => {
      const person = await acme.person();
      await person.signIn();
      const { token, options } = await person.beginPasskey();
      const credential = new Passkey(harness.origin).create(options);
      const body = { enrollment: token, credential };
      return (headers) => person.browser.copy().post("/v1/me/passkeys/confirm", body, headers);
    },
  },
  {
    name: "verify a passkey",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await acme.person({ passkey: true });
      const challenge = await person.question(newBrowser(harness));
      return (headers) => person.assert(challenge, {}, newBrowser(harness), undefined, headers);
    },
  },
  {
    name: "verify a passkey whose count went back",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      await person.signIn();
      await person.enrollPasskey(new Passkey(harness.origin, "ES256", 7));
      const challenge = await person.question(newBrowser(harness));
      const told = { signCount: 3 };
      return (headers) => person.assert(challenge, told, newBrowser(harness), undefined, headers);
    },
  },
  {
    name: "verify a forged passkey",
    status: 401,
    prepare: async (acme, harness) => {
      const person = await acme.person({ passkey: true });
      const challenge = await person.question(newBrowser(harness));
      const told = { origin: "https://evil.test" };
      return (headers) => person.assert(challenge, told, newBrowser(harness), undefined, headers);
    },
  },
  {
    name: "sign-in by passkey alone",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await acme.person({ passkey: true });
      const question = await passkeyQuestion(newBrowser(harness));
      return (headers) => person.assert(question, {}, newBrowser(harness), undefined, headers);
    },
  },
  {
    name: "rename an authenticator",
    status: 200,
    prepare: async (acme) => {
      const person = await fresh(acme);
      const path = `/v1/me/authenticators/${person.authenticators[0]!.id}`;
      return (headers) => person.browser.copy().patch(path, { name: "Old phone" }, headers);
    },
  },
  {
    name: "remove the last authenticator",
    status: 204,
    prepare: async (acme) => {
      const person = await fresh(acme);
      const path = `/v1/me/authenticators/${person.authenticators[0]!.id}`;
      return (headers) => person.browser.copy().delete(path, { password: person.password }, headers);
    },
  },
  {
    name: "open a step-up",
    status: 200,
    prepare: async (acme) => {
      const person = await fresh(acme);
      return (headers) => person.browser.copy().post("/v1/challenges", { purpose: "step_up" }, headers);
    },
  },
  {
    name: "step up by a code",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await fresh(acme);
      await harness.advance(30);
      const token = await person.openStepUp();
      const code = person.code();
      return (headers) => person.verify(token, code, person.browser.copy(), {}, headers);
    },
  },
  {
    name: "new backup codes",
    status: 200,
    prepare: async (acme) => {
      const person = await fresh(acme);
      return (headers) => person.browser.copy().post("/v1/me/backup-codes", {}, headers);
    },
  },
  {
    name: "change the password",
    status: 204,
    prepare: async (acme) => {
      const person = await fresh(acme);
      return (headers) =>
        person.browser.copy().put("/v1/me/password", { password: "another password 8" }, headers);
    },
  },
  {
    name: "end all other sessions",
    status: 204,
    prepare: async (acme, harness) => {
      const person = await fresh(acme);
      await person.signInFully(newBrowser(harness));
      return (headers) => person.browser.copy().delete("/v1/me/sessions", undefined, headers);
    },
  },
  {
    name: "end one other session",
    status: 204,
    prepare: async (acme, harness) => {
      const person = await fresh(acme);
      const other = await person.signInFully(newBrowser(harness));
      const path = `/v1/me/sessions/${other.json.session.id}`;
      return (headers) => person.browser.copy().delete(path, undefined, headers);
    },
  },
  {
    name: "forget one trusted device",
    status: 204,
    prepare: async (acme) => {
      const person = await enrolled(acme);
      await person.trust();
      const [device] = (await person.browser.get("/v1/me/trusted-devices")).json.trusted_devices;
      const path = `/v1/me/trusted-devices/${device.id}`;
      return (headers) => person.browser.copy().delete(path, undefined, headers);
    },
  },
  {
    name: "forget all trusted devices",
    status: 204,
    prepare: async (acme) => {
      const person = await enrolled(acme);
      await person.trust();
      return (headers) => person.browser.copy().delete("/v1/me/trusted-devices", undefined, headers);
    },
  },
  {
    name: "turn it all off",
    status: 204,
    prepare: async (acme) => {
      const person = await fresh(acme);
      return (headers) => person.browser.copy().delete("/v1/me/mfa", { password: person.password }, headers);
    },
  },
  {
    name: "sign out",
    status: 204,
    prepare: async (acme) => {
      const person = await fresh(acme);
      return (headers) => person.browser.copy().delete("/v1/session", undefined, headers);
    },
  },
];

/**
 * What a request did to each table, as counts of rows that came and went; ids and times left out. That a challenge was
 * opened is recorded as well as can be, and left out too.
 */
export function effect(before: Tables, after: Tables): Record<string, string> {
  const found: Record<string, string> = {};
  // Counts of a day: whether it had any before says nothing of what was done.
  for (const name of Object.keys(after).filter((name) => name !== "organization_day")) {
    const rows = (tables: Tables) => (tables[name] ?? []).filter((row) => !/"challenge\.open"/.test(row));
    const [was, is] = [new Set(rows(before)), new Set(rows(after))];
    const gone = [...was].filter((row) => !is.has(row)).length;
    const come = [...is].filter((row) => !was.has(row)).length;
    if (gone + come > 0) found[name] = `-${gone} +${come}`;
  }
  return found;
}
