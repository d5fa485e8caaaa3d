// Die Seite der Regeln.

import type { Words } from "../en";

const choice = (label: string, more: string) => ({ label, more });
const verb = (one: string, many: string) => (people: number) => (people === 1 ? one : many);

export const policy: Words["policy"] = {
  purpose: "die Regeln zu ändern",
  summary: {
    off: "Ein Passwort genügt: Der zweite Schritt ist ausgeschaltet.",
    optional: "Ein zweiter Schritt ist freiwillig. Wer einen hat, wird danach gefragt.",
    everyone: "Alle brauchen einen zweiten Schritt.",
    everyoneBy: (moment) => `Ab ${moment} brauchen alle einen zweiten Schritt.`,
    some: (who) => `Einen zweiten Schritt brauchen: ${who}. Für alle anderen ist er freiwillig.`,
    someBy: (who, moment) =>
      `Einen zweiten Schritt brauchen ab ${moment}: ${who}. Für alle anderen ist er freiwillig.`,
    groups: (list, count) => (count === 1 ? `die Gruppe ${list}` : `die Gruppen ${list}`),
    roles: { member: "Mitglieder", admin: "Admins", owner: "Inhaber" },
    trust: (days, shown) =>
      days === 1
        ? "In einem vertrauten Browser wird einen Tag lang nicht erneut gefragt."
        : `In einem vertrauten Browser wird ${shown} Tage lang nicht erneut gefragt.`,
    noTrust: "Jede Anmeldung fragt danach, in jedem Browser.",
  },
  readOnly: "Sie können alles ansehen, aber nichts ändern: Die Regeln legen Inhaber fest.",
  unavailable: "Die Regeln können gerade nicht gezeigt werden.",
  usual: "üblich",
  parts: { who: "Für wen", often: "Wie oft", more: "Im Einzelnen" },

  mode: {
    title: "Ein zweiter Schritt",
    more: "Zusätzlich zum Passwort zeigt man eine Authenticator-App oder einen Passkey vor.",
    off: choice("Aus", "Ein Passwort genügt. Was eingerichtet ist, bleibt und wird nicht abgefragt."),
    optional: choice(
      "Freiwillig",
      "Wer möchte, richtet einen zweiten Schritt ein und wird dann danach gefragt.",
    ),
    required: choice(
      "Verlangt",
      "Der zweite Schritt wird bei der nächsten Anmeldung eingerichtet; vorher ist nichts erreichbar.",
    ),
  },
  scope: {
    title: "Für wen er verlangt wird",
    more: "Für alle anderen ist er freiwillig.",
    promptTitle: "Wem er angeboten wird",
    promptMore: "Alle anderen können ihn auf ihrer Sicherheitsseite einrichten.",
    everyone: choice("Für alle", "Auch für neue Personen, ab der ersten Anmeldung."),
    groups: choice("Für einzelne Gruppen", "Für alle, die jetzt oder später in einer dieser Gruppen sind."),
    roles: choice("Für einzelne Rollen", "Zum Beispiel zuerst für alle, die mehr dürfen als andere."),
    add: "Gruppe hinzufügen",
    addMore: "Tippen Sie die ersten Buchstaben und drücken Sie die Eingabetaste.",
    addButton: "Hinzufügen",
    chosen: "Gewählte Gruppen",
    remove: (group) => `${group} entfernen`,
    which: "Welche Rollen",
    roleNames: { member: "Mitglieder", admin: "Admins", owner: "Inhaber" },
  },
  grace: {
    title: "Ab wann",
    more: "Bis zu diesem Tag ist er freiwillig und kann in Ruhe eingerichtet werden.",
    now: choice("Ab der nächsten Anmeldung", "Wer noch keinen zweiten Schritt hat, richtet ihn dann ein."),
    by: choice("Ab einem bestimmten Tag", "Bis dahin steht der Tag auf der eigenen Sicherheitsseite."),
    moment: "Verlangt ab",
  },
  prompt: {
    title: "Nach der Anmeldung anbieten",
    more: "Wer noch keinen zweiten Schritt hat, bekommt einen angeboten und kann „Nicht jetzt“ sagen.",
    days: choice("Ja, nach einigen Tagen wieder", "Gezählt ab dem „Nicht jetzt“."),
    off: choice("Nein", "Wer möchte, richtet ihn auf der eigenen Sicherheitsseite ein."),
    count: "Tage bis zum nächsten Mal",
    line: (days, shown) => (days === 1 ? "ja, nach einem Tag wieder" : `ja, nach ${shown} Tagen wieder`),
  },
  surfaces: {
    title: "Je Anwendung",
    more: "Wer einen zweiten Schritt hat, wird dort und so oft danach gefragt, wie Sie es hier sagen. Für eine Anmeldung ohne Angabe der Anwendung gilt die strengste dieser Regeln.",
    none: "Alle Anwendungen fragen auf dieselbe Weise. Nennen Sie eine, um ihr eine eigene Regel zu geben.",
    name: "Name einer Anwendung",
    nameMore: "So, wie sie in der Entwicklung heißt, zum Beispiel client_app.",
    nameWrong: "Nur kleine Buchstaben, Ziffern, - und _.",
    addButton: "Hinzufügen",
    asked: choice("Fragt nach dem zweiten Schritt", "Bei der Anmeldung, außer in einem vertrauten Browser."),
    notAsked: choice("Fragt nicht", "Hier genügt ein Passwort."),
    every: "Vor jeder Anmeldung, auch in vertrauten Browsern",
    again: "Nach einiger Zeit erneut, auch innerhalb einer Sitzung",
    after: "Nach",
    unit: "Einheit",
    units: { minutes: "Minuten", hours: "Stunden", days: "Tagen" },
    line: {
      asked: "fragt",
      notAsked: "fragt nicht",
      every: "vor jeder Anmeldung",
      again: (time) => `erneut nach ${time}`,
    },
    rule: (surface) => `Anwendung ${surface}`,
  },
  trust: {
    title: "Vertraute Browser",
    more: "Nach dem zweiten Schritt kann man sich in einem Browser merken lassen.",
    off: choice("Nie", "Jede Anmeldung fragt danach."),
    days: choice("Für einige Tage", "Gezählt ab dem zweiten Schritt, ohne Verlängerung."),
    count: "Tage",
    line: (days, shown) => (days === 1 ? "für einen Tag" : `für ${shown} Tage`),
  },
  sso: {
    title: "Anmeldung über einen Identitätsanbieter",
    more: "Zum Beispiel Microsoft Entra, das selbst nach einem zweiten Schritt fragen kann.",
    exempt: choice("Genügt", "Es gelten die Regeln des Anbieters. Niemand wird zweimal gefragt."),
    evidence: choice(
      "Genügt, wenn er es meldet",
      "Nur wenn der Anbieter meldet, dass er nach einem zweiten Schritt gefragt hat.",
    ),
    always: choice("Zählt wie ein Passwort", "Auch hier wird nach dem zweiten Schritt gefragt."),
  },
  stepUp: {
    title: "Vor einer Änderung an der Sicherheit",
    more: "Etwa bevor man eine App hinzufügt oder diese Regeln ändert, wenn der letzte Nachweis älter als fünf Minuten ist.",
    second_factor: choice(
      "Der zweite Schritt",
      "Für alle, die einen haben; die anderen geben ihr Passwort ein.",
    ),
    password_allowed: choice(
      "Das Passwort genügt",
      "Bequemer, aber weniger sicher: Mit einem gestohlenen Passwort geht mehr.",
    ),
  },
  codes: {
    title: "Neue Backup-Codes",
    more: "Zehn Stück, jeder gilt einmal. Codes, die jemand schon hat, bleiben, wie sie sind.",
    digits8: choice("Acht Ziffern", "Leicht zu tippen: 1234 5678."),
    recovery: choice("Vierzehn Zeichen", "Schwerer zu erraten, mit einer Prüfung auf Tippfehler."),
  },
  clone: {
    title: "Ein Passkey, der eine Kopie sein kann",
    more: "Manche Passkeys zählen, wie oft sie benutzt werden. Springt die Zahl zurück, kann es eine Kopie geben.",
    accept: choice("Annehmen und melden", "Es wird festgehalten und der Person per E-Mail mitgeteilt."),
    refuse: choice("Ablehnen", "Sicherer, sperrt aber vielleicht jemanden aus, dessen Passkey falsch zählt."),
  },
  help: {
    title: "Wer hilft, wenn alles verloren ist",
    more: "Das sieht, wer keinen zweiten Schritt mehr benutzen kann.",
    no: choice("Der Support des Dienstes", "Es werden keine Namen gezeigt."),
    yes: choice(
      "Die Namen der Inhaber und Admins",
      "Sie erscheinen nach dem richtigen Passwort, damit man weiß, wen man anrufen kann.",
    ),
  },

  problems: {
    group: "Fügen Sie mindestens eine Gruppe hinzu oder wählen Sie „Für alle“.",
    role: "Wählen Sie mindestens eine Rolle oder „Für alle“.",
    past: "Wählen Sie einen Zeitpunkt, der noch kommt.",
    far: "Wählen Sie einen Zeitpunkt innerhalb eines Jahres.",
    prompt: "1 bis 365 Tage.",
    days: "1 bis 30 Tage.",
    age: "Zwischen einer Minute und 30 Tagen.",
  },

  preview: {
    title: "Was sich ändert",
    loading: "Alle Personen werden betrachtet …",
    none: "Nichts: So gelten die Regeln schon.",
    nobody: "Niemand merkt etwas: Diese Änderungen verlangen jetzt von niemandem etwas.",
    affected: (people, shown, all) =>
      people === 1 ? `Betroffen ist 1 von ${all} Personen.` : `Betroffen sind ${shown} von ${all} Personen.`,
    wrong: "Füllen Sie aus, was fehlt; dann sehen Sie, wen es betrifft.",
    failed: "Wen es betrifft, ist gerade nicht zu sehen.",
    unreadable: (people, shown) =>
      people === 1
        ? "Eine Person fehlt hier: Nicht alles über sie ist lesbar."
        : `${shown} Personen fehlen hier: Nicht alles über sie ist lesbar.`,
    show: "Zeigen, wer",
    more: (count) => `${count} weitere zeigen`,
    effects: {
      enrolls: verb("muss einen zweiten Schritt einrichten", "müssen einen zweiten Schritt einrichten"),
      asked: verb("wird nach dem zweiten Schritt gefragt", "werden nach dem zweiten Schritt gefragt"),
      asked_more_often: verb("wird öfter gefragt", "werden öfter gefragt"),
      loses_trust: verb(
        "wird in vertrauten Browsern erneut gefragt",
        "werden in vertrauten Browsern erneut gefragt",
      ),
      falls_asleep: verb(
        "wird nicht mehr gefragt: Der zweite Schritt ruht",
        "werden nicht mehr gefragt: Der zweite Schritt ruht",
      ),
      released: verb("wird nicht mehr gefragt", "werden nicht mehr gefragt"),
      asked_less_often: verb("wird seltener gefragt", "werden seltener gefragt"),
      exempt: verb(
        "bleibt ausgenommen: Der Identitätsanbieter fragt",
        "bleiben ausgenommen: Der Identitätsanbieter fragt",
      ),
      prompted: verb(
        "bekommt einen zweiten Schritt angeboten und kann „Nicht jetzt“ sagen",
        "bekommen einen zweiten Schritt angeboten und können „Nicht jetzt“ sagen",
      ),
    },
    atOnce: "ab der nächsten Anmeldung",
    from: (moment) => `ab ${moment}`,
  },

  bar: {
    changes: (count, shown) =>
      count === 1 ? "1 Änderung, nicht gespeichert" : `${shown} Änderungen, nicht gespeichert`,
    restored: "Ihre Änderungen sind wieder da, wie Sie sie verlassen haben.",
    discard: "Verwerfen",
    review: "Prüfen und speichern",
    fix: (count, shown) =>
      count === 1 ? "Vorher ist eine Angabe nötig" : `Vorher sind ${shown} Angaben nötig`,
  },

  review: {
    title: "Diese Änderungen speichern?",
    was: "Bisher",
    is: "Künftig",
    off: (people, shown) =>
      people === 1
        ? "Eine Person hat einen zweiten Schritt, nach dem nicht mehr gefragt wird. Sie erfährt es per E-Mail."
        : `${shown} Personen haben einen zweiten Schritt, nach dem nicht mehr gefragt wird. Sie erfahren es per E-Mail.`,
    offField: (shown) => `Geben Sie zum Ausschalten ${shown} ein`,
    offWrong: (shown) => `Das ist nicht die Zahl: Geben Sie ${shown} ein.`,
    miscounted: "Inzwischen ist es eine andere Zahl. Sehen Sie sie an und geben Sie sie erneut ein.",
    locked: {
      enroll:
        "Mit diesen Regeln müssen Sie bei der nächsten Anmeldung einen zweiten Schritt einrichten, bevor Sie etwas erreichen.",
      alone:
        "Sie müssten Ihren zweiten Schritt vorzeigen und haben nur einen, ohne Backup-Codes: Geht er verloren, sind Sie ausgesperrt.",
    },
    nameField: (name) => `Geben Sie ${name} ein, um fortzufahren`,
    nameWrong: (name) => `Geben Sie genau ${name} ein.`,
    save: "Regeln speichern",
    saved: "Die Regeln sind gespeichert.",
  },

  conflict: {
    title: "Jemand anderes hat die Regeln geändert",
    more: "Von Ihren Änderungen geht nichts verloren. Sehen Sie beides an und fahren Sie dann fort.",
    theirs: "Außerdem geändert",
    both: "Das haben Sie beide geändert: Was soll gelten?",
    mine: "Ihre Fassung",
    their: "Die andere",
    goOn: "Damit fortfahren",
    same: "Es sind dieselben Änderungen wie Ihre. Es bleibt nichts zu speichern.",
  },

  attempt: {
    title: "An einer Person ausprobieren",
    more: "Es wird nichts gesendet, und niemand merkt etwas.",
    person: "Person",
    personMore: "Tippen Sie die ersten Buchstaben des Namens.",
    unknown: "So heißt niemand. Wählen Sie einen Namen aus der Liste.",
    where: "Anmeldung an",
    anywhere: "keiner bestimmten Anwendung",
    when: "Wann",
    how: "Mit",
    hows: {
      password: "Passwort",
      sso: "Identitätsanbieter",
      sso_mfa: "Identitätsanbieter, der nach einem zweiten Schritt gefragt hat",
    },
    trusted: "In einem vertrauten Browser",
    decisions: {
      complete: (name) => `${name} wird angemeldet und nach nichts weiter gefragt.`,
      challenge: (name) => `${name} wird nach dem zweiten Schritt gefragt.`,
      enroll: (name) => `${name} muss zuerst einen zweiten Schritt einrichten.`,
      refuse: (name) => `${name} kann sich nicht anmelden.`,
    },
    prompted: "Ein zweiter Schritt wird angeboten; „Nicht jetzt“ ist möglich.",
    draft: "Mit Ihren Änderungen",
    current: "So wie jetzt",
    reasons: {
      "evidence.missing": "Es wurde nichts vorgezeigt, das zählt.",
      "evidence.second_factor": "Ein zweiter Schritt wurde gerade vorgezeigt.",
      "evidence.enrolled": "Es ist ein zweiter Schritt eingerichtet, und wer einen hat, wird danach gefragt.",
      "policy.off": "Der zweite Schritt ist ausgeschaltet.",
      "policy.optional": "Es ist kein zweiter Schritt eingerichtet, und es ist keiner nötig.",
      "policy.out_of_scope": "Es ist kein zweiter Schritt eingerichtet, und hier wird er nicht verlangt.",
      "policy.grace": "Es ist kein zweiter Schritt eingerichtet, und der Tag ist noch nicht gekommen.",
      "policy.required": "Ein zweiter Schritt wird verlangt.",
      "surface.not_asked": "Diese Anwendung fragt nicht danach.",
      "surface.max_age": "Diese Anwendung fragt nach einiger Zeit erneut.",
      "surface.every_sign_in": "Diese Anwendung fragt vor jeder Anmeldung.",
      "sso.exempt": "Eine Anmeldung über den Identitätsanbieter genügt.",
      "sso.evidence": "Der Identitätsanbieter hat nach einem zweiten Schritt gefragt.",
      "sso.evidence_missing": "Der Identitätsanbieter hat nicht nach einem zweiten Schritt gefragt.",
      "sso.always": "Eine Anmeldung über den Identitätsanbieter zählt wie ein Passwort.",
      "trusted_device.accepted": "Dem Browser wird vertraut.",
      "trusted_device.off": "Browsern wird nicht mehr vertraut.",
      "trusted_device.over": "Das Vertrauen in diesen Browser ist abgelaufen.",
    },
  },
};
