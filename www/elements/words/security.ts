// The words of the security page, those of sign-in.ts with them: all that the elements of the package say.

import { en, type SecurityWords } from "./en/security";
import { language } from "./language";
import { words as signIn } from "./sign-in";

const own: SecurityWords = language === "de" ? (await import("./de/security")).de : en;

export const words = { ...signIn, ...own };

/** Puts other words in the place of these: before the elements are drawn. */
export function setWords(others: { [Noun in keyof typeof words]?: Partial<(typeof words)[Noun]> }): void {
  for (const noun of Object.keys(others) as (keyof typeof words)[]) Object.assign(words[noun], others[noun]);
}
