// Sends whoever comes to the front door to the page they need.

import { Api } from "../elements/api";

try {
  await new Api().session();
  location.replace("/security");
} catch {
  location.replace("/sign-in");
}
