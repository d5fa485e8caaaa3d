// The page of an organization's policy.

import "./organization";
import "../elements/organization/policy";
