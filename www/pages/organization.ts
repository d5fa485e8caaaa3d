// What all pages of the organization do: speak the browser's language, and leave when the session ends.

import "../elements/organization/frame";
import { locale } from "../elements/words";
import { arrived, left, onOtherTab } from "./presence";

document.documentElement.lang = locale;

let leaving = false;

/** Back here after the sign-in, with what was looked for. Several parts may find out at once. */
function leave(): void {
  if (leaving) return;
  leaving = true;
  left();
  const here = location.pathname + location.search;
  location.replace(`/sign-in?${new URLSearchParams({ return: here })}`);
}

document.addEventListener("postern-signed-in", arrived);
document.addEventListener("postern-signed-out", leave);
onOtherTab((present) => {
  if (!present) leave();
});
