// A fresh proof, and what it is for.

export const stepUp = {
  heading: "First, show that it’s you",
  needed: (to: string) => `Needed to ${to}.`,
  /** Each completes the sentence above. */
  purposes: {
    addApp: "add an authenticator app",
    addPasskey: "add a passkey",
    forget: "forget a browser",
    goOn: "go on",
    makeCodes: "make new backup codes",
    remove: "remove an authenticator",
    setPassword: "change your password",
    turnOff: "go back to one step",
  },
};
