// <postern-person-form>: a dialog that adds a person, or changes one. What was typed stays until it is saved or left.

import { css, html, nothing } from "lit";
import { customElement, property, state } from "lit/decorators.js";
import { OrganizationApi, type Person, type UserBody } from "./api";
import "./groups";
import { OrganizationPart } from "./part";
import { LANGUAGES } from "./pieces";
import { organizationStyles } from "./styles";
import { Unsaved } from "./unsaved";
import { Problem } from "../api";
import { field, input } from "../field";
import { closeDialog, modal } from "../modal";
import { words } from "../words";

export interface Saved {
  id: string;
  message: string;
}

@customElement("postern-person-form")
export class PosternPersonForm extends OrganizationPart {
  /** Who is changed; nobody where a person is added. */
  @property({ attribute: false }) person: Person | undefined;
  /** The field that is wrong. */
  @state() private wrong: string | undefined;
  /** The groups as they are chosen now; undefined until they are changed. */
  @state() private groups: string[] | undefined;
  private readonly unsaved = new Unsaved(this, () => formOf(this.person?.id));
  /** The first hundred groups, to suggest. */
  @state() private known: string[] = [];

  static override styles = [
    ...organizationStyles,
    css`
      .label {
        font-weight: 500;
      }
    `,
  ];

  override connectedCallback(): void {
    super.connectedCallback();
    void this.suggest();
  }

  /** Suggestions help; without them the field serves as well. */
  private async suggest(): Promise<void> {
    try {
      const { groups } = await new OrganizationApi(this.api, this.me).groups("", 100);
      this.known = groups.map(({ name }) => name);
    } catch {
      this.known = [];
    }
  }

  override render() {
    const form = words.personForm;
    const { person } = this;
    const name = person?.name ?? person?.username ?? "";
    const own = person?.id === this.me.user.id;
    return html`<dialog ${modal()} aria-labelledby="form-heading" @close=${this.closed}>
      <form class="stack" novalidate @submit=${this.submit}>
        <h2 id="form-heading">${person ? form.editTitle(name) : form.addTitle}</h2>
        ${person ? nothing : html`<p class="muted">${form.addMore}</p>`}
        ${this.text("name", form.name, form.nameHint, person?.name, { first: true, maxlength: 64 })}
        ${this.text("username", form.username, form.usernameHint, person?.username, { maxlength: 128 })}
        ${this.text("email", form.email, form.emailHint, person?.email, { maxlength: 254 })}
        ${this.text("second_email", form.secondEmail, form.secondEmailHint, person?.second_email, { maxlength: 254 })}
        <div class="field">
          <label for="language">${words.person.language}</label>
          <select id="language">
            <option value="">${words.person.sameLanguage}</option>
            ${LANGUAGES.map(
              (language) =>
                html`<option value=${language} ?selected=${language === person?.language}>
                  ${words.frame.languages[language]}
                </option>`,
            )}
          </select>
        </div>
        ${own ? html`<p class="muted">${form.ownOnly}</p>` : this.standing(person)}
        <p class="error" role="alert">${(this.wrong === undefined && this.error) || nothing}</p>
        <div class="actions">
          <button type="button" @click=${closeDialog}>${words.frame.cancel}</button>
          <button class="primary" aria-busy=${this.busy}>${person ? words.frame.save : form.add}</button>
        </div>
      </form>
    </dialog>`;
  }

  private text(
    id: string,
    label: string,
    hint: string,
    value: string | null | undefined,
    more: { first?: boolean; maxlength: number },
  ) {
    const error = this.wrong === id ? this.error : undefined;
    return field({ id, label, hint, value: value ?? "", error, ...more });
  }

  /** Groups, role and whether the person may sign in. */
  private standing(person: Person | undefined) {
    const form = words.personForm;
    return html`
      <div class="field">
        <span class="label">${form.groups}</span>
        <postern-groups
          .chosen=${this.groups ?? person?.groups ?? []}
          .known=${this.known}
          label=${form.groups}
          @postern-groups=${(event: CustomEvent<string[]>) => (this.groups = event.detail)}
        ></postern-groups>
        <p class="error" role="alert">${this.wrong === "groups" ? this.error : nothing}</p>
      </div>
      <div class="field">
        <label for="role">${form.role}</label>
        <select id="role" aria-describedby="role-hint" @change=${() => this.requestUpdate()}>
          ${this.me.gives.map(
            (role) =>
              html`<option value=${role} ?selected=${role === (person?.role ?? "member")}>
                ${words.frame.roles[role]}
              </option>`,
          )}
        </select>
        <p class="small muted" id="role-hint">${form.roleHint[this.chosenRole(person)]}</p>
      </div>
      ${
        person
          ? html`<div class="field">
              <label for="state">${form.state}</label>
              <select id="state" aria-describedby="state-hint">
                <option value="active">${form.active}</option>
                <option value="disabled" ?selected=${person.state === "disabled"}>${form.disabled}</option>
              </select>
              <p class="small muted" id="state-hint">${form.stateHint}</p>
            </div>`
          : nothing
      }
    `;
  }

  private chosenRole(person: Person | undefined): Person["role"] {
    const chosen = this.renderRoot.querySelector<HTMLSelectElement>("#role")?.value;
    return this.me.gives.find((role) => role === chosen) ?? person?.role ?? "member";
  }

  private submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (this.busy) return;
    const body = this.body();
    const { person } = this;
    const of = new OrganizationApi(this.api, this.me);
    const form = words.personForm;
    const name = body.name ?? body.username ?? "";
    this.busy = true;
    this.error = this.wrong = undefined;
    try {
      if (!person) {
        const id = body.username ?? "";
        await of.add(id, body, form.purpose.add);
        this.done({ id, message: form.added(name) });
      } else {
        const changes = changed(body, person);
        if (Object.keys(changes).length > 0) await of.change(person.id, changes, form.purpose.edit);
        this.done({ id: person.id, message: form.saved(name) });
      }
    } catch (error) {
      await this.refused(error);
    } finally {
      this.busy = false;
    }
  };

  private async refused(error: unknown): Promise<void> {
    const form = words.personForm;
    const field =
      error instanceof Problem && error.code === "malformed" ? error.field?.split("[")[0] : undefined;
    // A whole user has a state: a user of this name who is there already is not changed by a body without one.
    if (field === "state" && !this.person) return this.say(form.exists, "username");
    if (field && form.bad[field]) return this.say(form.bad[field], field);
    if (error instanceof Problem && error.code === "conflict") {
      if (error.conflict === "username_taken") return this.say(form.exists, "username");
      return this.say(error.conflict === "last_owner" ? form.lastOwner : form.moved);
    }
    await this.refuse(error);
  }

  private say(error: string, field?: string): void {
    this.error = error;
    this.wrong = field;
    if (field && field !== "groups")
      void this.updateComplete.then(() => input(this.renderRoot, field).focus());
  }

  /** What the form says, as a whole. */
  private body(): UserBody {
    const text = (id: string) => input(this.renderRoot, id).value.trim();
    const groups = this.renderRoot.querySelector("postern-groups");
    const state = this.renderRoot.querySelector<HTMLSelectElement>("#state");
    const chosen = this.renderRoot.querySelector<HTMLSelectElement>("#language")?.value;
    const names = {
      name: text("name") || null,
      username: text("username"),
      email: text("email") || null,
      second_email: text("second_email") || null,
      language: LANGUAGES.find((language) => language === chosen) ?? null,
    };
    if (!groups) return names;
    return {
      ...names,
      groups: this.groups ?? this.person?.groups ?? [],
      role: this.chosenRole(this.person),
      ...(state ? { state: state.value === "disabled" ? "disabled" : "active" } : {}),
    };
  }

  private done(saved: Saved): void {
    this.dispatchEvent(new CustomEvent<Saved>("postern-saved", { detail: saved }));
    this.renderRoot.querySelector("dialog")?.close();
  }

  private closed = (): void => {
    this.unsaved.forget();
    this.dispatchEvent(new CustomEvent("postern-closed"));
  };
}

/** Under which what is typed of a person is kept; of a new one where there is no id. */
export function formOf(id: string | undefined): string {
  return id === undefined ? "person" : `person:${id}`;
}

/** What differs from how the person is. */
function changed(body: UserBody, person: Person): UserBody {
  const differs = ([name, value]: [string, unknown]) =>
    JSON.stringify(value) !== JSON.stringify(person[name as keyof Person]);
  return Object.fromEntries(Object.entries(body).filter(differs));
}
