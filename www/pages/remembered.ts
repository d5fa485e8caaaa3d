// The organization that was signed in to last, in this browser. Storage may be switched off; then it is asked for.

const KEY = "postern.organization";

export function remembered(): string | undefined {
  try {
    return localStorage.getItem(KEY) ?? undefined;
  } catch {
    return undefined;
  }
}

export function remember(organization: string): void {
  try {
    localStorage.setItem(KEY, organization);
  } catch {
    // As above.
  }
}

export function forget(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // As above.
  }
}
