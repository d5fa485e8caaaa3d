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
  const asked = new URLSearchParams(location.search).get("return");
  return asked ? `/security?${new URLSearchParams({ return: asked })}` : "/security";
}
