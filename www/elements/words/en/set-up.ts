// A first owner on a fresh deployment.

import type { SetUpField } from "../../set-up-draft";

export const setUp = {
  title: "Set up Postern",
  step: (number: number, of: number) => `Step ${number} of ${of}`,
  back: "Back",
  code: {
    lead: "The person who installed Postern has a set-up code. It makes the first organization and its owner, once.",
    label: "Set-up code",
    hint: "Printed by npm start; in production, the secret POSTERN_SETUP_CODE.",
    checking: "Checking the code…",
    wrong:
      "This code doesn’t open set-up. It may be mistyped, or set-up is closed here: ask the person who installed Postern.",
  },
  organization: {
    heading: "Your organization",
    lead: "The people you protect, under one policy.",
    name: "Name",
    nameHint: "What people see on pages, in mails and in their authenticator apps.",
    id: "Short name",
    idHint: "What people type to sign in. It stays for good.",
  },
  owner: {
    heading: "You, its owner",
    lead: "You set the policy and help everyone else. You can make others owners later.",
    name: "Your name",
    email: "Mail address",
    emailHint: "Notices about your account go there.",
    username: "Username",
    usernameHint: "What you type to sign in.",
    passwordHint: "At least 8 characters, and not a common one.",
  },
  policy: {
    heading: "A second step for everyone?",
    lead: "To begin with. You can change this, and more, on the page of the policy.",
    required: "Required",
    requiredMore: "Everyone adds one at the next sign-in, and sees nothing before. Recommended.",
    optional: "Optional",
    optionalMore: "Those who add one are asked for it.",
    next: "Next you add your own second step.",
    make: "Set up",
  },
  missing: {
    code: "Enter the set-up code.",
    organization_name: "Give your organization a name.",
    organization: "Give it a short name.",
    name: "Enter your name.",
    email: "Enter your mail address.",
    username: "Choose a username.",
    password: "Choose a password.",
    mode: "Choose one.",
  } satisfies Record<SetUpField, string>,
  bad: {
    code: "That doesn’t look like a set-up code.",
    organization_name: "This name can’t be used. Try 1 to 64 ordinary characters.",
    organization: "1 to 63 small letters, digits, - and _, beginning with a letter or a digit.",
    name: "This name can’t be used. Try 1 to 64 ordinary characters.",
    email: "That doesn’t look like one mail address.",
    username: "1 to 128 letters without accents, digits, and . _ ~ @ + -",
    password: "This one is too short or too common. Choose another one.",
    mode: "Choose one.",
  } satisfies Record<SetUpField, string>,
  taken: "An organization with this short name is there already. Choose another one.",
  over: {
    heading: "Set-up is done",
    more: "This Postern was set up before, which happens once. If you have an account, sign in; if not, ask an owner.",
  },
  made: {
    heading: "Set up, and ready for you",
    more: "Your organization is made. Sign in with your username and password to add your second step.",
  },
  already: "Already set up?",
  signIn: "Sign in",
};
