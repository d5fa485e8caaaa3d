// The forms as browsers, password managers and keyboards see them.

import { gzipSync } from "node:zlib";
import { codeAt, wrongCode } from "../harness/codes.ts";
import { expect, test } from "./browser.ts";

test("fields say what they are for, within 60 KiB", async ({ acme, pages }) => {
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  const loaded: Promise<Buffer>[] = [];
  pages.page.on("response", (response) => loaded.push(response.body()));
  await pages.open(`/sign-in?organization=${acme.id}`);
  await expect(pages.page.getByLabel("Username")).toHaveAttribute("autocomplete", "username webauthn");
  const sizes = (await Promise.all(loaded)).map((body) => gzipSync(body).length);
  expect(sizes.length).toBeGreaterThan(2);
  expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(60 * 1024);
  await expect(pages.page.getByLabel("Password")).toHaveAttribute("autocomplete", "current-password");
  await expect(pages.page.getByLabel("Password")).toHaveAttribute("type", "password");
  await pages.signIn(ann);
  await expect(pages.code).toHaveAttribute("autocomplete", "one-time-code");
  await expect(pages.code).toHaveAttribute("inputmode", "numeric");
});

for (const write of [
  (code: string) => `${code.slice(0, 3)} ${code.slice(3)}`,
  (code: string) => ` ${code}\n`,
]) {
  test(`a code pasted as ${JSON.stringify(write("123456"))} is sent at once`, async ({
    acme,
    harness,
    pages,
  }) => {
    const ann = await acme.person({ totp: true });
    await pages.advance(0);
    await pages.signIn(ann);
    await expect(pages.code).toBeFocused();
    const answered = pages.page.waitForResponse(/\/v1\/challenges\/verify$/);
    await pages.code.evaluate(
      (input: HTMLInputElement, text) => {
        // What a paste does: the text goes in as one insertion.
        input.focus();
        document.execCommand("insertText", false, text);
      },
      write(codeAt(ann.authenticators[0]!.secret, harness.time())),
    );
    expect((await answered).status()).toBe(200);
    await pages.arrive();
  });
}

test("an app of eight digits: six are not sent, eight are; and no code by itself beside an app of six", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  const { id, secret } = ann.authenticators[0]!;
  await harness.sql(
    `UPDATE authenticator SET parameters = json_set(parameters, '$.digits', 8) WHERE id = ?`,
    id,
  );
  await harness.sql(`UPDATE user SET version = version + 1 WHERE username = ?`, ann.username);
  await harness.dropCopies();
  await pages.advance(0);
  const sent: string[] = [];
  page.on("request", (request) => {
    if (/\/v1\/challenges\/verify$/.test(request.url())) sent.push(request.postDataJSON().code);
  });
  await pages.signIn(ann);
  await expect(page.getByText("enter the eight digits it shows")).toBeVisible();
  const code = codeAt(secret, harness.time(), 8);
  await pages.code.pressSequentially(code.slice(0, 6));
  await page.getByRole("button", { name: "Verify" }).click();
  await expect(page.getByText("A code is eight digits.")).toBeVisible();
  expect(sent).toEqual([]);
  await pages.code.fill(code);
  await pages.arrive();
  await pages.enroll("Tablet", (secret) => codeAt(secret, harness.time()));
  await pages.signOut();

  await pages.advance(30);
  await pages.signIn(ann);
  await expect(page.getByText("enter the code it shows")).toBeVisible();
  const next = codeAt(secret, harness.time(), 8);
  await pages.code.pressSequentially(next);
  await page.getByRole("button", { name: "Verify" }).click();
  await pages.arrive();
  expect(sent).toEqual([code, next]);
});

test("a long name, a zoom of 200 %, 320 px, 1920 px, the other direction, forced colors: all stays in its place", async ({
  acme,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ username: `${"long".repeat(27)}-name@example.test` });
  await page.addInitScript(() =>
    addEventListener("DOMContentLoaded", () => (document.documentElement.dir = "rtl")),
  );
  const small = async (state: string) => {
    // 1280 px at 200 %.
    for (const width of [640, 320]) {
      await page.setViewportSize({ width, height: 640 });
      await pages.fits(`${state} at ${width} px`);
    }
  };
  await pages.advance(0);
  await page.setViewportSize({ width: 1920, height: 1080 });
  await pages.open(`/sign-in?organization=${acme.id}`);
  const form = (await page.locator("form").boundingBox())!;
  expect(Math.abs(form.x + form.width / 2 - 960)).toBeLessThan(2);
  expect(form.y).toBeLessThan(1080 / 2);
  await small("sign-in");
  await pages.signIn(ann);
  await pages.arrive();
  await small("nothing enrolled");

  await page.getByRole("button", { name: "Add authenticator app" }).click();
  await expect(page.getByTestId("preview")).toBeVisible();
  await small("enrolling");
  expect((await page.getByTestId("preview").boundingBox())!.height).toBeLessThan(120);
  await expect(pages.code).toHaveCSS("direction", "ltr");
  await expect(page.getByTestId("secret")).toHaveCSS("direction", "ltr");
  const secret = (await page.getByTestId("secret").textContent())!.replace(/\s/g, "");
  await pages.code.fill(codeAt(secret, harness.time()));
  await page.getByRole("button", { name: "Confirm" }).click();
  const codes = page.getByRole("list", { name: "Backup codes" });
  await expect(codes.getByRole("listitem").first()).toHaveCSS("direction", "ltr");
  await small("backup codes");
  await pages.saveBackupCodes();

  // A toast fits, and makes way for a dialog.
  await page.getByRole("button", { name: "Rename Phone" }).click();
  await page
    .getByRole("dialog")
    .getByLabel("Name")
    .fill("A name of as many letters as one may have, which are sixty-four");
  await page.getByRole("button", { name: "Save" }).click();
  const toast = page.locator("postern-toast p");
  await expect(toast).toBeVisible();
  const { x, width } = (await toast.boundingBox())!;
  expect(x).toBeGreaterThanOrEqual(0);
  expect(x + width).toBeLessThanOrEqual(320);
  await page.getByRole("button", { name: "Rename A name" }).click();
  await expect(toast).toHaveCount(0, { timeout: 1_000 });

  await page.emulateMedia({ forcedColors: "active" });
  const looks = [];
  for (const name of ["Save", "Cancel", "Turn off two-step sign-in"]) {
    const button = page.getByRole("button", { name, includeHidden: true });
    looks.push(
      await button.evaluate((one) => {
        const { backgroundColor, borderStyle } = getComputedStyle(one);
        return `${backgroundColor} ${borderStyle}`;
      }),
    );
  }
  expect(new Set(looks).size, looks.join(", ")).toBe(3);
});

test("everything can be done with the keyboard alone", async ({ acme, harness, pages }) => {
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.open(`/sign-in?organization=${acme.id}`);
  await expect(pages.page.getByLabel("Username")).toBeFocused();
  await pages.page.keyboard.type(ann.username);
  await pages.page.keyboard.press("Tab");
  await pages.page.keyboard.type(ann.password);
  await pages.page.keyboard.press("Enter");
  await expect(pages.code).toBeFocused();
  await pages.page.keyboard.type(codeAt(ann.authenticators[0]!.secret, harness.time()));
  await pages.arrive();
});

test("errors are said in place", async ({ acme, pages }) => {
  const ann = await acme.person();
  await pages.open(`/sign-in?organization=${acme.id}`);
  await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(pages.page.getByLabel("Username")).toHaveAttribute("aria-invalid", "true");
  await expect(pages.page.getByLabel("Username")).toBeFocused();
  await pages.page.getByLabel("Username").fill(ann.username);
  await pages.page.getByLabel("Password").fill("not the password 5");
  await pages.page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(pages.page.getByLabel("Password")).toHaveAttribute("aria-invalid", "true");
  await expect(pages.page.getByLabel("Password")).toBeFocused();
  const described = await pages.page.getByLabel("Password").getAttribute("aria-describedby");
  await expect(pages.page.locator(`#${described!.split(" ")[0]}`)).toHaveText(
    "These don’t match. Check the organization, the username and the password.",
  );
  await pages.page.getByRole("button", { name: "Show what I type" }).click();
  await expect(pages.page.getByLabel("Password")).toHaveAttribute("type", "text");
});

test("a code of a clock that is behind: the page says by how much", async ({ acme, pages }) => {
  const ann = await acme.person({ totp: true });
  await pages.advance(3600);
  await pages.signIn(ann);
  expect(await pages.enter(ann.code(-10))).toBe(401);
  await expect(pages.page.getByText("is 5 minutes behind")).toBeVisible();
  expect(await pages.enter(ann.code())).toBe(200);
  await pages.arrive();
});

test("two apps: the page asks which one where it must, and the code that was typed is good", async ({
  acme,
  harness,
  pages,
}) => {
  const ann = await acme.person({ totp: true });
  await ann.signInFully();
  await ann.enroll("Tablet");
  await pages.advance(60);
  await pages.signIn(ann);
  const which = pages.page.getByLabel("Which app is the code from?");
  await expect(which.getByRole("option")).toHaveText(["Any of my apps", "Phone", "Tablet"]);
  const wrong = wrongCode(ann.authenticators[0]!.secret, harness.time());
  for (let tried = 0; tried < 4; tried += 1) {
    expect(await pages.enter(String((Number(wrong) + 7 * tried) % 1_000_000).padStart(6, "0"))).toBe(401);
  }
  await pages.advance(30);
  await pages.page.reload();
  await pages.signIn(ann);
  expect(await pages.enter(ann.code(0, 1))).toBe(409);
  await expect(pages.page.getByText("Which app is this code from?")).toBeVisible();
  await expect(which).toBeFocused();
  await expect(which.getByRole("option")).toHaveText(["Choose one", "Phone", "Tablet"]);
  await pages.page.getByRole("button", { name: "Verify" }).click();
  await expect(which).toBeFocused();
  await which.selectOption("Tablet");
  await pages.page.getByRole("button", { name: "Verify" }).click();
  await pages.arrive();
});

test("too many wrong codes: the page says for how long, and starts again by itself", async ({
  acme,
  pages,
}) => {
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  const statuses: number[] = [];
  for (const guess of ["000000", "000001", "000002", "000003", "000004"])
    statuses.push(await pages.enter(guess));
  expect(statuses).toEqual([401, 401, 401, 401, 429]);
  await expect(pages.page.getByRole("button", { name: /Try again in/ })).toBeDisabled();
});

test("a challenge that ran out offers to begin again", async ({ acme, pages }) => {
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await pages.signIn(ann);
  await pages.advance(601);
  await expect(pages.page.getByRole("button", { name: "Sign in again" })).toBeVisible();
  await pages.page.getByRole("button", { name: "Sign in again" }).click();
  await expect(pages.page.getByLabel("Username")).toHaveValue(ann.username);
});

test("A84 names are text wherever they are shown", async ({ acme, pages }) => {
  const ann = await acme.person({ totp: true, name: `<img src=x onerror="document.title='owned'">` });
  await ann.signInFully();
  const names = [
    `"><script>document.title='owned'</script>`,
    "<svg onload=alert(1)>",
    "${7*7}{{7*7}}",
    "javascript:alert(1)",
  ];
  for (const name of names) {
    await ann.browser.patch(`/v1/me/authenticators/${ann.authenticators[0]!.id}`, { name });
    await pages.advance(30);
    await pages.page.context().clearCookies();
    await pages.signIn(ann);
    await pages.enter(ann.code());
    await pages.arrive();
    await expect(pages.page.locator("strong").getByText(name, { exact: true })).toBeVisible();
    await pages.page.getByRole("button", { name: `Remove ${name}` }).click();
    await expect(pages.page.getByRole("dialog")).toContainText(name);
    expect(await pages.page.title()).not.toBe("owned");
    await ann.signInFully();
  }
});

test("A83 no page can be put into a frame, and pages say what they may load", async ({ harness, pages }) => {
  for (const path of ["/", "/sign-in", "/security"]) {
    const reply = await pages.page.request.get(harness.origin + path);
    const policy = reply.headers()["content-security-policy"] ?? "";
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval'");
    expect(policy).not.toContain("unsafe-inline");
    expect(reply.headers()["x-content-type-options"]).toBe("nosniff");
    expect(reply.headers()["referrer-policy"]).toBe("no-referrer");
  }
});
