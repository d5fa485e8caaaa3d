// The security page: the element, and where to go when nobody is signed in.

import "../elements/security";

document.addEventListener("postern-signed-out", () => location.replace("/sign-in"));
