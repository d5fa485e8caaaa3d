// The words of the pages that links in mails lead to: as those of sign-in.ts.

import { en, type MailWords } from "./en/mail";
import { language } from "./language";

export const words: MailWords = language === "de" ? (await import("./de/mail")).de : en;
