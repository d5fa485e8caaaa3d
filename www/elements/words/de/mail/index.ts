// Die deutschen Wörter der Seiten, auf die Links in Mails führen, je Seite eine Datei.

import type { MailWords } from "../../en/mail";
import { invitation } from "./invitation";
import { notMe } from "./not-me";
import { password } from "./password";
import { reset } from "./reset";

export const de: MailWords = { invitation, notMe, password, reset };
