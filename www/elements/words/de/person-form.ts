// Eine Person anlegen und ändern.

import type { Words } from "../en";

export const personForm: Words["personForm"] = {
  add: "Person anlegen",
  addTitle: "Person anlegen",
  addMore: "Ihre Anwendung gibt dieser Person den ersten Schritt: ein Passwort oder Single Sign-on.",
  edit: "Bearbeiten",
  editTitle: (name) => `${name} bearbeiten`,
  name: "Name",
  nameHint: "So zeigen ihn die Seiten.",
  username: "Benutzername",
  usernameHint: "Was die Person bei der Anmeldung eingibt. Oft die Mailadresse.",
  email: "Mailadresse",
  emailHint: "Hierhin gehen Hinweise zu diesem Konto.",
  secondEmail: "Zweite Adresse",
  secondEmailHint: "Hinweise gehen auch dorthin. Am besten eine, die nicht mit der ersten verloren geht.",
  groups: "Gruppen",
  role: "Rolle",
  roleHint: {
    member: "Hat ein Konto.",
    admin: "Sieht die Personen und hilft Mitgliedern.",
    owner: "Setzt die Regeln und hilft allen.",
  },
  state: "Anmeldung",
  active: "Darf sich anmelden",
  disabled: "Darf sich nicht anmelden",
  stateHint: "Wer sich nicht anmelden darf, behält alles und ist sofort abgemeldet.",
  ownOnly:
    "Von sich selbst ändern Sie Namen, Adressen und Sprache. Den Rest kann ein anderer Inhaber ändern.",
  added: (name) => `${name} wurde angelegt.`,
  saved: (name) => `${name} wurde geändert.`,
  delete: "Löschen",
  deleteSure: (name) => `${name} löschen?`,
  deleteMore:
    "Die Person und alles, was sie hier hat, wird gelöscht: zweite Schritte, Sitzungen, vertraute Browser. Was geschah, bleibt in den Aufzeichnungen. Rückgängig machen lässt es sich nicht.",
  deleteNow: "Jetzt löschen",
  deleted: (name) => `${name} wurde gelöscht.`,
  exists: "Es gibt schon eine Person mit diesem Benutzernamen.",
  lastOwner:
    "Es muss einen Inhaber geben, der sich anmelden darf. Machen Sie zuerst jemand anderen zum Inhaber.",
  moved:
    "Jemand hat diese Person gerade geändert. Schließen Sie dies, sehen Sie neu nach und wiederholen Sie die Änderung.",
  bad: {
    username: "Das kann kein Benutzername sein: 1 bis 128 Zeichen ohne Leerzeichen am Rand.",
    email: "Das ist keine Mailadresse, an die geschrieben werden kann.",
    second_email: "Das ist keine Mailadresse, an die geschrieben werden kann.",
    name: "Dieser Name geht nicht. Nehmen Sie 1 bis 64 gewöhnliche Zeichen.",
    groups: "Etwas davon kann keine Gruppe sein. Bis zu 100 Namen aus 1 bis 64 Zeichen.",
  },
  purpose: { add: "eine Person anzulegen", edit: "eine Person zu ändern", delete: "eine Person zu löschen" },
};
