// Every route and every kind of caller, made from the routes that /openapi.json names (ATTACKS 11.2).
// A route that is not in the table below fails a test: it has to be put there on the day it is added.

import {
  deviceCookie,
  newApplication,
  newBrowser,
  newOperator,
  newOrganization,
  SESSION_COOKIE,
  type Caller,
} from "../harness/client.ts";
import { expectDecision } from "../harness/expect.ts";
import { expect } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Organization } from "../harness/client.ts";
import { NOBODYS_PASSKEY } from "../api/routes.ts";

export type Access =
  | "public"
  | "challenge"
  | "enrolling"
  | "adding"
  | "session"
  | "aal2"
  | "fresh"
  | "unrestricted"
  | "owner"
  | "fresh_owner"
  | "admin"
  | "fresh_admin"
  | "application"
  | "set_up";

export interface Called {
  route: string;
  access: Access;
}

/** Bodies that are understood and bring about as little as can be; ids belong to another organization. */
export const BODIES: Record<string, object | undefined> = {
  "GET /v1/set-up": undefined,
  "POST /v1/set-up": {
    organization: "elsewhere-and-new",
    organization_name: "Acme",
    username: "olga",
    name: "Olga",
    email: "olga@example.test",
    password: "not a password",
    mode: "required",
  },
  "PUT /v1/organizations/{org}": { name: "Acme" },
  "GET /v1/organizations/{org}": undefined,
  "PATCH /v1/organizations/{org}": { name: "Acme" },
  "GET /v1/organizations/{org}/overview": undefined,
  "GET /v1/organizations/{org}/policy": undefined,
  "PUT /v1/organizations/{org}/policy": { policy: { mode: "optional" }, version: 1 },
  "POST /v1/organizations/{org}/policy/preview": { policy: { mode: "required" } },
  "GET /v1/organizations/{org}/policy/facts": undefined,
  "POST /v1/organizations/{org}/revoke-mfa/preview": { users: ["nobody"] },
  "POST /v1/organizations/{org}/revoke-mfa": { users: ["nobody"], people: 0, authenticators: 0 },
  "GET /v1/organizations/{org}/audit-events": undefined,
  "GET /v1/organizations/{org}/audit-log.ndjson": undefined,
  "GET /v1/organizations/{org}/audit-log.csv": undefined,
  "GET /v1/organizations/{org}/audit-checkpoints": undefined,
  "GET /v1/organizations/{org}/groups": undefined,
  "GET /v1/organizations/{org}/help-requests": undefined,
  "GET /v1/organizations/{org}/mail": undefined,
  "POST /v1/organizations/{org}/mail/{id}/retry": {},
  "GET /v1/organizations/{org}/users": undefined,
  "GET /v1/organizations/{org}/users.csv": undefined,
  "PUT /v1/organizations/{org}/users/{user}": { name: "Somebody" },
  "PATCH /v1/organizations/{org}/users/{user}": { name: "Somebody" },
  "GET /v1/organizations/{org}/users/{user}": undefined,
  "DELETE /v1/organizations/{org}/users/{user}": undefined,
  "GET /v1/organizations/{org}/users/{user}/security": undefined,
  "POST /v1/organizations/{org}/users/{user}/revoke-mfa": { authenticators: 99 },
  "POST /v1/organizations/{org}/users/{user}/sign-out": {},
  "POST /v1/organizations/{org}/users/{user}/invite": {},
  "POST /v1/organizations/{org}/users/{user}/reset-mfa": {},
  "POST /v1/organizations/{org}/users/{user}/cancel-reset": {},
  "POST /v1/organizations/{org}/users/{user}/unlock": {},
  "POST /v1/sign-ins": { organization: "nobody", user: "nobody", first_factor: { method: "password" } },
  "POST /v1/sessions/introspect": { token: "nothing" },
  "POST /v1/sign-ins/password": { organization: "nobody", username: "nobody", password: "not a password" },
  "POST /v1/sign-ins/passkey": {},
  "POST /v1/challenges/verify": { challenge: "nothing", method: "totp", code: "000000" },
  "POST /v1/resets/open": { token: "nothing" },
  "POST /v1/challenges/help": { challenge: "nothing", send: true },
  "POST /v1/invitations/open": { token: "nothing" },
  "POST /v1/invitations/accept": { token: "nothing", password: "a long first password" },
  "POST /v1/mail/not-me": { token: "nothing" },
  "POST /v1/passwords/forgotten": { organization: "nobody", username: "nobody" },
  "POST /v1/passwords/open": { token: "nothing" },
  "POST /v1/passwords/reset": { token: "nothing", password: "a long new password" },
  "GET /v1/session": undefined,
  "POST /v1/challenges": { purpose: "step_up" },
  "POST /v1/me/totp": {},
  "POST /v1/me/totp/confirm": { enrollment: "{enrollment}", code: "000000", name: "Phone" },
  "POST /v1/me/passkeys": {},
  "POST /v1/me/passkeys/confirm": { enrollment: "nothing", credential: NOBODYS_PASSKEY },
  "GET /v1/me": undefined,
  "GET /v1/me/activity": undefined,
  "GET /v1/me/sessions": undefined,
  "DELETE /v1/me/sessions/{id}": undefined,
  "GET /v1/me/trusted-devices": undefined,
  "PATCH /v1/me/authenticators/{id}": { name: "Phone" },
  "DELETE /v1/me/authenticators/{id}": undefined,
  "DELETE /v1/me/trusted-devices/{id}": undefined,
  "POST /v1/me/backup-codes": {},
  "POST /v1/me/backup-codes/saved": {},
  "POST /v1/me/prompt/declined": {},
  "DELETE /v1/me/mfa": { password: "not the password" },
  "GET /.well-known/jwks.json": undefined,
  "GET /healthz": undefined,
  // What ends something of the caller's comes last.
  "PUT /v1/me/password": { password: "another password 31" },
  "DELETE /v1/me/trusted-devices": undefined,
  "DELETE /v1/me/sessions": undefined,
  "DELETE /v1/session": undefined,
};

/** The codes with which a caller is turned away because of who asks. */
export const TURNED_AWAY = new Set([
  "unauthenticated",
  "forbidden",
  "step_up_required",
  "enrollment_required",
]);

/** What each class answers to each caller: the code, or "in". */
export const EXPECTED: Record<string, Record<Access, string>> = {
  nobody: row("unauthenticated"),
  "a wrong key": { ...row("unauthenticated"), set_up: "not_accepted" },
  "a challenge": { ...row("unauthenticated"), set_up: "not_accepted" },
  "an ended session": row("unauthenticated"),
  "the application": {
    ...row("unauthenticated"),
    owner: "in",
    fresh_owner: "in",
    admin: "in",
    fresh_admin: "in",
    application: "in",
    set_up: "not_accepted",
  },
  "the operator": { ...row("unauthenticated"), set_up: "in" },
  "an enrolling session": {
    ...row("enrollment_required"),
    application: "forbidden",
    enrolling: "in",
    adding: "in",
  },
  "a trusted device": {
    ...row("in"),
    application: "forbidden",
    adding: "step_up_required",
    aal2: "step_up_required",
    fresh: "step_up_required",
    unrestricted: "step_up_required",
  },
  "two factors, an hour ago": {
    ...row("in"),
    application: "forbidden",
    adding: "step_up_required",
    fresh: "step_up_required",
    unrestricted: "step_up_required",
  },
  "a backup code": { ...row("in"), application: "forbidden", unrestricted: "forbidden" },
  "two factors, just now": { ...row("in"), application: "forbidden" },
};

export /** Every class there is. */
const ACCESSES = Object.keys(row(""));

function row(answer: string): Record<Access, string> {
  return {
    public: "in",
    challenge: "in",
    enrolling: answer,
    adding: answer,
    session: answer,
    aal2: answer,
    fresh: answer,
    unrestricted: answer,
    owner: answer,
    fresh_owner: answer,
    admin: answer,
    fresh_admin: answer,
    application: answer,
    // No session is a code.
    set_up: "unauthenticated",
  };
}

export const MAKE: Record<string, (acme: Organization, harness: Harness) => Promise<Caller>> = {
  nobody: async (_, harness) => newBrowser(harness),
  "a wrong key": async (_, harness) => bearer(harness, `${harness.apiKey}x`),
  "a challenge": async (acme, harness) => {
    const token = await (await acme.person({ totp: true })).challenge();
    const caller = bearer(harness, token);
    caller.cookies.set(SESSION_COOKIE, token);
    return caller;
  },
  "an ended session": async (acme) => {
    const person = await acme.person({ totp: true });
    await person.signInFully();
    const old = person.browser.copy();
    await person.browser.delete("/v1/session");
    return old;
  },
  "the application": async (_, harness) => newApplication(harness),
  "the operator": async (_, harness) => newOperator(harness),
  "an enrolling session": async (acme, harness) => {
    const required = await newOrganization(harness, "Strict");
    const set = await required.setPolicy({ mode: "required" });
    expect(set.status, set.text).toBe(200);
    const person = await required.person();
    expectDecision(await person.signIn(), "enroll");
    void acme;
    return person.browser;
  },
  "a trusted device": async (acme, harness) => {
    const person = await acme.person({ totp: true });
    await person.trust();
    const browser = newBrowser(harness);
    const [name = "", value = ""] = deviceCookie(person.browser)!.split(/=(.*)/s);
    browser.cookies.set(name, value);
    expectDecision(await person.signIn(browser), "complete");
    return browser;
  },
  "two factors, an hour ago": async (acme, harness) => {
    const person = await acme.person({ totp: true });
    await person.signInFully();
    await harness.advance(3_000);
    return person.browser;
  },
  "a backup code": async (acme) => {
    const person = await acme.person({ totp: true });
    await person.useBackupCode(await person.challenge(), person.backupCodes[0]!);
    return person.browser;
  },
  "two factors, just now": async (acme) => {
    const person = await acme.person({ totp: true });
    await person.signInFully();
    return person.browser;
  },
};

export function bearer(harness: Harness, token: string): Caller {
  const caller = newBrowser(harness);
  caller.bearer = token;
  return caller;
}

export async function routes(caller: Caller): Promise<Called[]> {
  const { paths } = (await caller.get("/openapi.json")).json;
  return Object.entries<Record<string, { "x-access": Access }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      access: operation["x-access"],
    })),
  );
}

export interface Ids {
  authenticator: string;
  session: string;
  device: string;
  enrollment: string;
}

/** Ids of every kind, all of one person. */
export async function idsOfSomebody(organization: Organization): Promise<Ids> {
  const person = await organization.person({ totp: true, role: "owner" });
  await person.trust();
  const { enrollment } = (await person.browser.post("/v1/me/totp", {})).json;
  const { trusted_devices: devices } = (await person.browser.get("/v1/me/trusted-devices")).json;
  return {
    authenticator: person.authenticators[0]!.id,
    session: (await person.browser.get("/v1/session")).json.session.id,
    device: devices[0].id,
    enrollment: enrollment.id,
  };
}

/** The id of the kind that a route takes. */
export function idFor(route: string, ids: Ids): string {
  if (route.includes("/sessions/")) return ids.session;
  if (route.includes("/trusted-devices/")) return ids.device;
  return ids.authenticator;
}
