// The one client for the routes that a browser may call. Types follow the JSON, names and all.
// Leaves to its caller what a person is told: `messages.ts`.

export interface Session {
  id: string;
  aal: "aal1" | "aal2";
  amr: string[];
  /** Rests on a backup code. */
  restricted: boolean;
  trusted_device: boolean;
  born_at: number;
  expires_at: number;
  fresh_until_at: number | null;
}

export interface Authenticator {
  id: string;
  kind: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
  /** Of a passkey: its credential id, whether it is synced, who keeps it. */
  credential_id?: string;
  synced?: boolean;
  provider?: string;
}

export interface Challenge {
  token: string;
  methods: string[];
  authenticators: Pick<Authenticator, "id" | "kind" | "name">[];
  expires_at: number;
  /** What the browser needs to ask for a passkey. */
  passkey?: PublicKeyCredentialRequestOptionsJSON;
  /** Present when this browser may be remembered, and for how long. */
  trust_device_days?: number;
}

/** What a passkey alone signs. */
export interface PasskeyQuestion {
  token: string;
  passkey: PublicKeyCredentialRequestOptionsJSON;
  expires_at: number;
}

export type Decision =
  | { decision: "complete"; reasons?: string[]; session: Session }
  | { decision: "challenge"; reasons?: string[]; challenge: Challenge }
  | { decision: "enroll"; reasons?: string[]; session: Session; deadline_at?: number }
  | { decision: "refuse"; reasons?: string[] };

export interface TrustedDevice {
  id: string;
  name: string;
  created_at: number;
  last_used_at: number | null;
  expires_at: number;
  current: boolean;
}

export interface OpenSession {
  id: string;
  aal: "aal1" | "aal2";
  born_at: number;
  last_used_at: number | null;
  current: boolean;
  user_agent: string | null;
}

export interface Me {
  user: { id: string; username: string; name: string | null; email: string | null; role: string };
  organization: { id: string; name: string };
  session: Session;
  authenticators: Authenticator[];
  backup_codes: { remaining: number; format: string; created_at: number } | null;
  trusted_devices?: TrustedDevice[];
  enrollment: { id: string; expires_at: number } | null;
  /** What binds this person now, and from when they will have to enroll. */
  policy: { mode: "off" | "optional" | "required"; enroll_by?: number };
  has_password: boolean;
  passkeys: { rp_id: string; user_handle: string };
}

export interface Enrollment {
  id: string;
  secret: string;
  key_uri: string;
  expires_at: number;
}

export interface PasskeyEnrollment {
  token: string;
  options: PublicKeyCredentialCreationOptionsJSON;
  expires_at: number;
}

export interface BackupCodes {
  codes: string[];
  format: string;
}

export interface Confirmed {
  authenticator: Authenticator;
  session: Session;
  backup_codes?: BackupCodes;
}

export type Proof =
  | { method: "passkey"; credential: AuthenticationResponseJSON; trust_device?: boolean }
  | { method: "totp"; code: string; authenticator?: string; trust_device?: boolean }
  | { method: "backup_code"; code: string }
  | { method: "password"; password: string };

/** A refusal or a fault: RFC 9457, or our own `unreachable` when no answer came. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    readonly field?: string,
    readonly detail?: string,
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
}

export class Api {
  /**
   * Asks the person for a fresh proof, `without` a method that would not do; true when they gave one. Where it is
   * set, a call that was answered `step_up_required` is made once more afterwards.
   */
  stepUp: ((without?: string) => Promise<boolean>) | undefined;

  constructor(private readonly base = "") {}

  signIn(organization: string, username: string, password: string) {
    return this.#call<Decision>("POST", "/v1/sign-ins/password", { organization, username, password });
  }
  askForPasskey() {
    return this.#call<{ challenge: PasskeyQuestion }>("POST", "/v1/sign-ins/passkey", {});
  }
  verify(challenge: string, proof: Proof) {
    return this.#call<Decision>("POST", "/v1/challenges/verify", { challenge, ...proof });
  }
  openStepUp() {
    return this.#call<{ challenge: Challenge }>("POST", "/v1/challenges", { purpose: "step_up" });
  }

  me() {
    return this.#call<Me>("GET", "/v1/me");
  }
  session() {
    return this.#call<{ session: Session }>("GET", "/v1/session");
  }
  signOut() {
    return this.#call<void>("DELETE", "/v1/session");
  }

  enroll(restart = false) {
    return this.#call<{ enrollment: Enrollment }>("POST", "/v1/me/totp", restart ? { restart } : {});
  }
  confirm(enrollment: string, code: string, name: string) {
    return this.#call<Confirmed>("POST", "/v1/me/totp/confirm", { enrollment, code, name });
  }
  enrollPasskey() {
    return this.#call<{ enrollment: PasskeyEnrollment }>("POST", "/v1/me/passkeys", {});
  }
  confirmPasskey(enrollment: string, credential: RegistrationResponseJSON) {
    return this.#call<Confirmed>("POST", "/v1/me/passkeys/confirm", { enrollment, credential });
  }
  rename(authenticator: string, name: string) {
    return this.#call<{ authenticator: Authenticator }>(
      "PATCH",
      `/v1/me/authenticators/${id(authenticator)}`,
      { name },
    );
  }
  remove(authenticator: string) {
    return this.#call<void>("DELETE", `/v1/me/authenticators/${id(authenticator)}`);
  }
  /** The only one left: what that takes is what turning off takes. */
  removeLast(authenticator: string, password?: string) {
    return this.#turnOff(`/v1/me/authenticators/${id(authenticator)}`, password);
  }

  replaceBackupCodes() {
    // A backup code cannot mint others.
    return this.#call<{ backup_codes: BackupCodes }>("POST", "/v1/me/backup-codes", {}, "backup_code");
  }

  /** One device, or all of them. */
  forget(device?: string) {
    return this.#call<void>("DELETE", `/v1/me/trusted-devices${device ? `/${id(device)}` : ""}`);
  }
  sessions() {
    return this.#call<{ sessions: OpenSession[] }>("GET", "/v1/me/sessions");
  }
  /** One session, or all but this one. */
  endSession(session?: string) {
    return this.#call<void>("DELETE", `/v1/me/sessions${session ? `/${id(session)}` : ""}`);
  }
  setPassword(password: string) {
    // Nor set another password.
    return this.#call<void>("PUT", "/v1/me/password", { password }, "backup_code");
  }
  turnOff(password?: string) {
    return this.#turnOff("/v1/me/mfa", password);
  }

  #turnOff(path: string, password?: string) {
    // The password comes besides; alone it would not do.
    return this.#call<void>("DELETE", path, password === undefined ? {} : { password }, "password");
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

  async #call<T>(method: string, path: string, body?: object, without?: string): Promise<T> {
    try {
      return await this.#send<T>(method, path, body);
    } catch (error) {
      const asked = error instanceof Problem && error.code === "step_up_required" && this.stepUp;
      if (!asked || !(await asked(without))) throw error;
      return this.#send<T>(method, path, body);
    }
  }

  async #send<T>(method: string, path: string, body?: object): Promise<T> {
    const request: RequestInit = { method, credentials: "same-origin", cache: "no-store" };
    request.headers = { accept: "application/json, application/problem+json" };
    if (body) {
      request.headers["content-type"] = "application/json";
      request.body = JSON.stringify(body);
    }
    let response: Response;
    try {
      response = await fetch(this.base + path, request);
    } catch {
      throw new Problem("unreachable", 0);
    }
    if (!response.ok) throw await problem(response);
    if (response.status === 204) return undefined as T;
    return (await response.json()) as T;
  }
}

function id(value: string): string {
  return encodeURIComponent(value);
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
    text("detail"),
    text("request_id"),
    Number.isNaN(retryAfter) ? undefined : retryAfter,
    body.outcome === "unknown",
    text("hint"),
    typeof body.clock_behind_minutes === "number" ? body.clock_behind_minutes : undefined,
  );
}
