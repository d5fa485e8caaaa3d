// The security page: the element, where to go when nobody is signed in, and where on from here.

import type { PosternSecurity } from "../elements/security";
import "../elements/security";
import { words } from "../elements/words/security";
import { destination, signIn } from "./destination";
import { arrived, left, onOtherTab } from "./presence";
import { speak } from "./speak";

speak(words.security.title);

document.addEventListener("postern-signed-in", arrived);
// Several parts may find out at once.
document.addEventListener(
  "postern-signed-out",
  () => {
    left();
    location.replace(signIn());
  },
  { once: true },
);
document.addEventListener("postern-let-in", () => {
  const to = destination();
  if (to) location.replace(to);
});

const page = document.querySelector<PosternSecurity>("postern-security");
const look = () => {
  if (!document.hidden) page?.look();
};
// Something may have changed, or ended, while this tab was away.
document.addEventListener("visibilitychange", look);
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) look();
});
onOtherTab(look);
