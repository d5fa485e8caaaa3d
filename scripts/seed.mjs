// A demo organization, made the way an application makes one: through the public API.

import { Stop } from "./steps.mjs";

const PEOPLE = [
  { username: "ann@demo.test", name: "Ann Archer", role: "owner", password: "copper lantern 41" },
  { username: "bob@demo.test", name: "Bob Baker", role: "member", password: "quiet harbor 73" },
  { username: "cho@demo.test", name: "Cho Carter", role: "admin", password: "velvet orchard 28" },
];

/** Makes what is missing; answers the people with `fresh` where they are new. */
export async function seed(origin, key) {
  const call = async (method, path, body) => {
    const response = await fetch(`${origin}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    if (!response.ok && response.status !== 404) {
      throw new Stop(`${method} /v1${path} answered ${response.status}: ${await response.text()}`);
    }
    return response.status;
  };
  if ((await call("GET", "/organizations/demo")) === 404) {
    await call("PUT", "/organizations/demo", { name: "Demo" });
  }
  const seeded = [];
  for (const person of PEOPLE) {
    const path = `/organizations/demo/users/${encodeURIComponent(person.username)}`;
    const fresh = (await call("GET", path)) === 404;
    if (fresh) await call("PUT", path, { ...person, email: person.username });
    seeded.push({ ...person, fresh });
  }
  return seeded;
}
