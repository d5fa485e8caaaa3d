// For a person who cannot answer a challenge.

export const help = {
  lead: "If your phone is gone and you have no backup code, someone has to let you back in who knows that it’s you.",
  back: "Back to the ways to sign in",
  ask: (names: string) => `Ask ${names}. They can reset your second step.`,
  askRunners: (organization: string) =>
    `Ask the people who run ${organization}. They can reset your second step.`,
  askSupport: "Ask the support of the service you are signing in to. They can reset your second step.",
  support: (contact: string) => `If they can’t help: ${contact}`,
  send: "Send them a request",
  sent: (names: string, when: string) =>
    `${names} got your request ${when}. You hear from them by mail or in person; you can close this page.`,
  sentToRunners: (organization: string, when: string) =>
    `The people who run ${organization} got your request ${when}. You hear from them by mail or in person; you can close this page.`,
};
