// A reader of German, in Austria: all that a person meets on the way in, and not a sentence of it in English.

import { SET_UP_CODE, newOrganization, type Organization } from "../harness/client.ts";
import { codeAt } from "../harness/codes.ts";
import type { Harness } from "../harness/harness.ts";
import { MailServer } from "../harness/mail-server.ts";
import { en as organization } from "../../www/elements/words/en/index.ts";
import { en as mail } from "../../www/elements/words/en/mail/index.ts";
import { en as security } from "../../www/elements/words/en/security/index.ts";
import { en as signIn } from "../../www/elements/words/en/sign-in/index.ts";
import { de as organizationDe } from "../../www/elements/words/de/index.ts";
import { de as mailDe } from "../../www/elements/words/de/mail/index.ts";
import { de as securityDe } from "../../www/elements/words/de/security/index.ts";
import { de as signInDe } from "../../www/elements/words/de/sign-in/index.ts";
import { expect, test, type Pages } from "./browser.ts";
import { look } from "./look.ts";

const GERMAN = new Set(strings([signInDe, securityDe, organizationDe, mailDe]));
const ENGLISH = strings([signIn, security, organization, mail]).filter((text) => !GERMAN.has(text));
/** Words that English sentences can hardly do without, and German ones do not have. */
const TELLTALE = /\b(?:the|you|your|this|that|with|and|of|is|are|can’t|don’t)\b/i;

test.use({ locale: "de-AT", viewport: { width: 1280, height: 800 } });

test("a German browser is spoken to in German: sign-in, enrolling, backup codes, the account, a step-up, people, a link of a mail", async ({
  acme,
  harness,
  pages,
}) => {
  test.slow();
  const { page } = pages;
  const button = (name: string, exact = false) => page.getByRole("button", { name, exact }).first();
  const ann = await acme.person({ name: "Ann Archer", role: "owner" });
  await pages.advance(0);

  await pages.open(`/set-up#${SET_UP_CODE}`);
  await expect(page).toHaveTitle("Postern einrichten · Postern");
  await expect(page.getByRole("heading", { name: "Ihre Organisation" })).toBeVisible();
  await button("Weiter").click();
  await expect(page.getByText("Geben Sie Ihrer Organisation einen Namen.")).toBeVisible();
  await read(pages, "de set-up, organization");

  const invited = await mailed(harness, async () => invite(await newOrganization(harness)), "invitation");
  await pages.open(invited);
  await expect(page).toHaveTitle("Ihre Einladung · Postern");
  await expect(page.getByText("lädt Sie ein.")).toBeVisible();
  await read(pages, "de invitation");

  await pages.open(`/sign-in?organization=${acme.id}`);
  await expect(page).toHaveTitle("Anmelden · Postern");
  await expect(page.locator("html")).toHaveAttribute("lang", "de-AT");
  await button("Anmelden", true).click();
  await expect(page.getByText("Geben Sie Ihren Benutzernamen ein.")).toBeVisible();
  await read(pages, "de the first step, refused");
  const password = async () => {
    await page.getByLabel("Benutzername").fill(ann.username);
    await page.getByLabel("Passwort").fill(ann.password);
    await button("Anmelden", true).click();
  };
  await password();
  await expect(page.getByRole("heading", { name: "Nur Ihr Passwort schützt Ihr Konto." })).toBeVisible();
  await expect(page).toHaveTitle("Ihre Sicherheit · Postern");
  await read(pages, "de nothing enrolled");

  await button("App hinzufügen").click();
  await expect(page.getByTestId("preview")).toBeVisible();
  await button("Bestätigen").click();
  await expect(page.getByText("Ein Code hat sechs Ziffern.")).toBeVisible();
  await read(pages, "de enrolling, refused");
  const secret = (await page.getByTestId("secret").textContent())!.replace(/\s/g, "");
  await page.getByLabel("Code aus Ihrer App").fill(codeAt(secret, harness.time()));
  await button("Bestätigen").click();
  await expect(page.getByRole("list", { name: "Backup-Codes" })).toBeVisible();
  await read(pages, "de backup codes");
  await page.getByLabel("Ich habe sie aufbewahrt").check();
  await button("Fertig").click();
  await expect(page.getByRole("heading", { name: "Zwei Schritte schützen Ihr Konto." })).toBeVisible();
  // As the region writes it, and not as America does.
  const today = new Intl.DateTimeFormat("de-AT", { dateStyle: "medium" }).format(harness.time() * 1000);
  await expect(page.locator("postern-backup-code-set")).toContainText(`aufbewahrt am ${today}`);
  await button("Noch einen hinzufügen").click();
  await read(pages, "de enrolled");
  await page.getByRole("button", { name: /^Entfernen ?: Telefon/ }).click();
  await read(pages, "de removing");
  await button("Abbrechen").click();
  await button("Passwort ändern").click();
  await read(pages, "de a new password");
  await button("Abbrechen").click();
  await pages.open("/people");
  await expect(page.getByRole("heading", { name: "Alle hier haben einen zweiten Schritt." })).toBeVisible();
  await read(pages, "de people");
  await page.getByRole("link", { name: "Protokoll", exact: true }).click();
  await expect(page.getByRole("heading", { name: "Was geschah" })).toBeVisible();
  await page.getByLabel("Ergebnis").selectOption("accepted");
  await expect(page.getByRole("link", { name: "Filter entfernen: Ergebnis: Getan" })).toBeVisible();
  await read(pages, "de audit");
  await button("Ann Archer fügte einen Authenticator hinzu").click();
  await read(pages, "de audit, a record");
  await page.getByRole("dialog").getByRole("button", { name: "Schließen" }).click();

  await pages.open("/security");
  await pages.advance(601);
  await button("Neue Backup-Codes erstellen").click();
  await button("Neue Codes erstellen").click();
  await expect(page.getByText("Nötig, um neue Backup-Codes zu erstellen.")).toBeVisible();
  await read(pages, "de a step-up");
  await page.getByRole("dialog").getByLabel("Code aus Ihrer App").fill("000000");
  await expect(page.getByText("Dieser Code stimmt nicht.")).toBeVisible();
  await page.getByRole("dialog").getByRole("button", { name: "Abbrechen" }).last().click();
  await page.getByRole("dialog").getByRole("button", { name: "Abbrechen" }).click();
  await button("Abmelden", true).click();

  await page.waitForURL(/\/sign-in/);
  await password();
  await expect(page.getByText("geben Sie die sechs Ziffern ein")).toBeVisible();
  await read(pages, "de the second step");
  await button("Nichts davon geht").click();
  await expect(page.getByText("Bitten Sie den Support des Dienstes")).toBeVisible();
  await read(pages, "de all is lost");

  await pages.open("/not-me#nothing");
  await expect(page).toHaveTitle("Das war ich nicht · Postern");
  await read(pages, "de not me");
  await button("Überall abmelden").click();
  await expect(page.getByRole("heading", { name: "Dieser Link kann nicht gelesen werden." })).toBeVisible();

  await pages.open("/password");
  await expect(page).toHaveTitle("Ein neues Passwort · Postern");
  await read(pages, "de forgotten");
});

/** Invites a person who has no password. */
async function invite({ application, path: at }: Organization): Promise<string> {
  const bea = "bea@example.test";
  const path = `${at}/users/bea`;
  expect((await application.put(path, { username: bea, email: bea })).status).toBe(201);
  expect((await application.post(`${path}/invite`, {})).status).toBe(200);
  return bea;
}

/** The path of the link in a mail of `kind` that `act` brings about, to the address that it answers. */
async function mailed(harness: Harness, act: () => Promise<string>, kind: string): Promise<string> {
  const mail = await MailServer.start(harness);
  try {
    const address = await act();
    await expect.poll(() => mail.of(kind, address)).toHaveLength(1);
    return mail.of(kind, address)[0]!.data.links.act!.slice(harness.origin.length);
  } finally {
    await mail.stop(harness);
  }
}

/** Nothing in English, nothing that axe circles, and nothing too wide, on a desktop and on a phone. */
async function read(pages: Pages, state: string): Promise<void> {
  await look(pages, state, "light-1280");
  await pages.page.setViewportSize({ width: 320, height: 800 });
  await look(pages, state, "light-320", { axe: false });
  await pages.page.setViewportSize({ width: 1280, height: 800 });
  const said = await pages.page.evaluate(saidHere);
  expect(said.length).toBeGreaterThan(5);
  expect(
    said.filter((text) => TELLTALE.test(text)),
    `${state}: reads like English`,
  ).toEqual([]);
  const left = ENGLISH.filter((words) =>
    said.some((text) => text === words || (words.includes(" ") && text.includes(words))),
  );
  expect(left, `${state}: in English`).toEqual([]);
}

/** Every text and every label of the page, also in shadow roots. In the browser. */
function saidHere(): string[] {
  const found = [document.title];
  const visit = (node: Node): void => {
    if (node instanceof Element) {
      if (/^(?:SCRIPT|STYLE|NOSCRIPT)$/.test(node.tagName)) return;
      for (const name of ["aria-label", "placeholder", "title", "alt", "label"])
        found.push(node.getAttribute(name) ?? "");
      if (node.shadowRoot) visit(node.shadowRoot);
    }
    if (node instanceof Text) found.push(node.data);
    node.childNodes.forEach(visit);
  };
  visit(document.body);
  return found.map((text) => text.replace(/\s+/g, " ").trim()).filter((text) => /\p{L}/u.test(text));
}

/** The strings of a table, and what those say that take something: what is around it. */
function strings(table: unknown): string[] {
  if (typeof table === "string") return /\p{L}{2}/u.test(table) ? [table.trim()] : [];
  if (typeof table === "function") {
    const hole = "\u0001";
    try {
      const said: unknown = table(hole, hole, hole);
      return strings(typeof said === "string" ? said.split(hole) : said).filter((text) => /\s/.test(text));
    } catch {
      return [];
    }
  }
  return typeof table === "object" && table !== null ? Object.values(table).flatMap(strings) : [];
}
