// Was einer Person gesagt wird, wenn etwas abgelehnt wird. Ein Satz, was geschah, und einer, was zu tun ist.

import type { SignInWords } from "../../en/sign-in";

export const messages: SignInWords["messages"] = {
  broken: "Auf dieser Seite ging etwas schief. Laden Sie sie neu und versuchen Sie es noch einmal.",
  fault: "Bei uns ging etwas schief. Versuchen Sie es gleich noch einmal.",
  faultWith: (request) => `Bei uns ging etwas schief. Wenn es so bleibt, nennen Sie ${request}.`,
  notAccepted: {
    "sign-in": "Das passt nicht zusammen. Prüfen Sie Organisation, Benutzernamen und Passwort.",
    "passkey-alone": "Dieser Passkey ist hier nicht bekannt. Vielleicht wurde er entfernt.",
    passkey:
      "Dieser Passkey wurde nicht angenommen. Versuchen Sie es noch einmal, oder wählen Sie unten einen anderen Weg.",
    totp: "Dieser Code stimmt nicht. Warten Sie auf den nächsten und versuchen Sie den.",
    backup_code: "Dieser Backup-Code stimmt nicht. Jeder gilt nur einmal.",
    password: "Dieses Passwort stimmt nicht.",
    confirm: "Dieser Code stimmt nicht. Versuchen Sie den, den Ihre App jetzt zeigt.",
    "add-passkey":
      "Dieser Passkey konnte nicht geprüft werden und wurde nicht hinzugefügt. Versuchen Sie es noch einmal.",
    page: "Das wurde nicht angenommen. Versuchen Sie es noch einmal.",
  },
  clockBehind: (minutes) =>
    `Die Uhr des Geräts, das diesen Code erzeugt hat, geht um ${minutes} nach. Stellen Sie die Zeit dort auf automatisch und versuchen Sie dann den Code, den es zeigt.`,
  passkeyChanged:
    "Dieser Passkey ist nicht mehr, was er war, als Sie ihn hinzufügten, und wird darum nicht angenommen. Wählen Sie unten einen anderen Weg; dann entfernen Sie den Passkey und fügen ihn neu hinzu.",
  off: "Das ist nach zu vielen falschen Versuchen gesperrt. Nehmen Sie einen anderen Weg, oder bitten Sie um ein Zurücksetzen.",
  throttled: (time) => `Zu viele Versuche. Wieder möglich in ${time}.`,
  expired: {
    confirm: "Dieser Schlüssel war zu lange offen. Beginnen Sie mit einem neuen.",
    "add-passkey":
      "Das ist abgelaufen. Vielleicht steht Ihr Passkey schon unter Ihren Authenticatoren; wenn nicht, beginnen Sie noch einmal.",
    page: "Das dauerte zu lange und ist abgelaufen. Beginnen Sie noch einmal.",
  },
  malformed: {
    code: "Ein Code hat sechs Ziffern.",
    backupCode: "Das sieht nicht wie ein Backup-Code aus. Prüfen Sie, ob Zeichen fehlen.",
    name: "Dieser Name geht nicht. Nehmen Sie 1 bis 64 gewöhnliche Zeichen.",
    password: "Wählen Sie ein anderes Passwort: mindestens 8 Zeichen und kein häufiges.",
    passkey:
      "Die Antwort Ihres Browsers ist nicht zu lesen. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Browser.",
    page: "Etwas davon ist nicht zu lesen. Prüfen Sie es und versuchen Sie es noch einmal.",
  },
  authenticatorRequired: "Aus welcher App ist dieser Code?",
  conflict: {
    addPasskey:
      "Dieser Passkey konnte nicht hinzugefügt werden. Vielleicht haben Sie ihn schon, oder Sie haben zu viele.",
    page: "Das geht gerade nicht. Laden Sie die Seite neu, um zu sehen, wie es steht.",
  },
  policyForbids: "Ihre Organisation erlaubt das nicht.",
  enrollmentRequired:
    "Ihre Organisation verlangt einen zweiten Schritt. Fügen Sie zuerst einen Authenticator hinzu.",
  stepUpRequired: "Dafür müssen Sie noch einmal zeigen, dass Sie es sind. Nichts wurde geändert.",
  unauthenticated: "Sie sind abgemeldet. Melden Sie sich wieder an.",
  aboveYou: "So weit reicht Ihre Rolle nicht. Fragen Sie einen Inhaber.",
  forbidden: "Dafür braucht es Ihre App oder Ihren Passkey: Ein Backup-Code reicht nicht.",
  crossOrigin: "Das ist von hier aus nicht erlaubt.",
  notFound: "Das gibt es hier nicht mehr.",
  unreachable: "Keine Verbindung. Prüfen Sie Ihr Netz und versuchen Sie es noch einmal.",
  unavailable: "Postern kann gerade nicht antworten. Versuchen Sie es gleich noch einmal.",
  unknown: {
    signIn: "Es kam keine Antwort. Versuchen Sie es noch einmal.",
    add: "Es kam keine Antwort. Bisher wurde nichts hinzugefügt: Versuchen Sie es gleich noch einmal.",
    proof: "Es kam keine Antwort; ob das angenommen wurde, ist nicht bekannt. Senden Sie es noch einmal.",
    page: "Es kam keine Antwort; ob das geschehen ist, ist nicht bekannt. Diese Seite zeigt, wie es jetzt steht.",
  },
  browser: {
    notMade:
      "Es wurde kein Passkey erstellt: Es wurde abgebrochen oder dauerte zu lange. Versuchen Sie es noch einmal, wenn Sie so weit sind.",
    notUsedAlone:
      "Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal, oder nehmen Sie Ihr Passwort. Für sich allein muss ein Passkey Fingerabdruck, Gesicht oder Bildschirmsperre prüfen.",
    notUsed:
      "Es wurde kein Passkey benutzt. Versuchen Sie es noch einmal, oder wählen Sie unten einen anderen Weg.",
    heldAlready:
      "Auf diesem Gerät ist schon ein Passkey für Sie. Für einen weiteren nehmen Sie ein anderes Gerät oder einen Sicherheitsschlüssel.",
    notHere: "Dieser Passkey ist hier nicht zu gebrauchen. Wählen Sie einen anderen Weg.",
    noScreenLock:
      "Dieses Gerät kann nicht prüfen, dass Sie es sind. Richten Sie dort Fingerabdruck, Gesicht oder Bildschirmsperre ein und versuchen Sie es noch einmal.",
    wrongKind:
      "Dieses Gerät kann die Art von Passkey nicht erstellen, die gebraucht wird. Nehmen Sie ein anderes Gerät oder einen Sicherheitsschlüssel.",
    noPasskeys: "Dieses Gerät kann hier keine Passkeys benutzen. Wählen Sie einen anderen Weg.",
    wrongAddress:
      "Passkeys gehen unter dieser Adresse nicht. Öffnen Sie die Seite unter der Adresse, die Sie immer benutzen.",
    other:
      "Ihr Browser konnte das nicht. Versuchen Sie es noch einmal, oder nehmen Sie einen anderen Browser.",
  },
};
