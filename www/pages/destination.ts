// Where a person was going before a page asked them for something: `?return=/path` of this very origin.

export function destination(): string | undefined {
  const asked = new URLSearchParams(location.search).get("return");
  if (!asked?.startsWith("/") || !URL.canParse(asked, location.origin)) return undefined;
  const url = new URL(asked, location.origin);
  // Whole: a path alone may begin with two slashes, which is another site.
  return url.origin === location.origin ? url.href : undefined;
}

/** The security page, for somebody who is going on from there. */
export function security(): string {
  return carrying("/security");
}

/** The sign-in page, for somebody who was on the way to somewhere. */
export function signIn(): string {
  return carrying("/sign-in");
}

function carrying(page: string): string {
  const asked = new URLSearchParams(location.search).get("return");
  return asked ? `${page}?${new URLSearchParams({ return: asked })}` : page;
}
