// Who may call what: every route against every kind of caller.

import {
  newApplication,
  newBrowser,
  newOperator,
  newOrganization,
  SESSION_COOKIE,
  type Caller,
} from "../harness/client.ts";
import {
  expectDecision,
  expectNothingChanged,
  expectNothingWritten,
  expectProblem,
} from "../harness/expect.ts";
import { expect, test } from "../harness/fixtures.ts";
import type { Reply, Sent } from "../harness/http.ts";
import {
  ACCESSES,
  BODIES,
  EXPECTED,
  MAKE,
  TURNED_AWAY,
  bearer,
  idFor,
  idsOfSomebody,
  routes,
  type Access,
  type Called,
  type Ids,
} from "./callers.ts";

test("every route has a class and a case in callers.ts", async ({ nobody }) => {
  const found = await routes(nobody);
  expect(found.map(({ route }) => route).sort()).toEqual(Object.keys(BODIES).sort());
  for (const { route, access } of found) expect(ACCESSES, route).toContain(access);
});

for (const [who, make] of Object.entries(MAKE)) {
  test(`every route called by ${who}`, async ({ acme, harness, nobody }) => {
    const umbrella = await newOrganization(harness, "Umbrella");
    const ids = await idsOfSomebody(umbrella);
    let caller = await make(acme, harness);
    const wrong: string[] = [];
    for (const { route, access, body } of await callsOf(nobody)) {
      // Signing out everywhere ends trusted devices, and the sessions that rest on one.
      if (route === "DELETE /v1/session") caller = await make(acme, harness);
      const expected = EXPECTED[who]![access];
      const [method = "", template = ""] = route.split(" ");
      const path = template
        .replace("{org}", umbrella.id)
        .replace("{user}", encodeURIComponent(`nobody-${who.length}@example.test`))
        .replace("{id}", idFor(route, ids));
      const filled = body && JSON.parse(JSON.stringify(body).replace("{enrollment}", ids.enrollment));
      const go = () => caller.call(method, path, filled);
      const reply = expected === "in" ? await go() : await expectNothingChanged(harness, go);
      if (reply.status >= 500 || answerOf(reply, access) !== expected) {
        wrong.push(`${route} (${access}): ${reply.status} ${reply.text.slice(0, 120)}, expected ${expected}`);
      }
    }
    expect(wrong).toEqual([]);
  });

  test(`who asks comes before what is asked, for ${who}`, async ({ acme, harness, nobody }) => {
    const umbrella = await newOrganization(harness, "Umbrella");
    const ids = await idsOfSomebody(umbrella);
    const caller = await make(acme, harness);
    const wrong: string[] = [];
    await expectNothingChanged(harness, async () => {
      for (const { route, access } of await callsOf(nobody)) {
        const expected = EXPECTED[who]![access];
        if (expected === "in") continue;
        for (const [what, sent] of Object.entries(misshapen(route, umbrella.id, ids))) {
          const reply = await caller.send(sent);
          if (answerOf(reply, access) !== expected)
            wrong.push(`${route}, ${what}: ${reply.status} ${reply.text}`);
        }
      }
    });
    expect(wrong).toEqual([]);
  });
}

test("an owner's proof comes before the policy that is to be set", async ({ acme, harness }) => {
  const ids = await idsOfSomebody(await newOrganization(harness, "Umbrella"));
  const owner = await acme.person({ totp: true, role: "owner" });
  await owner.signInFully();
  await harness.advance(3_000);
  await expectNothingChanged(harness, async () => {
    for (const [what, sent] of Object.entries(
      misshapen("PUT /v1/organizations/{org}/policy", acme.id, ids),
    )) {
      // Another path is another organization's.
      const expected = what.startsWith("a path") ? "not_found" : "step_up_required";
      expect((await owner.browser.send(sent)).json.code, what).toBe(expected);
    }
  });
});

/** A route's call with the body that goes with it, in the order of the bodies. */
async function callsOf(nobody: Caller): Promise<(Called & { body: object | undefined })[]> {
  const classes = new Map((await routes(nobody)).map(({ route, access }) => [route, access]));
  return Object.entries(BODIES).flatMap(([route, body]) => {
    const access = classes.get(route);
    return access === undefined ? [] : [{ route, access, body }];
  });
}

/** Calls of `route` that it cannot read: each is 400, 413 or 415 to a caller who may ask. */
function misshapen(route: string, organization: string, ids: Ids): Record<string, Sent> {
  const [method = "", template = ""] = route.split(" ");
  const to = (org: string, user: string, id: string) =>
    template.replace("{org}", org).replace("{user}", user).replace("{id}", id);
  const path = to(organization, "somebody", idFor(route, ids));
  const json = { "content-type": "application/json" };
  const sent: Record<string, Sent> = {
    "an unknown query parameter": { method, path: `${path}?unknown=1` },
    "a query parameter twice": { method, path: `${path}?limit=1&limit=1&explain=1&explain=1` },
  };
  if (template.includes("{")) sent["a path that names nothing"] = { method, path: to("%20", "%20", "%20") };
  if (method === "GET") return sent;
  return {
    ...sent,
    "not JSON": { method, path, headers: json, body: "{" },
    "an unknown field": { method, path, headers: json, body: '{"unknown":1}' },
    "too large": { method, path, headers: json, body: `{"unknown":"${"x".repeat(65_536)}"}` },
    "a form": { method, path, headers: { "content-type": "text/plain" }, body: "a=1" },
    "another charset": {
      method,
      path,
      headers: { "content-type": "application/json; charset=utf-16" },
      body: "{}",
    },
  };
}

function answerOf(reply: Reply, access: Access): string {
  const code = reply.json?.code;
  const isTurnedAway = TURNED_AWAY.has(code) || (access === "set_up" && code === "not_accepted");
  return isTurnedAway ? code : "in";
}

test("a query parameter that a route does not take is refused and named", async ({ acme, harness }) => {
  const umbrella = await newOrganization(harness, "Umbrella");
  const ids = await idsOfSomebody(umbrella);
  const person = await acme.person({ totp: true });
  await person.signInFully();
  const callers = {
    application: newApplication(harness),
    operator: newOperator(harness),
    person: person.browser,
  };
  const wrong: string[] = [];
  await expectNothingWritten(harness, async () => {
    for (const { route, access } of await callsOf(newBrowser(harness))) {
      const takesKey = ["owner", "fresh_owner", "admin", "fresh_admin", "application"].includes(access);
      const withoutKey = access === "set_up" ? callers.operator : callers.person;
      const by = takesKey ? callers.application : withoutKey;
      const [method = "", template = ""] = route.split(" ");
      const path = template
        .replace("{org}", umbrella.id)
        .replace("{user}", "somebody")
        .replace("{id}", idFor(route, ids));
      for (const query of ["stat=active", "Limit=1", "limit%00=1", "=", "x"]) {
        const reply = await by.call(method, `${path}?${query}`);
        const named = reply.json?.detail?.includes(new URLSearchParams(query).keys().next().value);
        if (reply.json?.code !== "malformed" || !named) wrong.push(`${route}?${query}: ${reply.text}`);
      }
    }
    for (const path of [
      `${umbrella.path}/users?limit=1&limit=2`,
      `${umbrella.path}/users?cursor=a&limit=1&cursor=a`,
    ]) {
      const reply = await callers.application.get(path);
      expectProblem(reply, "malformed");
      expect(path).toContain(`${reply.json.field}=`);
    }
    expectProblem(await callers.person.get("/v1/session?explain=1&explain=1"), "malformed");
    expectProblem(await callers.person.get("/v1/session?explain=yes"), "malformed");
  });
});

test("A131 a change by cookie says where it comes from", async ({ acme, harness, nobody }) => {
  const ids = await idsOfSomebody(acme);
  const person = await acme.person({ totp: true });
  await person.trust();
  const own = harness.origin;
  const senders: Record<string, Record<string, string>> = {
    neither: {},
    "an opaque origin": { origin: "null" },
    "another origin": { origin: "https://evil.example" },
    "another site": { "sec-fetch-site": "cross-site" },
    "a sibling": { "sec-fetch-site": "same-site", origin: own },
    "our origin from another site": { origin: own, "sec-fetch-site": "cross-site" },
    "another origin from our site": { origin: "https://evil.example", "sec-fetch-site": "same-origin" },
    "an origin that is empty": { origin: "" },
  };
  const changing = (await callsOf(nobody)).filter(
    ({ route, access }) => !route.startsWith("GET ") && access !== "application",
  );
  expect(changing.length).toBeGreaterThan(15);
  const [session, device] = ["session", "device"].map((kind) => {
    const caller = person.browser.copy();
    for (const name of [...caller.cookies.keys()]) if (!name.includes(kind)) caller.cookies.delete(name);
    expect(caller.cookies.size).toBe(1);
    caller.headers = {};
    return caller;
  });
  const wrong: string[] = [];
  await expectNothingWritten(harness, async () => {
    for (const { route, body } of changing) {
      const [method = "", template = ""] = route.split(" ");
      const path = template.replace("{org}", acme.id).replace("{id}", idFor(route, ids));
      for (const [what, headers] of Object.entries(senders)) {
        for (const caller of [session!, device!]) {
          const reply = await caller.call(method, path, body, headers);
          if (reply.json?.code !== "cross_origin")
            wrong.push(`${route}, ${what}: ${reply.status} ${reply.text}`);
        }
      }
    }
  });
  expect(wrong).toEqual([]);
  // Each of the two alone is enough, and a client without our cookies need not be a browser.
  const named: Record<string, string>[] = [
    { origin: own },
    { "sec-fetch-site": "same-origin" },
    { "sec-fetch-site": "none" },
  ];
  for (const headers of named) {
    expect((await session!.post("/v1/challenges", { purpose: "step_up" }, headers)).status).toBe(200);
  }
  const other = newBrowser(harness);
  other.headers = { cookie: "theme=dark" };
  expectDecision(await person.signIn(other, { session: "bearer" }), "challenge");
});

test("A59 skipping the second factor by strange spellings", async ({ acme, harness, nobody }) => {
  const alice = await acme.person({ totp: true });
  const token = await alice.challenge();
  const callers = [nobody.copy(), bearer(harness, token), nobody.copy()];
  callers[2]!.cookies.set(SESSION_COOKIE, token);
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
