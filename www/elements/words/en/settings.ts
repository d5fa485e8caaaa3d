// The organization itself.

export const settings = {
  title: (name: string) => `${name}’s settings`,
  about: "About",
  aboutMore: "What people see on pages, in mails and in their authenticator apps.",
  name: "Name",
  nameHint: "New entries in authenticator apps carry it; those that exist keep the old one.",
  support: "Whom to ask for help",
  supportHint: "An address, a number or a page, for people whom no owner or admin can help.",
  language: "Language of mails",
  languageHint: "For people who have no other one of their own.",
  days: "Keep the log for",
  daysHint: "Older events are deleted. Export the log before, if you need it longer.",
  daysOf: (days: number) => (days % 365 === 0 && days > 365 ? `${days / 365} years` : `${days} days`),
  daysShorter: (kept: string) =>
    `Events older than ${kept} will be deleted for good within minutes of saving.`,
  readOnly: "You can look, not change: only owners change this.",
  saved: "The settings were saved.",
  unchanged: "Nothing was changed.",
  owners: "Owners",
  ownersMore: "They set the policy and help everyone. Each one’s own second step is theirs alone.",
  only: "You are the only owner. If you lose your second steps, no one here can help you: make a second owner.",
  count: (count: number) => (count === 1 ? "1 owner who may sign in." : `${count} owners who may sign in.`),
  see: "See the owners",
  lost: "An owner who lost everything, and has no other owner, is helped by whoever runs Postern: the page on operations says how.",
  bad: {
    name: "That name can’t be used. Try 1 to 64 ordinary characters.",
    support: "That can’t be shown. Try 1 to 64 ordinary characters, or leave it empty.",
  } as Record<string, string>,
  purpose: "change the organization",
};
