// One state of a page, looked at by axe-core, and left as a picture where POSTERN_SCREENSHOTS names a folder.

import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import { expect, type Pages } from "./browser.ts";

/** No violation of WCAG 2.2 AA or of axe's best practices, and nothing to scroll sideways for. */
export async function look(
  pages: Pages,
  state: string,
  how: string,
  { axe = true }: { axe?: boolean } = {},
): Promise<void> {
  await pages.page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished)),
  );
  const folder = process.env["POSTERN_SCREENSHOTS"];
  if (folder) {
    const name = state.replace(/\W+/g, "-");
    await pages.page.screenshot({ path: join(folder, `${name}.${how}.png`), fullPage: true });
  }
  await pages.fits(state);
  if (!axe) return;
  const { violations } = await new AxeBuilder({ page: pages.page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  expect(found, state).toEqual([]);
}
