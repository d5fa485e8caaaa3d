// The first step.

export const signIn = {
  title: "Sign in",
  oneMoreStep: "One more step",
  who: (username: string, organization: string) => `${username} at ${organization}`,
  signingInTo: (organization: string) => `Signing in to ${organization}`,
  to: (organization: string) => `to ${organization}`,
  elsewhere: "Another organization",
  organization: "Organization",
  username: "Username",
  signIn: "Sign in",
  forgot: "Forgot your password?",
  or: "or",
  withPasskey: "Sign in with a passkey",
  forgetPasskey: "Don’t offer it again",
  passkeyForgotten: "Your browser was told not to offer it again.",
  enterOrganization: "Enter the short name of your organization.",
  enterUsername: "Enter your username.",
  refused: "Your organization doesn’t allow this sign-in. Ask the people who run it.",
  // After a sign-in that was enough: enrolling is offered.
  offer: {
    title: "Add a second step?",
    more: (organization: string) =>
      `Then a stolen password is not enough to sign in to ${organization} as you. It takes a minute.`,
    enroll: "Set it up now",
    notNow: "Not now",
    again: (days: number, day: string) =>
      days === 1 ? "If not, you’ll be asked again tomorrow." : `If not, you’ll be asked again on ${day}.`,
    must: (day: string) => `From ${day} on you’ll need one to sign in.`,
  },
  cookieNotKept:
    "That was right, but your browser didn’t keep the cookie that signs you in. Allow cookies for this site, or try another browser.",
};
