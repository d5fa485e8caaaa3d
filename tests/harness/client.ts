// Callers of the API: an application with its key, and people with a browser's cookie jar.

import { randomBytes } from "node:crypto";
import { lend, remember } from "./code-sets.ts";
import { codeAt } from "./codes.ts";
import type { Harness } from "./harness.ts";
import { patiently, send, type Reply, type Sent } from "./http.ts";
import { Passkey, type Told } from "./passkey.ts";

/** Its name where our own origin is plain http on localhost. */
export const SESSION_COOKIE = "postern-session";

/** As tests/harness/wrangler.toml has it. */
export const SET_UP_CODE = "harness-set-up-code-0123456789abcdef";

type Headers = Record<string, string | string[]>;

/** Somebody who calls: keeps cookies like a browser, or sends a bearer token. */
export class Caller {
  readonly cookies = new Map<string, string>();
  bearer: string | undefined;
  /** Sent with every request unless the request says otherwise. */
  headers: Headers = {};

  constructor(private readonly harness: Harness) {}

  get(path: string, headers: Headers = {}): Promise<Reply> {
    return this.send({ method: "GET", path, headers });
  }

  delete(path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    return this.call("DELETE", path, body, headers);
  }

  post(path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    return this.call("POST", path, body, headers);
  }

  put(path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    return this.call("PUT", path, body, headers);
  }

  patch(path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    return this.call("PATCH", path, body, headers);
  }

  call(method: string, path: string, body?: unknown, headers: Headers = {}): Promise<Reply> {
    if (body === undefined) return this.send({ method, path, headers });
    return this.send({
      method,
      path,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Sends anything, and takes over the cookies that come back. */
  async send(sent: Sent): Promise<Reply> {
    const reply = await send(this.harness.address, {
      ...sent,
      headers: {
        ...this.headers,
        ...(this.bearer === undefined ? {} : { authorization: `Bearer ${this.bearer}` }),
        ...(this.cookies.size === 0 ? {} : { cookie: this.cookieHeader() }),
        ...sent.headers,
      },
    });
    for (const line of reply.setCookies) this.take(line);
    return reply;
  }

  cookieHeader(): string {
    return [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  /** Another tab of nobody: same cookies now, none shared later. */
  copy(): Caller {
    const twin = new Caller(this.harness);
    for (const [name, value] of this.cookies) twin.cookies.set(name, value);
    twin.bearer = this.bearer;
    twin.headers = { ...this.headers };
    return twin;
  }

  private take(line: string): void {
    const [pair = "", ...attributes] = line.split(";");
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (attributes.some((text) => /^\s*max-age=0$/i.test(text))) this.cookies.delete(name);
    else this.cookies.set(name, pair.slice(at + 1).trim());
  }
}

export interface Authenticator {
  id: string;
  name: string;
  secret: string;
}

/** Somebody in an organization, with what a person knows and holds. */
export class Person {
  browser: Caller;
  authenticators: Authenticator[] = [];
  passkeys: HeldPasskey[] = [];
  backupCodes: string[] = [];

  constructor(
    readonly harness: Harness,
    readonly organization: Organization,
    readonly username: string,
    public password: string,
  ) {
    this.browser = newBrowser(harness);
  }

  /** The password step, in this person's browser or another. */
  signIn(browser = this.browser, extra: Record<string, unknown> = {}): Promise<Reply> {
    return browser.post("/v1/sign-ins/password", {
      organization: this.organization.id,
      username: this.username,
      password: this.password,
      ...extra,
    });
  }

  /** A challenge token after a right password. */
  async challenge(browser = this.browser): Promise<string> {
    const reply = await patiently(() => this.signIn(browser));
    if (reply.json?.decision !== "challenge") throw new Error(`no challenge: ${reply.status} ${reply.text}`);
    return reply.json.challenge.token;
  }

  /** The code an authenticator app shows now, or `steps` of 30 s from now. */
  code(steps = 0, which = 0, digits = 6): string {
    const held = this.authenticators[which];
    if (held === undefined) throw new Error(`${this.username} holds no authenticator`);
    return codeAt(held.secret, this.harness.time() + steps * 30, digits);
  }

  verify(
    challenge: string,
    code: string,
    browser = this.browser,
    extra: object = {},
    headers: Headers = {},
  ): Promise<Reply> {
    return browser.post("/v1/challenges/verify", { challenge, method: "totp", code, ...extra }, headers);
  }

  /** Both steps, with a fresh code: the clock moves on to a step that no code was used for. */
  async signInFully(browser = this.browser): Promise<Reply> {
    await this.harness.advance(30);
    const reply = await this.verify(await this.challenge(browser), this.code(), browser);
    if (reply.status !== 200) throw new Error(`sign-in refused: ${reply.status} ${reply.text}`);
    return reply;
  }

  /** A backup code at sign-in or step-up. */
  useBackupCode(
    challenge: string,
    code: string,
    browser = this.browser,
    headers: Headers = {},
  ): Promise<Reply> {
    return browser.post("/v1/challenges/verify", { challenge, method: "backup_code", code }, headers);
  }

  /** Opens a step-up from a session; answers its token. */
  async openStepUp(browser = this.browser): Promise<string> {
    const reply = await browser.post("/v1/challenges", { purpose: "step_up" });
    if (reply.status !== 200) throw new Error(`no step-up: ${reply.status} ${reply.text}`);
    return reply.json.challenge.token;
  }

  /** A fresh proof by a fresh code. */
  async stepUp(browser = this.browser): Promise<void> {
    await this.harness.advance(30);
    const reply = await this.verify(await this.openStepUp(browser), this.code(), browser);
    if (reply.status !== 200) throw new Error(`step-up refused: ${reply.status} ${reply.text}`);
  }

  /** Both steps, and this browser is remembered; answers the device's cookie. */
  async trust(browser = this.browser): Promise<string> {
    await this.harness.advance(30);
    const token = await this.challenge(browser);
    const reply = await this.verify(token, this.code(), browser, { trust_device: true });
    if (reply.status !== 200) throw new Error(`sign-in refused: ${reply.status} ${reply.text}`);
    const cookie = deviceCookie(browser);
    if (cookie === undefined) throw new Error(`not trusted: ${reply.text}`);
    return cookie;
  }

  /** Adds a TOTP app from a session that may; answers the confirmation. */
  async enroll(name = "Phone", browser = this.browser): Promise<Reply> {
    const started = await browser.post("/v1/me/totp", {});
    if (started.status !== 200) throw new Error(`enrollment refused: ${started.status} ${started.text}`);
    const { id, secret } = started.json.enrollment;
    const confirmed = await browser.post("/v1/me/totp/confirm", {
      enrollment: id,
      code: codeAt(secret, this.harness.time()),
      name,
    });
    if (confirmed.status !== 200) {
      throw new Error(`confirmation refused: ${confirmed.status} ${confirmed.text}`);
    }
    this.authenticators.push({ id: confirmed.json.authenticator.id, name, secret });
    this.backupCodes = confirmed.json.backup_codes?.codes ?? this.backupCodes;
    return confirmed;
  }

  /** What the browser is asked to make, and the token that goes with it. */
  async beginPasskey(browser = this.browser): Promise<{ token: string; options: any }> {
    const started = await browser.post("/v1/me/passkeys", {});
    if (started.status !== 200) throw new Error(`passkey refused: ${started.status} ${started.text}`);
    return started.json.enrollment;
  }

  confirmPasskey(token: string, credential: object, browser = this.browser, name?: string): Promise<Reply> {
    return browser.post("/v1/me/passkeys/confirm", { enrollment: token, credential, name });
  }

  /** Adds a passkey from a session that may. */
  async enrollPasskey(key = new Passkey(this.harness.origin), browser = this.browser): Promise<HeldPasskey> {
    const { token, options } = await this.beginPasskey(browser);
    const confirmed = await this.confirmPasskey(token, key.create(options), browser);
    if (confirmed.status !== 200) {
      throw new Error(`passkey not confirmed: ${confirmed.status} ${confirmed.text}`);
    }
    this.backupCodes = confirmed.json.backup_codes?.codes ?? this.backupCodes;
    const held = { id: confirmed.json.authenticator.id, key };
    this.passkeys.push(held);
    return held;
  }

  /** The password step; answers the challenge, options for a passkey with it. */
  async question(browser = this.browser): Promise<any> {
    const reply = await patiently(() => this.signIn(browser));
    if (reply.json?.decision !== "challenge") throw new Error(`no challenge: ${reply.status} ${reply.text}`);
    return reply.json.challenge;
  }

  /** An assertion in answer to a challenge. */
  assert(
    challenge: any,
    told: Told = {},
    browser = this.browser,
    key = this.passkeys[0]?.key,
    headers: Headers = {},
  ): Promise<Reply> {
    if (key === undefined) throw new Error(`${this.username} holds no passkey`);
    const credential = key.get(challenge.passkey, told);
    return browser.post(
      "/v1/challenges/verify",
      { challenge: challenge.token, method: "passkey", credential },
      headers,
    );
  }
}

/** What a passkey alone signs, whoever holds it. */
export async function passkeyQuestion(browser: Caller, extra: object = {}): Promise<any> {
  const reply = await browser.post("/v1/sign-ins/passkey", extra);
  if (reply.status !== 200) throw new Error(`no options: ${reply.status} ${reply.text}`);
  return reply.json.challenge;
}

/** A passkey that is enrolled, and the id by which we know it. */
export interface HeldPasskey {
  id: string;
  key: Passkey;
}

/** The cookie by which a browser is remembered, as `name=value`. */
export function deviceCookie(browser: Caller): string | undefined {
  const found = [...browser.cookies].find(([name]) => name.includes("device"));
  return found === undefined ? undefined : found.join("=");
}

/** An organization and the people in it. */
export class Organization {
  constructor(
    readonly harness: Harness,
    readonly application: Caller,
    readonly id: string,
  ) {}

  get path(): string {
    return `/v1/organizations/${this.id}`;
  }

  /** Changes the policy: what is not named stays. */
  async setPolicy(change: Record<string, unknown>, affected?: number, by = this.application): Promise<Reply> {
    const { policy, version } = (await this.application.get(`${this.path}/policy`)).json;
    const body = {
      policy: { ...policy, ...change },
      version,
      ...(affected === undefined ? {} : { affected }),
    };
    return by.put(`${this.path}/policy`, body);
  }

  /** What it would do to whom. */
  async previewPolicy(change: Record<string, unknown>, by = this.application): Promise<Reply> {
    const { policy } = (await this.application.get(`${this.path}/policy`)).json;
    return by.post(`${this.path}/policy/preview`, { policy: { ...policy, ...change } });
  }

  /**
   * Makes a person; `totp: true` also signs in, enrolls one app and moves the clock past its code; `passkey: true`
   * signs in and enrolls one that verifies its user.
   */
  async person(
    options: {
      username?: string;
      name?: string;
      role?: string;
      groups?: string[];
      totp?: boolean;
      passkey?: boolean;
    } = {},
  ): Promise<Person> {
    const username = options.username ?? `person-${randomBytes(4).toString("hex")}@example.test`;
    const password = `pw ${randomBytes(9).toString("base64url")}`;
    const made = await this.application.put(`${this.path}/users/${encodeURIComponent(username)}`, {
      name: options.name ?? "Somebody",
      email: options.username === undefined ? username : null,
      role: options.role ?? "member",
      groups: options.groups ?? [],
      password,
    });
    if (made.status !== 201) throw new Error(`no user: ${made.status} ${made.text}`);
    const person = new Person(this.harness, this, username, password);
    if (options.totp) {
      const reply = await person.signIn();
      if (reply.json?.decision !== "complete") {
        throw new Error(`first sign-in: ${reply.status} ${reply.text}`);
      }
    }
    if (options.passkey && !options.totp) await person.signIn();
    const lent = options.totp || options.passkey ? await lend(this.harness, [this.id, username]) : undefined;
    if (options.totp) {
      await person.enroll();
      await this.harness.advance(60);
    }
    if (options.passkey) await person.enrollPasskey();
    if (lent) person.backupCodes = lent;
    else if (person.backupCodes.length > 0) {
      await remember(this.harness, [this.id, username], person.backupCodes);
    }
    return person;
  }
}

/** An application with the key of the deployment. */
export function newApplication(harness: Harness): Caller {
  const caller = new Caller(harness);
  caller.bearer = harness.apiKey;
  return caller;
}

/** The operator, who has the set-up code. */
export function newOperator(harness: Harness): Caller {
  const caller = new Caller(harness);
  caller.bearer = SET_UP_CODE;
  return caller;
}

/** A browser on our own pages, without cookies. */
export function newBrowser(harness: Harness): Caller {
  const caller = new Caller(harness);
  caller.headers = { origin: harness.origin };
  return caller;
}

/** A new organization. */
export async function newOrganization(harness: Harness, name = "Acme"): Promise<Organization> {
  const application = newApplication(harness);
  const id = `${name.toLowerCase()}-${randomBytes(5).toString("hex")}`;
  const made = await application.put(`/v1/organizations/${id}`, { name });
  if (made.status !== 201) throw new Error(`no organization: ${made.status} ${made.text}`);
  return new Organization(harness, application, id);
}
