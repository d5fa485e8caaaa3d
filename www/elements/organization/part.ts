// What the parts of the organization's pages have in common beside what every part has.

import type { Place } from "../messages";
import { Part } from "../part";

export abstract class OrganizationPart extends Part {
  protected override refuse(refusal: unknown, place: Place = "organization"): Promise<void> {
    return super.refuse(refusal, place);
  }
}
