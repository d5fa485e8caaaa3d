// Bodies that cannot be read, at every route that reads one: problem documents, nothing written, no 5xx.

import type { Caller } from "../harness/client.ts";
import { newApplication, newBrowser, newOperator } from "../harness/client.ts";
import { corpus } from "../harness/corpus.ts";
import { expectNothingWritten, expectProblem } from "../harness/expect.ts";
import { expect, test as base } from "../harness/fixtures.ts";
import type { Reply } from "../harness/http.ts";
import { ROUTES, type Kind, type Route, type World } from "./routes.ts";

interface Body {
  name: string;
  base64?: string;
  repeat?: { hex: string; times: number };
}

const test = base.extend<{ world: World }>({
  world: async ({ acme, harness }, use) => {
    const alice = await acme.person({ role: "owner", totp: true });
    await alice.signInFully();
    const started = await alice.browser.post("/v1/me/totp", {});
    const challenge = await alice.challenge(newBrowser(harness));
    await use({
      harness,
      organization: acme,
      application: newApplication(harness),
      alice,
      challenge,
      enrollment: started.json.enrollment.id,
    });
  },
});

/** Values that are no value of the kind. */
const WRONG: Record<Kind, unknown[]> = {
  text: [1, true, [], {}, ["text"], 1.5],
  code: [123456, 12345, true, [], {}, "", "12345", "12a456", "١٢٣٤٥٦", "1234567890", "1e5"],
  boolean: ["true", 1, 0, [], {}, "yes"],
  integer: ["1", 1.5, -1, true, [], {}],
  texts: ["text", 1, true, {}, [1], [null], [["text"]]],
  object: ["text", 1, true, [], null],
  object_or_null: ["text", 1, true, []],
};

for (const [name, route] of Object.entries(ROUTES)) {
  test.describe(name, () => {
    test("wrong types, missing and unknown fields", async ({ world }) => {
      const body = route.body(world);
      const bodies: [string, unknown][] = [
        ["an unknown field", { ...body, unknown: 1 }],
        ["an unknown field without a value", { ...body, "": null }],
        ["a prototype", JSON.parse(`{"__proto__":1,${JSON.stringify(body).slice(1)}`.replace(",}", "}"))],
        ["an array", [body]],
        ["a string", JSON.stringify(body)],
        ["null", null],
        ["a number", 7],
      ];
      for (const [field, { kind, required }] of Object.entries(route.fields)) {
        for (const value of WRONG[kind])
          bodies.push([`${field}: ${JSON.stringify(value)}`, { ...body, [field]: value }]);
        if (!required) continue;
        const { [field]: _, ...rest } = body;
        bodies.push([`no ${field}`, rest], [`${field}: null`, { ...body, [field]: null }]);
      }
      await refused(
        world,
        route,
        bodies.map(([what, json]) => [what, JSON.stringify(json)]),
        "malformed",
      );
    });

    test("bodies that are not JSON", async ({ world }) => {
      const good = JSON.stringify(route.body(world));
      const twice = good.replace("{", `{${good.slice(1, -1)}${good === "{}" ? "" : ","}`);
      const bodies: [string, string | Uint8Array][] = [
        ["cut short", good.slice(0, -1)],
        ["followed by text", `${good}x`],
        ["two bodies", good + good],
        ["single quotes", "{'a':1}"],
        ["a trailing comma", `${good.slice(0, -1)},}`],
        ["a form", "a=1&b=2"],
        [
          "invalid UTF-8",
          Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff, 0xfe]), Buffer.from('"}')]),
        ],
        ["UTF-16", Buffer.from(good, "utf16le")],
      ];
      if (good !== "{}") bodies.push(["every field twice", twice]);
      await refused(world, route, bodies, "malformed");
    });

    test("bodies that are too large", async ({ world }) => {
      const good = JSON.stringify(route.body(world));
      const padded = (size: number) => good.slice(0, -1) + " ".repeat(size - good.length) + "}";
      await refused(world, route, [["64 KiB and a byte", padded(65_537)]], "too_large");
      await refused(world, route, [["1 MiB", padded(1_048_576)]], "too_large");
      await refused(world, route, [["100,000 brackets", "[".repeat(100_000)]], "too_large");
      await refused(world, route, [["5,000 brackets", "[".repeat(5_000)]], "malformed");
      if (route.short) {
        await refused(world, route, [["8 KiB and a byte", padded(8_193)]], "too_large");
      } else {
        const wide = JSON.stringify({ ...route.body(world), unknown: "x".repeat(65_536 - good.length - 13) });
        expect(wide.length).toBeLessThanOrEqual(65_536);
        await refused(world, route, [["64 KiB of an unknown field", wide]], "malformed");
      }
    });

    test("media types that are not JSON", async ({ world }) => {
      const good = JSON.stringify(route.body(world));
      for (const type of [
        null,
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/problem+json",
        "text/json",
        "",
        "application/json; charset=utf-16",
        "application/json;charset=UTF-16LE",
        'application/json; charset="iso-8859-1"',
        "application/json; profile=x; Charset = latin1",
        "application/json; charset=utf-8; charset=utf-16",
      ]) {
        const reply = await expectNothingWritten(world.harness, () =>
          post(world, route, good === "{}" ? "{ }" : good, type),
        );
        expectProblem(reply, "unsupported_media_type");
      }
    });

    test("media types that are JSON", async ({ world }) => {
      for (const type of [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/json;Charset="UTF-8"',
        "application/json; profile=x",
      ]) {
        const reply = await expectNothingWritten(world.harness, () =>
          post(world, route, '{"unknown":1}', type),
        );
        expectProblem(reply, "malformed");
      }
    });

    test("A123 the JSON test suite", async ({ world }) => {
      const suite = corpus<Body>("hostile-input/jsontestsuite.json");
      await expectNothingWritten(world.harness, async () => {
        for (const { name: file, base64, repeat } of suite) {
          const body =
            base64 !== undefined
              ? Buffer.from(base64, "base64")
              : Buffer.from((repeat?.hex ?? "").repeat(repeat?.times ?? 0), "hex");
          if (body.length === 0 && Object.values(route.fields).every(({ required }) => !required)) continue;
          if (/^\s*\{\s*\}\s*$/.test(body.toString()) && !hasRequired(route)) continue;
          // A machine that is busy with something else may be late once, and is not three times.
          let took = Infinity;
          for (let tries = 0; tries < 3 && took >= 1000; tries += 1) {
            const from = performance.now();
            const reply = await post(world, route, body);
            expect(["malformed", "too_large"], `${file}: ${reply.text}`).toContain(reply.json?.code);
            took = performance.now() - from;
          }
          expect(took, file).toBeLessThan(1000);
        }
      });
    });
  });
}

/** Posts each body and expects one answer for all of them, and nothing written, not even a record. */
async function refused(world: World, route: Route, bodies: [string, string | Uint8Array][], code: string) {
  await expectNothingWritten(world.harness, async () => {
    const wrong: string[] = [];
    for (const [what, body] of bodies) {
      const reply = await post(world, route, body);
      if (reply.json?.code === code) expectProblem(reply, code);
      else wrong.push(`${what}: ${reply.status} ${reply.text.slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });
}

function post(
  world: World,
  route: Route,
  body: string | Uint8Array,
  type: string | null = "application/json",
): Promise<Reply> {
  const callers: Record<Route["caller"], Caller> = {
    application: world.application,
    alice: world.alice.browser,
    nobody: newBrowser(world.harness),
    operator: newOperator(world.harness),
  };
  return callers[route.caller].send({
    method: route.method,
    path: route.path(world),
    headers: type === null ? {} : { "content-type": type },
    body,
  });
}

function hasRequired(route: Route): boolean {
  return Object.values(route.fields).some(({ required }) => required);
}
