// D1 with a counter and faults around it. What the Worker sees has the same methods and the same class name.

import { trueNow } from "./clock.mjs";
import { faultAt } from "./faults.mjs";

const FAILED = "D1_ERROR: D1 DB is overloaded. Requests queued for too long.";
const LOST = "D1_ERROR: Network connection lost.";
const WRITES = /^\s*(with\b[^;]*\)\s*)?(insert|update|delete|replace)\b/i;

/** With SQLite's clock moved like the others. */
const clocked = (sql) => sql.replaceAll("unixepoch()", String(Math.floor(trueNow() / 1000)));

/** Which statement of ours stands for which of D1's. */
const inner = new WeakMap();

/** Wraps the binding for one request; every trip is written into `trace`. */
export function watched(database, faults, trace) {
  const trip = async (method, statements, go) => {
    // The reply waits for what answers before it; what was only begun by then goes on after it.
    const entry = { method, statements, afterReply: true };
    trace.trips.push(entry);
    const fault = faultAt(faults, trace.trips.length);
    const others = faults.meanwhile.get(trace.trips.length);
    if (others) await database.batch(others.map(({ sql, values }) => database.prepare(sql).bind(...values)));
    if (faults.wait > 0 && statements.some((sql) => WRITES.test(sql))) await scheduler.wait(faults.wait);
    if (fault) entry.fault = fault;
    if (fault === "d1-fail") throw new Error(FAILED);
    if (fault === "d1-drop") throw new Error(LOST);
    try {
      const answer = await go();
      if (fault === "d1-lose") throw new Error(LOST);
      if (fault === "d1-hang") return await new Promise(() => {});
      return answer;
    } catch (error) {
      entry.error = String(error.message ?? error);
      throw fault === "d1-lose" ? new Error(LOST) : error;
    } finally {
      entry.afterReply = trace.replied;
    }
  };
  const statement = (real, sql) => {
    const ours = new Proxy(real, {
      get(_, name) {
        if (name === "bind") return (...values) => statement(real.bind(...values), sql);
        if (["first", "run", "all", "raw"].includes(name)) {
          return (...given) => trip(name, [sql], () => real[name](...given));
        }
        return passThrough(real, name);
      },
    });
    inner.set(ours, { real, sql });
    return ours;
  };
  const around = (real) =>
    new Proxy(real, {
      get(_, name) {
        if (name === "prepare") return (sql) => statement(real.prepare(clocked(sql)), sql);
        if (name === "batch") {
          return (statements) =>
            trip(
              "batch",
              statements.map((one) => inner.get(one).sql),
              () => real.batch(statements.map((one) => inner.get(one).real)),
            );
        }
        if (name === "exec") return (sql) => trip("exec", [sql], () => real.exec(sql));
        if (name === "withSession") return (...given) => around(real.withSession(...given));
        return passThrough(real, name);
      },
    });
  return around(database);
}

function passThrough(real, name) {
  const value = real[name];
  return typeof value === "function" && name !== "constructor" ? value.bind(real) : value;
}
