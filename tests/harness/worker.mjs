// The released Worker with a stub layer around its bindings (ATTACKS 11.3): nothing of this is in the release.
//
// Requests may say, in headers that the Worker never sees:
//   x-fault     what goes wrong (faults.mjs)
//   x-late      do not wait for work that goes on after the reply
//   x-trace     a name under which `GET /__harness/trace?id=` tells every trip
//   x-instance  2: answered by another isolate over the same database
// Answers carry: x-d1-trips, x-d1-statements (of each trip), x-d1-trips-later, x-kv-reads, x-kv-writes.

import "./clock.mjs";
import { WorkerEntrypoint } from "cloudflare:workers";
import Postern from "../../build/index.js";
import { control, CONTROL, replaced, traces } from "./control.mjs";
import { watchedCopies } from "./copies.mjs";
import { watched } from "./database.mjs";
import { faultsOf, parse } from "./faults.mjs";

const OURS = ["x-fault", "x-late", "x-trace", "x-instance"];

export default class Harness extends WorkerEntrypoint {
  async fetch(request) {
    if (request.headers.get("x-instance") === "2") {
      const there = new Request(request);
      there.headers.delete("x-instance");
      return this.env.OTHER.fetch(there);
    }
    const { pathname } = new URL(request.url);
    if (pathname.startsWith(CONTROL)) {
      return control(request, this.env, (faults) => {
        const { env, trace } = surroundings(this.env, parse(faults));
        return { job: new Postern(this.ctx, env), trace };
      });
    }
    const { env, trace } = surroundings(this.env, faultsOf(request));
    const clean = new Request(request);
    for (const name of OURS) clean.headers.delete(name);

    const later = [];
    const inside = new Postern(this.ctx, env);
    const response = await inside.fetch.call({ env, ctx: collecting(this.ctx, later) }, clean);
    trace.replied = true;
    if (!request.headers.has("x-late")) {
      for (let done = 0; done < later.length; done += 1) await Promise.allSettled([later[done]]);
    }
    return counted(response, request, trace);
  }

  async scheduled(event) {
    return new Postern(this.ctx, { ...this.env, ...replaced }).scheduled(event);
  }
}

/** The bindings under these faults, and where each trip is written down. */
function surroundings(bindings, faults) {
  const trace = { trips: [], replied: false, kvReads: 0, kvWrites: 0, kvKeys: [] };
  const env = {
    ...bindings,
    ...replaced,
    DB: watched(bindings.DB, faults, trace),
    COPIES: watchedCopies(bindings.COPIES, faults, trace),
    SHIELD: watchedShield(bindings.SHIELD, trace),
  };
  return { env, trace };
}

/** The shield, with the key of the client that it was asked for noted. */
function watchedShield(real, trace) {
  const limit = (asked) => {
    trace.shieldKey = asked.key;
    return real.limit(asked);
  };
  return new Proxy(real, { get: (_, name) => (name === "limit" ? limit : real[name]) });
}

/** The context, with `waitUntil` also handing its promises to us. */
function collecting(ctx, later) {
  return new Proxy(ctx, {
    get(_, name) {
      if (name === "waitUntil") {
        return (promise) => {
          later.push(promise);
          ctx.waitUntil(promise);
        };
      }
      const value = ctx[name];
      return typeof value === "function" && name !== "constructor" ? value.bind(ctx) : value;
    },
  });
}

function counted(response, request, trace) {
  const name = request.headers.get("x-trace");
  if (name) {
    traces.set(name, trace);
    if (traces.size > 500) traces.delete(traces.keys().next().value);
  }
  const before = trace.trips.filter(({ afterReply }) => !afterReply);
  const answer = new Response(response.body, response);
  answer.headers.set("x-d1-trips", String(before.length));
  answer.headers.set("x-d1-statements", before.map(({ statements }) => statements.length).join(" "));
  answer.headers.set("x-d1-trips-later", String(trace.trips.length - before.length));
  answer.headers.set("x-kv-reads", String(trace.kvReads));
  answer.headers.set("x-kv-writes", String(trace.kvWrites));
  return answer;
}
