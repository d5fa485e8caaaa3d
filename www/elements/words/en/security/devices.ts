// Browsers that skip the second step, and sessions that are open.

export const devices = {
  trusted: "Trusted devices",
  trustedMore: "These skip the second step until the day shown.",
  about: (until: string, used: string | undefined) =>
    `Until ${until} · ${used === undefined ? "not used yet" : `last used ${used}`}`,
  forget: "Forget this browser",
  forgotten: (name: string) => `${name} is asked again from now on.`,
  forgetAll: "Forget all browsers",
  forgottenAll: "All browsers are asked again from now on.",
  sessions: "Where you’re signed in",
  sessionsMore: "If you don’t know one of these, sign it out and change your password.",
  signedIn: (when: string, active: string | undefined) =>
    active === undefined ? `Signed in ${when}` : `Signed in ${when} · active ${active}`,
  signOut: "Sign out that device",
  signedOut: (name: string) => `${name} is signed out.`,
  signOutOthers: "Sign out all other devices",
  signedOutOthers: "Every other device is signed out.",
};
