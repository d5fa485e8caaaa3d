// What applications and owners change, each from a fresh start: flows for the fault sweeps, beside those of people.

import { randomBytes } from "node:crypto";
import { newApplication, newBrowser, newOperator, type Caller, type Organization } from "./client.ts";
import type { Flow } from "./flows.ts";

/** Replaces the policy that was read before. */
async function policyPut(
  acme: Organization,
  change: Record<string, unknown>,
  by = acme.application,
): Promise<(headers: Record<string, string>) => ReturnType<typeof by.put>> {
  const { policy, version } = (await acme.application.get(`${acme.path}/policy`)).json;
  const { enrolled } = (await acme.previewPolicy({})).json;
  const body = { policy: { ...policy, ...change }, version, affected: enrolled };
  return (headers) => by.copy().put(`${acme.path}/policy`, body, headers);
}

/** An owner with a fresh proof, the path of a member who has a factor, and the ids of two members. */
async function ownerAndMember(acme: Organization): Promise<[Caller, string, string[]]> {
  const owner = await acme.person({ role: "owner", totp: true });
  const member = await acme.person({ totp: true });
  const other = await acme.person();
  await owner.signInFully();
  const path = `${acme.path}/users/${encodeURIComponent(member.username)}`;
  return [owner.browser, path, [member.username, other.username]];
}

export const APPLICATION_FLOWS: Flow[] = [
  {
    name: "POST set-up",
    status: 204,
    prepare: async (_, harness) => {
      const stored = await harness.stored();
      stored.tables.set_up = [];
      await harness.restore(stored);
      const body = {
        organization: `new-${randomBytes(6).toString("hex")}`,
        organization_name: "New",
        username: "olga@example.test",
        name: "Olga",
        email: "olga@example.test",
        password: "a password nobody has 17",
        mode: "required",
      };
      return (headers) => newOperator(harness).post("/v1/set-up", body, headers);
    },
  },
  {
    name: "PUT organization, again",
    status: 200,
    prepare: async (acme) => {
      const name = `Renamed ${randomBytes(3).toString("hex")}`;
      return (headers) => acme.application.put(acme.path, { name }, headers);
    },
  },
  {
    name: "PATCH organization, by an owner",
    status: 200,
    prepare: async (acme) => {
      const owner = await acme.person({ totp: true, role: "owner" });
      await owner.signInFully();
      const support = `help-${randomBytes(3).toString("hex")}@acme.test`;
      return (headers) => owner.browser.copy().patch(acme.path, { support }, headers);
    },
  },
  {
    name: "PUT user, again",
    status: 200,
    prepare: async (acme) => {
      const person = await acme.person();
      const path = `${acme.path}/users/${encodeURIComponent(person.username)}`;
      const body = {
        username: person.username,
        name: "Renamed",
        email: null,
        role: "admin",
        groups: ["staff"],
      };
      return (headers) => acme.application.put(path, { ...body, state: "active" }, headers);
    },
  },
  {
    name: "PUT policy, by an application",
    status: 200,
    prepare: async (acme) => policyPut(acme, { trusted_devices: { days: 9 } }),
  },
  {
    name: "PUT policy, off, by an application",
    status: 200,
    prepare: async (acme) => {
      await acme.setPolicy({ mode: "optional" });
      // One whose app falls asleep, however often this is made ready.
      if ((await acme.previewPolicy({})).json.enrolled === 0) await acme.person({ totp: true });
      return policyPut(acme, { mode: "off" });
    },
  },
  {
    name: "PUT policy, by an owner",
    status: 200,
    prepare: async (acme) => {
      const owner = await acme.person({ role: "owner", totp: true });
      await owner.signInFully();
      return policyPut(acme, { trusted_devices: { days: 9 } }, owner.browser);
    },
  },
  {
    name: "PATCH user, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.patch(path, { groups: ["night"], name: "Renamed" }, headers);
    },
  },
  {
    name: "DELETE user, by an owner",
    status: 204,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.delete(path, undefined, headers);
    },
  },
  {
    name: "PUT user, new, by an owner",
    status: 201,
    prepare: async (acme) => {
      const [owner] = await ownerAndMember(acme);
      const id = `new-${randomBytes(4).toString("hex")}`;
      return (headers) => owner.put(`${acme.path}/users/${id}`, { username: id, groups: ["night"] }, headers);
    },
  },
  {
    name: "end the factors of a person, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.post(`${path}/revoke-mfa`, { authenticators: 1 }, headers);
    },
  },
  {
    name: "sign a person out, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.post(`${path}/sign-out`, {}, headers);
    },
  },
  {
    name: "unlock a person, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.post(`${path}/unlock`, {}, headers);
    },
  },
  {
    name: "start a reset, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      return (headers) => owner.post(`${path}/reset-mfa`, {}, headers);
    },
  },
  {
    name: "take a reset back, by an owner",
    status: 204,
    prepare: async (acme) => {
      const [owner, path] = await ownerAndMember(acme);
      const started = await owner.post(`${path}/reset-mfa`, {});
      if (started.status !== 200) throw new Error(`no reset: ${started.text}`);
      return (headers) => owner.post(`${path}/cancel-reset`, {}, headers);
    },
  },
  {
    name: "end the factors of a selection, by an owner",
    status: 200,
    prepare: async (acme) => {
      const [owner, , users] = await ownerAndMember(acme);
      const body = { users, people: 2, authenticators: 1 };
      return (headers) => owner.post(`${acme.path}/revoke-mfa`, body, headers);
    },
  },
  {
    name: "sign-in by password, a name that nobody has",
    status: 401,
    prepare: async (acme, harness) => {
      const username = `nobody-${randomBytes(6).toString("hex")}`;
      const body = { organization: acme.id, username, password: "not the password 3" };
      return (headers) => newBrowser(harness).post("/v1/sign-ins/password", body, headers);
    },
  },
  {
    name: "sign-in asked by an application, no factor",
    status: 200,
    decision: "complete",
    prepare: async (acme, harness) => {
      const person = await acme.person();
      const body = { organization: acme.id, user: person.username, first_factor: { method: "password" } };
      return (headers) => newApplication(harness).post("/v1/sign-ins", body, headers);
    },
  },
];
