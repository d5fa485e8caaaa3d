// The English words of the pages that links in mails lead to, a file for each.

import { notMe } from "./not-me";
import { password } from "./password";
import { reset } from "./reset";

export const en = { notMe, password, reset };

export type MailWords = typeof en;
