// What a person is told when something is refused, by the code of the problem and the place where it happened. One
// sentence that says what happened, one that says what to do.

export const messages = {
  broken: "Something went wrong on this page. Reload it and try again.",
  fault: "Something went wrong on our side. Try again in a moment.",
  faultWith: (request: string) =>
    `Something went wrong on our side. If it stays that way, mention ${request}.`,
  notAccepted: {
    "sign-in": "These don’t match. Check the organization, the username and the password.",
    "passkey-alone": "This passkey isn’t known here. It may have been removed.",
    passkey: "That passkey didn’t work. Try again, or choose another way below.",
    totp: "That code didn’t work. Wait for the next one and try it.",
    backup_code: "That backup code didn’t work. Each one works only once.",
    password: "That password didn’t work.",
    confirm: "That code didn’t match. Try the one your app shows now.",
    "add-passkey": "That passkey couldn’t be checked, so it wasn’t added. Try again.",
    page: "That wasn’t accepted. Try again.",
  },
  clockBehind: (minutes: string) =>
    `The clock of the device that made this code is ${minutes} behind. Set it to automatic time, then try the code it shows.`,
  passkeyChanged:
    "This passkey isn’t what it was when you added it, so it isn’t accepted. Choose another way below, then remove the passkey and add it again.",
  off: "This is off after too many wrong tries. Use another way, or ask for a reset.",
  throttled: (time: string) => `Too many tries. Try again in ${time}.`,
  expired: {
    confirm: "This key was open for too long. Start over with a new key.",
    "add-passkey":
      "This has ended. Your passkey may be among your authenticators already; if not, start again.",
    page: "This took too long and has ended. Start again.",
  },
  malformed: {
    code: "A code is six digits.",
    backupCode: "That doesn’t look like a backup code. Check it for missing characters.",
    name: "That name can’t be used. Try 1 to 64 ordinary characters.",
    password: "Choose another password: at least 8 characters, and not a common one.",
    passkey: "Your browser’s answer can’t be read. Try again, or try another browser.",
    page: "Something in there can’t be read. Check it and try again.",
  },
  authenticatorRequired: "Which app is this code from?",
  conflict: {
    addPasskey: "This passkey couldn’t be added. You may have it already, or have too many.",
    page: "That isn’t possible right now. Reload the page to see how things stand.",
  },
  policyForbids: "Your organization doesn’t allow that.",
  enrollmentRequired: "Your organization asks for a second step. Add an authenticator first.",
  stepUpRequired: "That needs a fresh proof that it’s you. Nothing was changed.",
  unauthenticated: "You are signed out. Sign in again.",
  aboveYou: "Your role doesn’t reach that far. Ask an owner.",
  forbidden: "That takes your app or passkey: a backup code is not enough.",
  crossOrigin: "That isn’t allowed from here.",
  notFound: "That is no longer here.",
  unreachable: "No connection. Check your network and try again.",
  unavailable: "Postern can’t answer right now. Try again in a moment.",
  /** No answer came, and it is not known whether it was done. */
  unknown: {
    signIn: "No answer came. Try again.",
    add: "No answer came. It hasn’t been added so far: try again in a moment.",
    proof: "No answer came, so it isn’t known whether that was accepted. Send it again.",
    page: "No answer came, so it isn’t known whether that was done. This page shows how things stand now.",
  },
  /** A refusal of the browser's own. */
  browser: {
    notMade: "No passkey was made: it was canceled, or it took too long. Try again when you’re ready.",
    notUsedAlone:
      "No passkey was used. Try again, or use your password. On its own, a passkey has to check your fingerprint, face or screen lock.",
    notUsed: "No passkey was used. Try again, or choose another way below.",
    heldAlready:
      "This device already holds a passkey for you. To add another one, use another device or a security key.",
    notHere: "That passkey can’t be used here. Choose another way.",
    noScreenLock:
      "This device can’t check that it’s you. Set up a fingerprint, a face or a screen lock on it and try again.",
    wrongKind:
      "This device can’t make the kind of passkey that’s needed. Try another device or a security key.",
    noPasskeys: "This device can’t use passkeys here. Choose another way.",
    wrongAddress: "Passkeys don’t work at this address. Open the page at the address you always use.",
    other: "Your browser couldn’t do that. Try again, or try another browser.",
  },
};
