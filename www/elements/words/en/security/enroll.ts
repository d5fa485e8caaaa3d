// An authenticator app: get one, give it the key, type the code it shows, name it.

export const enroll = {
  suggestion: "Phone",
  suggestionAgain: (count: number) => `Phone ${count}`,
  makingKey: "Making a new key…",
  getApp: "Get an authenticator app",
  getAppMore: "On your phone or computer. If you have one already, use that.",
  nameHint: "So that you know it when you have several.",
  confirm: "Confirm",
  endsSoon: "This key ends in less than two minutes.",
  startOver: "Start over with a new key",
  scan: "Scan this with it",
  cannotScan: "Can’t scan it? Type this key:",
  addAccount: "Add this account to it",
  openHere: "Open in an app on this device",
  orType: "Or type this key:",
  scanElsewhere: "Scan it with another device",
  copyKey: "Copy key",
  drawing: "Drawing the QR code…",
  qrCode: "QR code",
  showsNow: "By the clock of this device, your app should show this now:",
  looksLike: "It looks like this in your app:",
  sixDigits: "six digits",
  ended:
    "This key has ended: it was open for more than ten minutes, or too many codes didn’t match. If your app has the entry already, delete it there.",
  notOpen: "This is no longer open. The app may be among your authenticators by now.",
  clockBehind: (minutes: number) =>
    `The clock of that phone is about ${minutes} min behind of this one. Set its date and time to automatic, then try the new code.`,
  clockAhead: (minutes: number) =>
    `The clock of that phone is about ${minutes} min ahead of this one. Set its date and time to automatic, then try the new code.`,
};
