// Inviting a person by a mailed link.

export const invitation = {
  title: "No password yet",
  about: (addresses: string) =>
    `For people who sign in here and not in an application: a mail goes to ${addresses}, with a link to choose a password. It works for 24 hours.`,
  aboutNobody:
    "For people who sign in here and not in an application: a mail with a link to choose a password. It works for 24 hours.",
  send: "Send an invitation",
  sendAgain: "Send a new invitation",
  sent: (name: string) => `${name} is mailed an invitation.`,
  invited: (when: string) => `Invited ${when}, no password chosen yet.`,
  works: (until: string) => `The link works until ${until}. A new invitation ends this one.`,
  over: (since: string) => `The link is over since ${since}.`,
  whyNot: {
    noAddress: "There is no mail address that an invitation can be sent to. Add one by “Edit”.",
    disabled: "This person may not sign in. Change that first, by “Edit”.",
  },
  refused: {
    often: (span: string) => `Three invitations were mailed in the last hour. Try again in ${span}.`,
    hasPassword: "This person has a password by now.",
  },
  purpose: "send an invitation",
};
