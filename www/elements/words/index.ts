// The words of the organization's pages: as those of sign-in.ts.

import { en, type Words } from "./en";
import { language } from "./language";

export * from "./formats";
export { locale } from "./language";

export const words: Words = language === "de" ? (await import("./de")).de : en;
