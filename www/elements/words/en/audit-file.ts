// The audit log as a file, and whether it is whole.

export const auditFile = {
  export: "Export",
  exportTitle: "Export the log",
  exportAbout: "What is the file for?",
  formats: {
    ndjson: "To keep and to verify",
    csv: "For a spreadsheet",
  },
  formatsAbout: {
    ndjson: "Everything, with the seals, as lines of JSON.",
    csv: "Everything but the seals, as comma-separated values.",
  },
  save: "Save",
  written: (lines: string) => `${lines} lines so far …`,
  saved: "The log is saved.",

  verify: "Verify",
  verifyTitle: "Verify the log",
  verifyAbout:
    "Every event is sealed within a minute, and the seals are signed. Your browser compares the two.",
  verifyLog: "Verify the log",
  verifyFile: "Verify a file …",
  verified: (lines: string) => `${lines} lines so far …`,
  noEd25519: "This browser cannot verify these signatures. Use a newer one.",

  whole: "Nothing was changed.",
  sealed: (count: number, shown: string) =>
    count === 0
      ? "No event is sealed yet."
      : count === 1
        ? "1 event is exactly as it was sealed."
        : `${shown} events are exactly as they were sealed.`,
  before: (shown: string) => `${shown} older ones are not in it.`,
  unsealed: (count: number, shown: string) =>
    count === 1
      ? "1 event is younger than the last seal: nothing can be said of it yet."
      : `${shown} events are younger than the last seal: nothing can be said of them yet.`,
  redacted: (count: number, shown: string) =>
    count === 1
      ? "1 event is without its personal data, since its person was deleted."
      : `${shown} events are without their personal data, since their people were deleted.`,
  log: (origin: string) => `The log of ${origin}.`,
  keys: "Signed by this key. The log itself names it, so compare it with the one that your operator gave you:",

  broken: "Something was changed.",
  why: {
    unreadable: () => "A line cannot be read, or does not belong there.",
    edited: (event?: string) => `Event ${event} is not as it was sealed: it was changed afterwards.`,
    missing: (event?: string) => `Event ${event} is missing: it was taken out after it was sealed.`,
    inserted: (event?: string) =>
      `At event ${event} stands one that was never sealed: it was put in afterwards.`,
    moved: (event?: string) => `In the place of event ${event} stands another: their order was changed.`,
    checkpoint: () => "A seal does not follow from the one before it: a part is missing, or was made anew.",
    unsigned: () => "None of the known keys signed a seal.",
    forged: () => "The signature of a seal is not genuine.",
    cut: () => "The file ends before the log does.",
    diverged: () => "A seal that was kept elsewhere is not in this log: the log was made anew.",
  },
  line: (line: string) => `Line ${line} of the file.`,
};
