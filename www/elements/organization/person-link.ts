// What is done for a person by a mailed link: where it goes, and how that it was sent, or not, is told.

import { property } from "lit/decorators.js";
import { OrganizationApi, type Person, type PersonSecurity } from "./api";
import { OrganizationPart } from "./part";
import { Problem } from "../api";

export abstract class PersonLink extends OrganizationPart {
  @property({ attribute: false }) person!: Person;
  @property({ attribute: false }) security!: PersonSecurity;

  /** Why it was refused, where there is more to say than everywhere. */
  protected abstract inWords(problem: Problem): string | undefined;

  protected get addresses(): string[] {
    const { email, second_email: second } = this.person;
    return [...new Set([email, second])].filter((address) => address !== null);
  }

  protected get name(): string {
    return this.person.name ?? this.person.username;
  }

  protected async does(act: (of: OrganizationApi) => Promise<unknown>, message: string): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      await act(new OrganizationApi(this.api, this.me));
      this.renderRoot.querySelector("dialog")?.close();
      this.dispatchEvent(
        new CustomEvent("postern-helped", { detail: { message }, bubbles: true, composed: true }),
      );
    } catch (error) {
      await this.refuse(error);
      if (error instanceof Problem) this.error = this.inWords(error) ?? this.error;
    } finally {
      this.busy = false;
    }
  }
}
