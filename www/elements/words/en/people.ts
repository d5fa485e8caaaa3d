// The list of people.

const people = (count: number) => (count === 1 ? "1 person" : `${count} people`);

export const list = {
  headline: (enrolled: string, all: string) => `${enrolled} of ${all} people keep a second step.`,
  everyone: "Everybody here keeps a second step.",
  nobody: "Nobody is here yet.",
  nobodyMore: "People appear when your application adds them, or when you add one here.",
  show: "Show",
  all: "All",
  enrolled: "With a second step",
  missing: "Without one",
  locked: "Locked out",
  disabled: "Disabled",
  search: "Search",
  searchHint: "Begins with: name, username or mail address",
  role: "Role",
  anyRole: "Any role",
  group: "Group",
  anyGroup: "Any group",
  sort: "Order",
  byName: "By name",
  byId: "By id",
  name: "Name",
  groups: "Groups",
  secondStep: "Second step",
  added: "Added",
  hasSecondStep: "Yes",
  noSecondStep: "None yet",
  found: (count: number, more: boolean) =>
    more ? `The first ${people(count)} of those that fit` : `${people(count)} found`,
  nothing: "No person fits.",
  nothingMore: "Search looks at how names, usernames and mail addresses begin.",
  clear: "Show all people",
  next: "Show more people",
  unreadable: "This row can’t be read. Tell whoever runs Postern.",
};
