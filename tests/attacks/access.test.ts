// Every route against every kind of caller, made from the routes that /openapi.json names (ATTACKS 11.2).
// A route that is not in the table below fails the test: it has to be put there on the day it is added.

import { deviceCookie, newApplication, newBrowser, newOrganization, type Caller } from "../harness/client.ts";
import { expectDecision, expectNothingChanged } from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import type { Organization } from "../harness/client.ts";
import type { Reply } from "../harness/http.ts";
import { NOBODYS_PASSKEY } from "../api/routes.ts";

type Access = "public" | "challenge" | "enrolling" | "session" | "aal2" | "fresh" | "application";

interface Called {
  route: string;
  access: Access;
}

/** Bodies that are understood and bring about as little as can be; ids belong to another organization. */
const BODIES: Record<string, object | undefined> = {
  "PUT /v1/organizations/{org}": { name: "Acme" },
  "GET /v1/organizations/{org}": undefined,
  "GET /v1/organizations/{org}/policy": undefined,
  "PUT /v1/organizations/{org}/policy": { policy: { mode: "optional" }, version: 1 },
  "GET /v1/organizations/{org}/users": undefined,
  "PUT /v1/organizations/{org}/users/{user}": { name: "Somebody" },
  "GET /v1/organizations/{org}/users/{user}": undefined,
  "DELETE /v1/organizations/{org}/users/{user}": undefined,
  "POST /v1/sign-ins": { organization: "nobody", user: "nobody", first_factor: { method: "password" } },
  "POST /v1/sessions/introspect": { token: "nothing" },
  "POST /v1/sign-ins/password": { organization: "nobody", username: "nobody", password: "not a password" },
  "POST /v1/sign-ins/passkey": {},
  "POST /v1/challenges/verify": { challenge: "nothing", method: "totp", code: "000000" },
  "GET /v1/session": undefined,
  "POST /v1/challenges": { purpose: "step_up" },
  "POST /v1/me/totp": {},
  "POST /v1/me/totp/confirm": { enrollment: "{enrollment}", code: "000000", name: "Phone" },
  "POST /v1/me/passkeys": {},
  "POST /v1/me/passkeys/confirm": { enrollment: "nothing", credential: NOBODYS_PASSKEY },
  "GET /v1/me": undefined,
  "GET /v1/me/sessions": undefined,
  "DELETE /v1/me/sessions/{id}": undefined,
  "GET /v1/me/trusted-devices": undefined,
  "PATCH /v1/me/authenticators/{id}": { name: "Phone" },
  "DELETE /v1/me/authenticators/{id}": undefined,
  "DELETE /v1/me/trusted-devices/{id}": undefined,
  "POST /v1/me/backup-codes": {},
  "DELETE /v1/me/mfa": { password: "not the password" },
  "GET /.well-known/jwks.json": undefined,
  "GET /openapi.json": undefined,
  "GET /healthz": undefined,
  // What ends something of the caller's comes last.
  "PUT /v1/me/password": { password: "another password 31" },
  "DELETE /v1/me/trusted-devices": undefined,
  "DELETE /v1/me/sessions": undefined,
  "DELETE /v1/session": undefined,
};

/** The codes with which a caller is turned away because of who asks. */
const TURNED_AWAY = new Set(["unauthenticated", "step_up_required", "enrollment_required"]);

/** Where a route asks for more than its class: whoever has a factor adds another only with a fresh proof. */
const STRICTER: Record<string, string[]> = {
  "POST /v1/me/totp": ["a trusted device", "two factors, an hour ago"],
  "POST /v1/me/passkeys": ["a trusted device", "two factors, an hour ago"],
};

/** What each class answers to each caller: the code, or "in". */
const EXPECTED: Record<string, Record<Access, string>> = {
  nobody: row("unauthenticated"),
  "a wrong key": row("unauthenticated"),
  "a challenge": row("unauthenticated"),
  "an ended session": row("unauthenticated"),
  "the application": { ...row("unauthenticated"), application: "in" },
  "an enrolling session": {
    ...row("enrollment_required"),
    application: "unauthenticated",
    enrolling: "in",
  },
  "a trusted device": {
    ...row("in"),
    application: "unauthenticated",
    aal2: "step_up_required",
    fresh: "step_up_required",
  },
  "two factors, an hour ago": {
    ...row("in"),
    application: "unauthenticated",
    fresh: "step_up_required",
  },
  "a backup code": { ...row("in"), application: "unauthenticated" },
  "two factors, just now": { ...row("in"), application: "unauthenticated" },
};

function row(answer: string): Record<Access, string> {
  return {
    public: "in",
    challenge: "in",
    enrolling: answer,
    session: answer,
    aal2: answer,
    fresh: answer,
    application: answer,
  };
}

const MAKE: Record<string, (acme: Organization, harness: Harness) => Promise<Caller>> = {
  nobody: async (_, harness) => newBrowser(harness),
  "a wrong key": async (_, harness) => bearer(harness, `${harness.apiKey}x`),
  "a challenge": async (acme, harness) => {
    const token = await (await acme.person({ totp: true })).challenge();
    const caller = bearer(harness, token);
    caller.cookies.set("__Host-postern-session", token);
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

function bearer(harness: Harness, token: string): Caller {
  const caller = newBrowser(harness);
  caller.bearer = token;
  return caller;
}

async function routes(caller: Caller): Promise<Called[]> {
  const { paths } = (await caller.get("/openapi.json")).json;
  return Object.entries<Record<string, { "x-access": Access }>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      route: `${method.toUpperCase()} ${path}`,
      access: operation["x-access"],
    })),
  );
}

test("every route has a class and a case in this file", async ({ nobody }) => {
  const found = await routes(nobody);
  expect(found.map(({ route }) => route).sort()).toEqual(Object.keys(BODIES).sort());
  for (const { route, access } of found) expect(Object.keys(row("")), route).toContain(access);
});

for (const [who, make] of Object.entries(MAKE)) {
  test(`every route called by ${who}`, async ({ acme, harness, nobody }) => {
    const umbrella = await newOrganization(harness, "Umbrella");
    const ids = await idsOfSomebody(umbrella);
    const caller = await make(acme, harness);
    const classes = new Map((await routes(nobody)).map(({ route, access }) => [route, access]));
    const wrong: string[] = [];
    for (const [route, body] of Object.entries(BODIES)) {
      const access = classes.get(route);
      if (access === undefined) continue;
      const expected = STRICTER[route]?.includes(who) ? "step_up_required" : EXPECTED[who]![access];
      const [method = "", template = ""] = route.split(" ");
      const path = template
        .replace("{org}", umbrella.id)
        .replace("{user}", encodeURIComponent(`nobody-${who.length}@example.test`))
        .replace("{id}", idFor(route, ids));
      const filled = body && JSON.parse(JSON.stringify(body).replace("{enrollment}", ids.enrollment));
      const go = () => caller.call(method, path, filled);
      const reply = expected === "in" ? await go() : await expectNothingChanged(harness, go);
      if (reply.status >= 500 || answerOf(reply) !== expected) {
        wrong.push(`${route} (${access}): ${reply.status} ${reply.text.slice(0, 120)}, expected ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });
}

function answerOf(reply: Reply): string {
  const code = reply.json?.code;
  return TURNED_AWAY.has(code) ? code : "in";
}

interface Ids {
  authenticator: string;
  session: string;
  device: string;
  enrollment: string;
}

/** Ids of every kind, all of one person. */
async function idsOfSomebody(organization: Organization): Promise<Ids> {
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
function idFor(route: string, ids: Ids): string {
  if (route.includes("/sessions/")) return ids.session;
  if (route.includes("/trusted-devices/")) return ids.device;
  return ids.authenticator;
}

test("A59 skipping the second factor by strange spellings", async ({ acme, harness, nobody }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge();
  const callers = [nobody.copy(), bearer(harness, token), nobody.copy()];
  callers[2]!.cookies.set("__Host-postern-session", token);
  const guarded = (await routes(nobody)).filter(({ access }) => !["public", "challenge"].includes(access));
  expect(guarded.length).toBeGreaterThan(10);
  const spell: ((path: string) => string)[] = [
    (path) => path,
    (path) => `${path}/`,
    (path) => path.toUpperCase(),
    (path) => path.replace("/v1/", "//v1//"),
    (path) => path.replace("/v1/", "/v1/%2e/"),
    (path) => path.replace("/v1/", "/v1/x/../"),
    (path) => path.replace("/v1/", "/v1/x/%2e%2e/"),
    (path) => path.replace("/v1", "/%76%31"),
    (path) => `${path}?access_token=${token}`,
    (path) => `${path}%20`,
    (path) => `${path}%00`,
    (path) => `${path};x=1`,
    (path) => `${path}.json`,
    (path) => `/sign-in/..${path}`,
  ];
  const wrong: string[] = [];
  await expectNothingChanged(harness, async () => {
    for (const { route } of guarded) {
      const [method = "", template = ""] = route.split(" ");
      const path = template
        .replace("{org}", acme.id)
        .replace("{user}", encodeURIComponent(alice.username))
        .replace("{id}", alice.authenticators[0]!.id);
      for (const caller of callers) {
        for (const write of spell) {
          const reply = await caller.call(method, write(path), BODIES[route]);
          if (![400, 401, 404, 405].includes(reply.status))
            wrong.push(`${method} ${write(path)}: ${reply.status}`);
        }
        for (const other of ["HEAD", "OPTIONS", "TRACE", "PATCH", "POST", "QUERY"]) {
          const headers = { "x-http-method-override": method, "x-method-override": method };
          const reply = await caller.call(other, path, undefined, headers);
          if (![400, 401, 404, 405, 501].includes(reply.status))
            wrong.push(`${other} for ${route}: ${reply.status}`);
        }
      }
    }
  });
  expect(wrong).toEqual([]);
});

test("A70 another organization's ids do not exist, on every route that takes one", async ({
  acme,
  harness,
  nobody,
}) => {
  const umbrella = await newOrganization(harness, "Umbrella");
  const ids = await idsOfSomebody(umbrella);
  const alice = await acme.person({ totp: true, role: "owner" });
  await alice.signInFully();
  const taking = (await routes(nobody)).filter(
    ({ route }) => route.includes("/me/") && route.includes("{id}"),
  );
  expect(taking.length).toBeGreaterThan(2);
  await expectNothingChanged(harness, async () => {
    for (const { route } of taking) {
      for (const id of Object.values(ids)) {
        const [method = "", template = ""] = route.split(" ");
        const reply = await alice.browser.call(method, template.replace("{id}", id), BODIES[route]);
        expect(reply.json?.code, `${route} ${id}: ${reply.text}`).toBe("not_found");
      }
    }
  });
});
