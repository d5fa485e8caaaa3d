// <postern-policy-review>: says what will change, asks for what has to be repeated, and saves. Tells `policy-saved`,
// `policy-conflict` with what another person saved meanwhile, or `policy-left`.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationPart } from "./part";
import { Problem } from "../api";
import { field, input } from "../field";
import { closeDialog, modal } from "../modal";
import { controls, dialogs, theme } from "../styles";
import { number, words } from "../words";
import { OrganizationApi, type Policy, type Previewed } from "./api";
import { changeStyles, changes } from "./policy-changes";
import { complete, differences, same } from "./policy-draft";

/** A policy that was read or written. */
export interface Stored {
  policy: Policy;
  version: number;
}

@customElement("postern-policy-review")
export class PosternPolicyReview extends OrganizationPart {
  @property({ attribute: false }) inForce!: Stored;
  @property({ attribute: false }) draft!: Policy;
  /** In one sentence, whom it affects. */
  @property() affected = "";
  /** What the server wants repeated; undefined until it said so. */
  @state() private found: Pick<Previewed, "enrolled" | "locks_out"> | undefined;
  @state() private wrongNumber: string | undefined;
  @state() private wrongName: string | undefined;
  private leaving: Event | undefined;

  static override styles = [
    theme,
    controls,
    dialogs,
    changeStyles,
    css`
      dialog {
        width: min(100% - 2rem, 34rem);
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.count();
  }

  override render() {
    const { review: text } = words.policy;
    const { username } = this.me.user;
    const { enrolled, locks_out: locked } = this.found ?? {};
    return html`<dialog ${modal()} aria-labelledby="heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.save}>
        <h2 id="heading" tabindex="-1" data-first>${text.title}</h2>
        ${changes(differences(this.inForce.policy, this.draft), this.inForce.policy, this.draft)}
        ${this.affected ? html`<p>${this.affected}</p>` : nothing}
        ${
          this.turnsOff && enrolled !== undefined
            ? html`<p class="note warn">${text.off(enrolled, number(enrolled))}</p>
                ${field({
                  id: "number",
                  label: text.offField(number(enrolled)),
                  numeric: true,
                  error: this.wrongNumber,
                })}`
            : nothing
        }
        ${
          locked
            ? html`<p class="note warn">${text.locked[locked]}</p>
                ${field({ id: "name", label: text.nameField(username), error: this.wrongName })}`
            : nothing
        }
        <p class="error" role="alert">${this.error ?? nothing}</p>
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.frame.cancel}</button>
          <button class="primary" aria-busy=${this.busy}>${text.save}</button>
        </div>
      </form>
    </dialog>`;
  }

  private get turnsOff(): boolean {
    return this.draft.mode === "off" && this.inForce.policy.mode !== "off";
  }

  private async count(): Promise<void> {
    try {
      this.found = await new OrganizationApi(this.api, this.me).previewPolicy(this.draft);
    } catch (error) {
      await this.refuse(error);
    }
  }

  private save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    this.busy = true;
    this.error = undefined;
    try {
      if (!this.found) await this.count();
      await this.updateComplete;
      if (this.found && this.repeated(this.found)) await this.put(this.found);
    } finally {
      this.busy = false;
    }
  };

  private async put({ enrolled, locks_out }: Pick<Previewed, "enrolled" | "locks_out">): Promise<void> {
    const { version } = this.inForce;
    const body = {
      policy: this.draft,
      version,
      ...(this.turnsOff ? { affected: enrolled } : {}),
      ...(locks_out === null ? {} : { confirm_lock_out: locks_out }),
    };
    const organization = new OrganizationApi(this.api, this.me);
    try {
      const stored = await organization.putPolicy(body, words.policy.purpose);
      this.leave("policy-saved", { policy: complete(stored.policy), version: stored.version });
    } catch (error) {
      await this.look(organization, error);
    }
  }

  /** Whether the number and the name were typed as they have to be; focuses what was not. */
  private repeated({ enrolled, locks_out }: Pick<Previewed, "enrolled" | "locks_out">): boolean {
    const { review: text } = words.policy;
    const { username } = this.me.user;
    this.wrongNumber = this.wrongName = undefined;
    if (this.turnsOff) {
      const typed = input(this.renderRoot, "number").value.replace(/\D/g, "");
      if (typed !== String(enrolled)) this.wrongNumber = text.offWrong(number(enrolled));
    }
    if (locks_out !== null) {
      const typed = input(this.renderRoot, "name").value.trim();
      if (typed !== username) this.wrongName = text.nameWrong(username);
    }
    if (this.wrongNumber) input(this.renderRoot, "number").focus();
    else if (this.wrongName) input(this.renderRoot, "name").focus();
    return !this.wrongNumber && !this.wrongName;
  }

  /** What stands now, where it was not saved or no answer came. */
  private async look(organization: OrganizationApi, error: unknown): Promise<void> {
    const doubtful = error instanceof Problem && (error.code === "conflict" || error.unknown);
    if (!doubtful) return this.refuse(error);
    try {
      const { policy, version } = await organization.policy();
      const stored = { policy: complete(policy), version };
      if (version !== this.inForce.version)
        return this.leave(same(stored.policy, this.draft) ? "policy-saved" : "policy-conflict", stored);
    } catch (unseen) {
      return this.refuse(unseen);
    }
    if (error.conflict !== "miscounted") return this.refuse(error);
    await this.count();
    this.wrongNumber = words.policy.review.miscounted;
  }

  private leave(name: string, detail: Stored): void {
    this.leaving = new CustomEvent<Stored>(name, { detail });
    this.renderRoot.querySelector("dialog")?.close();
  }

  private closed = (): void => {
    this.dispatchEvent(this.leaving ?? new CustomEvent("policy-left"));
  };
}
