// The front door: leads to the page that is needed.

import { present } from "./presence";

location.replace(present() ? "/security" : "/sign-in");
