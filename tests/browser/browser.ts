// A real browser on our pages: it tells the harness's time, and minds what the pages may not do.

import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "@playwright/test";
import type { Person } from "../harness/client.ts";
import { expect, test as base } from "../harness/fixtures.ts";
import type { Harness } from "../harness/harness.ts";
import { VirtualAuthenticator } from "./virtual-authenticator.ts";

interface PerTest {
  pages: Pages;
  device: VirtualAuthenticator;
}

export const test = base.extend<PerTest>({
  pages: async ({ page, harness }, use) => {
    const wrong: string[] = [];
    page.on("pageerror", (error) => wrong.push(String(error)));
    page.on("console", (message) => {
      // A refusal is logged by the browser itself; everything else is ours.
      const text = message.text();
      const bad = ["error", "warning"].includes(message.type());
      if (bad && !/status of 4\d\d/.test(text)) wrong.push(text);
    });
    await page.clock.setFixedTime(harness.time() * 1000);
    const pages = new Pages(page, harness);
    await use(pages);
    expect(
      wrong.filter((text) => !pages.isExpected(text)),
      "errors and warnings on the page",
    ).toEqual([]);
  },
  /** One that answers what is asked by a click. The pages suggest nothing: it would sign in at once. */
  device: async ({ page }, use) => {
    await page.addInitScript(() => {
      PublicKeyCredential.isConditionalMediationAvailable = async () => false;
    });
    await use(await VirtualAuthenticator.plugIn(page));
  },
});

/** What a person does on the pages. */
export class Pages {
  constructor(
    readonly page: Page,
    private readonly harness: Harness,
  ) {}

  private readonly expects: RegExp[] = [];

  /** Lets an error be that a test brings about itself. */
  expected(error: RegExp): void {
    this.expects.push(error);
  }

  isExpected(text: string): boolean {
    return this.expects.some((error) => error.test(text));
  }

  /** Moves the server's clock and the browser's. */
  async advance(seconds: number): Promise<void> {
    await this.harness.advance(seconds);
    await this.page.clock.setFixedTime(this.harness.time() * 1000);
  }

  async open(path: string): Promise<void> {
    await this.page.goto(this.harness.origin + path);
  }

  /** The password step. It is over when the server has answered: a clock moved earlier would meet it on its way. */
  async signIn(person: Person): Promise<void> {
    await this.open(`/sign-in?organization=${person.organization.id}`);
    await this.page.getByLabel(/^(Username|Benutzername)$/).fill(person.username);
    await this.page.getByLabel(/^(Password|Passwort)$/).fill(person.password);
    const answered = this.page.waitForResponse(/\/v1\/sign-ins\/password$/);
    await this.page.getByRole("button", { name: /^(Sign in|Anmelden)$/ }).click();
    await answered;
  }

  get code(): Locator {
    return this.page.getByLabel(/^(Code from your app|Code aus Ihrer App)$/);
  }

  /** A passkey in answer to a challenge. */
  get usePasskey(): Locator {
    return this.page.getByRole("button", { name: "Use your passkey" });
  }

  /** A passkey and nothing else. */
  get alone(): Locator {
    return this.page.getByRole("button", { name: "Sign in with a passkey" });
  }

  get signOutButton(): Locator {
    return this.page.getByRole("button", { name: /^(Sign out|Abmelden)$/ });
  }

  /** Waits for the security page. */
  async arrive(): Promise<void> {
    await this.page.waitForURL(/\/security$/);
    await expect(this.signOutButton).toBeVisible();
  }

  /** Types a code where the page sends six digits by itself, and waits for what comes back. */
  async enter(code: string): Promise<number> {
    const answered = this.page.waitForResponse(/\/v1\/challenges\/verify$/);
    await this.code.fill(code);
    return (await answered).status();
  }

  /** Confirms a pending enrollment; answers its secret, read from the screen as pixels. */
  async enroll(name: string, code: (secret: string) => string): Promise<string> {
    await this.showWays();
    await this.page.getByRole("button", { name: "Add authenticator" }).click();
    await expect(this.page.getByRole("heading", { name: "Add an authenticator app" })).toBeFocused();
    await this.showQr();
    const secret = new URL(await this.readQr()).searchParams.get("secret") ?? "";
    await this.code.fill(code(secret));
    await this.page.getByLabel("Name").fill(name);
    await this.page.getByRole("button", { name: "Confirm" }).click();
    return secret;
  }

  /** Folded away on a touch screen, which cannot scan itself. */
  async showQr(): Promise<void> {
    const folded = this.page.getByText("Scan it with another device");
    if (this.page.viewportSize()?.width === 320) await folded.click();
    await expect(this.page.getByRole("img", { name: "QR code" })).toBeVisible();
    await this.page.getByRole("img", { name: "QR code" }).scrollIntoViewIfNeeded();
  }

  /** The ways to add an authenticator are one button until they are wanted. */
  async showWays(): Promise<void> {
    const more = this.page.getByRole("button", { name: /^Add (another|authenticator app)/ }).first();
    await expect(more).toBeVisible();
    if (/another/.test((await more.textContent()) ?? "")) await more.click();
  }

  /** Begins to make a passkey, and names it. */
  async askForPasskey(name = ""): Promise<void> {
    await this.showWays();
    await this.page.getByRole("button", { name: "Add a passkey" }).click();
    await this.page.getByRole("dialog").getByLabel("Name").fill(name);
    await this.page.getByRole("button", { name: "Continue" }).click();
  }

  /** Has the browser make a passkey. */
  async addPasskey(): Promise<void> {
    const answered = this.page.waitForResponse(/\/v1\/me\/passkeys\/confirm$/);
    await this.askForPasskey();
    expect((await answered).status()).toBe(200);
  }

  /** What zbarimg reads on a screenshot of the page. */
  async readQr(): Promise<string> {
    const file = join(mkdtempSync(join(tmpdir(), "postern-qr-")), "screen.png");
    writeFileSync(file, await this.page.screenshot({ animations: "disabled" }));
    return execFileSync("zbarimg", ["-q", "--raw", "-Sdisable", "-Sqrcode.enable", file], {
      encoding: "utf8",
    }).trim();
  }

  /** Takes note of the backup codes on the screen. */
  async saveBackupCodes(): Promise<string[]> {
    const list = this.page.getByRole("list", { name: "Backup codes" });
    await expect(list).toBeVisible();
    const codes = (await list.getByRole("listitem").allTextContents()).map((text) => text.replace(/\s/g, ""));
    await this.page.getByLabel("I saved them").check();
    await this.page.getByRole("button", { name: "Done" }).click();
    await expect(list).toBeHidden();
    return codes;
  }

  /** Nothing to scroll sideways for: neither on the page nor in an open dialog. */
  async fits(state: string): Promise<void> {
    const over = await this.page
      .locator("html, dialog[open]")
      .evaluateAll((boxes) => boxes.map((box) => box.scrollWidth - box.clientWidth));
    expect(Math.max(...over), `${state} is wider than the screen`).toBeLessThanOrEqual(0);
  }

  async signOut(): Promise<void> {
    await this.signOutButton.click();
    await this.page.waitForURL(/\/sign-in/);
  }
}

export { expect };
