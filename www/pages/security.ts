// The security page: the element, where to go when nobody is signed in, and where on from here.

import "../elements/security";
import { destination, signIn } from "./destination";

document.addEventListener("postern-signed-out", () => location.replace(signIn()));
document.addEventListener("postern-let-in", () => {
  const to = destination();
  if (to) location.replace(to);
});
