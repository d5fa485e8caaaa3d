// The passkeys and apps of a person.

export const authenticators = {
  heading: "Authenticators",
  lead: "Passkeys and apps: what you show after your password, or instead of it.",
  none: "None yet. With one, a stolen password is no longer enough to sign in as you: whoever has it needs your device as well.",
  addSecond: "Add a second one",
  addSecondMore: ", on another device. If you lose the first, you still get in without a backup code.",
  switchedOff: (organization: string) =>
    `${organization} has switched two-step sign-in off, so nothing can be added.`,
  switchedOffMore: "What is here is not asked for when you sign in, and works again when it is switched on.",
  another: (count: number): string => (count === 1 ? "Add another one" : "Add another"),
  app: "Authenticator app",
  appMore: "An app on your phone or computer. You type the code it shows.",
  addApp: "Add authenticator app",
  addAppHeading: "Add an authenticator app",
  passkey: "Passkey",
  passkeyMore: "Your fingerprint, face or screen lock, and nothing to type.",
  noPasskeys: "This browser can’t make one. Open this page in another browser, or on your phone.",
  waiting: "Waiting…",
  addPasskey: "Add a passkey",
  addPasskeyMore: "Your browser asks for your fingerprint, face or screen lock, or for a security key.",
  passkeyHint: "Such as “Work laptop”. Left empty, it is named after what keeps it.",
  continue: "Continue",
  passkeyReady: (name: string) => `Your passkey “${name}” is ready.`,
  ready: (name: string) => `${name} is ready.`,
  passkeyIn: (provider: string) => `Passkey in ${provider}`,
  notAskedFor: "Not asked for",
  synced: "Synced",
  notSynced: "This device only",
  about: (kind: string | undefined, added: string, used: string | undefined) =>
    `${kind ? `${kind} · added` : "Added"} ${added} · ${used === undefined ? "not used yet" : `last used ${used}`}`,
  rename: "Rename",
  remove: "Remove",
  /** After the two above, for those who hear them alone. */
  aboutOne: (name: string) => ` ${name}`,
  edit: (name: string) => `Edit “${name}”`,
  renamed: (name: string) => `Renamed to ${name}.`,
  nameTaken: "You have another one of that name. Choose a name that tells them apart.",
  removeSure: (name: string) => `Remove “${name}”?`,
  hasToStay: "This one has to stay",
  hasToStayMore: (organization: string, name: string) =>
    `${organization} asks for a second step, and this is your only one. Add another authenticator first; then you can remove “${name}”.`,
  last: "This is your last authenticator. From then on your password alone signs you in, and your backup codes and trusted devices stop working.",
  othersStay: (passkey: boolean, others: number) =>
    `${passkey ? "It stops" : "Its codes stop"} working at once. Your other ${others === 1 ? "authenticator stays as it is" : "authenticators stay as they are"}.`,
  deleteThere: (provider: string | undefined) =>
    `If ${provider ?? "your device"} still offers it afterwards, delete it there too.`,
  deleteInApp: "Delete the entry in the app yourself; we can’t reach it there.",
  removed: (name: string) => `${name} is removed.`,
};
