// The link of a reset: what its page says.

export const reset = {
  title: "Set up your second step anew",
  lead: (organization: string) =>
    `An owner or admin of ${organization} sent you this link because you can’t use your second step.`,
  happens: "Sign in with your password, then add a new authenticator. With it:",
  effects: [
    "Your old authenticators and backup codes stop working.",
    "All other browsers are signed out, and trusted browsers are forgotten.",
  ],
  until: (time: string) => `Nothing changes before that. The link works until ${time}.`,
  goOn: "Sign in and go on",
  elsewhere: (organization: string) =>
    `You sign in to ${organization} on a page of its own. Open that page, sign in there, and ask for help with this mail at hand.`,
  opening: "Reading the link…",
  over: "This link no longer works.",
  overMore:
    "It was used or taken back, its time is over, or a newer one was sent. Ask your owner or admin for a new link.",
  toSignIn: "To the sign-in page",
  unreadable: "This link can’t be read.",
  unreadableMore: "Perhaps a part of it is missing. Open it from the mail once more.",
  wrongPassword: "That isn’t the password.",
  again: "Try again",
};
