// "This was not me", from the link of a notice: looking at the page does nothing, its button does.

import { notMe } from "../harness/links.ts";
import { expect, test } from "./browser.ts";
import { look } from "./look.ts";

test("A77 a scanner opens the link ten times, the person once: everything is signed out by the button", async ({
  acme,
  browser,
  harness,
  pages,
}) => {
  const { page } = pages;
  const ann = await acme.person({ totp: true });
  await pages.advance(0);
  await ann.signInFully();
  const link = `/not-me#${await notMe(ann)}`;
  for (const javaScriptEnabled of [true, false]) {
    const scanner = await browser.newContext({ javaScriptEnabled });
    for (let times = 0; times < 5; times++) {
      const opened = await scanner.newPage();
      const answer = await opened.goto(harness.origin + link);
      expect(answer?.status()).toBe(200);
      if (javaScriptEnabled) await expect(opened.getByText("Sign out everywhere")).toBeVisible();
      else expect(await answer?.text()).toContain("This page needs JavaScript.");
      expect((await opened.request.head(harness.origin + link)).status()).toBe(200);
      await opened.close();
    }
    await scanner.close();
  }
  expect((await ann.browser.get("/v1/me")).status).toBe(200);

  await pages.open(link);
  await expect(page).toHaveTitle("This was not me · Postern");
  // Not in the address any more, and not in the history.
  expect(page.url()).toBe(`${harness.origin}/not-me`);
  await expect(page.getByText("Your password, your authenticators and your backup codes stay")).toBeVisible();
  await look(pages, "not me, the question", "light-1280");
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "Everything is signed out." })).toBeFocused();
  await look(pages, "not me, done", "light-1280");
  expect((await ann.browser.get("/v1/me")).status).toBe(401);
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByLabel("Username")).toBeVisible();

  // Once: then it says what to do instead.
  await pages.open(link);
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "This link no longer works." })).toBeFocused();
  await look(pages, "not me, over", "light-1280");
  // Another link in the same tab, with a letter too many.
  await pages.open(`${link}x`);
  await page.getByRole("button", { name: "Sign out everywhere" }).click();
  await expect(page.getByRole("heading", { name: "This link can’t be read." })).toBeFocused();
  expect(page.url()).toBe(`${harness.origin}/not-me`);
});
