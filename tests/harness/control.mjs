// What tests may do beside the Worker: move its clock, look at its tables, touch its copies.

import { setClock } from "./clock.mjs";
import { forgetReads } from "./copies.mjs";
import { setStandingFaults } from "./faults.mjs";

export const CONTROL = "/__harness/";

/** Values that stand in front of the bindings' own, such as other ORIGINS or other keys. */
export const replaced = {};

/** Another name means another isolate: the Worker crashed or was loaded again, and forgot all of the above. */
let isolate;

/** The traces of the last requests that named themselves with `x-trace`. */
export const traces = new Map();

/** Answers one control request with JSON. `inside` makes the Worker's own entry point, under the faults given. */
export async function control(request, env, inside) {
  const url = new URL(request.url);
  const name = url.pathname.slice(CONTROL.length);
  const handler = handlers[`${request.method} ${name}`];
  if (handler === undefined) return Response.json({ error: `no ${request.method} ${name}` }, { status: 404 });
  const body = ["POST", "PUT"].includes(request.method) ? await request.json() : {};
  try {
    return Response.json((await handler({ url, body, env, inside })) ?? null);
  } catch (error) {
    return Response.json({ error: String(error.stack ?? error) }, { status: 500 });
  }
}

const handlers = {
  "POST clock": ({ body }) => setClock(body),
  "GET clock": () => ({ now: Date.now() }),
  // Drawn in a request: a Worker has no randomness before its first one.
  "GET isolate": () => (isolate ??= crypto.randomUUID()),
  "POST faults": ({ body }) => {
    setStandingFaults(body.faults);
    forgetReads();
  },
  "POST vars": ({ body }) => Object.assign(replaced, body),
  "GET trace": ({ url }) => traces.get(url.searchParams.get("id")) ?? null,
  "POST sql": async ({ body, env }) => {
    const statements = body.batch ?? [body];
    const results = await env.DB.batch(
      statements.map(({ sql, values = [] }) => env.DB.prepare(sql).bind(...values)),
    );
    return results.map(({ results: rows, meta }) => ({ rows, changes: meta.changes }));
  },
  "GET tables": async ({ env }) => {
    const { names } = await parts(env.DB);
    const all = await env.DB.batch(names.map((name) => env.DB.prepare(`SELECT * FROM "${name}"`)));
    return Object.fromEntries(
      names.map((name, index) => [name, all[index].results.map((row) => JSON.stringify(row)).sort()]),
    );
  },
  // Without the triggers, which keep events from being deleted.
  "PUT tables": async ({ env, body }) => {
    const { names, triggers } = await parts(env.DB);
    const statements = [
      "PRAGMA defer_foreign_keys = on",
      ...triggers.map(({ name }) => `DROP TRIGGER "${name}"`),
      ...names.map((name) => `DELETE FROM "${name}"`),
    ].map((sql) => env.DB.prepare(sql));
    for (const name of names) {
      const [first] = body[name];
      if (first === undefined) continue;
      const columns = Object.keys(JSON.parse(first)).map((column) => `"${column}"`);
      const values = columns.map((column) => `value ->> '$.${column}'`);
      const sql = `INSERT INTO "${name}" (${columns}) SELECT ${values} FROM json_each(?1)`;
      statements.push(env.DB.prepare(sql).bind(`[${body[name]}]`));
    }
    await env.DB.batch([...statements, ...triggers.map(({ sql }) => env.DB.prepare(sql))]);
  },
  "GET kv": async ({ env, url }) => {
    const { keys } = await env.COPIES.list({ prefix: url.searchParams.get("prefix") ?? "" });
    const values = await Promise.all(keys.map(({ name }) => env.COPIES.get(name, "arrayBuffer")));
    return Object.fromEntries(keys.map(({ name }, index) => [name, base64(values[index])]));
  },
  "PUT kv": ({ env, body }) =>
    env.COPIES.put(
      body.key,
      Uint8Array.from(atob(body.value), (char) => char.charCodeAt(0)),
    ),
  "PUT copies": async ({ env, body }) => {
    const { keys } = await env.COPIES.list();
    const bytes = (value) => Uint8Array.from(atob(value), (char) => char.charCodeAt(0));
    await Promise.all([
      ...keys.filter(({ name }) => !(name in body)).map(({ name }) => env.COPIES.delete(name)),
      ...Object.entries(body).map(([name, value]) => env.COPIES.put(name, bytes(value))),
    ]);
  },
  "DELETE kv": async ({ env, url }) => {
    const { keys } = await env.COPIES.list({ prefix: url.searchParams.get("prefix") ?? "" });
    await Promise.all(keys.map(({ name }) => env.COPIES.delete(name)));
    return { deleted: keys.length };
  },
  "POST scheduled": async ({ body, inside }) => {
    const { job, trace } = inside(body.faults ?? "");
    await job.scheduled({ cron: "* * * * *", scheduledTime: Date.now(), noRetry() {} });
    return trace.trips;
  },
};

/** The tables of ours and the triggers on them. */
async function parts(database) {
  const { results } = await database
    .prepare(
      `SELECT type, name, sql FROM sqlite_schema WHERE type IN ('table', 'trigger')
       AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name NOT LIKE 'd1_%' ORDER BY name`,
    )
    .all();
  const named = (kind) => results.filter(({ type }) => type === kind);
  return { names: named("table").map(({ name }) => name), triggers: named("trigger") };
}

function base64(buffer) {
  return buffer === null ? null : btoa(String.fromCharCode(...new Uint8Array(buffer)));
}
