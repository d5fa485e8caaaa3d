// Der erste Inhaber einer neuen Installation.

import type { Words } from "../en";

export const setUp: Words["setUp"] = {
  title: "Postern einrichten",
  step: (number, of) => `Schritt ${number} von ${of}`,
  back: "Zurück",
  code: {
    lead: "Die Person, die Postern installiert hat, hat einen Einrichtungscode. Mit ihm entstehen, ein einziges Mal, die erste Organisation und ihr Inhaber.",
    label: "Einrichtungscode",
    hint: "npm start zeigt ihn an; im Betrieb ist es das Geheimnis POSTERN_SETUP_CODE.",
    checking: "Der Code wird geprüft …",
    wrong:
      "Dieser Code öffnet die Einrichtung nicht. Vielleicht ist er vertippt, oder sie ist hier geschlossen: Fragen Sie die Person, die Postern installiert hat.",
  },
  organization: {
    heading: "Ihre Organisation",
    lead: "Die Personen, die Sie schützen, unter gemeinsamen Regeln.",
    name: "Name",
    nameHint: "Was Personen auf Seiten, in Mails und in ihren Authenticator-Apps sehen.",
    id: "Kurzname",
    idHint: "Was Personen bei der Anmeldung eingeben. Er bleibt für immer.",
  },
  owner: {
    heading: "Sie, der Inhaber",
    lead: "Sie setzen die Regeln und helfen allen anderen. Weitere Inhaber können Sie später bestimmen.",
    name: "Ihr Name",
    email: "Mailadresse",
    emailHint: "Dorthin gehen Nachrichten zu Ihrem Konto.",
    username: "Benutzername",
    usernameHint: "Was Sie bei der Anmeldung eingeben.",
    passwordHint: "Mindestens 8 Zeichen und kein gängiges.",
  },
  policy: {
    heading: "Ein zweiter Schritt für alle?",
    lead: "Für den Anfang. Das und mehr ändern Sie auf der Seite der Regeln.",
    required: "Verpflichtend",
    requiredMore: "Alle fügen bei der nächsten Anmeldung einen hinzu und sehen vorher nichts. Empfohlen.",
    optional: "Freiwillig",
    optionalMore: "Wer einen hinzufügt, wird nach ihm gefragt.",
    next: "Danach fügen Sie Ihren eigenen zweiten Schritt hinzu.",
    make: "Einrichten",
  },
  missing: {
    code: "Geben Sie den Einrichtungscode ein.",
    organization_name: "Geben Sie Ihrer Organisation einen Namen.",
    organization: "Geben Sie ihr einen Kurznamen.",
    name: "Geben Sie Ihren Namen ein.",
    email: "Geben Sie Ihre Mailadresse ein.",
    username: "Wählen Sie einen Benutzernamen.",
    password: "Wählen Sie ein Passwort.",
    mode: "Wählen Sie eines.",
  },
  bad: {
    code: "Das sieht nicht nach einem Einrichtungscode aus.",
    organization_name: "Dieser Name geht nicht. Nehmen Sie 1 bis 64 gewöhnliche Zeichen.",
    organization: "1 bis 63 Kleinbuchstaben, Ziffern, - und _, am Anfang ein Buchstabe oder eine Ziffer.",
    name: "Dieser Name geht nicht. Nehmen Sie 1 bis 64 gewöhnliche Zeichen.",
    email: "Das sieht nicht nach einer einzelnen Mailadresse aus.",
    username: "1 bis 128 Buchstaben ohne Umlaute, Ziffern und . _ ~ @ + -",
    password: "Dieses ist zu kurz oder zu gängig. Wählen Sie ein anderes.",
    mode: "Wählen Sie eines.",
  },
  taken: "Eine Organisation mit diesem Kurznamen gibt es schon. Wählen Sie einen anderen.",
  over: {
    heading: "Die Einrichtung ist abgeschlossen",
    more: "Dieses Postern ist schon eingerichtet; das geschieht nur einmal. Haben Sie ein Konto, melden Sie sich an; wenn nicht, fragen Sie einen Inhaber.",
  },
  made: {
    heading: "Eingerichtet und bereit für Sie",
    more: "Ihre Organisation ist da. Melden Sie sich mit Benutzername und Passwort an, um Ihren zweiten Schritt hinzuzufügen.",
  },
  already: "Schon eingerichtet?",
  signIn: "Anmelden",
};
