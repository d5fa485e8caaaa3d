// The demo: two organizations with people in every state, made the way an application makes them, through the
// public API. What happened to them happened just now: there is no way to write yesterday's records, on purpose.

import { setTimeout as pause } from "node:timers/promises";
import { Secret, TOTP } from "otpauth";
import { COLLEAGUES, OTHERS, SIGN_IN_AS } from "./demo-people.mjs";
import { Stop } from "./steps.mjs";

/** Makes what is missing; answers the people to sign in as, with `fresh` where they are new. */
export async function seed(origin, key) {
  const demo = new Organization(origin, key, "demo");
  const isNew = await demo.make("Demo");
  const people = [];
  for (const person of SIGN_IN_AS) people.push({ ...person, fresh: await demo.add(person) });
  for (const person of COLLEAGUES) await demo.add(person);
  if (isNew) await demo.require(["finance"], 14);
  const other = new Organization(origin, key, "other");
  await other.make("Other");
  for (const person of OTHERS) await other.add(person);
  return people;
}

class Organization {
  /** The secrets and backup codes of people, by username. */
  #held = new Map();

  constructor(origin, key, id) {
    this.origin = origin;
    this.key = key;
    this.id = id;
  }

  /** Whether it is new. */
  async make(name) {
    const isNew = (await this.#call("GET", this.#path())).status === 404;
    if (isNew) await this.#call("PUT", this.#path(), { name });
    return isNew;
  }

  /** Adds a person, and has happen to them what is told of them; whether they are new. */
  async add({ does = [], state, ...person }) {
    const path = this.#path(`/users/${encodeURIComponent(person.username)}`);
    const isNew = (await this.#call("GET", path)).status === 404;
    if (!isNew) return false;
    await this.#call("PUT", path, { ...person, email: person.username });
    for (const deed of does) await DEEDS[deed].call(this, person.username);
    if (state) await this.#call("PATCH", path, { state });
    return true;
  }

  /** Requires a second step of these groups after so many days. */
  async require(groups, days) {
    const { policy, version } = (await this.#call("GET", this.#path("/policy"))).body;
    const until = Math.floor(Date.now() / 1000) + days * 86_400;
    const required = { ...policy, mode: "required", scope: { groups }, grace_until: until };
    await this.#call("PUT", this.#path("/policy"), { policy: required, version });
  }

  /** The first factor, as an application reports it. */
  async signIn(username, method = "password") {
    const body = { organization: this.id, user: username, first_factor: { method }, session: "bearer" };
    return (await this.#call("POST", "/sign-ins", body)).body;
  }

  async enroll(username, name) {
    const token = await this.#session(username);
    const { enrollment } = (await this.#call("POST", "/me/totp", {}, token)).body;
    // An older code, so that the next ones can be used at once.
    const body = { enrollment: enrollment.id, code: code(enrollment.secret, -1), name };
    const { backup_codes } = (await this.#call("POST", "/me/totp/confirm", body, token)).body;
    const held = this.#held.get(username) ?? {
      secret: enrollment.secret,
      next: 0,
      codes: backup_codes.codes,
    };
    this.#held.set(username, held);
    return token;
  }

  /** A session that may add an authenticator: with the second step, where there is one. */
  async #session(username) {
    const { session } = await this.signIn(username);
    if (session) return session.token;
    return (await this.verify(username)).body.session.token;
  }

  /** Answers a challenge with the next code of the app, or with what is given. */
  async verify(username, answer) {
    const { challenge } = await this.signIn(username);
    const held = this.#held.get(username);
    const proof = answer ?? { method: "totp", code: code(held.secret, held.next++) };
    return this.#call("POST", "/challenges/verify", { challenge: challenge.token, ...proof });
  }

  backupCode(username) {
    return { method: "backup_code", code: this.#held.get(username).codes[0] };
  }

  help(username, what, body = {}) {
    return this.#call("POST", this.#path(`/users/${encodeURIComponent(username)}/${what}`), body);
  }

  #path(rest = "") {
    return `/organizations/${this.id}${rest}`;
  }

  async #call(method, path, body, token = this.key) {
    const response = await fetch(`${this.origin}/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    const busy = response.status === 429 && response.headers.get("retry-after") === "1";
    if (busy && path !== "/challenges/verify") {
      await pause(1000);
      return this.#call(method, path, body, token);
    }
    const refused = path === "/challenges/verify" && [401, 429].includes(response.status);
    if (!response.ok && response.status !== 404 && !refused) {
      throw new Stop(`${method} /v1${path} answered ${response.status}: ${text}`);
    }
    return { status: response.status, body: text === "" ? undefined : JSON.parse(text) };
  }
}

/** What can have happened to a person; `this` is the organization. */
const DEEDS = {
  async enroll(username) {
    await this.enroll(username, "Phone");
  },
  async "enroll another"(username) {
    await this.enroll(username, "Tablet");
  },
  async "sign in"(username) {
    await this.verify(username);
  },
  async "use a backup code"(username) {
    await this.verify(username, this.backupCode(username));
  },
  async "guess wrong"(username) {
    for (let guess = 0; guess < 6; guess += 1)
      await this.verify(username, { method: "totp", code: "000000" });
  },
  async "come by single sign-on"(username) {
    await this.signIn(username, "sso");
  },
  async "sign out everywhere"(username) {
    await this.help(username, "sign-out");
  },
  async "lose the phone"(username) {
    await this.help(username, "revoke-mfa", { authenticators: 1 });
  },
};

/** What the app shows, `steps` of 30 s from now. */
function code(secret, steps) {
  const app = new TOTP({ secret: Secret.fromBase32(secret) });
  return app.generate({ timestamp: Date.now() + steps * 30_000 });
}
