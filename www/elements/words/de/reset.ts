// Einer Person mit einem Link per Mail helfen.

import type { Words } from "../en";

export const reset: Words["reset"] = {
  about:
    "Empfohlen: ein Link per Mail, mit dem die Person ihre zweiten Schritte ersetzt. Bis dahin gelten die alten.",
  send: "Link zum Ersetzen schicken",
  sendAgain: "Neuen Link schicken",
  sure: (name) => `${name} einen Link zum Ersetzen schicken?`,
  mails: (addresses) => `Eine Mail mit einem Link geht an ${addresses}.`,
  opens: (name) => `Mit dem Link und dem ersten Schritt richtet ${name} einen neuen zweiten ein.`,
  until: "Bis er bestätigt ist, ändert sich nichts: Die alten zweiten Schritte gelten.",
  then: (old) => `Dann endet alles Alte: ${old}.`,
  worksFor: "Der Link gilt",
  spans: { 60: "60 Minuten", 240: "4 Stunden", 720: "12 Stunden", 1440: "24 Stunden" },
  sureWho: (name) => `Vergewissern Sie sich, dass wirklich ${name} fragt: durch Rückruf oder persönlich.`,
  sent: (name) => `${name} bekommt eine Mail mit dem Link.`,
  pending: (when) => `Ein Link zum Ersetzen gilt bis ${when}.`,
  pendingMore:
    "Die alten zweiten Schritte gelten, bis ein neuer bestätigt ist. Ein neuer Link beendet diesen.",
  takeBack: "Zurücknehmen",
  takenBack: "Der Link bewirkt nichts mehr.",
  whyNot: {
    noAddress:
      "Es gibt keine Mailadresse, an die ein Link gehen kann. Tragen Sie unter „Bearbeiten“ eine ein.",
    notEnrolled: "Es gibt keinen zweiten Schritt zu ersetzen.",
    disabled: "Diese Person darf sich nicht anmelden. Ändern Sie das zuerst unter „Bearbeiten“.",
  },
  refused: {
    often: (span) => `In der letzten Stunde gingen drei Links hinaus. Versuchen Sie es wieder in ${span}.`,
    nothing:
      "Es gibt nichts zu ersetzen: Diese Person hat keinen zweiten Schritt oder darf sich nicht anmelden.",
    noReset: "Es gibt keinen Link mehr, der zurückgenommen werden könnte: Er ist benutzt oder abgelaufen.",
    policy: "Die Regeln lassen gerade niemanden einen zweiten Schritt einrichten; ein Link führte zu nichts.",
  },
  purpose: { send: "einen Link zum Ersetzen zu schicken", takeBack: "einen Link zurückzunehmen" },
};

export const requests: Words["requests"] = {
  kind: "Baten um Hilfe",
  about:
    "Sie haben den ersten Schritt bestanden und können nach eigener Angabe keinen zweiten benutzen. Die neuesten zuerst, aus den letzten 7 Tagen.",
  asked: "Gefragt",
  from: "Von",
  signedIn: "Letzte Anmeldung",
  address: "Mailadresse",
  hasAddress: "vorhanden",
  noAddress: "keine",
  unknown: "nicht bekannt",
  none: "Niemand wartet auf Hilfe.",
  noneMore:
    "Wer den ersten Schritt besteht und keinen zweiten benutzen kann, darf dort um Hilfe bitten. Die Bitte steht hier, bis Sie helfen, höchstens 7 Tage.",
  next: "Mehr Bitten zeigen",
  waits: (name, when) => `${name} bat ${when} um Hilfe.`,
  waitsMore: "Der erste Schritt war bestanden, ein zweiter nicht möglich.",
};
