// The English words of the pages that links in mails lead to, a file for each.

import { notMe } from "./not-me";
import { reset } from "./reset";

export const en = { notMe, reset };

export type MailWords = typeof en;
