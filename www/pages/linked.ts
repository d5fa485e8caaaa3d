// The token of the link from a mail that led here: in the fragment, which no server sees and no referrer carries. It
// leaves the address at once, so that neither the history nor a picture of the screen keeps it.

export function linked(): string {
  const token = location.hash.slice(1);
  history.replaceState(history.state, "", location.pathname);
  // Another link to the same page, opened in this tab, changes nothing but the fragment.
  addEventListener("hashchange", () => location.reload());
  return token;
}
