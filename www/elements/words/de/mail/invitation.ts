// Eine Einladung: was die Seite ihres Links sagt.

import type { MailWords } from "../../en/mail";

export const invitation: MailWords["invitation"] = {
  title: "Ihre Einladung",
  lead: (organization) => `${organization} lädt Sie ein.`,
  username: "Ihr Benutzername",
  choose: "Wählen Sie ein Passwort.",
  signIn: "Melden Sie sich damit an.",
  enroll: "Richten Sie einen zweiten Schritt ein: eine App auf Ihrem Telefon oder einen Passkey.",
  until: (time) => `Der Link gilt bis ${time}.`,
  save: "Passwort setzen",
  done: "Ihr Passwort ist gesetzt.",
  doneMore: (organization, username) => `Bei ${organization} melden Sie sich als ${username} an.`,
  enrollMore: "Halten Sie Ihr Telefon bereit: Die Anmeldung geht mit einem zweiten Schritt weiter.",
  over: "Diese Einladung gilt nicht mehr.",
  overMore:
    "Sie wurde benutzt, oder sie ist älter als ein Tag, oder es kam eine neuere. Haben Sie ein Passwort gewählt, melden Sie sich damit an. Wenn nicht, bitten Sie die Verwaltung Ihrer Organisation um eine andere Einladung.",
};
