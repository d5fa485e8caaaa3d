// "This was not me": what the page of that link says.

export const notMe = {
  title: "This was not me",
  lead: "Did something happen with your account that you did not do? Then sign everything out here.",
  happens: "When you press the button:",
  effects: [
    "Every browser is signed out, this one too.",
    "Trusted browsers are forgotten. They are asked for the second step again.",
    "Open links from mails, such as those of a reset, stop working.",
  ],
  stays: "Your password, your authenticators and your backup codes stay as they are.",
  button: "Sign out everywhere",
  done: "Everything is signed out.",
  doneMore: "You get a mail about it. These are the next steps:",
  steps: [
    "Sign in again.",
    "Change your password.",
    "Look at your authenticators, and remove those that are not yours.",
  ],
  signIn: "Sign in",
  over: "This link no longer works.",
  overMore:
    "It has been used, or is older than seven days. On your security page you can do the same: sign out all other devices, forget trusted browsers, change your password.",
  toSecurity: "To your security page",
  unreadable: "This link can’t be read.",
  unreadableMore: "Perhaps a part of it is missing. Open it from the mail once more.",
};
