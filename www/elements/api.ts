// The one client for the routes that a browser may call. Its types are those of the API's document, names and all.
// Leaves to its caller what a person is told: `messages.ts`.

import type {
  HttpMethod,
  OperationRequestBodyContent,
  PathsWithMethod,
  SuccessResponseJSON,
} from "openapi-typescript-helpers";
import type { components, paths } from "./openapi";
import { now } from "./time";
import { words } from "./words/sign-in";

export type Schemas = components["schemas"];

export type Authenticator = Schemas["AuthenticatorView"];
export type BackupCodes = Schemas["BackupCodesView"];
export type Challenge = Schemas["ChallengeView"];
export type Conflict = NonNullable<Schemas["Problem"]["conflict"]>;
export type Confirmed = Schemas["ConfirmedAuthenticator"];
export type Decision = Schemas["SignInAnswer"];
export type Enrollment = Schemas["TotpEnrollment"];
export type Help = Schemas["Help"];
export type Me = Schemas["Me"];
export type OpenSession = Schemas["ListedSession"];
export type OwnEvent = Schemas["OwnEvent"];
export type PasskeyEnrollment = Schemas["PasskeyEnrollment"];
/** What a passkey alone signs. */
export type PasskeyQuestion = Schemas["PasskeyChallenge"];
export type Proof = Omit<Schemas["AnswerToChallenge"], "challenge">;
export type Session = Schemas["SessionView"];
export type SessionAnswer = Schemas["SessionAnswer"];
export type TrustedDevice = Schemas["TrustedDevice"];

/** What a route takes besides its path. */
type Given<Operation> = (Operation extends { parameters: { path: infer Names } }
  ? { names: Names }
  : { names?: never }) &
  (Operation extends { parameters: { query?: infer Query } } ? { query?: Query } : { query?: never }) &
  (Operation extends { requestBody: object }
    ? { body: OperationRequestBodyContent<Operation> }
    : { body?: OperationRequestBodyContent<Operation> });

/** What it answers when all is well. */
type Answer<Operation> = Operation extends Record<string, any> ? SuccessResponseJSON<Operation> : never;

/** A refusal or a fault: RFC 9457, or our own `unreachable` when no answer came. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly field?: string,
    /** What the stored state does not allow, where that is why. */
    readonly conflict?: Conflict,
    readonly requestId?: string,
    /** Seconds to wait, from `Retry-After`. */
    readonly retryAfter?: number,
    /** Whether it may have been done all the same. */
    readonly unknown = false,
    /** Why a proof does not hold, after another one did: `clock_behind` or `passkey_changed`. */
    readonly hint?: string,
    /** How far the clock is behind that made a code. */
    readonly clockBehindMinutes?: number,
  ) {
    super(code);
    this.name = "Problem";
  }

  /** Whether the person was asked for a proof and chose not to give one. */
  declined = false;
}

/** What a fresh proof is for. */
export interface Purpose {
  /** Completes the sentence `needed` of the words: "Needed to …", "Nötig, um …". */
  to: string;
  /** A method that would not do, since the request would be refused all the same. */
  without?: Challenge["methods"][number] | undefined;
}

export class Api {
  /**
   * Asks the person for a fresh proof; true when they gave one. Where it is set, a call that was answered
   * `step_up_required` is made once more afterwards.
   */
  stepUp: ((purpose: Purpose) => Promise<boolean>) | undefined;
  /** Until when a proof is fresh (unix seconds), where that is known: a call that needs one then asks for it first. */
  freshUntil: number | null | undefined;

  /** With a `bearer`, the calls show it: the operator's code at set-up. */
  constructor(
    private readonly base = "",
    private readonly bearer?: string,
  ) {}

  /** Refused where the code does not open set-up, or was used. */
  canSetUp() {
    return this.call("get", "/v1/set-up", {});
  }
  /** What happened to one's own account in the last 30 days. */
  activity() {
    return this.call("get", "/v1/me/activity", {});
  }
  setUp(body: Schemas["SetUpBody"]) {
    return this.call("post", "/v1/set-up", { body });
  }

  /** With the token of a reset's link, to replace all factors. */
  signIn(organization: string, username: string, password: string, reset?: string) {
    const link = reset === undefined ? {} : { reset };
    return this.call("post", "/v1/sign-ins/password", {
      body: { organization, username, password, ...link },
    });
  }
  /** Whom the link of a reset is for; nothing changes. */
  openReset(token: string) {
    return this.call("post", "/v1/resets/open", { body: { token } });
  }
  askForPasskey() {
    return this.call("post", "/v1/sign-ins/passkey", { body: {} });
  }
  verify(challenge: string, proof: Proof) {
    return this.call("post", "/v1/challenges/verify", { body: { challenge, ...proof } });
  }
  /** Whom to ask when a challenge cannot be answered; with `send`, they get a request. */
  help(challenge: string, send: boolean) {
    return this.call("post", "/v1/challenges/help", { body: { challenge, send } });
  }
  /** By the link of a notice: signs everything out. */
  notMe(token: string) {
    return this.call("post", "/v1/mail/not-me", { body: { token } });
  }
  /** Mails a link to a new password, if there is such a person: the answer is the same. */
  forgotPassword(organization: string, username: string) {
    return this.call("post", "/v1/passwords/forgotten", { body: { organization, username } });
  }
  /** Whom such a link is for. */
  openPassword(token: string) {
    return this.call("post", "/v1/passwords/open", { body: { token } });
  }
  resetPassword(body: Schemas["ChosenPassword"]) {
    return this.call("post", "/v1/passwords/reset", { body });
  }
  /** Whom an invitation is for, and what it takes. */
  openInvitation(token: string) {
    return this.call("post", "/v1/invitations/open", { body: { token } });
  }
  acceptInvitation(body: Schemas["ChosenPassword"]) {
    return this.call("post", "/v1/invitations/accept", { body });
  }
  openStepUp() {
    return this.call("post", "/v1/challenges", { body: { purpose: "step_up" } });
  }

  me() {
    return this.call("get", "/v1/me", {});
  }
  session() {
    return this.call("get", "/v1/session", {});
  }
  signOut() {
    return this.call("delete", "/v1/session", {});
  }

  enroll(restart = false) {
    return this.call("post", "/v1/me/totp", { body: restart ? { restart } : {} }, purposeOf("addApp"));
  }
  confirm(enrollment: string, code: string, name: string) {
    return this.call("post", "/v1/me/totp/confirm", { body: { enrollment, code, name } });
  }
  enrollPasskey() {
    return this.call("post", "/v1/me/passkeys", { body: {} }, purposeOf("addPasskey"));
  }
  /** Without a name it gets that of its provider. */
  confirmPasskey(enrollment: string, credential: Schemas["RegistrationResponseJSON"], name: string) {
    const body = { enrollment, credential, ...(name ? { name } : {}) };
    return this.call("post", "/v1/me/passkeys/confirm", { body });
  }
  rename(id: string, name: string) {
    return this.call("patch", "/v1/me/authenticators/{id}", { names: { id }, body: { name } });
  }
  remove(id: string) {
    return this.call("delete", "/v1/me/authenticators/{id}", { names: { id } }, purposeOf("remove"));
  }
  /** The only one left: what that takes is what turning off takes. */
  removeLast(id: string, password?: string) {
    const given = { names: { id }, ...proof(password) };
    return this.call("delete", "/v1/me/authenticators/{id}", given, purposeOf("turnOff"));
  }

  replaceBackupCodes() {
    return this.call("post", "/v1/me/backup-codes", { body: {} }, purposeOf("makeCodes"));
  }

  /** "Not now" to the offer to enroll. */
  declinePrompt() {
    return this.call("post", "/v1/me/prompt/declined", { body: {} });
  }

  backupCodesSaved() {
    return this.call("post", "/v1/me/backup-codes/saved", { body: {} });
  }

  /** One device, or all of them. */
  forget(id?: string) {
    return id === undefined
      ? this.call("delete", "/v1/me/trusted-devices", {}, purposeOf("forget"))
      : this.call("delete", "/v1/me/trusted-devices/{id}", { names: { id } }, purposeOf("forget"));
  }
  sessions() {
    return this.call("get", "/v1/me/sessions", {});
  }
  /** One session, or all but this one. */
  endSession(id?: string) {
    return id === undefined
      ? this.call("delete", "/v1/me/sessions", {})
      : this.call("delete", "/v1/me/sessions/{id}", { names: { id } });
  }
  setPassword(password: string) {
    return this.call("put", "/v1/me/password", { body: { password } }, purposeOf("setPassword"));
  }
  turnOff(password?: string) {
    return this.call("delete", "/v1/me/mfa", proof(password), purposeOf("turnOff"));
  }

  /**
   * What to say of an error. Where it is not known whether something was done, the session is looked at first: one that
   * is over was ended by it, or has another token since.
   */
  async looked(error: unknown): Promise<unknown> {
    if (!(error instanceof Problem && error.unknown)) return error;
    try {
      await this.session();
    } catch (now) {
      if (now instanceof Problem && now.code === "unauthenticated") return now;
    }
    return error;
  }

  /** Makes a call; one with a `purpose` needs a fresh proof. */
  async call<Method extends HttpMethod, Path extends PathsWithMethod<paths, Method>>(
    method: Method,
    path: Path,
    given: Given<paths[Path][Method]>,
    purpose?: Purpose,
  ): Promise<Answer<paths[Path][Method]>> {
    const send = () => this.#send<Answer<paths[Path][Method]>>(method, address(path, given), given.body);
    const old = this.freshUntil !== undefined && (this.freshUntil ?? 0) <= now();
    if (purpose && old && this.stepUp && !(await this.stepUp(purpose))) throw declined();
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "step_up_required" && this.stepUp)) throw error;
      if (!(await this.stepUp(purpose ?? purposeOf("goOn")))) throw declined();
      return send();
    }
  }

  /** A file, and where it goes on (`Link` with `rel="next"`, RFC 8288). */
  async file(path: string): Promise<{ text: string; next: string | undefined }> {
    const response = await this.#fetch(path, { headers: { accept: "text/csv,application/x-ndjson" } });
    const next = /<([^>]*)>; rel="next"/.exec(response.headers.get("link") ?? "")?.[1];
    return { text: await response.text(), next };
  }

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    // `fetch` itself writes every method in capitals but `patch`.
    const request: RequestInit = { method: method.toUpperCase() };
    request.headers = { accept: "application/json, application/problem+json" };
    if (body) {
      request.headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    const response = await this.#fetch(path, request);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }

  async #fetch(path: string, request: RequestInit): Promise<Response> {
    const shown = this.bearer === undefined ? {} : { authorization: `Bearer ${this.bearer}` };
    const headers = { ...request.headers, ...shown };
    let response: Response;
    try {
      response = await fetch(this.base + path, {
        ...request,
        headers,
        credentials: "same-origin",
        cache: "no-store",
      });
    } catch {
      throw new Problem("unreachable", 0);
    }
    if (!response.ok) throw await problem(response);
    return response;
  }
}

type Use = keyof typeof words.stepUp.purposes;

const WITHOUT: Partial<Record<Use, Purpose["without"]>> = {
  // A backup code cannot make other codes, nor set another password.
  makeCodes: "backup_code",
  setPassword: "backup_code",
  // The password comes with the request, and is not enough alone.
  turnOff: "password",
};

function purposeOf(use: Use): Purpose {
  return { to: words.stepUp.purposes[use], without: WITHOUT[use] };
}

function declined(): Problem {
  const problem = new Problem("step_up_required", 403);
  problem.declined = true;
  return problem;
}

function proof(password: string | undefined) {
  return { body: password === undefined ? {} : { password } };
}

/** A path with its names in their places, and what is asked for after it. */
function address(
  path: string,
  { names = {}, query = {} }: { names?: Record<string, string>; query?: Record<string, unknown> },
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(names[name] ?? ""));
  const asked = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)]],
  );
  return asked.length > 0 ? `${filled}?${new URLSearchParams(asked)}` : filled;
}

async function problem(response: Response): Promise<Problem> {
  const body: Record<string, unknown> = await response.json().catch(() => ({}));
  const text = (name: string) => (typeof body[name] === "string" ? body[name] : undefined);
  // A 404 without a problem document comes from whatever serves the pages: the route is not there.
  const code = text("code") ?? (response.status === 404 ? "not_found" : "fault");
  const retryAfter = Number.parseInt(response.headers.get("retry-after") ?? "", 10);
  return new Problem(
    code,
    response.status,
    text("field"),
    text("conflict") as Conflict | undefined,
    text("request_id"),
    Number.isNaN(retryAfter) ? undefined : retryAfter,
    body.outcome === "unknown",
    text("hint"),
    typeof body.clock_behind_minutes === "number" ? body.clock_behind_minutes : undefined,
  );
}
