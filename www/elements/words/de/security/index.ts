// Die deutschen Wörter der Sicherheitsseite, je Nomen eine Datei.

import type { SecurityWords } from "../../en/security";
import { account } from "./account";
import { activity } from "./activity";
import { authenticators } from "./authenticators";
import { backupCodes } from "./backup-codes";
import { devices } from "./devices";
import { enroll } from "./enroll";
import { recovery } from "./recovery";
import { security } from "./security";

export const de: SecurityWords = {
  account,
  activity,
  authenticators,
  backupCodes,
  devices,
  enroll,
  recovery,
  security,
};
