// The organization itself.

import "./organization";
import "../elements/organization/settings";
