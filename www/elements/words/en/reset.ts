// Helping a person by a mailed link.

export const reset = {
  about:
    "Recommended: a mailed link, by which the person replaces the second steps. The old ones work until then.",
  send: "Send a reset link",
  sendAgain: "Send a new link",
  sure: (name: string) => `Send ${name} a reset link?`,
  mails: (addresses: string) => `A mail with a link goes to ${addresses}.`,
  opens: (name: string) => `With the link and the first step, ${name} adds a new second step.`,
  until: "Until that is confirmed, nothing changes: the old second steps work.",
  then: (old: string) => `Then everything old ends: ${old}.`,
  worksFor: "The link works for",
  spans: { 60: "60 minutes", 240: "4 hours", 720: "12 hours", 1440: "24 hours" },
  sureWho: (name: string) => `Make sure that it is ${name} who asks: call back, or meet.`,
  sent: (name: string) => `${name} is mailed a reset link.`,
  pending: (when: string) => `A reset link works until ${when}.`,
  pendingMore: "The old second steps work until a new one is confirmed. A new link ends this one.",
  takeBack: "Take it back",
  takenBack: "The reset link does nothing any more.",
  whyNot: {
    noAddress: "There is no mail address that a link can be sent to. Add one by “Edit”.",
    notEnrolled: "There is no second step to replace.",
    disabled: "This person may not sign in. Change that first, by “Edit”.",
  },
  refused: {
    often: (span: string) => `Three links were mailed in the last hour. Try again in ${span}.`,
    nothing: "There is nothing to replace: this person has no second step, or may not sign in.",
    noReset: "There is no link any more that could be taken back: it was used, or it is over.",
    policy: "The policy lets no one add a second step now, so a link would lead nowhere.",
  },
  purpose: { send: "send a reset link", takeBack: "take a reset link back" },
};

export const requests = {
  kind: "Asked for help",
  about:
    "They passed the first step and say that they can use no second one. The newest first, of the last 7 days.",
  asked: "Asked",
  from: "From",
  signedIn: "Last sign-in",
  address: "Mail address",
  hasAddress: "There is one",
  noAddress: "None",
  unknown: "not known",
  none: "Nobody waits for help.",
  noneMore:
    "Who passes the first step and can use no second one may ask for help there. A request stands here until you help, for 7 days at most.",
  next: "Show more requests",
  /** On the person's page. */
  waits: (name: string, when: string) => `${name} asked for help ${when}.`,
  waitsMore: "The first step was passed, and no second one could be used.",
};
