// <postern-people>: the list of an organization's people, and one person's page. Which one, and what the list is
// narrowed to, stands in the page's address, so that both can be linked to and gone back to.

import { html } from "lit";
import { customElement, state } from "lit/decorators.js";
import { OrganizationPart } from "./part";
import type { PosternPeopleList } from "./people-list";
import "./people-list";
import "./person";
import { theme } from "../styles";

@customElement("postern-people")
export class PosternPeople extends OrganizationPart {
  /** What the address asks for. */
  @state() private asked = new URLSearchParams(location.search);

  static override styles = [theme];

  override connectedCallback(): void {
    super.connectedCallback();
    addEventListener("popstate", this.back);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    removeEventListener("popstate", this.back);
  }

  override render() {
    if (!this.me) return;
    const user = this.asked.get("user");
    return html`
      <postern-people-list
        .api=${this.api}
        .me=${this.me}
        .asked=${this.asked}
        ?hidden=${user !== null}
        @postern-go=${this.go}
      ></postern-people-list>
      ${
        user === null
          ? ""
          : html`<postern-person
              .api=${this.api}
              .me=${this.me}
              user=${user}
              back=${this.list()}
              @postern-go=${this.go}
              @postern-changed=${this.changed}
            ></postern-person>`
      }
    `;
  }

  /** The list as it was left, without the person. */
  private list(): string {
    const rest = new URLSearchParams(this.asked);
    rest.delete("user");
    return `/people${rest.size > 0 ? `?${rest}` : ""}`;
  }

  private changed = (): void =>
    this.renderRoot.querySelector<PosternPeopleList>("postern-people-list")?.isLate();

  /** Where the list was left. */
  private left = 0;

  private go = (event: CustomEvent<{ to: string; replace?: boolean }>): void => {
    const { to, replace } = event.detail;
    if (replace) history.replaceState(null, "", to);
    else {
      this.left = scrollY;
      history.pushState(null, "", to);
      scrollTo(0, 0);
    }
    this.look();
  };

  /** The list was hidden meanwhile, so that the browser cannot bring it back to where it was. */
  private back = async (): Promise<void> => {
    this.look();
    await this.updateComplete;
    if (!this.asked.has("user")) scrollTo(0, this.left);
  };

  private look = (): void => {
    this.asked = new URLSearchParams(location.search);
  };
}
