// Whether this browser is signed in, as its pages tell each other: so that a signed-in visitor of the sign-in page goes
// on, the server is not asked about others, and another tab notices. A hint; the session is the server's to know.

const KEY = "postern.signed-in";

/** Undefined where storage is switched off. */
export function present(): boolean | undefined {
  try {
    return localStorage.getItem(KEY) !== null;
  } catch {
    return undefined;
  }
}

export function arrived(): void {
  try {
    if (!present()) localStorage.setItem(KEY, "1");
  } catch {
    // The other tabs do not notice.
  }
}

export function left(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}

/** Calls `noticed` when another tab signed in or out. */
export function onOtherTab(noticed: (present: boolean) => void): void {
  addEventListener("storage", ({ key, newValue }) => {
    if (key === KEY) noticed(newValue !== null);
  });
}
