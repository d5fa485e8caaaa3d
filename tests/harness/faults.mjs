// What a request is to suffer, as its `x-fault` header says: a list like `d1-fail=2, kv=miss`.
//
//   d1-fail=N    trip N fails before it runs          (`N+`: that one and all after it)
//   d1-drop=N    trip N is lost before it runs: the same words as a lost answer
//   d1-lose=N    trip N runs, then its answer is lost, whatever that was
//   d1-hang=N    trip N runs and is never answered
//   d1-wait=MS   this wait before each batch that writes
//   d1-meanwhile=N:SQL   others change something just before trip N (`meanwhile` in harness/races.ts writes it)
//   kv=miss      every read finds nothing
//   kv=garbage   every read finds bytes that do not open
//   kv=frozen    every read finds what the first read of that key found
//   kv=late      every read finds what was there 60 s earlier, by the movable clock
//   kv=get-fails · kv=put-fails · kv=put-lost

const NAMES = new Set(["d1-fail", "d1-drop", "d1-lose", "d1-hang", "d1-wait", "d1-meanwhile", "kv"]);

let standing = "";

/** Faults for every request that brings none of its own. */
export function setStandingFaults(text) {
  parse(text);
  standing = text;
}

/** The faults of one request. Throws on a word it does not know: a misspelled fault tests nothing. */
export function faultsOf(request) {
  return parse(request.headers.get("x-fault") ?? standing);
}

/** Reads such a list. */
export function parse(text) {
  const faults = { kv: new Set(), wait: 0, trips: [], meanwhile: new Map() };
  for (const part of text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean)) {
    const [name, value] = part.split("=");
    if (!NAMES.has(name) || !value) throw new Error(`no such fault: ${part}`);
    if (name === "kv") faults.kv.add(value);
    else if (name === "d1-wait") faults.wait = Number(value);
    else if (name === "d1-meanwhile") {
      const [trip, statements] = value.split(":");
      faults.meanwhile.set(Number(trip), JSON.parse(decodeURIComponent(statements)));
    } else {
      const from = parseInt(value, 10);
      faults.trips.push({ name, from, to: value.endsWith("+") ? Infinity : from });
    }
  }
  return faults;
}

/** The fault that meets trip number `trip`, if any: `d1-fail`, `d1-drop`, `d1-lose` or `d1-hang`. */
export function faultAt(faults, trip) {
  return faults.trips.find(({ from, to }) => from <= trip && trip <= to)?.name;
}
