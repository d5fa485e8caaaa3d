// What is left to do after a sign-in by backup code.

export const recovery = {
  heading: "Three things to do now",
  add: "Add an authenticator on a device that you have.",
  remove: "Remove what you lost.",
  quoted: (name: string) => `“${name}”`,
  unseen: (names: string, count: number) =>
    `Remove what you lost. ${names} ${count === 1 ? "hasn’t" : "haven’t"} been used since.`,
  nothingLost: "Nothing is lost",
  makeCodes: "Make new backup codes, below. The used one is gone.",
  keepCodes: "Keep the ones that are left",
  makeCodesLater: "Make new backup codes, once the first is done.",
  done: "Done: ",
};
