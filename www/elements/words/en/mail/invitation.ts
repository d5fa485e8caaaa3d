// An invitation: what the page of its link says.

export const invitation = {
  title: "Your invitation",
  lead: (organization: string) => `${organization} invites you.`,
  username: "Your username",
  choose: "Choose a password.",
  signIn: "Sign in with it.",
  enroll: "Set up a second step: an app on your phone, or a passkey.",
  until: (time: string) => `The link works until ${time}.`,
  save: "Set the password",
  done: "Your password is set.",
  doneMore: (organization: string, username: string) => `You sign in to ${organization} as ${username}.`,
  enrollMore: "Have your phone at hand: signing in goes on with a second step.",
  over: "This invitation no longer works.",
  overMore:
    "It was used, or is older than a day, or a newer one was mailed. If you chose a password, sign in with it. If not, ask the people who run your organization for another invitation.",
};
