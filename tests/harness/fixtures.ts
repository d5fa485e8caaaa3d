// What every test starts from: a server of its worker's own, and a clock that stands still.

import { test as base, type Fixtures } from "@playwright/test";
import { newApplication, newBrowser, newOrganization, type Caller, type Organization } from "./client.ts";
import { departures } from "./document.ts";
import { Harness, type Stored } from "./harness.ts";

interface PerWorker {
  server: Harness;
  /** What every test finds stored: people who have nothing to do with it. */
  bystanders: Stored;
}

interface PerTest {
  harness: Harness;
  acme: Organization;
  application: Caller;
  nobody: Caller;
}

export const test = base.extend<PerTest, PerWorker>({
  ...ownServer(),
  /**
   * The server without what other tests left, and with its clock stopped, 10 s into a time step: no test waits and no
   * code runs out.
   */
  harness: [
    async ({ server, bystanders }, use, info) => {
      await server.faults("");
      departures();
      await server.restore(bystanders);
      await stopClock(server);
      const from = server.printed().length;
      const isolates = await server.isolates();
      await use(server);
      base.expect(await server.isolates(), "the Worker crashed or was loaded again").toBe(isolates);
      base.expect(departures(), "answers that docs/openapi.json does not describe").toEqual([]);
      if (info.status !== info.expectedStatus) {
        await info.attach("server log", { body: server.printed().slice(from) });
      }
    },
    { auto: true },
  ],
  application: async ({ harness }, use) => use(newApplication(harness)),
  nobody: async ({ harness }, use) => use(newBrowser(harness)),
  acme: async ({ harness }, use) => use(await newOrganization(harness)),
});

/** Tests whose server no other file uses, for those that change what every test rests on. */
export function testApart() {
  return test.extend<object, PerWorker>(ownServer());
}

/** Somebody with one of everything, whom no test may touch by mistake. */
async function makeBystanders(server: Harness): Promise<Stored> {
  await stopClock(server);
  const elsewhere = await newOrganization(server, "Elsewhere");
  const somebody = await elsewhere.person({ role: "owner", groups: ["staff"], totp: true, passkey: true });
  await somebody.trust();
  await somebody.browser.post("/v1/me/totp", {});
  await somebody.signIn(newBrowser(server), { password: "not the password" });
  return server.stored();
}

function stopClock(server: Harness): Promise<void> {
  return server.freeze(Math.floor(Date.now() / 30_000) * 30 + 10);
}

function ownServer(): Fixtures<object, PerWorker> {
  return {
    server: [
      async ({}, use) => {
        const server = await Harness.start();
        await use(server);
        await server.stop();
      },
      { scope: "worker", timeout: 120_000 },
    ],
    bystanders: [async ({ server }, use) => use(await makeBystanders(server)), { scope: "worker" }],
  };
}

export { expect } from "@playwright/test";
