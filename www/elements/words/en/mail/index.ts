// The English words of the pages that links in mails lead to, a file for each.

import { invitation } from "./invitation";
import { notMe } from "./not-me";
import { password } from "./password";
import { reset } from "./reset";

export const en = { invitation, notMe, password, reset };

export type MailWords = typeof en;
