// What happened in the organization, as one says it.

/** What a sentence is about. */
export interface Said {
  /** Whose doing it was. */
  actor: string;
  /** Whose account it concerns. */
  person: string;
  /** Whether both are the same person. */
  own: boolean;
  /** The method that was shown, as [`methods`] says it. */
  method: string | undefined;
  /** What was changed, as a list; empty where that is not known. */
  changed: string;
  /** Whether it was made new. */
  created: boolean;
}

type Sentence = (of: Said) => string;

const by = ({ method }: Said) => (method ? ` with ${method}` : "");
const what = ({ changed }: Said) => (changed ? `: ${changed}` : "");
const whose = ({ own, person }: Said) => (own ? "their own account" : person);

export const audit = {
  title: "What happened",
  about: "Every change and every refused attempt, the newest first.",
  of: (name: string) => `Activity of ${name}`,

  kindsLabel: "Kinds of events",
  kinds: {
    all: "Everything",
    signIn: "Sign-ins",
    factors: "Second steps",
    help: "Help and resets",
    people: "People",
    rules: "Policy and settings",
    log: "Reading and export",
  },

  filters: "Narrow down",
  person: "Person",
  personHint: "Name, username or address",
  personFound: (count: number) =>
    count === 0 ? "Nobody is called so." : count === 1 ? "1 person" : `${count} people`,
  doneBy: "Done by",
  anyone: "Anyone",
  outcome: "Outcome",
  outcomeKinds: { "": "Any", accepted: "Done", refused: "Refused" },
  since: "From",
  until: "To",
  removeFilter: (filter: string) => `Remove the filter ${filter}`,
  clear: "Remove all filters",
  chips: {
    person: (name: string) => `Person: ${name}`,
    actor: (name: string) => `Done by: ${name}`,
    action: (what: string) => `Kind: ${what}`,
    outcome: (what: string) => `Outcome: ${what}`,
    method: (what: string) => `Method: ${what}`,
    from: (when: string) => `From ${when}`,
    until: (when: string) => `Until ${when}`,
  },

  found: (count: number) => (count === 1 ? "1 event" : `${count} events`),
  shown: (shown: string, count: string) => `${shown} shown of ${count}`,
  shownOfMore: (shown: string, count: string) => `${shown} shown of ${count} or more`,
  older: "Show older",
  further: "Search further back",
  searched: (when: string) => `Searched back to ${when}.`,
  end: "This is where the log begins.",
  nothing: "Nothing matches these filters.",
  nothingMore: "Remove one of them, or look at a longer time.",
  nothingYet: "Nothing was found so far.",
  today: "Today",
  yesterday: "Yesterday",
  dayOf: (day: string, count: number) => `${day}, ${count === 1 ? "1 event" : `${count} events`}`,

  actors: {
    application: "An application",
    operator: "The operator",
    system: "Postern",
    owner: "An owner",
    admin: "An admin",
    user: "Somebody",
  } as Record<string, string>,
  /** At the places where no sentence begins. */
  somebody: "somebody unknown",
  deleted: (id: string) => `${id} (deleted)`,
  deletedUnknown: "a deleted person",

  methods: {
    password: "a password",
    sso: "single sign-on",
    totp: "a code of an app",
    backup_code: "a backup code",
    passkey: "a passkey",
    trusted_device: "a trusted browser",
  } as Record<string, string>,

  sentences: {
    "challenge.open": ({ person }) => `${person} was asked for the second step`,
    "help.request": ({ person }) => `${person} asked for help`,
    "sign_in.verify": (of) => `${of.person} showed the second step${by(of)}`,
    "sign_in.passkey": ({ person }) => `${person} signed in with a passkey`,
    "sign_in.first_factor": (of) => `${of.person} signed in${by(of)}`,
    "step_up.verify": (of) => `${of.person} showed a fresh proof${by(of)}`,
    "enrollment.start": ({ person }) => `${person} began to add an authenticator`,
    "enrollment.confirm": ({ person }) => `${person} added an authenticator`,
    "authenticator.rename": ({ person }) => `${person} renamed an authenticator`,
    "authenticator.remove": ({ person }) => `${person} removed an authenticator`,
    "backup_codes.renew": ({ person }) => `${person} made new backup codes`,
    "backup_codes.save": ({ person }) => `${person} said that the backup codes are kept`,
    "prompt.decline": ({ person }) => `${person} answered the offer of a second step with “not now”`,
    "mfa.off": ({ person }) => `${person} went back to one step`,
    "mail.not_me": ({ person }) => `${person} said “This was not me” to a mail`,
    "password.change": ({ person }) => `${person} changed the password`,
    "password.forgotten": ({ person }) => `${person} asked for a link to choose a new password`,
    "password.reset": ({ person }) => `${person} chose a new password by a mailed link`,
    "session.end": ({ person }) => `${person} signed out`,
    "trusted_device.grant": ({ person }) => `${person} trusted a browser`,
    "trusted_device.revoke": ({ person }) => `${person} forgot a trusted browser`,
    "organization.put": ({ actor }) => `${actor} made or renamed the organization`,
    "organization.change": (of) => `${of.actor} changed the organization${what(of)}`,
    "organization.set_up": ({ person }) => `${person} became the first owner, with the set-up code`,
    "policy.put": (of) => `${of.actor} changed the policy${what(of)}`,
    "policy.grace_over": () => "The time to add a second step was over",
    "user.put": (of) =>
      of.created ? `${of.actor} added ${of.person}` : `${of.actor} changed ${whose(of)}${what(of)}`,
    "user.delete": ({ actor, person }) => `${actor} deleted ${person}`,
    "user.export": ({ actor }) => `${actor} took the list of people as a file`,
    "audit.read": ({ actor }) => `${actor} read this log`,
    "audit.export": ({ actor }) => `${actor} took this log as a file`,
    "mfa.revoke": ({ actor, person }) => `${actor} revoked the second steps of ${person}`,
    "user.sign_out": ({ actor, person }) => `${actor} signed ${person} out everywhere`,
    "user.unlock": ({ actor, person }) => `${actor} unlocked ${person}`,
    "invitation.send": ({ actor, person }) => `${actor} mailed ${person} an invitation`,
    "invitation.accept": ({ person }) => `${person} accepted the invitation and chose a password`,
    "mail.retry": ({ actor, person }) => `${actor} sent a mail to ${person} again`,
    "reset.start": ({ actor, person }) => `${actor} mailed ${person} a link to replace the second step`,
    "reset.cancel": ({ actor, person }) => `${actor} took back the reset link of ${person}`,
    "reset.complete": ({ person }) => `${person} replaced the second step by a mailed link`,
    "keys.move": () => "Secrets moved to a new root key",
  } as Record<string, Sentence>,
  /** What was refused, where it is not as done; the reason follows. */
  refusals: {
    "access.refuse": ({ actor, own, person }) =>
      own ? `${actor} asked for too much` : `${actor} asked for too much of ${person}`,
    "sign_in.verify": ({ person }) => `Second step of ${person} refused`,
    "sign_in.passkey": ({ person }) => `Sign-in of ${person} refused`,
    "sign_in.first_factor": ({ person }) => `Sign-in of ${person} refused`,
    "step_up.verify": ({ person }) => `Fresh proof of ${person} refused`,
    "enrollment.confirm": ({ person }) => `An authenticator of ${person} was not added`,
    "mfa.off": ({ person }) => `${person} was not let back to one step`,
    "password.change": ({ person }) => `A new password of ${person} was refused`,
    "password.reset": ({ person }) => `A new password of ${person} was refused`,
    "invitation.accept": ({ person }) => `The first password of ${person} was refused`,
  } as Record<string, Sentence>,
  /** Of actions without a sentence of their own. */
  refusal: (action: string, person: string) => `${action} of ${person} refused`,
  unknownAction: (action: string, actor: string) => `${actor}: ${action}`,

  reasons: {
    wrong: "wrong proof",
    "wrong password": "wrong password",
    "wrong totp": "wrong code",
    "wrong backup_code": "wrong backup code",
    "wrong passkey": "wrong passkey",
    replayed: "code used before",
    used: "backup code used before",
    gone: "too late",
    full: "too many already",
    taken: "in use already",
    miscounted: "another number than confirmed",
    signed_out: "signed out meanwhile",
    count_regressed: "perhaps a copied passkey",
    forbidden: "not allowed to do that",
    possible_clone: "perhaps a copied passkey",
  } as Record<string, string>,

  fields: {
    username: "username",
    name: "name",
    email: "mail address",
    second_email: "second address",
    language: "language",
    role: "role",
    groups: "groups",
    state: "state",
    password: "password",
    support: "whom to ask for help",
    audit_days: "days that the log is kept",
    mode: "mode",
    scope: "who is asked",
    surfaces: "places",
    grace_until: "deadline",
    sso: "single sign-on",
    trusted_devices: "trusted browsers",
    backup_codes: "backup codes",
    prompt: "the offer of a second step",
  } as Record<string, string>,

  record: {
    id: "Event",
    at: "Time",
    action: "Kind",
    outcome: "Outcome",
    actor: "Done by",
    person: "Person",
    method: "Method",
    authenticator: "Authenticator",
    subject: "About",
    trusted_device: "Trusted browser",
    ip: "Address",
    browser: "Browser",
    user_agent: "User agent",
    request_id: "Request",
  },
  changes: "What changed",
  field: "Setting",
  before: "Before",
  after: "After",
  detail: "More",
  nothingThere: "none",
  yes: "yes",
  no: "no",
  removed: "What was personal in this event went with its person. The log can be verified all the same.",
  copy: "Copy as JSON",
  allOf: (name: string) => `Everything about ${name}`,
  allBy: (name: string) => `Everything done by ${name}`,
  toPerson: (name: string) => `Page of ${name}`,
  accepted: "done",
};
