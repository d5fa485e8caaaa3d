// <postern-policy-review>: says what will change, asks for what has to be repeated, and saves. Tells `policy-saved`,
// `policy-conflict` with what another person saved meanwhile, or `policy-left`.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationPart } from "./part";
import { Problem } from "../api";
import { field, input } from "../field";
import { closeDialog, modal } from "../modal";
import { controls, dialogs, theme } from "../styles";
import { now } from "../time";
import { number, words } from "../words";
import { OrganizationApi, type Policy } from "./api";
import { changeStyles, changes } from "./policy-changes";
import { complete, differences, same } from "./policy-draft";
import type { Engine } from "./policy-engine";

/** A policy that was read or written. */
export interface Stored {
  policy: Policy;
  version: number;
}

type Locked = keyof (typeof words.policy.review)["locked"];

@customElement("postern-policy-review")
export class PosternPolicyReview extends OrganizationPart {
  @property({ attribute: false }) inForce!: Stored;
  @property({ attribute: false }) draft!: Policy;
  @property({ attribute: false }) engine: Engine | undefined;
  /** In one sentence, whom it affects. */
  @property() affected = "";
  /** How many people have enrolled, where all of it is turned off. */
  @state() private enrolled: number | undefined;
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
    if (this.turnsOff) void this.count();
  }

  override render() {
    const { review: text } = words.policy;
    const { username } = this.me.user;
    const locked = this.locked();
    return html`<dialog ${modal()} aria-labelledby="heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.save}>
        <h2 id="heading" tabindex="-1" data-first>${text.title}</h2>
        ${changes(differences(this.inForce.policy, this.draft), this.inForce.policy, this.draft)}
        ${this.affected ? html`<p>${this.affected}</p>` : nothing}
        ${
          this.turnsOff && this.enrolled !== undefined
            ? html`<p class="note warn">${text.off(this.enrolled, number(this.enrolled))}</p>
                ${field({
                  id: "number",
                  label: text.offField(number(this.enrolled)),
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

  /** Whether the policy could keep its own author out. */
  private locked(): Locked | undefined {
    const { user, authenticators, backup_codes: codes } = this.me;
    const places = [undefined, ...Object.keys(this.draft.surfaces)];
    const at = Math.max(now(), this.draft.grace_until ?? 0);
    const decided = places.map(
      (surface) =>
        this.engine?.decide(this.draft, user.id, { how: "password", trusted: false, surface, at })?.decision,
    );
    if (decided.includes("refuse")) return "refuse";
    if (decided.includes("enroll")) return "enroll";
    const alone = authenticators.length === 1 && !codes?.remaining;
    return alone && this.draft.mode === "required" && this.inForce.policy.mode !== "required"
      ? "alone"
      : undefined;
  }

  private async count(): Promise<void> {
    try {
      this.enrolled = await new OrganizationApi(this.api, this.me).enrolled(this.draft);
    } catch (error) {
      await this.refuse(error);
    }
  }

  private save = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy || !this.repeated()) return;
    this.busy = true;
    this.error = undefined;
    const { version } = this.inForce;
    const affected = this.turnsOff ? { affected: this.enrolled ?? null } : {};
    const organization = new OrganizationApi(this.api, this.me);
    try {
      const stored = await organization.putPolicy(
        { policy: this.draft, version, ...affected },
        words.policy.purpose,
      );
      this.leave("policy-saved", { policy: complete(stored.policy), version: stored.version });
    } catch (error) {
      await this.look(organization, error);
    } finally {
      this.busy = false;
    }
  };

  /** Whether the number and the name were typed as they have to be; focuses what was not. */
  private repeated(): boolean {
    const { review: text } = words.policy;
    const { username } = this.me.user;
    this.wrongNumber = this.wrongName = undefined;
    if (this.turnsOff) {
      if (this.enrolled === undefined) {
        void this.count();
        return false;
      }
      const typed = input(this.renderRoot, "number").value.replace(/\D/g, "");
      if (typed !== String(this.enrolled)) this.wrongNumber = text.offWrong(number(this.enrolled));
    }
    if (this.locked()) {
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
