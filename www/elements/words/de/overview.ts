// Die Organisation auf einen Blick.

import type { Words } from "../en";

const people = (count: number) => (count === 1 ? "1 Person" : `${count} Personen`);

export const overview: Words["overview"] = {
  headline: (share) => `${share} der Personen haben einen zweiten Schritt.`,
  everyone: "Alle hier haben einen zweiten Schritt.",
  nobody: "Hier ist noch niemand.",
  nobodyMore:
    "Personen erscheinen, sobald Ihre Anwendung sie anlegt oder Sie auf der Seite der Personen jemanden hinzufügen.",
  overTime: "Im Lauf der Zeit",
  overTimeMore: "Personen, und wer davon einen zweiten Schritt hat, am Ende jedes Tages (UTC).",
  people: "Personen",
  enrolled: "Mit zweitem Schritt",
  overTimeAloud: (from, to) => `Von ${from} bis ${to}. Die Tabelle sagt dasselbe.`,
  firstDay: "Das ist der erste Tag. Morgen beginnt eine Linie.",
  asTable: "Als Tabelle",
  day: "Tag",
  kinds: "Nach Art",
  kindsMore: "Welche zweiten Schritte die Personen haben.",
  totp: "Authenticator-App",
  passkey: "Passkey",
  both: "App und Passkey",
  missing: "Noch keiner",
  due: "Wer an der Reihe ist",
  dueMore: "Personen, die bei der nächsten Anmeldung einen zweiten Schritt einrichten müssen.",
  dueNow: (count) => `${people(count)} bei der nächsten Anmeldung.`,
  dueFrom: (count, when) => `${people(count)} ab ${when}.`,
  dueNobody: "Niemand: Die Regeln verlangen es nicht, oder alle haben einen.",
  dueRest: (count) => `und ${count} weitere`,
  dueAll: "Alle Personen ohne zweiten Schritt",
  attacks: "Angriffe",
  attacksMore: "Was in den letzten 30 Tagen abgelehnt wurde (UTC).",
  wrong: "Falsche Nachweise",
  refusedDevices: "Abgelehnte Browser",
  seeRefused: "Ansehen, was abgelehnt wurde",
  quiet: "In den letzten 30 Tagen wurde nichts abgelehnt.",
  attacksAloud: (wrong, devices) =>
    `${wrong} falsche Nachweise und ${devices} abgelehnte Browser in 30 Tagen. Die Tabelle sagt dasselbe.`,
  locks: (count) => (count === 1 ? "1 Methode wurde geschlossen" : `${count} Methoden wurden geschlossen`),
  locksColumn: "Geschlossene Methoden",
  underAttack: "Angegriffen",
  underAttackMore: "Die meisten falschen Nachweise in den letzten 24 Stunden.",
  underAttackNobody: "Bei keinem Konto gab es in den letzten 24 Stunden falsche Nachweise.",
  tries: (count, networks) =>
    `${count} ${count === 1 ? "falscher Nachweis" : "falsche Nachweise"} aus ${networks} ${
      networks === 1 ? "Netz" : "Netzen"
    }`,
  locked: (when) => `geschlossen bis ${when}`,
  lockedForGood: "geschlossen, bis ein anderer Faktor oder Sie es aufheben",
  whatToDo: "Was Sie tun können",
  advice: [
    "Falsche Passwörter allein lassen niemanden hinein: Der zweite Schritt hält. Bitten Sie alle, die keinen haben, darum.",
    "Passkeys lassen sich weder erraten noch weitergeben. Empfehlen Sie sie denen, die am meisten angegriffen werden.",
    "Kennt eine Person diese Versuche nicht? Melden Sie sie überall ab und lassen Sie das Passwort ändern.",
  ],
  look: "Einen Blick wert",
  lookMore: "Personen, denen eine Kleinigkeit helfen würde.",
  codesLow: (count) => `${people(count)} mit höchstens drei Backup-Codes`,
  codesNone: (count) => `${people(count)} ohne einen Backup-Code`,
  lockedNow: (count) => `${people(count)} gerade ausgesperrt`,
  disabledNow: (count) => `${people(count)} deaktiviert`,
  trusting: (count) => `${people(count)} mit einem vertrauten Browser`,
};
