// The English words of the security page, a file for each noun.

import { account } from "./account";
import { activity } from "./activity";
import { authenticators } from "./authenticators";
import { backupCodes } from "./backup-codes";
import { devices } from "./devices";
import { enroll } from "./enroll";
import { recovery } from "./recovery";
import { security } from "./security";

export const en = { account, activity, authenticators, backupCodes, devices, enroll, recovery, security };

export type SecurityWords = typeof en;
