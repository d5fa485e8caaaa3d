// Browsers that are not Chromium, driven over the W3C's two protocols by Selenium's client: Firefox ESR by WebDriver
// BiDi, without a driver between; WebKitGTK by WebDriver, on a screen of its own that Xvfb keeps in memory.

import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { Builder, Capabilities } from "selenium-webdriver";
import * as bidi from "selenium-webdriver/bidi/index.js";
import { freePort } from "../harness/harness.ts";
import { scratch } from "../harness/scratch.ts";

/** What a person can do to a browser, and what tests may ask of one. */
export interface Engine {
  open(address: string): Promise<void>;
  /** Calls a function inside the page; arguments and answer go as JSON. */
  call<A extends unknown[], R>(inside: (...given: A) => R, ...given: A): Promise<Awaited<R>>;
  /** Runs a script in the page, past its policy. */
  evaluate(script: string): Promise<unknown>;
  click(at: { x: number; y: number }): Promise<void>;
  type(text: string): Promise<void>;
  /** Forgets every cookie. */
  forget(): Promise<void>;
  /** What the screen shows, as PNG. */
  picture(): Promise<Buffer>;
  /** Errors and warnings of the console, where the protocol tells them. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface Kind {
  name: string;
  /** Debian's packages. */
  packages: string;
  commands: string[];
  /** Whether it knows passkeys; then it comes with a device that holds some. */
  passkeys: boolean;
  start(): Promise<Engine>;
}

export const ENGINES: Kind[] = [
  {
    name: "Firefox ESR",
    packages: "firefox-esr",
    commands: ["firefox-esr"],
    passkeys: true,
    start: startFirefox,
  },
  {
    name: "WebKitGTK",
    packages: "webkit2gtk-driver and xvfb",
    commands: ["WebKitWebDriver", "Xvfb"],
    passkeys: false,
    start: startWebKit,
  },
];

export function isInstalled({ commands }: Kind): boolean {
  try {
    for (const command of commands) execFileSync("sh", ["-c", 'command -v "$0"', command]);
    return true;
  } catch {
    return false;
  }
}

// The package exports the class itself, which its types call by another name.
const { default: Connection } = bidi as unknown as { default: typeof bidi.Index };

async function startFirefox(): Promise<Engine> {
  const profile = scratch("postern-firefox-");
  writeFileSync(join(profile, "user.js"), Object.entries(PREFERENCES).map(preference).join("\n"));
  const options = ["--headless", "--no-remote", "--profile", profile];
  // Only the browser's own window can plug in a virtual authenticator: BiDi has no command for it yet.
  const remote = ["--remote-debugging-port=0", "--remote-allow-system-access"];
  const firefox = spawn("firefox-esr", [...options, ...remote], { stdio: ["ignore", "ignore", "pipe"] });
  const address = await said(firefox.stderr, /WebDriver BiDi listening on (ws:\S+)/);
  const connection = new Connection(`${address}/session`);
  await connection.waitForConnection();
  const send = async (method: string, params: Record<string, unknown>): Promise<any> => {
    const reply = (await connection.send({ method, params })) as any;
    if (reply.type === "error") throw new Error(`${method}: ${reply.error}, ${reply.message}`);
    return reply.result;
  };
  await send("session.new", { capabilities: {} });
  const complaints: string[] = [];
  connection.on("log.entryAdded", ({ level, text }) => {
    if (["error", "warn"].includes(level)) complaints.push(text);
  });
  await send("session.subscribe", { events: ["log.entryAdded"] });
  const [chrome] = (await send("browsingContext.getTree", { "moz:scope": "chrome" })).contexts;
  const inChrome = (expression: string) =>
    send("script.evaluate", { expression, target: { context: chrome.context }, awaitPromise: false });
  await inChrome(PLUG_IN);
  const [{ context }] = (await send("browsingContext.getTree", {})).contexts;
  const perform = (action: object) => send("input.performActions", { context, actions: [action] });
  return {
    complaints,
    async open(url) {
      await send("browsingContext.navigate", { context, url, wait: "complete" });
      await inChrome(FOCUS);
    },
    async call(inside, ...given) {
      const said = await send("script.callFunction", {
        functionDeclaration: asText(inside),
        arguments: [{ type: "string", value: JSON.stringify(given) }],
        target: { context },
        awaitPromise: true,
      });
      if (said.type !== "success") throw new Error(said.exceptionDetails.text);
      return JSON.parse(said.result.value);
    },
    evaluate: (expression) =>
      send("script.evaluate", { expression, target: { context }, awaitPromise: false }),
    click: ({ x, y }) =>
      perform({
        type: "pointer",
        id: "mouse",
        actions: [
          { type: "pointerMove", x: Math.round(x), y: Math.round(y) },
          { type: "pointerDown", button: 0 },
          { type: "pointerUp", button: 0 },
        ],
      }),
    type: (text) =>
      perform({
        type: "key",
        id: "keyboard",
        actions: [...text].flatMap((value) => [
          { type: "keyDown", value },
          { type: "keyUp", value },
        ]),
      }),
    forget: () => send("storage.deleteCookies", {}),
    async picture() {
      return Buffer.from((await send("browsingContext.captureScreenshot", { context })).data, "base64");
    },
    async close() {
      const over = once(firefox, "exit");
      await send("browser.close", {});
      await connection.close();
      await over;
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

async function startWebKit(): Promise<Engine> {
  const screen = ["-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"];
  const xvfb = spawn("Xvfb", screen, { stdio: ["ignore", "pipe", "ignore"] });
  const display = await said(xvfb.stdout, /(\d+)\n/);
  const port = await freePort();
  const webkit = spawn("WebKitWebDriver", [`--port=${port}`], {
    stdio: "ignore",
    env: { ...process.env, DISPLAY: `:${display}` },
  });
  await untilItAnswers(port);
  const driver = await new Builder()
    .usingServer(`http://127.0.0.1:${port}`)
    .withCapabilities(new Capabilities({ browserName: "MiniBrowser" }))
    .build();
  await driver.manage().setTimeouts({ pageLoad: 20_000, script: 20_000 });
  return {
    complaints: [],
    open: (address) => driver.get(address),
    async call(inside, ...given) {
      const script = `return (${asText(inside)})(arguments[0])`;
      return JSON.parse(await driver.executeScript<string>(script, JSON.stringify(given)));
    },
    evaluate: (script) => driver.executeScript(script),
    click: ({ x, y }) =>
      driver
        .actions()
        .move({ x: Math.round(x), y: Math.round(y), duration: 0 })
        .click()
        .perform(),
    type: (text) => driver.actions().sendKeys(text).perform(),
    forget: () => driver.manage().deleteAllCookies(),
    picture: async () => Buffer.from(await driver.takeScreenshot(), "base64"),
    async close() {
      await driver.quit();
      for (const process of [webkit, xvfb]) {
        const over = once(process, "exit");
        process.kill();
        await over;
      }
    },
  };
}

/** A function of JSON text that answers JSON text, and may wait. */
function asText(inside: (...given: never[]) => unknown): string {
  return `async (given) => JSON.stringify((await (${inside})(...JSON.parse(given))) ?? null)`;
}

/** What a program says of itself, once it does. */
function said(stream: Readable, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    stream.on("data", (more) => {
      text += String(more);
      const found = pattern.exec(text)?.[1];
      if (found !== undefined) resolve(found);
    });
    stream.on("close", () => reject(new Error(`ended without saying ${pattern}: ${text}`)));
  });
}

async function untilItAnswers(port: number): Promise<void> {
  for (let tried = 0; ; tried += 1) {
    try {
      await fetch(`http://127.0.0.1:${port}/status`);
      return;
    } catch (error) {
      if (tried === 100) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const preference = ([name, value]: [string, unknown]): string => `user_pref("${name}", ${value});`;

const PREFERENCES = {
  "security.webauth.webauthn_enable_softtoken": true,
  "security.webauth.webauthn_enable_usbtoken": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "app.normandy.enabled": false,
  "browser.shell.checkDefaultBrowser": false,
};

/** A virtual authenticator that checks its user and answers at once. */
const PLUG_IN = `Cc["@mozilla.org/webauthn/service;1"].getService(Ci.nsIWebAuthnService)
  .addVirtualAuthenticator("ctap2", "internal", true, true, true, true)`;

/** Passkeys are for the page that has the focus, and a window without a screen has none by itself. */
const FOCUS = `Services.focus.activeWindow = window;
gBrowser.selectedBrowser.focus()`;
