// The page of an organization's people.

import "./organization";
import "../elements/organization/people";
