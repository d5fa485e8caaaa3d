// Eine Authenticator-App: eine besorgen, ihr den Schlüssel geben, den Code eingeben, den sie zeigt, sie benennen.

import type { SecurityWords } from "../../en/security";

export const enroll: SecurityWords["enroll"] = {
  suggestion: "Telefon",
  suggestionAgain: (count) => `Telefon ${count}`,
  makingKey: "Ein neuer Schlüssel entsteht …",
  getApp: "Besorgen Sie eine Authenticator-App",
  getAppMore: "Auf Ihrem Telefon oder Computer. Wenn Sie schon eine haben, nehmen Sie die.",
  nameHint: "Damit Sie sie erkennen, wenn Sie mehrere haben.",
  confirm: "Bestätigen",
  endsSoon: "Dieser Schlüssel endet in weniger als zwei Minuten.",
  startOver: "Mit einem neuen Schlüssel beginnen",
  scan: "Scannen Sie das mit der App",
  cannotScan: "Scannen geht nicht? Tippen Sie diesen Schlüssel ein:",
  addAccount: "Fügen Sie dieses Konto dort hinzu",
  openHere: "In einer App auf diesem Gerät öffnen",
  orType: "Oder tippen Sie diesen Schlüssel ein:",
  scanElsewhere: "Mit einem anderen Gerät scannen",
  copyKey: "Schlüssel kopieren",
  drawing: "Der QR-Code wird gezeichnet …",
  qrCode: "QR-Code",
  showsNow: "Nach der Uhr dieses Geräts sollte Ihre App jetzt das zeigen:",
  looksLike: "So sieht es in Ihrer App aus:",
  sixDigits: "sechs Ziffern",
  ended:
    "Dieser Schlüssel ist abgelaufen: Er war länger als zehn Minuten offen, oder zu viele Codes stimmten nicht. Wenn Ihre App den Eintrag schon hat, löschen Sie ihn dort.",
  notOpen: "Das ist nicht mehr offen. Vielleicht steht die App schon unter Ihren Authenticatoren.",
  clockBehind: (minutes) =>
    `Die Uhr jenes Telefons geht gegenüber dieser um etwa ${minutes} min nach. Stellen Sie dort Datum und Zeit auf automatisch und versuchen Sie dann den neuen Code.`,
  clockAhead: (minutes) =>
    `Die Uhr jenes Telefons geht gegenüber dieser um etwa ${minutes} min vor. Stellen Sie dort Datum und Zeit auf automatisch und versuchen Sie dann den neuen Code.`,
};
