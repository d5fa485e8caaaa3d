// The organization at a glance.

import "./organization";
import "../elements/organization/overview";
