// Die Passkeys und Apps einer Person.

import type { SecurityWords } from "../../en/security";

export const authenticators: SecurityWords["authenticators"] = {
  heading: "Authenticatoren",
  lead: "Passkeys und Apps: was Sie nach Ihrem Passwort zeigen oder an seiner Stelle.",
  none: "Noch keiner. Mit einem reicht ein gestohlenes Passwort nicht mehr, um sich als Sie anzumelden: Dazu braucht es auch Ihr Gerät.",
  addSecond: "Richten Sie einen zweiten ein",
  addSecondMore:
    ", auf einem anderen Gerät. Wenn Sie den ersten verlieren, kommen Sie ohne Backup-Code hinein.",
  switchedOff: (organization) =>
    `${organization} hat die Anmeldung in zwei Schritten abgeschaltet; es lässt sich nichts hinzufügen.`,
  switchedOffMore:
    "Was hier steht, wird bei der Anmeldung nicht verlangt und gilt wieder, wenn sie eingeschaltet wird.",
  another: () => "Noch einen hinzufügen",
  app: "Authenticator-App",
  appMore: "Eine App auf Ihrem Telefon oder Computer. Sie geben den Code ein, den sie zeigt.",
  addApp: "App hinzufügen",
  addAppHeading: "Authenticator-App hinzufügen",
  passkey: "Passkey",
  passkeyMore: "Fingerabdruck, Gesicht oder Bildschirmsperre, und nichts zu tippen.",
  noPasskeys:
    "Dieser Browser kann keinen erstellen. Öffnen Sie diese Seite in einem anderen Browser oder auf Ihrem Telefon.",
  waiting: "Warten …",
  addPasskey: "Passkey hinzufügen",
  addPasskeyMore:
    "Ihr Browser fragt nach Fingerabdruck, Gesicht oder Bildschirmsperre oder nach einem Sicherheitsschlüssel.",
  passkeyHint: "Etwa „Laptop der Arbeit“. Ohne Namen heißt er nach dem, was ihn aufbewahrt.",
  continue: "Weiter",
  passkeyReady: (name) => `Ihr Passkey „${name}“ ist bereit.`,
  ready: (name) => `${name} ist bereit.`,
  passkeyIn: (provider) => `Passkey in ${provider}`,
  notAskedFor: "Wird nicht verlangt",
  synced: "Synchronisiert",
  notSynced: "Nur auf diesem Gerät",
  about: (kind, added, used) =>
    `${kind ? `${kind} · hinzugefügt` : "Hinzugefügt"} am ${added} · ${used === undefined ? "noch nicht benutzt" : `zuletzt benutzt ${used}`}`,
  rename: "Umbenennen",
  remove: "Entfernen",
  aboutOne: (name) => `: ${name}`,
  edit: (name) => `„${name}“ bearbeiten`,
  renamed: (name) => `Heißt jetzt ${name}.`,
  nameTaken: "Sie haben schon einen mit diesem Namen. Wählen Sie einen, der sie unterscheidet.",
  removeSure: (name) => `„${name}“ entfernen?`,
  hasToStay: "Dieser muss bleiben",
  hasToStayMore: (organization, name) =>
    `${organization} verlangt einen zweiten Schritt, und das ist Ihr einziger. Fügen Sie zuerst einen anderen Authenticator hinzu; dann können Sie „${name}“ entfernen.`,
  last: "Das ist Ihr letzter Authenticator. Danach meldet Ihr Passwort allein Sie an, und Ihre Backup-Codes und vertrauten Browser gelten nicht mehr.",
  othersStay: (passkey, others) =>
    `${passkey ? "Er gilt" : "Die Codes gelten"} sofort nicht mehr. ${others === 1 ? "Ihr anderer Authenticator bleibt" : "Ihre anderen Authenticatoren bleiben"}, wie ${others === 1 ? "er ist" : "sie sind"}.`,
  deleteThere: (provider) =>
    `Wenn ${provider ?? "Ihr Gerät"} ihn danach noch anbietet, löschen Sie ihn auch dort.`,
  deleteInApp: "Löschen Sie den Eintrag in der App selbst; dorthin reichen wir nicht.",
  removed: (name) => `${name} ist entfernt.`,
};
