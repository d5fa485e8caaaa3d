// The page of what happened in an organization.

import "./organization";
import "../elements/organization/audit";
