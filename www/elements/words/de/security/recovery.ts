// Was nach einer Anmeldung mit Backup-Code noch zu tun ist.

import type { SecurityWords } from "../../en/security";

export const recovery: SecurityWords["recovery"] = {
  heading: "Drei Dinge sind jetzt zu tun",
  add: "Fügen Sie einen Authenticator auf einem Gerät hinzu, das Sie haben.",
  remove: "Entfernen Sie, was Sie verloren haben.",
  quoted: (name) => `„${name}“`,
  unseen: (names, count) =>
    `Entfernen Sie, was Sie verloren haben. ${names} ${count === 1 ? "wurde" : "wurden"} seitdem nicht benutzt.`,
  nothingLost: "Nichts ist verloren",
  makeCodes: "Erstellen Sie unten neue Backup-Codes. Der benutzte ist verbraucht.",
  keepCodes: "Die übrigen behalten",
  makeCodesLater: "Erstellen Sie neue Backup-Codes, sobald das Erste erledigt ist.",
  done: "Erledigt: ",
};
