// The security page: who is here, and how the account is guarded.

export const security = {
  organization: "Your organization",
  title: "Your security",
  saveCodes: "Save your backup codes",
  addFirst: "Add a second step to go on.",
  addFirstMore: (organization: string) =>
    `${organization} asks everyone for one, so that a stolen password is not enough to sign in as you. It takes a minute.`,
  yourOrganization: "Your organization",
  proveFirst: "Show again that it’s you.",
  proveFirstMore: "Your organization asks for your second step here.",
  unavailable: "Your account can’t be shown now.",
  signedInAs: (username: string) => `Signed in as ${username}.`,
  enrollBy: (when: string, organization: string) =>
    `From ${when} on, ${organization} asks you for a second step. Add an authenticator before.`,
  outOfDate: "This may be out of date.",
  lookAgain: "Look again",
  headline: {
    byBackupCode: "A backup code let you in.",
    off: "Two-step sign-in is switched off here.",
    twoSteps: "Two steps guard your account.",
    onlyPassword: "Only your password guards your account.",
    oneStep: "One step guards your account.",
  },
};
