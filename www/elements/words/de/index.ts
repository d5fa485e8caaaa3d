// Die deutschen Wörter der Seiten der Organisation, je Seite eine Datei.

import type { Words } from "../en";
import { audit } from "./audit";
import { auditFile } from "./audit-file";
import { events } from "./events";
import { frame } from "./frame";
import { invitation } from "./invitation";
import { mail } from "./mail-list";
import { overview } from "./overview";
import { list } from "./people";
import { personForm } from "./person-form";
import { person } from "./person";
import { policy } from "./policy";
import { requests, reset } from "./reset";
import { selection } from "./selection";
import { setUp } from "./set-up";
import { settings } from "./settings";

export const de: Words = {
  audit,
  auditFile,
  events,
  frame,
  invitation,
  list,
  mail,
  overview,
  person,
  personForm,
  policy,
  requests,
  reset,
  selection,
  setUp,
  settings,
};
