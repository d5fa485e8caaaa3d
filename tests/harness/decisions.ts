// The table of decisions that a person can read: tests/policy/decisions.txt, as policies and evidence.

import { readFileSync } from "node:fs";

export interface Row {
  mode: string;
  enrolled: string;
  signIn: string;
  device: string;
  surface: string;
  grace: string;
  role: string;
  restricted: string;
  decision: string;
  why: string;
}

const COLUMNS = [
  "mode",
  "enrolled",
  "signIn",
  "device",
  "surface",
  "grace",
  "role",
  "restricted",
  "decision",
  "why",
] as const;

/** Days for which the table's policies trust a device. */
const DAYS = 7;

export function rows(): Row[] {
  const text = readFileSync(new URL("../policy/decisions.txt", import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !/^(#|mode )/.test(line));
  return lines.map((line) => {
    const words = line.split(/\s+/);
    return Object.fromEntries(COLUMNS.map((name, at) => [name, words[at]])) as unknown as Row;
  });
}

/** The policy of a row; the surface that it speaks of is `control_panel`. */
export function policy({ mode, signIn, surface, grace }: Row, now: number): Record<string, unknown> {
  const rule: Record<string, object> = {
    not_asked: { asked: false },
    period: { max_age: 3600 },
    always: { every_sign_in: true },
  };
  const until: Record<string, number> = { ahead: now + 1000, over: now - 1000 };
  return {
    mode,
    scope: { roles: ["owner", "admin"] },
    trusted_devices: { days: DAYS },
    sso: signIn === "sso_exempt" ? "exempt" : "evidence",
    surfaces: rule[surface] ? { control_panel: rule[surface] } : {},
    ...(until[grace] ? { grace_until: until[grace] } : {}),
  };
}

/** What was shown. */
export function evidence({ signIn, device, restricted }: Row, now: number): Record<string, unknown>[] {
  const first: Record<string, object> = {
    password: { method: "password" },
    sso: { method: "sso", amr: ["pwd"] },
    sso_exempt: { method: "sso", amr: ["pwd"] },
    sso_mfa: { method: "sso", amr: ["pwd", "mfa"] },
  };
  const shown: Record<string, unknown>[] = [{ ...first[signIn], at: now }];
  if (restricted === "yes") shown.push({ method: "backup_code", at: now });
  if (device === "trusted") shown.push({ method: "trusted_device", at: now - DAYS * 86_400 + 1 });
  return shown;
}
