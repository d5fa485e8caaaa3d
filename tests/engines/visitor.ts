// What a person sees and does in any engine: everything is found by its words, and only where a click would meet it.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import { expect } from "../harness/fixtures.ts";
import type { Engine } from "./engines.ts";

type What = "button" | "field" | "list" | "text" | "testid";

interface Found {
  x: number;
  y: number;
  text: string;
  items: string[];
}

export class Visitor {
  constructor(
    readonly engine: Engine,
    private readonly origin: string,
  ) {}

  open(path: string): Promise<void> {
    return this.engine.open(this.origin + path);
  }

  async at(path: string): Promise<void> {
    await until(async () => expect(await this.engine.call(() => location.pathname)).toBe(path));
  }

  /** Waits until it is there and nothing covers it. */
  async see(words: string, what: What = "text"): Promise<Found> {
    let found: Found | undefined | null;
    await until(async () => {
      found = await this.engine.call(find, what, words);
      expect(found, `no ${what} “${words}” on the screen`).toBeTruthy();
    });
    return found!;
  }

  async shows(what: What, words: string): Promise<boolean> {
    return (await this.engine.call(find, what, words)) != null;
  }

  async press(name: string): Promise<void> {
    await this.engine.click(await this.see(name, "button"));
  }

  async check(label: string): Promise<void> {
    await this.engine.click(await this.see(label, "field"));
  }

  async fill(label: string, text: string): Promise<void> {
    await this.engine.click(await this.see(label, "field"));
    await this.engine.call(selectAll);
    await this.engine.type(text);
  }

  /** No violation of WCAG 2.2 AA or of axe's best practices. */
  async passesAxe(state: string): Promise<void> {
    await this.engine.call(settle);
    await this.engine.evaluate(AXE);
    const found = await this.engine.call(violations);
    expect(found, state).toEqual([]);
  }
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

function until(holds: () => Promise<void>): Promise<void> {
  return expect(holds).toPass({ intervals: [50], timeout: 15_000 });
}

// --- inside the page: each of these functions goes there alone ---------------------------------------------

function find(what: What, words: string): Found | undefined {
  const all = (root: ParentNode): Element[] =>
    [...root.querySelectorAll("*")].flatMap((one) => [one, ...(one.shadowRoot ? all(one.shadowRoot) : [])]);
  const text = (one: Element) => (one.textContent ?? "").replace(/\s+/g, " ").trim();
  const matches = (one: Element): Element | undefined | null => {
    switch (what) {
      case "button":
        return one.matches("button, a[href]") && text(one) === words ? one : null;
      case "field":
        return one instanceof HTMLLabelElement && text(one).startsWith(words) ? one.control : null;
      case "list":
        return one.matches("ul, ol") && one.getAttribute("aria-label") === words ? one : null;
      case "testid":
        return one.getAttribute("data-testid") === words ? one : null;
      case "text": {
        const inner = [...one.children].some((child) => text(child).includes(words));
        return text(one).includes(words) && !inner ? one : null;
      }
    }
  };
  for (const one of all(document).map(matches)) {
    if (!one?.checkVisibility({ visibilityProperty: true })) continue;
    one.scrollIntoView({ block: "center", behavior: "instant" });
    const box = one.getBoundingClientRect();
    const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
    let met = document.elementFromPoint(x, y);
    for (;;) {
      const inner = met?.shadowRoot?.elementFromPoint(x, y);
      if (!inner || inner === met) break;
      met = inner;
    }
    if (met && one.contains(met))
      return { x, y, text: text(one), items: [...one.querySelectorAll("li")].map(text) };
  }
  return undefined;
}

function selectAll(): void {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (active instanceof HTMLInputElement) active.select();
}

/** WebKit does not count the animations of shadow trees among the document's. */
async function settle(): Promise<void> {
  const all = (root: ParentNode): ShadowRoot[] =>
    [...root.querySelectorAll("*")].flatMap(({ shadowRoot }) =>
      shadowRoot ? [shadowRoot, ...all(shadowRoot)] : [],
    );
  const roots = [document, ...all(document)];
  await Promise.all(roots.flatMap((root) => root.getAnimations()).map((animation) => animation.finished));
}

async function violations(): Promise<string[]> {
  const { axe } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResults> } };
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const { violations } = await axe.run({ runOnly: tags });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
