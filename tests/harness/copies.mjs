// KV with a counter and faults around it: late, empty, full of garbage, or refusing writes.

const LATE_MS = 60_000;
const GARBAGE = new TextEncoder().encode("not a copy that anybody sealed ".repeat(8));

/** What was read first while frozen, and every write that went through here: both for all requests. */
const firstReads = new Map();
const history = new Map();

/** Forgets what the `frozen` and `late` modes remember. */
export function forgetReads() {
  firstReads.clear();
  history.clear();
}

/** Wraps the binding for one request; reads and writes are counted in `trace`. */
export function watchedCopies(real, faults, trace) {
  const mode = (name) => faults.kv.has(name);

  const read = async (key) => {
    trace.kvReads += 1;
    if (mode("get-fails")) throw new Error("KV GET failed: 503 Service Unavailable");
    if (mode("miss")) return null;
    if (mode("garbage")) return GARBAGE.slice().buffer;
    if (mode("late")) return atThatTime(real, key, Date.now() - LATE_MS);
    if (mode("frozen")) {
      if (!firstReads.has(key)) firstReads.set(key, await real.get(key, "arrayBuffer"));
      return firstReads.get(key)?.slice(0) ?? null;
    }
    return real.get(key, "arrayBuffer");
  };
  const write = async (key, value, go) => {
    trace.kvWrites += 1;
    trace.kvKeys.push(key);
    if (mode("put-fails")) throw new Error("KV PUT failed: 429 Too Many Requests");
    if (mode("put-lost")) return;
    await remember(real, key, value);
    return go();
  };

  const methods = {
    get: async (key, options) =>
      Array.isArray(key)
        ? new Map(await Promise.all(key.map(async (one) => [one, as(options, await read(one))])))
        : as(options, await read(key)),
    getWithMetadata: async (key, options) => ({
      value: as(options, await read(key)),
      metadata: null,
      cacheStatus: null,
    }),
    put: (key, value, ...rest) => write(key, value, () => real.put(key, value, ...rest)),
    delete: (key) => write(key, null, () => real.delete(key)),
  };
  return new Proxy(real, {
    get(_, name) {
      if (name in methods) return methods[name];
      const value = real[name];
      return typeof value === "function" && name !== "constructor" ? value.bind(real) : value;
    },
  });
}

/** The value in the type that the caller asked for. */
function as(options, buffer) {
  if (buffer === null) return null;
  const type = typeof options === "string" ? options : (options?.type ?? "text");
  if (type === "arrayBuffer") return buffer;
  if (type === "stream") return new Response(buffer).body;
  const text = new TextDecoder().decode(buffer);
  return type === "json" ? JSON.parse(text) : text;
}

async function remember(real, key, value) {
  if (!history.has(key)) {
    history.set(key, [{ at: -Infinity, value: await real.get(key, "arrayBuffer") }]);
  }
  const bytes = value === null ? null : await new Response(value).arrayBuffer();
  history.get(key).push({ at: Date.now(), value: bytes });
}

async function atThatTime(real, key, at) {
  const writes = history.get(key);
  if (writes === undefined) return real.get(key, "arrayBuffer");
  return writes.findLast((write) => write.at <= at)?.value?.slice(0) ?? null;
}
