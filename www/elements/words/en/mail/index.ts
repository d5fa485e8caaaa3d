// The English words of the pages that links in mails lead to, a file for each.

import { notMe } from "./not-me";

export const en = { notMe };

export type MailWords = typeof en;
