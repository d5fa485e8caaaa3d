// Requests that each want a slow hash, many of them: from one session, or from nobody at all.

import { randomBytes } from "node:crypto";
import { newBrowser, type Caller, type Organization } from "./client.ts";
import type { Reply } from "./http.ts";

export interface Flood {
  /** The case of ATTACKS.md. */
  id: string;
  name: string;
  many: number;
  /** Makes what the requests need; answers one of them. */
  prepare: (acme: Organization) => Promise<(number: number) => Promise<Reply>>;
}

/** A name that nobody has; all are of one length. */
export const newName = () => `person-${randomBytes(4).toString("hex")}@example.test`;

/** Somebody signed in with two factors a moment ago; every call is another tab of that session. */
async function session(acme: Organization): Promise<() => Caller> {
  const mallory = await acme.person({ totp: true });
  await mallory.signInFully();
  return () => mallory.browser.copy();
}

export const FLOODS: Flood[] = [
  {
    id: "A125",
    name: "new sets of backup codes",
    many: 50,
    prepare: async (acme) => {
      const tab = await session(acme);
      return () => tab().post("/v1/me/backup-codes", {});
    },
  },
  {
    id: "A125",
    name: "new passwords",
    many: 100,
    prepare: async (acme) => {
      const tab = await session(acme);
      const password = `pw ${randomBytes(9).toString("base64url")}`;
      return () => tab().put("/v1/me/password", { password });
    },
  },
  {
    id: "A125",
    name: "tries to turn it all off",
    many: 50,
    prepare: async (acme) => {
      const tab = await session(acme);
      return () => tab().delete("/v1/me/mfa", { password: "not the password" });
    },
  },
  {
    id: "A125",
    name: "step-ups by password",
    many: 100,
    prepare: async (acme) => {
      const mallory = await acme.person();
      await mallory.signIn();
      const challenge = await mallory.openStepUp();
      const proof = { challenge, method: "password", password: "not the password" };
      return () => mallory.browser.copy().post("/v1/challenges/verify", proof);
    },
  },
  {
    id: "A126",
    name: "wrong passwords for names that nobody has",
    many: 300,
    prepare: async (acme) => () =>
      newBrowser(acme.harness).post("/v1/sign-ins/password", {
        organization: acme.id,
        username: newName(),
        password: "not the password",
      }),
  },
];

/** As many requests that are read and refused, and want no hash: what being many costs by itself. */
export const NOTHING: Flood["prepare"] = async (acme) => () =>
  newBrowser(acme.harness).post("/v1/challenges/verify", {
    challenge: "nothing",
    method: "totp",
    code: "000000",
  });
