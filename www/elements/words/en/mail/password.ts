// A forgotten password: what the page that asks for a link says, and what it says when the link is opened.

export const password = {
  title: "A new password",
  lead: "Say who you are. You get a mail with a link to choose a new password.",
  send: "Send the mail",
  asked: "Look at your mail",
  askedMore:
    "If there is such a person, with a password here and a mail address, a mail is on its way. Its link works for an hour.",
  nothingCame:
    "Nothing has come after some minutes? Look among unwanted mail, or ask the people who run your organization.",
  toSignIn: "Back to signing in",
  opening: "Opening the link …",
  chooseLead: (username: string, organization: string) => `For ${username} at ${organization}.`,
  newPassword: "New password",
  hint: "At least 8 characters, and not a common one.",
  happens: "You are signed out in every browser. Your second step stays as it is.",
  save: "Set the password",
  enterCode: "Enter the code that your app shows.",
  passkeyNext: "Your passkey is asked for when you set the password.",
  passkeyOnly:
    "A new password also takes your second step, which can’t be used in this browser. Ask the people who run your organization to reset your second step or to give you a new password.",
  done: "Your password is set.",
  doneMore: "Sign in with it now.",
  over: "This link no longer works.",
  overMore: "It was used, or is older than an hour, or a newer one was mailed. Ask for another one.",
  askAgain: "Ask for another link",
  unreadable: "This link can’t be read.",
  unreadableMore: "Perhaps a part of it is missing. Open it from the mail once more.",
};
