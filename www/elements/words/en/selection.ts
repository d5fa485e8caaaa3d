// What is done for several people at once.

const people = (count: number) => (count === 1 ? "1 person" : `${count} people`);

export const selection = {
  region: "The people chosen",
  choose: (name: string) => `Choose ${name}`,
  chosen: (count: number) => `${people(count)} chosen`,
  most: "100 people at most can be chosen at once.",
  clear: "Choose nobody",
  sure: (count: number) =>
    count === 0 ? "None of these can be revoked." : `Revoke all second steps of ${people(count)}?`,
  left: (count: number): string =>
    count === 1 ? "This person stays as is:" : "These people stay as they are:",
  why: {
    ends: "",
    forbidden: "above you, or yourself",
    not_found: "no longer here",
  },
  revoked: (count: number) => `The second steps of ${people(count)} have ended.`,
  moved: "Something changed just now. These are the numbers as they are.",
};
