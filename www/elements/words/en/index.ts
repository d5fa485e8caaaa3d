// The English words of the organization's pages, a file for each page.

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

export const en = {
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

export type Words = typeof en;
