// The same person in other engines than Chromium: Firefox ESR and WebKitGTK, on http://localhost.

import { writeFileSync } from "node:fs";
import type { Person } from "../harness/client.ts";
import { codeAt, wrongCode } from "../harness/codes.ts";
import { expect, test as base } from "../harness/fixtures.ts";
import { ENGINES, isInstalled, type Engine } from "./engines.ts";
import { Visitor } from "./visitor.ts";

for (const kind of ENGINES) {
  const test = base.extend<{ visitor: Visitor }>({
    visitor: async ({ harness }, use, info) => {
      const engine: Engine = await kind.start();
      try {
        await use(new Visitor(engine, harness.origin));
        expect(engine.complaints, "errors and warnings on the page").toEqual([]);
      } finally {
        if (info.status !== info.expectedStatus)
          writeFileSync(info.outputPath("screen.png"), await engine.picture());
        await engine.close();
      }
    },
  });

  test.describe(kind.name, () => {
    test.skip(!isInstalled(kind), `${kind.packages} not installed: apt-get install`);

    const passkeys = kind.passkeys ? "" : ", and offers no passkey, as it knows none";
    test(`password, app, backup codes, a trusted browser, and nothing left${passkeys}`, async ({
      acme,
      harness,
      visitor,
    }) => {
      const ann = await acme.person({ name: "Ann Archer" });
      await acme.person({ role: "owner" });
      await visitor.open(`/sign-in?organization=${acme.id}`);
      await visitor.see("Sign in", "button");
      expect(await visitor.shows("button", "Sign in with a passkey")).toBe(kind.passkeys);
      await visitor.passesAxe("the first step");
      await signIn(visitor, ann);
      await visitor.see("Only your password guards your account.");
      await visitor.passesAxe("nothing enrolled");
      const { secret, backupCodes } = await enroll(visitor, harness.time());
      expect(backupCodes).toHaveLength(10);
      await visitor.see("Two steps guard your account.");
      await visitor.passesAxe("enrolled");
      await signOut(visitor);

      await harness.advance(60);
      await signIn(visitor, ann);
      await visitor.fill("Code from your app", wrongCode(secret, harness.time()));
      await visitor.see("That code didn’t work.");
      await visitor.passesAxe("the second step, refused");
      await visitor.check("Remember this device");
      await visitor.fill("Code from your app", codeAt(secret, harness.time()));
      await visitor.see("Trusted devices");
      await signOut(visitor);
      // Asked nothing.
      await signIn(visitor, ann);
      await visitor.see("Trusted devices");
      await visitor.passesAxe("a trusted browser");

      await visitor.engine.forget();
      await signIn(visitor, ann);
      await visitor.see("Code from your app", "field");
      await visitor.press("I can’t use any of these");
      await visitor.see("Ask the people who run Acme.");
      await visitor.passesAxe("all is lost");
      await visitor.press("Back to the ways to sign in");
      await visitor.press("Use a backup code");
      await visitor.fill("Backup code", backupCodes[0]!);
      await visitor.press("Verify");
      await visitor.see("A backup code let you in.");
      await visitor.passesAxe("getting back in");
    });

    if (kind.passkeys)
      test("forced to enroll: a passkey, good as second step and alone", async ({ acme, visitor }) => {
        const ann = await acme.person();
        await acme.setPolicy({ mode: "required" });
        await signIn(visitor, ann);
        await visitor.see("Add a second step to go on.");
        await visitor.passesAxe("nothing but enrolling");
        await visitor.press("Add a passkey");
        await visitor.press("Continue");
        await saveBackupCodes(visitor);
        await visitor.see("Two steps guard your account.");
        await signOut(visitor);
        await signIn(visitor, ann);
        await visitor.press("Use your passkey");
        await visitor.see("Two steps guard your account.");
        await signOut(visitor);
        await visitor.press("Sign in with a passkey");
        await visitor.see("Two steps guard your account.");
      });
    else
      test("forced to enroll: an app, since it knows no passkeys", async ({ acme, harness, visitor }) => {
        const ann = await acme.person();
        await acme.setPolicy({ mode: "required" });
        await signIn(visitor, ann);
        await visitor.see("Add a second step to go on.");
        await visitor.see("This browser can’t make one.");
        await visitor.passesAxe("nothing but enrolling");
        await enroll(visitor, harness.time());
        await visitor.see("Two steps guard your account.");
      });
  });
}

async function signIn(visitor: Visitor, person: Person): Promise<void> {
  await visitor.open(`/sign-in?organization=${person.organization.id}`);
  await visitor.fill("Username", person.username);
  await visitor.fill("Password", person.password);
  await visitor.press("Sign in");
}

async function signOut(visitor: Visitor): Promise<void> {
  await visitor.press("Sign out");
  await visitor.at("/sign-in");
}

/** By the key that is on the screen. */
async function enroll(visitor: Visitor, now: number): Promise<{ secret: string; backupCodes: string[] }> {
  await visitor.press("Add authenticator app");
  const { text } = await visitor.see("secret", "testid");
  await visitor.passesAxe("enrolling");
  const secret = text.replace(/\s/g, "");
  await visitor.fill("Code from your app", codeAt(secret, now));
  await visitor.press("Confirm");
  return { secret, backupCodes: await saveBackupCodes(visitor) };
}

async function saveBackupCodes(visitor: Visitor): Promise<string[]> {
  const { items } = await visitor.see("Backup codes", "list");
  await visitor.passesAxe("backup codes");
  await visitor.check("I saved them");
  await visitor.press("Done");
  return items.map((text) => text.replace(/\s/g, ""));
}
