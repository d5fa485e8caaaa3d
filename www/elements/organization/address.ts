// The address of a page says what it shows.

/** Goes to another state of the page by its address. */
export function go(from: EventTarget, to: string, replace = false): void {
  from.dispatchEvent(
    new CustomEvent("postern-go", { detail: { to, replace }, bubbles: true, composed: true }),
  );
}

/** For `@click` of a link within the page: without loading the page anew, unless a new tab is wanted. */
export function follow(event: MouseEvent): void {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
  const link = event.currentTarget as HTMLAnchorElement;
  event.preventDefault();
  go(link, link.pathname + link.search);
}
