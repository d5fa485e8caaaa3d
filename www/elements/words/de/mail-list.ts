// Mails, die noch nicht hinausgingen, wie die Einstellungen sie zeigen.

import type { Words } from "../en";

export const mail: Words["mail"] = {
  title: "Nicht gesendete Mails",
  about: "Was nicht hinausging, wird wieder versucht, jedes Mal später, und nach drei Tagen aufgegeben.",
  none: "Alle Mails sind hinausgegangen.",
  nothingSends:
    "Hier ist nichts eingerichtet, das Mails sendet; alle warten. Wer Postern betreibt, kann das ändern: Die Seite über den Betrieb sagt, wie.",
  stopped: "aufgegeben",
  givenUp: (when, tries) =>
    `Aufgegeben ${when}, nach ${tries === 1 ? "einem Versuch" : `${tries} Versuchen`}.`,
  waits: (since, next) => `Geschrieben ${since}${next === undefined ? "" : `, nächster Versuch ${next}`}.`,
  why: (error) => `Der letzte misslang: ${error}.`,
  linkOver:
    "Der Link darin gilt nicht mehr, also geht sie nicht noch einmal hinaus. Beginnen Sie bei der Person neu.",
  again: "Noch einmal senden",
  againLabel: (kind, to) => `Noch einmal senden: ${kind}, an ${to}`,
  tried: "Die Mail wird wieder versucht.",
  more: "Weitere Mails zeigen",
  purpose: "eine Mail noch einmal zu senden",
  kinds: {
    address_changed: "Die Mailadresse wurde geändert",
    authenticator_added: "Ein Authenticator kam hinzu",
    authenticator_removed: "Ein Authenticator wurde entfernt",
    backup_code_used: "Ein Backup-Code wurde benutzt",
    backup_codes_gone: "Der letzte Backup-Code wurde benutzt",
    backup_codes_low: "Es sind nur noch wenige Backup-Codes da",
    backup_codes_renewed: "Neue Backup-Codes wurden erstellt",
    enrollment_due: "Der zweite Schritt ist fällig",
    help_requested: "Um Hilfe wurde gebeten",
    help_wanted: "Eine Person braucht Hilfe",
    invitation: "Eine Einladung",
    locked_out: "Ein Weg zur Anmeldung wurde gesperrt",
    mfa_off: "Der zweite Schritt wurde abgeschaltet",
    mfa_revoked: "Der zweite Schritt wurde widerrufen",
    not_me: "„Das war ich nicht“ wurde gesagt",
    password_changed: "Das Passwort wurde geändert",
    password_forgotten: "Ein Link zu einem neuen Passwort",
    policy_off: "Die Regeln verlangen nichts mehr",
    policy_stricter: "Die Regeln verlangen mehr",
    possible_clone: "Ein Passkey wurde vielleicht kopiert",
    reset_cancelled: "Ein Link zum Ersetzen wurde zurückgenommen",
    reset_completed: "Der zweite Schritt wurde ersetzt",
    reset_started: "Ein Link zum Ersetzen",
    second_factor_failed: "Ein zweiter Schritt misslang",
    signed_out: "Überall abgemeldet",
    trusted_device_reused: "Ein vertrauter Browser wurde abgewiesen",
    trusted_devices_cleared: "Vertraute Browser wurden vergessen",
    unlocked: "Entsperrt",
  },
};
