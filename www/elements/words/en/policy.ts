// The page of the policy.

/** A choice: what it is called, and what it means. */
type Choice = { label: string; more: string };
const choice = (label: string, more: string): Choice => ({ label, more });

export const policy = {
  purpose: "change the policy",
  // What the policy does, in one sentence; groups, roles and moments come already written.
  summary: {
    off: "A password is enough: second steps are off.",
    optional: "People may add a second step, and those who did are asked for it.",
    everyone: "Everyone must have a second step.",
    everyoneBy: (moment: string) => `From ${moment} everyone must have a second step.`,
    some: (who: string) => `A second step is required of ${who}. For all others it is optional.`,
    someBy: (who: string, moment: string) =>
      `From ${moment} a second step is required of ${who}. For all others it is optional.`,
    groups: (list: string, count: number) => (count === 1 ? `the group ${list}` : `the groups ${list}`),
    roles: { member: "members", admin: "admins", owner: "owners" },
    trust: (days: number, shown: string) =>
      days === 1
        ? "A trusted browser isn’t asked again for a day."
        : `A trusted browser isn’t asked again for ${shown} days.`,
    noTrust: "Every sign-in asks, in every browser.",
  },
  readOnly: "You can look, not change: only owners set the policy.",
  unavailable: "The policy can’t be shown now.",
  usual: "usual",
  parts: { who: "Who", often: "How often", more: "The finer points" },

  mode: {
    title: "A second step",
    more: "Beside their password, people show an authenticator app or a passkey.",
    off: choice("Off", "A password is enough. What people added is kept, and not asked for."),
    optional: choice("Optional", "People may add a second step. Those who did are asked for it."),
    required: choice("Required", "People add a second step at their next sign-in, and reach nothing before."),
  },
  scope: {
    title: "For whom it is required",
    more: "For all others it is optional.",
    // The same choice, where it is about the offer.
    promptTitle: "Who is offered it",
    promptMore: "All others can add a second step on their security page.",
    everyone: choice("Everyone", "New people too, from their first sign-in."),
    groups: choice("Some groups", "Whoever is in one of these groups, now or later."),
    roles: choice("Some roles", "Those who may do more than others, for a start."),
    add: "Add a group",
    addMore: "Start typing to find it, then press Enter.",
    addButton: "Add",
    chosen: "Chosen groups",
    remove: (group: string) => `Remove ${group}`,
    which: "Which roles",
    roleNames: { member: "Members", admin: "Admins", owner: "Owners" },
  },
  grace: {
    title: "From when",
    more: "Before that day it is optional: people can add a second step in their own time.",
    now: choice("The next sign-in", "Whoever has no second step adds one then."),
    by: choice("A day that you choose", "Until then people see the day on their own security page."),
    moment: "Required from",
  },
  prompt: {
    title: "Offer it after a sign-in",
    more: "People without a second step are offered one. They can say “not now”.",
    days: choice("Yes, again after some days", "Counted from their “not now”."),
    off: choice("No", "People add a second step on their security page, or not."),
    count: "Days until the next time",
    line: (days: number, shown: string) =>
      days === 1 ? "yes, again after a day" : `yes, again after ${shown} days`,
  },
  surfaces: {
    title: "Per application",
    more: "People who enrolled are asked where you say, and as often as you say. A sign-in that names no application gets the strictest of these rules.",
    none: "All applications ask the same way. Name one to give it a rule of its own.",
    name: "Name of an application",
    nameMore: "As your developers call it, such as client_app.",
    nameWrong: "Small letters, digits, - and _ only.",
    addButton: "Add",
    asked: choice("Asks for the second step", "At a sign-in, unless the browser is trusted."),
    notAsked: choice("Doesn’t ask", "A password is enough here."),
    every: "Before every sign-in, in trusted browsers too",
    again: "Again after a while, also within a session",
    after: "After",
    unit: "Unit",
    units: { minutes: "minutes", hours: "hours", days: "days" },
    // A rule, in one line of a list of changes.
    line: {
      asked: "asks",
      notAsked: "doesn’t ask",
      every: "before every sign-in",
      again: (time: string) => `again after ${time}`,
    },
    rule: (surface: string) => `Application ${surface}`,
  },
  trust: {
    title: "Trusted browsers",
    more: "After the second step, people can have a browser remembered.",
    off: choice("Never", "Every sign-in asks."),
    days: choice("For some days", "Counted from the day of the second step, and never extended."),
    count: "Days",
    line: (days: number, shown: string) => (days === 1 ? "for a day" : `for ${shown} days`),
  },
  sso: {
    title: "Sign-in by an identity provider",
    more: "Such as Microsoft Entra, which may have asked for a second step itself.",
    exempt: choice("Is enough", "The provider’s own policy counts. No one is asked twice."),
    evidence: choice(
      "Is enough if it says so",
      "Only if the provider reports that it asked for a second step.",
    ),
    always: choice("Counts as a password", "The second step is asked for here as well."),
  },
  stepUp: {
    title: "Before a change to security",
    more: "Such as adding an authenticator or changing this policy, when the last proof is older than five minutes.",
    second_factor: choice("The second step", "For those who have one; the others give their password."),
    password_allowed: choice(
      "The password is enough",
      "Easier, and less safe: a stolen password can do more.",
    ),
  },
  codes: {
    title: "New backup codes",
    more: "Ten of them, each good once. Codes that people have already stay as they are.",
    digits8: choice("Eight digits", "Easy to type: 1234 5678."),
    recovery: choice("Fourteen characters", "Harder to guess, with a check against typing errors."),
  },
  clone: {
    title: "A passkey that may be a copy",
    more: "Some passkeys count how often they are used. A count that goes back can mean a copy.",
    accept: choice("Accept, and tell its owner", "It is recorded, and mailed to the person."),
    refuse: choice("Refuse", "Safer, and may lock out someone whose passkey counts wrong."),
  },
  help: {
    title: "Whom to ask when all is lost",
    more: "What people see who can’t use any of their second steps.",
    no: choice("The support of the service", "No names are shown."),
    yes: choice(
      "The names of owners and admins",
      "Shown after a right password, so that people know whom to call.",
    ),
  },

  problems: {
    group: "Add at least one group, or choose Everyone.",
    role: "Choose at least one role, or Everyone.",
    past: "Choose a moment that is still to come.",
    far: "Choose a moment within a year.",
    prompt: "1 to 365 days.",
    days: "1 to 30 days.",
    age: "Between a minute and 30 days.",
  },

  preview: {
    title: "What changes",
    loading: "Looking at everyone…",
    none: "Nothing: this is the policy as it is.",
    nobody: "No one notices: these changes ask nothing of anyone now.",
    affected: (people: number, shown: string, all: string) =>
      people === 1 ? `1 of ${all} people is affected.` : `${shown} of ${all} people are affected.`,
    wrong: "Fill in what is missing to see whom this affects.",
    failed: "It can’t be seen now whom this affects.",
    unreadable: (people: number, shown: string) =>
      people === 1
        ? "One person is left out: not all about them can be read."
        : `${shown} people are left out: not all about them can be read.`,
    show: "Show who",
    more: (count: string) => `Show ${count} more`,
    effects: {
      enrolls: (_: number) => "must add a second step",
      asked: (people: number) =>
        people === 1 ? "is asked for the second step" : "are asked for the second step",
      asked_more_often: (people: number) => (people === 1 ? "is asked more often" : "are asked more often"),
      loses_trust: (people: number) =>
        people === 1 ? "is asked again in trusted browsers" : "are asked again in trusted browsers",
      falls_asleep: (people: number) =>
        people === 1
          ? "is no longer asked: their second step sleeps"
          : "are no longer asked: their second steps sleep",
      released: (people: number) => (people === 1 ? "is no longer asked" : "are no longer asked"),
      asked_less_often: (people: number) => (people === 1 ? "is asked less often" : "are asked less often"),
      exempt: (people: number) =>
        people === 1 ? "stays exempt: an identity provider asks" : "stay exempt: an identity provider asks",
      prompted: (people: number) =>
        people === 1
          ? "is offered a second step, and can say “not now”"
          : "are offered a second step, and can say “not now”",
    } as Record<string, (people: number) => string>,
    atOnce: "from the next sign-in",
    from: (moment: string) => `from ${moment}`,
  },

  bar: {
    changes: (count: number, shown: string) =>
      count === 1 ? "1 change, not saved" : `${shown} changes, not saved`,
    restored: "Your changes are back, as you left them.",
    discard: "Discard",
    review: "Review and save",
    fix: (count: number, shown: string) =>
      count === 1 ? "One thing to fill in first" : `${shown} things to fill in first`,
  },

  review: {
    title: "Save these changes?",
    was: "Was",
    is: "Will be",
    off: (people: number, shown: string) =>
      people === 1
        ? "One person has a second step that will no longer be asked for. They are told by mail."
        : `${shown} people have a second step that will no longer be asked for. They are told by mail.`,
    offField: (shown: string) => `Type ${shown} to turn it off`,
    offWrong: (shown: string) => `That is not the number: type ${shown}.`,
    miscounted: "Meanwhile it is another number. Look at it, and type it again.",
    locked: {
      enroll: "This policy makes you add a second step at your next sign-in, before you reach anything.",
      alone:
        "You would have to show your second step, and you have one authenticator and no backup codes: if you lose it, you are locked out.",
    },
    nameField: (name: string) => `Type ${name} to go on`,
    nameWrong: (name: string) => `Type ${name}, exactly so.`,
    save: "Save the policy",
    saved: "The policy is saved.",
  },

  conflict: {
    title: "Someone else changed the policy",
    more: "Nothing of yours is lost. Look at both, then go on.",
    theirs: "They also changed",
    both: "You both changed this: which one holds?",
    mine: "Yours",
    their: "Theirs",
    goOn: "Go on with these",
    same: "They made the same changes as you. There is nothing left to save.",
  },

  attempt: {
    title: "Try it on one person",
    more: "Nothing is sent, and no one notices.",
    person: "Person",
    personMore: "Start typing a name.",
    unknown: "No one is called that. Choose a name from the list.",
    where: "Signs in to",
    anywhere: "no application in particular",
    when: "When",
    how: "By",
    hows: {
      password: "password",
      sso: "identity provider",
      sso_mfa: "identity provider, which asked for a second step",
    },
    trusted: "In a browser that they trust",
    decisions: {
      complete: (name: string) => `${name} signs in, and is asked for nothing more.`,
      challenge: (name: string) => `${name} is asked for the second step.`,
      enroll: (name: string) => `${name} must add a second step first.`,
      refuse: (name: string) => `${name} can’t sign in.`,
    },
    prompted: "They are offered one, and can say “not now”.",
    draft: "With your changes",
    current: "As it is now",
    reasons: {
      "evidence.missing": "Nothing was shown that counts.",
      "evidence.second_factor": "A second step was just shown.",
      "evidence.enrolled": "They have a second step, and those who do are asked for it.",
      "policy.off": "Second steps are off.",
      "policy.optional": "They have no second step, and need none.",
      "policy.out_of_scope": "They have no second step, and it isn’t required of them.",
      "policy.grace": "They have no second step, and the day has not come.",
      "policy.required": "A second step is required of them.",
      "surface.not_asked": "This application doesn’t ask.",
      "surface.max_age": "This application asks again after a while.",
      "surface.every_sign_in": "This application asks before every sign-in.",
      "sso.exempt": "A sign-in by the identity provider is enough.",
      "sso.evidence": "The identity provider asked for a second step.",
      "sso.evidence_missing": "The identity provider didn’t ask for a second step.",
      "sso.always": "A sign-in by the identity provider counts as a password.",
      "trusted_device.accepted": "The browser is trusted.",
      "trusted_device.off": "Browsers are no longer trusted.",
      "trusted_device.over": "The trust in this browser has ended.",
    } as Record<string, string>,
  },
};
