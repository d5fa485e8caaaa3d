// Was geschah, in einem Satz.

import type { Words } from "../en";

export const events: Words["events"] = {
  "challenge.open": "Wurde nach dem zweiten Schritt gefragt",
  "help.request": "Bat um Hilfe",
  "sign_in.verify": "Zweiter Schritt einer Anmeldung",
  "sign_in.passkey": "Anmeldung mit Passkey",
  "sign_in.first_factor": "Erster Schritt einer Anmeldung",
  "step_up.verify": "Neuer Nachweis",
  "enrollment.start": "Begann, einen Authenticator hinzuzufügen",
  "enrollment.confirm": "Fügte einen Authenticator hinzu",
  "authenticator.rename": "Benannte einen Authenticator um",
  "authenticator.remove": "Entfernte einen Authenticator",
  "backup_codes.renew": "Erstellte neue Backup-Codes",
  "backup_codes.save": "Gab an, die Backup-Codes aufzubewahren",
  "mfa.off": "Kehrte zu einem Schritt zurück",
  "password.change": "Änderte das Passwort",
  "session.end": "Beendete eine Sitzung",
  "trusted_device.grant": "Vertraute einem Browser",
  "trusted_device.revoke": "Vergaß einen vertrauten Browser",
  "trusted_device.use": "Ein vertrauter Browser übersprang den zweiten Schritt",
  "organization.put": "Die Organisation wurde geändert",
  "organization.change": "Die Organisation wurde geändert",
  "policy.put": "Die Regeln wurden geändert",
  "policy.grace_over": "Die Frist für den zweiten Schritt war vorbei",
  "user.put": "Wurde angelegt oder geändert",
  "user.delete": "Wurde gelöscht",
  "user.export": "Die Liste der Personen wurde als Datei genommen",
  "mfa.revoke": "Zweite Schritte wurden widerrufen",
  "user.sign_out": "Wurde überall abgemeldet",
  "user.unlock": "Wurde entsperrt",
};
