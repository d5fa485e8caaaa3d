// The security page: the element, where to go when nobody is signed in, and where on from here.

import "../elements/security";
import { destination } from "./destination";

document.addEventListener("postern-signed-out", () => location.replace("/sign-in"));
document.addEventListener("postern-let-in", () => {
  const to = destination();
  if (to) location.replace(to);
});
