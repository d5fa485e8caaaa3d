// Every route with a body: who may call it, a body that it takes, and what each field is.

import type { Caller, Organization, Person } from "../harness/client.ts";
import type { Harness } from "../harness/harness.ts";

/** What a test holds when it calls a route. */
export interface World {
  harness: Harness;
  organization: Organization;
  application: Caller;
  /** Signed in with two factors, a moment ago. */
  alice: Person;
  /** An open challenge of alice's. */
  challenge: string;
  /** An open step-up challenge of alice's session. */
  enrollment: string;
}

/** `code` is a string of digits; `text` any string; `id` a string that must name something. */
export type Kind = "text" | "code" | "boolean" | "integer" | "texts" | "object" | "object_or_null";

export interface Field {
  kind: Kind;
  required?: boolean;
}

export interface Route {
  method: string;
  path: (world: World) => string;
  caller: "application" | "alice" | "nobody" | "operator";
  fields: Record<string, Field>;
  body: (world: World) => Record<string, unknown>;
  /** Reads at most 8 KiB: nothing but codes and tokens. */
  short?: boolean;
}

/** A credential as a browser posts it, made by nobody. */
export const NOBODYS_PASSKEY = {
  id: "AAAA",
  rawId: "AAAA",
  type: "public-key",
  response: { clientDataJSON: "e30", attestationObject: "oA" },
};

const text: Field = { kind: "text" };
const needed: Field = { kind: "text", required: true };

export const ROUTES: Record<string, Route> = {
  "POST /v1/set-up": {
    method: "POST",
    path: () => "/v1/set-up",
    caller: "operator",
    fields: {
      organization: needed,
      organization_name: needed,
      username: needed,
      name: needed,
      email: needed,
      password: needed,
      mode: needed,
    },
    // The organization is there already: what can be read changes nothing.
    body: ({ organization }) => ({
      organization: organization.id,
      organization_name: "Acme",
      username: "olga@example.test",
      name: "Olga",
      email: "olga@example.test",
      password: "a password nobody has 17",
      mode: "required",
    }),
  },
  "PUT /v1/organizations/{org}": {
    method: "PUT",
    path: ({ organization }) => organization.path,
    caller: "application",
    fields: { name: needed },
    body: () => ({ name: "Acme" }),
  },
  "PATCH /v1/organizations/{org}": {
    method: "PATCH",
    path: ({ organization }) => organization.path,
    caller: "alice",
    fields: { name: text, support: text, language: text, audit_days: { kind: "integer" } },
    body: () => ({ name: "Acme", support: "help@acme.test" }),
  },
  "PUT /v1/organizations/{org}/policy": {
    method: "PUT",
    path: ({ organization }) => `${organization.path}/policy`,
    caller: "alice",
    fields: {
      policy: { kind: "object", required: true },
      version: { kind: "integer", required: true },
      affected: { kind: "integer" },
      confirm_lock_out: text,
    },
    body: () => ({ policy: { mode: "optional" }, version: 1 }),
  },
  "POST /v1/organizations/{org}/policy/preview": {
    method: "POST",
    path: ({ organization }) => `${organization.path}/policy/preview`,
    caller: "alice",
    fields: { policy: { kind: "object", required: true } },
    body: () => ({ policy: { mode: "required" } }),
  },
  "PUT /v1/organizations/{org}/users/{user}": {
    method: "PUT",
    path: ({ organization }) => `${organization.path}/users/newcomer`,
    caller: "application",
    fields: {
      username: text,
      name: text,
      email: text,
      role: text,
      groups: { kind: "texts" },
      password: text,
    },
    body: () => ({
      username: "newcomer@example.test",
      name: "Newcomer",
      email: "newcomer@example.test",
      role: "member",
      groups: ["staff"],
      password: "a password nobody has 17",
    }),
  },
  "PATCH /v1/organizations/{org}/users/{user}": {
    method: "PATCH",
    path: ({ organization, alice }) => `${organization.path}/users/${encodeURIComponent(alice.username)}`,
    caller: "application",
    fields: {
      username: text,
      name: text,
      email: text,
      role: text,
      groups: { kind: "texts" },
      state: text,
      password: text,
      second_email: text,
      language: text,
    },
    body: () => ({ name: "Newcomer" }),
  },
  "POST /v1/organizations/{org}/users/{user}/reset-mfa": {
    method: "POST",
    path: ({ organization, alice }) =>
      `${organization.path}/users/${encodeURIComponent(alice.username)}/reset-mfa`,
    caller: "application",
    fields: { minutes: { kind: "integer" } },
    body: () => ({ minutes: 60 }),
  },
  "POST /v1/organizations/{org}/users/{user}/invite": {
    method: "POST",
    path: ({ organization, alice }) =>
      `${organization.path}/users/${encodeURIComponent(alice.username)}/invite`,
    caller: "application",
    fields: {},
    body: () => ({}),
  },
  "POST /v1/invitations/open": {
    method: "POST",
    path: () => "/v1/invitations/open",
    caller: "nobody",
    fields: { token: needed },
    body: () => ({ token: "pl_in_nothing" }),
    short: true,
  },
  "POST /v1/invitations/accept": {
    method: "POST",
    path: () => "/v1/invitations/accept",
    caller: "nobody",
    fields: {
      token: needed,
      password: needed,
      method: text,
      code: text,
      credential: { kind: "object_or_null" },
    },
    body: () => ({ token: "nothing", password: "a long first password", method: "totp", code: "000000" }),
    short: true,
  },
  "POST /v1/resets/open": {
    method: "POST",
    path: () => "/v1/resets/open",
    caller: "nobody",
    fields: { token: needed },
    body: () => ({ token: "pl_re_nothing" }),
    short: true,
  },
  "POST /v1/sign-ins/password": {
    method: "POST",
    path: () => "/v1/sign-ins/password",
    caller: "nobody",
    fields: { organization: needed, username: needed, password: needed, surface: text },
    body: ({ alice }) => ({
      organization: alice.organization.id,
      username: alice.username,
      password: alice.password,
      surface: "control_panel",
    }),
    short: true,
  },
  "POST /v1/sign-ins": {
    method: "POST",
    path: () => "/v1/sign-ins",
    caller: "application",
    fields: {
      organization: needed,
      user: needed,
      first_factor: { kind: "object", required: true },
      surface: text,
    },
    body: ({ alice }) => ({
      organization: alice.organization.id,
      user: alice.username,
      first_factor: { method: "password" },
      surface: "control_panel",
    }),
  },
  "POST /v1/sessions/introspect": {
    method: "POST",
    path: () => "/v1/sessions/introspect",
    caller: "application",
    fields: { token: needed },
    body: () => ({ token: "nothing that was ever a token" }),
    short: true,
  },
  "POST /v1/challenges/verify": {
    method: "POST",
    path: () => "/v1/challenges/verify",
    caller: "nobody",
    fields: {
      challenge: needed,
      method: needed,
      code: { kind: "code", required: true },
      authenticator: text,
      trust_device: { kind: "boolean" },
    },
    body: ({ challenge, alice }) => ({
      challenge,
      method: "totp",
      code: "000000",
      authenticator: alice.authenticators[0]!.id,
      trust_device: false,
    }),
    short: true,
  },
  "POST /v1/mail/not-me": {
    method: "POST",
    path: () => "/v1/mail/not-me",
    caller: "nobody",
    fields: { token: needed },
    body: () => ({ token: "nothing" }),
    short: true,
  },
  "POST /v1/passwords/forgotten": {
    method: "POST",
    path: () => "/v1/passwords/forgotten",
    caller: "nobody",
    fields: { organization: needed, username: needed },
    body: () => ({ organization: "nobody", username: "nobody" }),
    short: true,
  },
  "POST /v1/passwords/open": {
    method: "POST",
    path: () => "/v1/passwords/open",
    caller: "nobody",
    fields: { token: needed },
    body: () => ({ token: "nothing" }),
    short: true,
  },
  "POST /v1/passwords/reset": {
    method: "POST",
    path: () => "/v1/passwords/reset",
    caller: "nobody",
    fields: {
      token: needed,
      password: needed,
      method: text,
      code: text,
      credential: { kind: "object_or_null" },
    },
    body: () => ({ token: "nothing", password: "a long new password", method: "totp", code: "000000" }),
    short: true,
  },
  "POST /v1/challenges": {
    method: "POST",
    path: () => "/v1/challenges",
    caller: "alice",
    fields: { purpose: needed },
    body: () => ({ purpose: "step_up" }),
    short: true,
  },
  "POST /v1/me/totp": {
    method: "POST",
    path: () => "/v1/me/totp",
    caller: "alice",
    fields: { restart: { kind: "boolean" } },
    body: () => ({ restart: false }),
    short: true,
  },
  "POST /v1/me/totp/confirm": {
    method: "POST",
    path: () => "/v1/me/totp/confirm",
    caller: "alice",
    fields: { enrollment: needed, code: { kind: "code", required: true }, name: needed },
    body: ({ enrollment }) => ({ enrollment, code: "000000", name: "Tablet" }),
    short: true,
  },
  "POST /v1/sign-ins/passkey": {
    method: "POST",
    path: () => "/v1/sign-ins/passkey",
    caller: "nobody",
    fields: { surface: text },
    body: () => ({ surface: "control_panel" }),
    short: true,
  },
  "POST /v1/me/passkeys": {
    method: "POST",
    path: () => "/v1/me/passkeys",
    caller: "alice",
    fields: {},
    body: () => ({}),
    short: true,
  },
  "POST /v1/me/passkeys/confirm": {
    method: "POST",
    path: () => "/v1/me/passkeys/confirm",
    caller: "alice",
    fields: { enrollment: needed, credential: { kind: "object", required: true }, name: text },
    body: () => ({ enrollment: "nothing", credential: NOBODYS_PASSKEY, name: "Laptop" }),
  },
  "PATCH /v1/me/authenticators/{id}": {
    method: "PATCH",
    path: ({ alice }) => `/v1/me/authenticators/${alice.authenticators[0]!.id}`,
    caller: "alice",
    fields: { name: needed },
    body: () => ({ name: "Old phone" }),
  },
  "POST /v1/me/backup-codes": {
    method: "POST",
    path: () => "/v1/me/backup-codes",
    caller: "alice",
    fields: {},
    body: () => ({}),
  },
  "PUT /v1/me/password": {
    method: "PUT",
    path: () => "/v1/me/password",
    caller: "alice",
    fields: { password: needed },
    body: () => ({ password: "another password 23" }),
  },
};
